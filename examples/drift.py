"""
Weights that drift
==================

One array of phase-change memory (device model of IBM's aihwkit) holds 64 x 64 weights: their error, relative to the ideal ones, against
time, with one correction of the array's gain at each reading and without.
"""

import numpy as np
from brian2 import second
from matplotlib import pyplot as plt

import brian2chip as bc
from brian2chip.core.chip_instance import ChipInstance

ideal = np.random.default_rng(0).normal(0, 0.3, (64, 64))
times = np.logspace(0, 7.5, 16)
_, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for compensation, label in ((0, "as it is"), (1, "one factor for the array")):
    errors = []
    for t in times:
        chip = ChipInstance(bc.substrate("pcm").with_parameters(t=t * second, compensation=compensation), number=0)
        errors.append(np.sqrt(np.mean((chip.weights("a->b", ideal) - ideal) ** 2) / np.mean(ideal**2)))
    ax.semilogx(times, errors, "o-", label=label)
    print(label, [round(float(e), 3) for e in errors[::5]])
ax.set(xlabel="seconds after the first reading", ylabel="rms error over rms weight", ylim=0)
ax.legend(frameon=False)
plt.show()
