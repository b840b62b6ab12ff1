"""
Synapses that tire and synapses that warm up
============================================

Short-term depression and facilitation (Tsodyks & Markram 1997): what each of ten spikes at 20 Hz releases.
"""

from brian2 import Network, SpikeGeneratorGroup, StateMonitor, ms, prefs
from matplotlib import pyplot as plt

import brian2chip as bc

prefs.codegen.target = "numpy"  # nothing to compile for a run of this size
times = [10 + 50 * k for k in range(10)]
_, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
for preset in ("depressing", "facilitating"):
    spikes = SpikeGeneratorGroup(1, [0] * 10, times * ms)
    synapse = bc.rule(f"tsodyks_markram:{preset}").synapses(spikes, spikes)
    synapse.connect()
    seen = StateMonitor(synapse, "release", record=True, dt=1 * ms)
    Network(spikes, synapse, seen).run(520 * ms)
    released = [float(seen.release[0, time + 1]) for time in times]
    ax.plot(times, released, "o-", label=preset)
    print(preset, [round(each, 3) for each in released])
ax.set(xlabel="time (ms)", ylabel="part of the full efficacy released", ylim=0)
ax.legend(frameon=False)
plt.show()
