"""Input events of ODIN and tinyODIN: addresses with a flag each, given, from a recorded trace, or from samples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.errors import UserError


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
    """Return the input events of a recorded trace and the neurons it follows, or raise ``UserError``."""
    watched = np.atleast_1d(trace.get("trace_neurons", np.zeros(0, int)))
    if watched.ndim != 1 or watched.dtype.kind not in "iu" or np.any((watched < 0) | (watched > 255)):
        raise UserError(f"trace_neurons of a trace of {chip} must be a list of neurons from 0 to 255.")
    return stimulus(trace["stim_addr"], trace["stim_wait_idle"], chip, bits), watched


def events(samples: Samples, period: int, reset_references: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the input events in order as (input address, or -1 for a time reference; sample; step, or -1 between samples).

    In a step the time reference, when it is due, comes first, then the input spikes in ascending order. Time references come every
    ``period`` steps (0: never), and ``reset_references`` of them after every sample.
    """
    n, steps = len(samples), samples.n_steps
    sample, t, i = (np.asarray(a, np.int64) for a in (samples.sample, samples.t, samples.i))
    due = np.arange(period, steps, period) if period else np.zeros(0, np.int64)
    sample = np.concatenate([sample, np.repeat(np.arange(n), len(due)), np.repeat(np.arange(n), reset_references)])
    t = np.concatenate([t, np.tile(due, n), np.full(n * reset_references, steps)])
    address = np.concatenate([i, np.full(n * (len(due) + reset_references), -1)])
    order = np.lexsort((address, t, sample))
    return address[order], sample[order], np.where(t == steps, -1, t)[order]
