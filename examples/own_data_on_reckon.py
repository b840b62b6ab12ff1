"""Spikes of your own, learned by a network of your size and moved onto ReckOn.

python examples/own_data_on_reckon.py [folder]
"""

import sys

import numpy as np
from brian2 import ms

import brian2chip as bc

rng = np.random.default_rng(0)
labels = np.arange(200) % 2
rate = np.where(labels[:, None] == np.arange(20) // 10, 0.1, 0.01)  # each class has ten channels of its own
task = bc.Task.from_arrays(rng.random((200, 100, 20)) < rate[:, None, :], labels, dt=1 * ms, name="mine")
net = bc.train(task, hidden=30, seed=1, iterations=30, rate=0.005, network={"tau_m": 0.1})
chip = bc.translate(net, "reckon", test=task.generate(40, rng, split="test"))
print(f"held-out error {100 * net.test_error:.1f} %; {chip.verdict()}")
chip.write(sys.argv[1] if len(sys.argv) > 1 else "on_reckon")
