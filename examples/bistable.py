"""
Synapses with two states
========================

SDSP of Brader, Senn & Fusi (2007) in real numbers, and as the ODIN chip computes it in three bits: the chance that one presentation of 300
ms leaves a synapse stronger or weaker, against the rate of its neuron.
"""

from matplotlib import pyplot as plt

import brian2chip as bc

_, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained", sharey=True)
for rule, ax in zip(("sdsp", "odin_sdsp"), axes):
    table = bc.run("brader_2007", rule)
    bc.plot(table, ax=ax)
    ax.set_title(rule)
    print(rule, table.attrs["run"]["scores"])
plt.show()
