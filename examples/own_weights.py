"""
Weights from PyTorch
====================

Weights trained in PyTorch with snnTorch, moved onto ReckOn, and back as the chip holds them.
"""

import numpy as np
from matplotlib import pyplot as plt

import brian2chip as bc

rng = np.random.default_rng(0)
trained = {"fc1.weight": rng.normal(0, 0.5, (20, 10)), "lif1.beta": 0.9, "lif1.threshold": 1.0}  # net.state_dict() of nn.Linear, snn.Leaky,
trained |= {"fc2.weight": rng.normal(0, 0.5, (2, 20)), "lif2.beta": 0.9, "lif2.reset_mechanism_val": 2}  # nn.Linear and a readout
chip = bc.translate(bc.SpikingNetwork.from_state_dict(trained, dt=1e-3), "reckon")
on_chip = chip.realised.state_dict()
print(f"{chip.verdict()} Largest change of a weight: {np.abs(on_chip['fc1.weight'] - trained['fc1.weight']).max():.2g}")

_, ax = plt.subplots(figsize=(4.5, 4.5), layout="constrained")
ax.plot(trained["fc1.weight"].ravel(), on_chip["fc1.weight"].ravel(), ".")
ax.set(xlabel="trained weight", ylabel="weight on the chip")
plt.show()
