"""STDP of the package in a recurrent network of your own, with a delay.

python examples/own_network.py
"""

from brian2 import NeuronGroup, SpikeMonitor, ms, run

import brian2chip as bc

neurons = NeuronGroup(100, "dv/dt = (1.05 - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0", refractory=2 * ms, method="exact")
neurons.v = "rand()"
synapses = bc.rule("stdp").synapses(neurons, delay=1.5 * ms, transmit="v_post += 0.01*w", A_plus=0.01, A_minus=0.011, w_max=2)
synapses.connect("i != j", p=0.1)
spikes = SpikeMonitor(neurons)
run(500 * ms)
print(f"{spikes.num_spikes} spikes; weights {synapses.w[:].min():.2f} to {synapses.w[:].max():.2f}, at the start 1")
