"""A rule of your own that learns by reward, with a signal from outside: spike pairs leave a trace, which reward turns into a change.

python examples/own_reward.py
"""

from brian2 import Hz, ms

import brian2chip as bc

PAIRS = "dx/dt = -x/tau : 1 (event-driven)\ndy/dt = -y/tau : 1 (event-driven)"
TRACE = "dc/dt = -c/tau_c : 1 (clock-driven)\ndw/dt = c*reward : 1 (clock-driven)\nreward : Hz (shared)"
SPIKES = {"on_pre": "x += 1; c -= A*y", "on_post": "y += 1; c += A*x"}
CONSTANTS = {"tau": 20 * ms, "tau_c": 1000 * ms, "A": 0.1}
rewarded = bc.Rule(name="rewarded", source="after Izhikevich 2007", model=f"{PAIRS}\n{TRACE}", **SPIKES, parameters=CONSTANTS)
reward = bc.Signal.pulses([450, 700] * ms, 5 * Hz, 100 * ms)
table = bc.run("bi_poo_1998", rewarded, parameters={"reward": reward}, record=["w", "c", "reward"], pairs=2, rate_hz=5, points=5)
bc.plot_traces(table).savefig("rewarded.png")
print(table[["dt_ms", "dw"]].head().to_string(index=False))
