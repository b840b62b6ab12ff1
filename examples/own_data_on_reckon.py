"""
Your own spikes, onto ReckOn
============================

Spikes of two classes, learned by a network of thirty neurons and moved onto the chip.
"""

import tempfile
from pathlib import Path

import numpy as np
from brian2 import ms
from matplotlib import pyplot as plt

import brian2chip as bc

rng = np.random.default_rng(0)
labels = np.arange(200) % 2
rate = np.where(labels[:, None] == np.arange(20) // 10, 0.1, 0.01)  # each class has ten channels of its own
task = bc.Task.from_arrays(rng.random((200, 100, 20)) < rate[:, None, :], labels, dt=1 * ms, name="mine")
net = bc.train(task, hidden=30, seed=1, iterations=30, rate=0.005, network={"tau_m": 0.1})
chip = bc.translate(net, "reckon", test=task.generate(40, rng, split="test"))
print(f"held-out error {100 * net.test_error:.1f} %; {chip.verdict()}")
chip.write(Path(tempfile.mkdtemp()) / "on_reckon")  # programs, stimulus, expected output

_, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(net.history["update"], 100 * net.history["error"])
ax.set(xlabel="update", ylabel="error while learning (%)")
plt.show()
