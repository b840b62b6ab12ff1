"""What NIR files say and leave open: their nodes as our neurons, and time constants under the forward Euler rule.

NIR gives continuous equations and no time step; simulators step them by the forward Euler rule with the input held for one step.
Read so, a neuron has the factor ``1 - dt/tau`` a step and a spike of weight W moves it by ``W r dt/tau``. Only neurons without leak are
not stepped so: with every simulator a spike moves them by ``W r``. What we write carries, as metadata, the step, the reset mode and the
comparison at the threshold, and its ``tau`` is chosen so that Euler gives our factor.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from brian2chip.core.neuron_kinds import time_constant
from brian2chip.errors import UserError

try:
    import nir
except ImportError:  # the extra [nir] is not installed; functions say so
    nir = None

#: Nodes that hand on what they get, nodes that weight it, and of these the ones that are unrolled to a matrix.
PASS, DENSE = ("Input", "Output", "Flatten", "Identity"), ("Linear", "Affine", "Scale")
CONVOLUTIONS, POOLS = ("Conv1d", "Conv2d"), ("SumPool2d", "AvgPool2d")
UNROLLED = (*CONVOLUTIONS, *POOLS)
LINEAR = (*DENSE, *UNROLLED)
#: Nodes of neurons as our kind, and whether input passes through a synaptic current.
NEURONS = {"LIF": ("lif", False), "CubaLIF": ("lif", True), "LI": ("li", False), "CubaLI": ("li", True), "IF": ("if", False)}
#: The numbers that a node must have, and those that it may have besides.
VALUES = {
    "Input": (("shape",), ()),
    "Output": ((), ("shape",)),
    "Flatten": ((), ()),
    "Identity": ((), ()),
    "Linear": (("weight",), ()),
    "Affine": (("weight", "bias"), ()),
    "Scale": (("scale",), ()),
    **{kind: (("weight", "stride", "padding", "dilation", "groups"), ("bias", "input_shape")) for kind in CONVOLUTIONS},
    **{kind: (("kernel_size", "stride", "padding"), ()) for kind in POOLS},
    "Delay": (("delay",), ()),
    "IF": (("r", "v_threshold"), ("v_reset",)),
    "LI": (("tau", "r", "v_leak"), ()),
    "LIF": (("tau", "r", "v_leak", "v_threshold"), ("v_reset",)),
    "CubaLI": (("tau_mem", "tau_syn", "r", "v_leak"), ("w_in",)),
    "CubaLIF": (("tau_mem", "tau_syn", "r", "v_leak", "v_threshold"), ("v_reset", "w_in")),
}


def check_installed() -> None:
    """Raise UserError when the package nir is missing."""
    if nir is None:
        raise UserError("NIR files need the package nir, which is not installed; pip install 'brian2chip[nir]'.")


def exact_tau(name: str, tau: np.ndarray, dt: float) -> np.ndarray:
    """Return the time constant whose exponential is the Euler factor ``1 - dt/tau`` of a node.

    Raises
    ------
    UserError
        When a time constant is shorter than the step.
    """
    if np.any(tau < dt):
        raise UserError(
            f"node {name!r} has a time constant of {tau.min():g} s, shorter than the step of {dt:g} s; give the dt it was made for, or "
            "the convention 'norse' for files of Norse 1.1, which writes time constants times its step."
        )
    return time_constant(1 - dt / tau, dt)


def euler_tau(factor: np.ndarray, dt: float) -> np.ndarray:
    """Return the time constant with which the Euler rule gives that factor a step."""
    return dt / (1 - factor)


def loops(edges: Iterable[tuple[str, str]], names: Iterable[str]) -> dict[str, int]:
    """Return a number for each population, equal for those that lie on a common loop."""
    index = {name: k for k, name in enumerate(names)}
    reach = np.zeros((len(index), len(index)), bool)
    for a, b in edges:
        reach[index[a], index[b]] = True
    for k in range(len(index)):
        reach |= reach[:, k : k + 1] & reach[k : k + 1]
    return {name: next((j for j in range(len(index)) if reach[k, j] and reach[j, k]), -1 - k) for name, k in index.items()}
