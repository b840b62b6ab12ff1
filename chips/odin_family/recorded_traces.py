"""Read recorded traces of ODIN and tinyODIN: registers, memories and stimulus under the names of the recorded format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from brian2chip.chips.chip import Field
from brian2chip.chips.codec import check
from brian2chip.errors import UserError

STIMULUS = ("stim_addr", "stim_wait_idle")


def contents(
    trace: Mapping[str, np.ndarray], chip: str, registers: Sequence[Field], arrays: Mapping[str, tuple[tuple[int, ...], int]]
) -> tuple[dict[str, int], dict[str, np.ndarray]]:
    """Return a trace's configuration registers and memories.

    Parameters
    ----------
    trace : mapping of arrays
    chip : str
        Its name, for messages.
    registers : sequence of Field
    arrays : mapping
        Shape and largest code of each memory, ``{name: (shape, limit)}``.

    Raises
    ------
    UserError
        For a missing array, a wrong shape, a value out of range.
    """
    needed = (*(f.name for f in registers), *arrays)
    missing = [name for name in needed if name not in trace]
    if missing:
        raise UserError(f"the {chip} trace lacks {', '.join(missing)}; it needs {', '.join((*needed, *STIMULUS))}.")
    for name, (shape, limit) in arrays.items():
        given = np.asarray(trace[name])
        if given.shape != shape or given.dtype.kind not in "iub":
            raise UserError(f"{name} of a trace of {chip} must be integers of shape {shape}, not {given.dtype} of shape {given.shape}.")
        if np.any((given < 0) | (given > limit)):
            raise UserError(f"{name} of a trace of {chip} must lie between 0 and {limit}; it reaches from {given.min()} to {given.max()}.")
    return {f.name: int(check(f, trace[f.name], chip)) for f in registers}, {name: np.asarray(trace[name]) for name in arrays}


def stimulus(addresses, wait, chip: str, bits: int) -> np.ndarray:
    """Return int32 [n, 2] of addresses and their "wait until idle" flags; without flags every event waits.

    Raises
    ------
    UserError
        For an address beyond the width of the input link, or flags of another length.
    """
    addresses = np.asarray(addresses)
    wait = np.ones(len(addresses), int) if wait is None else np.asarray(wait)
    if addresses.ndim != 1 or wait.shape != addresses.shape:
        raise UserError(f"stim_addr and stim_wait_idle must be two lists of one length, not shapes {addresses.shape} and {wait.shape}.")
    if addresses.dtype.kind not in "iu" or wait.dtype.kind not in "iub" or np.any((wait != 0) & (wait != 1)):
        raise UserError("stim_addr must be integers and stim_wait_idle zeros and ones.")
    beyond = np.flatnonzero((addresses < 0) | (addresses >= 1 << bits))
    if len(beyond):
        raise UserError(
            f"input event {beyond[0]} has address {addresses[beyond[0]]}; {chip}'s input link has {bits} bits, 0 to {(1 << bits) - 1}."
        )
    return np.column_stack((addresses, wait)).astype(np.int32).reshape(-1, 2)


def stimulus_and_watched(trace: Mapping[str, np.ndarray], chip: str, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the input events of a trace and the neurons it follows, or raise ``UserError``."""
    absent = [name for name in STIMULUS if name not in trace]
    if absent:
        raise UserError(f"the {chip} trace lacks {' and '.join(absent)}.")
    watched = np.atleast_1d(trace.get("trace_neurons", np.zeros(0, int)))
    if watched.ndim != 1 or watched.dtype.kind not in "iu" or np.any((watched < 0) | (watched > 255)):
        raise UserError(f"trace_neurons of a trace of {chip} must be a list of neurons from 0 to 255.")
    return stimulus(*(trace[name] for name in STIMULUS), chip, bits), watched
