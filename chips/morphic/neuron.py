"""The neuron of our MorphIC as integer event code: 12-bit leaky integrate-and-fire with the calcium of ODIN's."""

from __future__ import annotations

#: One access: a time reference (tref = 1) moves V towards zero and calcium on, else the input is added. The width, the saturation and the
#: leak are tinyODIN's, calcium is ODIN's; so is the reset to zero.
LIF = """
V_leak = V + int(V < 0) * leak - int(V >= 0) * leak
V_leak = V_leak * int(V_leak * V > 0)
V_sum = V + drive
V_sum = V_sum - (V_sum - 2047) * int(V_sum > 2047) - (V_sum + 2048) * int(V_sum < 0 - 2048)
V_in = V_sum + tref * (V_leak - V_sum)
fired_next = int(V_in >= thr)
V_next = V_in * (1 - fired_next)
ca_tick = ca_en * tref * int(ca_leak != 0)
ca_pulse = ca_tick * int(cacnt == ca_leak - 1)
ca_count = (cacnt + ca_tick) * (1 - ca_pulse)
cacnt_next = ca_count * int(ca_count < 32)
Ca_next = Ca + ca_en * (fired_next * (1 - ca_pulse) * int(Ca < 7) - ca_pulse * (1 - fired_next) * int(Ca > 0))
"""
PARAMETERS = ("thr", "leak", "disable")
STATE = ("V", "Ca", "cacnt")
