"""
Why pairs are not enough
========================

Sjöström et al. (2001) found that pairings at 50 Hz potentiate whatever their order. Pair-based STDP cannot say so; the triplet rule of
Pfister & Gerstner (2006) and the voltage rule of Clopath et al. (2010) do. E is the mean squared distance in standard errors.
"""

from matplotlib import pyplot as plt

import brian2chip as bc

rules = {"stdp": "pairs", "triplet:visual_cortex_all_full": "triplets", "clopath": "voltage"}
_, axes = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True, layout="constrained")
for (rule, title), ax in zip(rules.items(), axes):
    table = bc.run("sjostrom_2001", rule)
    bc.plot(table, ax=ax)
    ax.set_title(f"{title}: E = {table.attrs['run']['scores']['E']:.3g}")
plt.show()
