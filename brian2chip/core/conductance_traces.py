"""Measured conductances over time from a table: columns ``time`` and ``conductance`` with their units in the names."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from brian2chip.core.csv_files import REAL, read_csv
from brian2chip.core.files import shown
from brian2chip.core.quantities import parse_value
from brian2chip.core.signal import TIMES, Signal
from brian2chip.errors import UserError

CONDUCTANCES = {"conductance_S": 1.0, "conductance_mS": 1e-3, "conductance_uS": 1e-6, "conductance_nS": 1e-9}
#: A third column that a trace may have.
GATES = {"gate_V": 1.0, "gate_mV": 1e-3}


@dataclass(frozen=True)
class ConductanceTrace:
    """A measured conductance.

    Attributes
    ----------
    times : float array
        Seconds, rising.
    conductance : float array
        Siemens.
    gate : Signal or None
        The gate voltage, where it was written down.
    """

    times: np.ndarray
    conductance: np.ndarray
    gate: Signal | None = None


def read_conductance_trace(path: str | os.PathLike) -> ConductanceTrace:
    """Read a trace: ``time_s`` (``_ms``, ``_us``), ``conductance_S`` (``_mS``, ``_uS``, ``_nS``), and ``gate_V`` (``_mV``) if there is one.

    Raises
    ------
    UserError
        For a file without these two columns or with others, fewer than two rows, and times that do not rise from 0 on.
    """
    table = read_csv(path, "conductance trace", _columns)
    column = lambda units: next((table[name].to_numpy(float) * units[name] for name in table if name in units), None)  # noqa: E731
    times, conductance, gate = column(TIMES), column(CONDUCTANCES), column(GATES)
    if len(times) < 2:
        raise UserError(f"{shown(path)} has {len(times)} rows; a conductance trace needs at least two.")
    if times[0] < 0 or not (np.diff(times) > 0).all():
        raise UserError(f"the times of {shown(path)} must rise from 0 on; sort the rows, each time once.")
    if gate is None:
        return ConductanceTrace(times, conductance)
    changes = np.r_[True, np.diff(gate) != 0]
    return ConductanceTrace(times, conductance, Signal(times[changes], gate[changes] * parse_value("1 V")))


def _columns(head: list[str]) -> dict[str, str]:
    found = [[name for name in head if name in units] for units in (TIMES, CONDUCTANCES, GATES)]
    if all(len(each) == 1 for each in found[:2]) and len(found[2]) <= 1:
        return {each[0]: REAL for each in found if each}
    return {"time_ms": REAL, "conductance_uS": REAL}
