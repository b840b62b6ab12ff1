"""
Which spikes pair?
==================

All pairs, or nearest neighbours in three schemes (Morrison, Diesmann & Gerstner 2008, figure 7): the same at 1 Hz, different at 50 Hz.
"""

from matplotlib import pyplot as plt

import brian2chip as bc

_, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for rule in ("stdp", "stdp:nearest", "stdp:nearest_pre_centred", "stdp:nearest_restricted"):
    table = bc.run("sjostrom_2001", rule)
    after = table[table["dt_ms"] == 10].sort_values("rate_hz")
    ax.plot(after["rate_hz"], after["dw"], "o-", label=rule)
    print(rule, [round(value, 3) for value in after["dw"]])
ax.set(xlabel="rate of the pairings (Hz)", ylabel="relative change of the weight, post 10 ms after pre")
ax.legend(frameon=False)
plt.show()
