"""
A map of four hundred parameter sets
====================================

Every set is a synapse of one network: the whole map is one run. The cross is the best one.
"""

import numpy as np
from brian2 import ms
from matplotlib import pyplot as plt

import brian2chip as bc

plus, minus = np.linspace(5, 60, 20), np.linspace(5, 80, 20)
sets = {"tau_plus": np.repeat(plus, 20) * ms, "tau_minus": np.tile(minus, 20) * ms}
table = bc.run_sets("bi_poo_1998", "stdp", sets)
best = table.loc[table["rmse"].idxmin()]
print(f"{len(table)} sets; the best: tau_plus {1e3 * best['tau_plus']:.1f} ms, tau_minus {1e3 * best['tau_minus']:.1f} ms")

_, ax = plt.subplots(figsize=(6, 4.5), layout="constrained")
image = ax.pcolormesh(minus, plus, table["rmse"].to_numpy().reshape(20, 20), cmap="viridis_r")
ax.plot(1e3 * best["tau_minus"], 1e3 * best["tau_plus"], "x", color="white", ms=10, mew=2)
ax.set(xlabel="tau_minus (ms)", ylabel="tau_plus (ms)", title="distance from the points of Bi & Poo 1998")
plt.colorbar(image, label="rmse")
plt.show()
