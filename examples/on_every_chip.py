"""
One layer, every chip
=====================

Sixteen inputs onto eight neurons with random weights: which chips can hold the layer, with the reset and the leak that each has, and what
their codes leave of its weights. A chip that refuses says why.
"""

import numpy as np
from matplotlib import pyplot as plt

import brian2chip as bc
from brian2chip.core.spiking_network import Population, Projection

weights = np.random.default_rng(0).normal(0, 0.5, (16, 8))


def layer(chip: bc.Chip) -> bc.SpikingNetwork:
    """Return the layer with a reset and a kind of neuron that the chip has."""
    leak = {"tau_m": 0.01} if "lif" in chip.kinds else {}
    neurons = Population("rec", "lif" if leak else "if", 8, {**leak, "v_threshold": 1.0, "reset": [*chip.resets, "subtract"][0]})
    return bc.SpikingNetwork((Population("input", "input", 16), neurons), (Projection("input", "rec", weights),), 1e-3)


errors = {}
for name in bc.catalogue("chip"):
    try:
        translation = bc.translate(layer(bc.get("chip", name)), name, split_signs=True).checked()
    except bc.UserError as error:
        print(f"{name}: {error}")
        continue
    held = translation.realised.weights()["input->rec"]
    errors[name] = 100 * np.sqrt(np.mean((held - weights) ** 2) / np.mean(weights**2))

_, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
bars = ax.barh(list(errors), list(errors.values()))
ax.bar_label(bars, fmt="%.1f %%", padding=3)
ax.margins(x=0.15)
ax.set(xlabel="rms error of the weights (% of their size)")
plt.show()
