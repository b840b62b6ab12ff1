"""
STDP in your own network
========================

The package's STDP in your own recurrent network, with a delay, beside the same network in plain Brian2: identical weights.
"""

from brian2 import NeuronGroup, Synapses, ms, prefs, run
from matplotlib import pyplot as plt

import brian2chip as bc

prefs.codegen.target = "numpy"  # nothing to compile for a run of this size
PAIRS = "w : 1\ndx/dt = -x/(16.8*ms) : 1 (event-driven)\ndy/dt = -y/(33.7*ms) : 1 (event-driven)"
ours, plain = (NeuronGroup(100, "dv/dt = (1.05 - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact") for _ in range(2))
S = bc.rule("stdp").synapses(ours, delay=1.5 * ms, transmit="v_post += 0.01*w", A_plus=0.01, A_minus=0.011, w_max=2)
PRE, POST = "v_post += 0.01*w; w = clip(w - 0.011*y, 0, 2); x += 1", "w = clip(w + 0.01*x, 0, 2); y += 1"
P = Synapses(plain, plain, PAIRS, on_pre=PRE, on_post=POST, delay=1.5 * ms)
[synapses.connect("i != j and (i + 3*j) % 10 == 0") for synapses in (S, P)]
ours.v, plain.v, P.w = "(i*0.37) % 1", "(i*0.37) % 1", 1
run(500 * ms)
same = max(abs(S.w[:] - P.w[:])) < 1e-12  # sums in another order are rounded differently
print(f"{len(S)} weights, 1 at the start: {S.w[:].min():.2f} to {S.w[:].max():.2f}; the same in plain Brian2: {same}")

_, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.hist([S.w[:], P.w[:]], bins=30, label=["brian2chip", "plain Brian2"])
ax.set(xlabel="weight after 500 ms", ylabel="synapses")
ax.legend(frameon=False)
plt.show()
