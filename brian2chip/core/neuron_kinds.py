"""The kinds of neuron that a network may have: their parameters in SI units, and the constants of a step that follow from them.

The equations of each kind are composed in models/discrete.py; the names of the constants are the same here and there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from brian2chip.errors import UserError, unknown

#: Time constants (s), and the constant of the equations that each becomes: what is left after one step.
FACTORS = {"tau_m": "alpha", "tau_a": "rho", "tau_syn": "alpha_syn", "tau_rise": "alpha_rise"}
#: Durations (s), and the constant that each becomes: a whole number of steps.
DURATIONS = {"refractory": "n_ref"}
#: The same, counted in steps of which the last may be a part.
PARTS = {"tau_ref": "t_ref"}
#: Numbers in the unit of the weights, or without unit, that are constants of the equations as they are.
NUMBERS = {"v_threshold": "v_th", "v_reset": "v_reset", "beta": "beta", "gain": "gain", "bias": "bias", "v_leak": "v_leak"}
#: What acts after a spike: "subtract" takes the threshold off after the leak of the next step, as e-prop, snnTorch and ReckOn do;
#: "subtract_at_once" in the step of the spike; "zero" sets the membrane to v_reset in the step of the spike.
RESETS = ("subtract", "subtract_at_once", "zero")
COMPARISONS = (">=", ">")
#: Largest magnitude of a weight or a parameter, so that sums of them stay finite in single precision too; and longest duration, s.
LARGEST, LONGEST = 1e30, 1e6
CHOICES = {"reset": RESETS, "fires": COMPARISONS}


class Kind(NamedTuple):
    """The parameters that a kind of neuron needs, and those that it may have besides."""

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


_DRIVE = ("gain", "bias", "tau_syn")
_FIRING = (*_DRIVE, "v_reset", "refractory", "reset", "fires")
KINDS = {
    "input": Kind(),
    "if": Kind(("v_threshold",), _FIRING),
    "lif": Kind(("tau_m", "v_threshold"), (*_FIRING, "v_leak")),
    "alif": Kind(("tau_m", "v_threshold", "tau_a", "beta"), _FIRING),
    "lif_exact": Kind(("tau_m", "tau_ref", "v_threshold"), (*_DRIVE, "tau_rise")),
    "li": Kind(("tau_m",), (*_DRIVE, "v_leak")),
}


def step_factor(tau, dt: float) -> np.ndarray:
    """Return what is left after a step of dt seconds of a quantity that decays with the time constant tau (s): ``exp(-dt/tau)``."""
    return np.exp(-dt / np.asarray(tau, float))


def time_constant(factor, dt: float) -> np.ndarray:
    """Return the time constant (s) that leaves this factor, between 0 and 1, after a step; the inverse of :func:`step_factor`."""
    return -dt / np.log(np.maximum(factor, 1e-300))


def step_constants(parameters: Mapping[str, Any], dt: float) -> dict[str, Any]:
    """Return the constants of the equations that parameters in SI units become for a step of dt seconds.

    Parameters
    ----------
    parameters : mapping
        As a population has them; ``reset`` and ``fires``, which choose the equations, are passed over.
    dt : float
        Seconds.
    """
    found = {FACTORS[n]: step_factor(v, dt) for n, v in parameters.items() if n in FACTORS}
    found |= {DURATIONS[n]: np.rint(np.asarray(v, float) / dt) for n, v in parameters.items() if n in DURATIONS}
    found |= {PARTS[n]: np.asarray(v, float) / dt for n, v in parameters.items() if n in PARTS}
    return found | {NUMBERS[n]: v for n, v in parameters.items() if n in NUMBERS}


def check_parameters(name: str, kind: str, parameters: Mapping[str, Any]) -> None:
    """Raise UserError unless the kind exists, has these parameters, lacks none, and their values are allowed.

    Parameters
    ----------
    name : str
        Of the population.
    kind : str
        One of :data:`KINDS`.
    parameters : mapping of str to number, str or array
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise unknown(f"kind of neuron (population {name!r}) called", kind, KINDS)
    needs, takes = KINDS[kind]
    for parameter, value in parameters.items():
        if parameter not in needs + takes:
            if not needs + takes:
                raise UserError(f"population {name!r} of kind {kind!r} was given the parameter {parameter!r}; it has none, leave it out.")
            raise unknown(f"parameter of a neuron of kind {kind!r} (population {name!r}) called", parameter, needs + takes)
        if parameter in CHOICES:
            if not isinstance(value, str) or value not in CHOICES[parameter]:
                raise unknown(f"value of {parameter!r} (population {name!r})", f"{value!s:.80}", CHOICES[parameter])
        else:
            _check_numbers(name, parameter, value)
    if lacking := [n for n in needs if n not in parameters]:
        raise UserError(f"population {name!r} of kind {kind!r} lacks {', '.join(lacking)}; a neuron of this kind needs {', '.join(needs)}.")
    if "tau_rise" in parameters and "tau_syn" not in parameters:
        raise UserError(f"population {name!r} was given tau_rise without tau_syn; a synaptic current that rises needs both.")


def _check_numbers(name: str, parameter: str, value: Any) -> None:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # lists of different lengths, tensors with a gradient
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        raise UserError(
            f"parameter {parameter} of population {name!r} was given as {value!r:.80}; give one number, or one for each neuron."
        )
    if not np.all(np.isfinite(array)):
        raise UserError(f"parameter {parameter} of population {name!r} holds values that are not finite.")
    if parameter in FACTORS and np.any(array <= 0):
        raise UserError(f"{parameter} of population {name!r} is {array.min():g} s; a time constant must be positive.")
    if parameter in (*DURATIONS, *PARTS) and np.any((array < 0) | (array > LONGEST)):
        strange = array.min() if array.min() < 0 else array.max()
        raise UserError(f"{parameter} of population {name!r} is {strange:g} s; a duration must not be negative, nor above {LONGEST:g} s.")
    if np.any(np.abs(array) > LARGEST):
        largest = np.abs(array).max()
        raise UserError(f"{parameter} of population {name!r} is {largest:g}; allowed is a magnitude of at most {LARGEST:g}.")
