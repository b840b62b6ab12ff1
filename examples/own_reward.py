"""
Learning by reward
==================

Spike pairs leave a trace, which a reward from outside turns into a change, if it comes in time.
"""

from brian2 import Hz, ms
from matplotlib import pyplot as plt

import brian2chip as bc

PAIRS = "dx/dt = -x/tau : 1 (event-driven)\ndy/dt = -y/tau : 1 (event-driven)"
TRACE = "dc/dt = -c/tau_c : 1 (clock-driven)\ndw/dt = c*reward : 1 (clock-driven)\nreward : Hz (shared)"
SPIKES = {"on_pre": "x += 1; c -= A*y", "on_post": "y += 1; c += A*x"}
CONSTANTS = {"tau": 20 * ms, "tau_c": 1000 * ms, "A": 0.1}
rewarded = bc.Rule(name="rewarded", source="after Izhikevich 2007", model=f"{PAIRS}\n{TRACE}", **SPIKES, parameters=CONSTANTS)
reward = bc.Signal.pulses([450, 700] * ms, 5 * Hz, 100 * ms)
table = bc.run("bi_poo_1998", rewarded, parameters={"reward": reward}, record=["w", "c", "reward"], pairs=2, rate_hz=5, points=5)
print(table[["dt_ms", "dw"]].head().to_string(index=False))

seen = bc.traces(table)
one = seen[seen["condition"] == seen["condition"].iloc[0]]
_, axes = plt.subplots(3, 1, figsize=(7, 5), sharex=True, layout="constrained")
for name, label, ax in zip(("c", "reward", "w"), ("trace", "reward (1/s)", "weight"), axes):
    trace = one[one["variable"] == name]
    ax.plot(trace["time_ms"], trace["value"])
    ax.set_ylabel(label)
axes[-1].set_xlabel("time (ms)")
plt.show()
