"""
The STDP window
===============

Pair-based STDP through the 60 pairings of Bi & Poo (1998), with three time constants of potentiation, over the 45 digitised points.
"""

from brian2 import ms
from matplotlib import pyplot as plt

import brian2chip as bc

_, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
for tau in (8, 16.8, 35):
    table = bc.run("bi_poo_1998", "stdp", parameters={"tau_plus": tau * ms})
    curve = table[table["kind"] != "data"]
    ax.plot(curve["dt_ms"], curve["dw"], label=f"tau_plus = {tau} ms, rmse = {table.attrs['run']['scores']['rmse']:.3f}")
    print(tau, table.attrs["run"]["scores"])
data = table[table["kind"] == "data"]
ax.plot(data["dt_ms"], data["data_dw"], "o", color="grey", ms=4, label="Bi & Poo 1998")
ax.axhline(0, color="grey", lw=0.5)
ax.set(xlabel="post minus pre (ms)", ylabel="relative change of the weight")
ax.legend(frameon=False)
plt.show()
