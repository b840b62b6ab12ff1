"""Integrate-and-fire neurons of EqSpike: a synaptic current, a membrane, and two filters whose difference is the rate's change.

All act once per step. ``pulse`` is a spike over the largest rate, so that filtered it is the rate ``s`` of the rate network;
``arriving`` is what the spikes of the layers below and above bring. ``nudge`` is 0 for hidden neurons and in the free phase.
"""

from __future__ import annotations

VARIABLES = """
u : 1
pulse : 1
g : 1
f1 : 1
f2 : 1
d : 1
target : 1
nudge : 1
arriving : 1
rate : 1 (shared)
beta : 1 (shared)
tau_s : 1 (shared)
tau_1 : 1 (shared)
tau_2 : 1 (shared)
low : 1 (shared)
high : 1 (shared)
"""
#: At the beginning of a sample; the inputs keep their membranes, so their phases stay random.
BEGIN = "".join(f"{name} = (1 - begins)*{name}\n" for name in ("u", "pulse", "g", "f1", "f2", "d"))
CURRENT = "g += (arriving - g)/tau_s"
#: The drive has a ceiling of 1 and the membrane a floor.
SPIKE = """
drive = g + bias + nudge*(target - f2)
u = clip(u + rate*clip(drive, -inf, 1), low, high)
spike = int(u >= 1)
u -= spike
pulse = spike/rate
"""
INPUT_SPIKE = """
u += rate*pixel
spike = int(u >= 1)
u -= spike
pulse = spike/rate
"""
#: d is the change of f2 in this step.
FILTERS = """
f1 += (pulse - f1)/tau_1
d = (f1 - f2)/tau_2
f2 += d
"""
