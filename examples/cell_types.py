"""
Five cell types from one equation
=================================

Izhikevich's neuron (2003) in Brian2, with the published values of five types, driven by the same current from 50 ms on.
"""

from brian2 import Network, StateMonitor, defaultclock, ms, prefs
from matplotlib import pyplot as plt

import brian2chip as bc

prefs.codegen.target = "numpy"  # nothing to compile for a run of this size
defaultclock.dt = 0.1 * ms
names = ["RS", "IB", "CH", "FS", "LTS"]
_, axes = plt.subplots(len(names), 1, figsize=(7, 7), sharex=True, layout="constrained")
for name, ax in zip(names, axes):
    neuron = bc.model(f"izhikevich:{name}").neurons(1)
    seen = StateMonitor(neuron, "v", record=True)
    network = Network(neuron, seen)
    network.run(50 * ms)
    neuron.I = 10
    network.run(250 * ms)
    ax.plot(seen.t / ms, seen.v[0], lw=0.8)
    ax.set(ylabel=name, yticks=[-60, 30])
axes[-1].set_xlabel("time (ms)")
axes[0].set_title("membrane (mV)", fontsize="medium")
plt.show()
