"""
One network, every chip
=======================

Forty inputs, sixty neurons, two outputs, random weights: which chips hold the network, and what their codes leave of its weights. Where a
chip refuses, it says why.
"""

import numpy as np
from matplotlib import pyplot as plt

import brian2chip as bc

rng = np.random.default_rng(0)
state = {"fc1.weight": rng.normal(0, 0.5, (60, 40)), "lif1.beta": 0.9, "lif1.threshold": 1.0}
state |= {"fc2.weight": rng.normal(0, 0.5, (2, 60)), "lif2.beta": 0.9, "lif2.threshold": 1.0}
network = bc.SpikingNetwork.from_state_dict(state, dt=1e-3)

errors = {}
for name in bc.catalogue("chip"):
    try:
        translation = bc.translate(network, name)
    except bc.UserError as error:
        print(f"{name}: {error}")
        continue
    if translation.refusals:
        print(f"{name}: {translation.refusals[0]}")
        continue
    asked, held = network.weights()["input->rec"], translation.realised.weights()["input->rec"]
    errors[name] = 100 * np.sqrt(np.mean((held - asked) ** 2) / np.mean(asked**2))

_, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
bars = ax.barh(list(errors), list(errors.values()))
ax.bar_label(bars, fmt="%.1f %%", padding=3)
ax.margins(x=0.15)
ax.set(xlabel="rms error of the input weights (% of their size)")
plt.show()
