"""
A step of the chip, in codes
============================

ODIN's 8-bit neuron, register by register: a stronger and a weaker synapse, a leak at every time reference, a spike at the threshold of 20.
The emulator is the chip's arithmetic, bit for bit.
"""

import numpy as np
from matplotlib import pyplot as plt

from brian2chip.chips.odin import events as ev
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin.replay import outputs

NEURON = 3
chip = Configuration.blank().with_neurons([NEURON], lif=1, thr=20, leak_en=1, leak_str=1)
stimulus = np.array([ev.virtual(NEURON, 7), ev.virtual(NEURON, 2), ev.time_reference()] * 8)
with emulator() as odin:
    result = outputs(odin, chip, ev.checked(stimulus), np.array([NEURON]))
membrane, spikes = result["trace_core"][:, 0], result["out_stim_index"]
print("membrane", [int(code) for code in membrane], "spikes at events", [int(event) for event in spikes])

_, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
ax.step(np.arange(len(membrane)), membrane, where="post")
ax.vlines(spikes, 20, 23, color="tab:red", label="output spike")
ax.axhline(20, color="grey", lw=0.8, ls="--", label="threshold")
ax.set(xlabel="input event", ylabel="membrane (code)")
ax.legend(frameon=False, loc="upper left")
plt.show()
