"""Fit the gated synapse to a measured conductance by least squares with its closed form, which the tests compare with its equations."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from brian2.units import volt

from brian2chip.analysis.fit import fit_parameters
from brian2chip.analysis.fit_result import Fit
from brian2chip.core.conductance_traces import ConductanceTrace, read_conductance_trace
from brian2chip.core.signal import Signal
from brian2chip.core.units import Quantity, get_dimensions, have_same_dimensions
from brian2chip.errors import UserError, unknown
from brian2chip.plasticity.gated_synapse import GATED_SYNAPSE, check_in_range, conductance_of, state_at

#: What a trace of one pulse determines.
FREE = ("t_set", "tau_decay", "G_min", "G_max")
#: The share of the range that a measured conductance may lie outside of it.
NOISE = 0.1
#: The state at the beginning of a trace, which may be fitted too.
START = "x"


def fit_gated_synapse(
    trace: ConductanceTrace | str | os.PathLike,
    *,
    gate: Signal | None = None,
    free: Sequence[str] = FREE,
    parameters: Mapping[str, Any] | None = None,
    **how,
) -> tuple[Any, Fit]:
    """Fit the parameters of the gated synapse to a conductance trace.

    Parameters
    ----------
    trace : ConductanceTrace or path
        A table with ``time_ms`` and ``conductance_uS`` (and ``gate_V``), see
        :func:`brian2chip.core.conductance_traces.read_conductance_trace`.
    gate : Signal, optional
        The gate voltage, if the trace does not contain it.
    free : sequence of str
        Parameters to fit, and ``"x"`` for the state at the beginning. A threshold is determined only by a trace with several voltages.
    parameters : mapping, optional
        Initial values of the search, and values of what is not fitted, with units.
    **how
        ``starts``, ``seed``, ``intervals``, ``confidence`` and others of :func:`brian2chip.analysis.fit.fit_parameters`.

    Returns
    -------
    rule : Rule
        The gated synapse with the fitted parameters.
    fit : Fit
        Values in SI with their intervals, and what the trace does not determine.

    Raises
    ------
    UserError
        For a trace that cannot be read, no gate, and conductances outside of a range that is not fitted.
    """
    start = dict(parameters or {})
    x = _checked_state(start.pop(START, GATED_SYNAPSE.initial[START]))
    rule = GATED_SYNAPSE.with_parameters(**start)
    trace = trace if isinstance(trace, ConductanceTrace) else read_conductance_trace(trace)
    gate = _gate(gate, trace)
    for name in free:
        if name != START and name not in rule.parameters:
            raise unknown("parameter of 'gated_synapse' called", name, [*rule.parameters, START])
    if not free or len(set(free)) < len(free):
        raise UserError(f"the parameters to fit were given as {', '.join(free) or 'none'}; name at least one, each once.")
    held = {name: float(np.asarray(value)) for name, value in rule.parameters.items()} | {START: x}
    ends = {"G_min": -np.inf, "G_max": np.inf}
    check_in_range(
        trace.conductance, {**held, **{name: ends[name] for name in ends if name in free}}, NOISE * abs(held["G_max"] - held["G_min"])
    )
    found = fit_parameters(
        _residuals(trace, gate, held, free),
        list(free),
        [held[name] for name in free],
        [
            (0.0, 1.0) if name == START else tuple(None if end is None else float(np.asarray(end)) for end in rule.bounds[name])
            for name in free
        ],
        vectorized=True,
        **how,
    )
    values = dict(zip(free, found.values))
    fitted = {name: Quantity(value, dim=get_dimensions(rule.parameters[name])) for name, value in values.items() if name != START}
    return rule.with_parameters(**fitted, **({START: values[START]} if START in values else {})), found


def _residuals(trace: ConductanceTrace, gate: Signal, held: Mapping[str, float], free: Sequence[str]) -> Callable[[np.ndarray], np.ndarray]:
    """Return model minus data in microsiemens, [sets, times], for the values of the free parameters [sets, free]."""

    def residuals(rows: np.ndarray) -> np.ndarray:
        p = {**held, **{name: rows[:, [k]] for k, name in enumerate(free)}}
        state = state_at(trace.times, gate, {name: value for name, value in p.items() if name != START}, p[START])
        return np.broadcast_to(1e6 * (conductance_of(state, p) - trace.conductance), (len(rows), len(trace.times)))

    return residuals


def _checked_state(x: Any) -> float:
    value = float(np.asarray(x))
    if not 0 <= value <= 1:
        raise UserError(f"the state x was given as {value:g}; give a number from 0 to 1.")
    return value


def _gate(given: Signal | None, trace: ConductanceTrace) -> Signal:
    """Return the gate voltage, given in one place."""
    if (given is None) == (trace.gate is None):
        said = "twice, in the trace and as gate=" if given is not None else "neither in the trace (gate_V) nor as gate="
        raise UserError(f"the gate voltage was given {said}; give it once.")
    gate = trace.gate if given is None else given
    if not isinstance(gate, Signal) or not have_same_dimensions(gate.unit, volt):
        raise UserError("the gate must be a Signal in volts, such as Signal.pulses([0.1]*second, 2*volt, 50*ms).")
    return gate
