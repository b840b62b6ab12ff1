"""Input events of MorphIC, int32 [n, 4]: kind, core or cores, row or neuron, value. The kinds are our choice, after ODIN's."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.morphic.fields import CORES, NEURONS, ROWS
from brian2chip.errors import UserError

SPIKE, REFERENCE, VIRTUAL = 0, 1, 2
#: Address of a time reference to all neurons of the cores.
ALL = NEURONS
#: What a virtual event may add.
LARGEST = 2047


def spike(cores, row) -> np.ndarray:
    """Return spikes on a row of the cores of a mask (bit ``c`` for core ``c``): a sweep over their synapses."""
    return _events(SPIKE, cores, row, 0)


def time_reference(cores=2**CORES - 1, neuron=ALL) -> np.ndarray:
    """Return time references to all neurons of the cores of a mask, or to one of each."""
    return _events(REFERENCE, cores, neuron, 0)


def virtual(core, neuron, value) -> np.ndarray:
    """Return inputs of a value from -2047 to 2047 to one neuron of a core, given by its number."""
    return _events(VIRTUAL, 1 << np.asarray(core), neuron, value)


def _events(kind: int, cores, address, value) -> np.ndarray:
    columns = np.broadcast_arrays(kind, cores, address, value)
    return checked(np.stack([np.ravel(c) for c in columns], axis=1))


def checked(events) -> np.ndarray:
    """Return int32 [n, 4], or ``UserError`` for events of another shape, an unknown kind, a core, row or neuron that is none."""
    events = np.asarray(events)
    if events.ndim != 2 or events.shape[1] != 4 or events.dtype.kind not in "iu":
        raise UserError(f"MorphIC's input events are integers [n, 4], kind, cores, address, value; not {events.dtype} {events.shape}.")
    kind, cores, address, value = events.astype(np.int64).T
    most = np.select([kind == SPIKE, kind == REFERENCE], [ROWS - 1, ALL], NEURONS - 1)
    lonely = (cores & (cores - 1)) == 0
    for wrong, what in (
        ((kind < 0) | (kind > VIRTUAL), "has an unknown kind; there are 0 (spike), 1 (time reference) and 2 (virtual)"),
        ((cores < 1) | (cores >= 1 << CORES), f"goes to cores that are none; MorphIC has {CORES}, one bit each, at least one"),
        ((address < 0) | (address > most), f"has an address that is none: rows are 0 to {ROWS - 1}, neurons 0 to {NEURONS - 1}"),
        ((np.abs(value) > LARGEST) | ((kind != VIRTUAL) & (value != 0)), f"has a value; virtual events have one, up to {LARGEST}"),
        ((kind == VIRTUAL) & ~lonely, "is virtual and goes to several cores; give one"),
    ):
        if np.any(wrong):
            k = int(np.argmax(wrong))
            raise UserError(f"input event {k} of MorphIC, {events[k].tolist()}, {what}.")
    return events.astype(np.int32)
