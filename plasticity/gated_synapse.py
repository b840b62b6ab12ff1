"""Gated synapse: a conductance that a gate voltage sets and resets, and that decays by itself (generic behavioural model)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2.units import ms, second, uS, volt

from brian2chip.core.rule import Rule
from brian2chip.core.signal import Signal
from brian2chip.errors import UserError


def state_at(times: np.ndarray, gate: Signal | None, p: Mapping[str, Any], x: Any) -> np.ndarray:
    """Return the state of the device at given times, in closed form: between changes of the gate it approaches a value exponentially.

    Parameters
    ----------
    times : float array [times]
        Seconds, from 0 on.
    gate : Signal or None
        Volts; 0 V before its first change, and always without one.
    p : mapping of str to number or array [sets, 1]
        The parameters of :data:`GATED_SYNAPSE` in SI.
    x : number or array [sets, 1]
        The state at 0 s.

    Returns
    -------
    float array [times], or [sets, times]
    """
    starts, volts = (np.zeros(0), np.zeros(0)) if gate is None else (gate.times, gate.values)
    if not starts.size or starts[0] > 0:
        starts, volts = np.r_[0.0, starts], np.r_[0.0, volts]
    ends = np.r_[starts[1:], np.inf]
    state = np.zeros(np.broadcast_shapes(np.shape(times), *(np.shape(one) for one in (*p.values(), x))))
    for begin, end, v in zip(starts, ends, volts):
        set_rate = np.clip((v - p["V_set"]) / p["V_drive"], 0, 1) / p["t_set"]
        rate = set_rate + np.clip((-v - p["V_reset"]) / p["V_drive"], 0, 1) / p["t_reset"] + 1 / p["tau_decay"]
        limit = set_rate / rate
        here = (times >= begin) & (times < end)
        state[..., here] = limit + (x - limit) * np.exp(-rate * (times[here] - begin))
        x = limit + (x - limit) * np.exp(-rate * (end - begin))
    return state


def conductance_of(x: Any, p: Mapping[str, Any]) -> Any:
    """Return the conductance (S) of a state between 0 and 1."""
    return p["G_min"] + (p["G_max"] - p["G_min"]) * x ** p["curvature"]


def state_of(conductance: Any, p: Mapping[str, Any]) -> np.ndarray:
    """Return the state that has a conductance (S): the initial ``x`` of a synapse that starts with it.

    Raises
    ------
    UserError
        For a conductance outside of the device's range.
    """
    check_in_range(conductance, p)
    return ((np.asarray(conductance, float) - p["G_min"]) / (p["G_max"] - p["G_min"])) ** (1 / p["curvature"])


def check_in_range(conductance: Any, p: Mapping[str, Any], noise: float = 0.0) -> None:
    """Refuse conductances that the device cannot have.

    Parameters
    ----------
    conductance : number or array
        In S.
    p : mapping
        Parameters in SI; ``G_min`` and ``G_max`` are read.
    noise : float
        How far a measured conductance may lie outside the range, in S.

    Raises
    ------
    UserError
        With the first such conductance and the range.
    """
    values = np.atleast_1d(np.asarray(conductance, float))
    outside = ~((values >= p["G_min"] - noise) & (values <= p["G_max"] + noise))
    if outside.any():
        raise UserError(
            f"a conductance of {1e6 * values[outside][0]:g} uS was given, but the device's range is {1e6 * p['G_min']:g} to "
            f"{1e6 * p['G_max']:g} uS; give one inside, or another G_min and G_max."
        )


GATED_SYNAPSE = Rule(
    name="gated_synapse",
    source="generic, with equations and values of our own; its quantities are named in the abstract of Jones & Jha 2021, IEEE TCAD 40:1887",
    # Between changes of the gate the state relaxes exponentially, which exponential Euler steps exactly.
    model="""
        set_rate = clip((V_gate - V_set)/V_drive, 0, 1)/t_set : Hz
        reset_rate = clip((-V_gate - V_reset)/V_drive, 0, 1)/t_reset : Hz
        dx/dt = set_rate - (set_rate + reset_rate + 1/tau_decay)*x : 1 (clock-driven)
        G = G_min + (G_max - G_min)*x**curvature : siemens
        V_gate : volt
    """,
    on_pre="",
    parameters={
        "t_set": 10 * ms,
        "t_reset": 10 * ms,
        "tau_decay": 1 * second,
        "V_set": 1.0 * volt,
        "V_reset": 1.0 * volt,
        "V_drive": 1.0 * volt,
        "G_min": 0.1 * uS,
        "G_max": 10 * uS,
        "curvature": 1.0,
    },
    bounds={
        **{name: (1e-9 * second, None) for name in ("t_set", "t_reset", "tau_decay")},
        "V_set": (0 * volt, None),
        "V_reset": (0 * volt, None),
        "V_drive": (1e-6 * volt, None),
        "G_min": (0 * uS, None),
        "G_max": (0 * uS, None),
        "curvature": (0.01, 100),
    },
    initial={"x": 0.0},
    weight="G",
    third_factors=("V_gate",),
    devices=("numpy", "cython", "cpp_standalone"),
    convention="A gate above V_set raises the conductance, one below -V_reset lowers it; spikes read it and change nothing.",
)
