"""Soft LIF: the rate of a LIF neuron with a smoothed threshold, its derivative, and spike noise for training.

A unit of drive ``z`` has the output ``amplitude/(tau_ref + tau_rc*log(1 + 1/j))`` with ``j = smoothing*log(1 + exp(u))`` and
``u = gain*z/smoothing`` (Hunsberger & Eliasmith 2015, with the bias of one absorbed). The lines below compute this such that
no exponential overflows and no nearly equal numbers are subtracted: ``j`` is ``smoothing*scaled*below``, where ``below`` is
``exp(u)`` under the threshold and 1 above it.
"""

from __future__ import annotations

from dataclasses import fields

from brian2chip.core.soft_lif_config import SoftLif

#: ``period``, one over the rate, and the derivative ``slope`` of the output by the drive ``z``.
RESPONSE = """
u = gain*z/smoothing
small = clip(exp(-abs(u)), 1e-30, 1)
below = small*int(u < 0) + int(u >= 0)
scaled = clip(u, 0, inf) + log1p(small)/below
j = smoothing*scaled*below
period = tau_ref + tau_rc*(log((1 + j)/(smoothing*scaled)) - clip(u, -inf, 0))
slope = amplitude*gain*tau_rc/(period**2*(1 + j)*(1 + small)*smoothing*scaled)
"""
#: What an alpha synapse makes of a regular spike train of this ``period``, ``since`` seconds after a spike: Hz, ``1/period`` in the mean.
ALPHA = """
left = exp(-period/tau_syn)
filtered = exp(-since/tau_syn)/tau_syn**2*(since/(1 - left) + period*left/(1 - left)**2)
"""
#: The same behind a membrane of the time constant tau_rc.
ALPHA_RC = """
apart = tau_rc - tau_syn
left = exp(-period/tau_syn)
kept = exp(-since/tau_syn)/(1 - left)
slow = tau_rc/apart**2*(exp(-since/tau_rc)/(1 - exp(-period/tau_rc)) - kept)
filtered = slow - kept*(since + period*left/(1 - left))/(apart*tau_syn)
"""
_FILTERED = "since = rand()*period\n{}y = amplitude*(noisy*filtered + (1 - noisy)/period)"
#: The output ``y``: of the rate, and while ``noisy`` is 1 of the rate with noise.
OUTPUT = {
    "none": "y = amplitude/period",
    "gaussian": "y = amplitude*clip(1/period + noisy*noise_hz*randn()*int(z > 0), 0, inf)",
    "alpha": _FILTERED.format(ALPHA.lstrip()),
    "alpha_rc": _FILTERED.format(ALPHA_RC.lstrip()),
}


def activation(units: SoftLif, noisy: str) -> str:
    """Return the code of ``y`` and ``slope`` from the drive ``z``; ``noisy`` is an expression of 1 where there is noise, else 0."""
    switch = "" if units.noise == "none" else f"noisy = {noisy}"
    return f"{switch}{RESPONSE}{OUTPUT[units.noise]}"


def constants(units: SoftLif) -> dict[str, float]:
    """Return the constants of the code by name, in SI units."""
    return {f.name: float(getattr(units, f.name)) for f in fields(units) if f.name != "noise"}
