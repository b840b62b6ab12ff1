"""Addresses on ODIN's 17-bit input link (section 2 of the specification)."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.odin_family.stimulus import stimulus
from brian2chip.errors import UserError

N = 256


def _codes(name: str, values, limit: int = N) -> np.ndarray:
    codes = np.asarray(values)
    if codes.dtype.kind not in "iub" or np.any((codes < 0) | (codes >= limit)):
        raise UserError(f"{name} of an ODIN event was given as {values!r}; it takes integers from 0 to {limit - 1}.")
    return codes.astype(np.uint32)


def spike(neuron) -> np.ndarray:
    """Return the address of a spike of neurons (any shape): a sweep over their 256 synapses."""
    return _codes("neuron", neuron) << 8 | 0x07


def virtual(neuron, weight, inhibitory=0, leak=0) -> np.ndarray:
    """Return the address of an input of weight 0 to 7 to one neuron, or of its leakage; weight 0 without leak would be a spike event.

    Raises
    ------
    UserError
        When a code does not fit, or when the event would be decoded as something else.
    """
    virt = _codes("weight", weight, 8) << 2 | _codes("inhibitory", inhibitory, 2) << 1 | _codes("leak", leak, 2)
    if np.any(virt == 0):
        raise UserError("a virtual event of weight 0 without sign and leak is decoded as a spike event by ODIN; give a weight from 1 to 7.")
    return _codes("neuron", neuron) << 8 | virt << 3 | 1


def time_reference(neuron=None) -> np.ndarray:
    """Return the address of the time reference of one neuron, or of all."""
    return np.uint32(0x7F) if neuron is None else _codes("neuron", neuron) << 8 | 0xFF


def bistability(row=None) -> np.ndarray:
    """Return the address of the bistability event of the synapses that leave one neuron, or of all."""
    return np.uint32(0) if row is None else _codes("row", row) << 8 | 0x80


def synapse(pre, post) -> np.ndarray:
    """Return the address of an event of one synapse."""
    return 1 << 16 | _codes("pre", pre) << 8 | _codes("post", post)


def checked(addresses, wait=None) -> np.ndarray:
    """Return int32 [n, 2] of addresses and their "wait until idle" flags.

    Raises
    ------
    UserError
        For an address beyond 17 bits or flags of another length.
    """
    return stimulus(addresses, wait, "ODIN", 17)
