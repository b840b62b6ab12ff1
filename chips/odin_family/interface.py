"""What sets ODIN and tinyODIN apart where a network is placed, run on samples, and written for a bench."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.chips.chip import Trace
from brian2chip.chips.field import Field
from brian2chip.chips.odin_family.emulator import Emulator
from brian2chip.chips.odin_family.files import FileFormat


@dataclass(frozen=True)
class Codes:
    """The codes of a placed network at their addresses.

    Attributes
    ----------
    weight : int array [256, 256]
        Signed, ``[pre, post]``.
    threshold, leak : int array [256]
    used : bool array [256]
        Where there is a neuron.
    closed : bool
        Spikes of neurons are fed back.
    """

    weight: np.ndarray
    threshold: np.ndarray
    leak: np.ndarray
    used: np.ndarray
    closed: bool


@dataclass(frozen=True)
class Interface:
    """What sets one chip of the family apart when samples are run on it.

    Attributes
    ----------
    name : str
    address_bits : int
        Of the input link.
    spike : callable
        Input addresses (array) to spike events.
    time_reference : int
        Address of the time reference to all neurons.
    configuration : callable
        :class:`Codes` to what the chip holds.
    emulator, outputs : callable
        Opens the emulator; runs it under the names of the recorded format.
    files : FileFormat
    word : tuple of Field
        Of a leaky integrate-and-fire neuron.
    kinds : callable
        Input addresses to what they are: ``"spike"``, ``"reference"`` (a time reference) or ``"event"``.
    sweep : callable
        Clock cycles of a sweep over the neurons, of what the chip holds.
    after : callable
        What the chip held before, and the outputs of a run, to what it holds then.
    learns : callable
        Whether weights can change, of what the chip holds.
    places : int
        Of the FIFO in which spikes wait.
    more_pins : tuple of str
        Outputs of one bit beside those that both have.
    """

    name: str
    address_bits: int
    spike: Callable[[np.ndarray], np.ndarray]
    time_reference: int
    configuration: Callable[[Codes], Any]
    emulator: Callable[[], AbstractContextManager[Emulator]]
    outputs: Callable[[Emulator, Any, np.ndarray, np.ndarray], Trace]
    files: FileFormat
    word: tuple[Field, ...]
    kinds: Callable[[np.ndarray], np.ndarray]
    sweep: Callable[[Any], int]
    after: Callable[[Any, Trace], Any]
    learns: Callable[[Any], bool]
    places: int
    more_pins: tuple[str, ...] = ()
