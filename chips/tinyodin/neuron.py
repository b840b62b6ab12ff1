"""The neuron of the tinyODIN chip as integer event code: 12-bit leaky integrate-and-fire with signed input."""

from __future__ import annotations

# One access: a time reference (tref = 1) moves V towards zero, else a signed weight is added; V is a 12-bit signed number.
LIF = """
V_leak = V + int(V < 0) * leak - int(V >= 0) * leak
V_leak = V_leak * int(V_leak * V > 0)
V_sum = V + drive
V_sum = V_sum - (V_sum - 2047) * int(V_sum > 2047) - (V_sum + 2048) * int(V_sum < 0 - 2048)
V_in = V_sum + tref * (V_leak - V_sum)
fired_next = int(V_in >= 0) * int(V_in >= thr)
V_next = V_in * (1 - fired_next)
"""
PARAMETERS = ("thr", "leak")
STATE = ("V",)
