"""
A threshold between depression and potentiation
===============================================

Poisson spikes on both sides: the triplet rule changes weights as Bienenstock, Cooper & Munro (1982) proposed, down at low and up at high
postsynaptic rates. Pair-based STDP, with the window of Bi & Poo, has no such threshold.
"""

from matplotlib import pyplot as plt

import brian2chip as bc

_, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for rule, ax in zip(("triplet:visual_cortex_all_minimal", "stdp"), axes):
    table = bc.run("bcm_rate", rule)
    bc.plot(table, ax=ax)
    ax.set_title(rule)
    print(rule, table.attrs["run"]["scores"])
plt.show()
