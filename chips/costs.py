"""What a placed network costs on a chip before any sample is run: programming, and bounds of clock cycles, operations and queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: At least and at most; None where nothing bounds it.
Bounds = tuple[int, int | None]


@dataclass(frozen=True)
class Costs:
    """Bounds that follow from what the chip holds.

    Attributes
    ----------
    programs : mapping of name to (transactions, bits)
        Of SPI.
    spike_cycles : Bounds
        Clock cycles that one input spike takes.
    step_cycles : Bounds
        Clock cycles of a step: without a spike, and with one of every input and as many of neurons as there can be.
    sample_cycles : Bounds
        Of all steps of a sample and what follows it.
    spike_operations : int
        Synaptic operations of an input spike.
    step_operations : int or None
        Of a step, at most.
    queue : (places, at most) or None
        Spikes that wait in the chip's queue.
    """

    programs: Mapping[str, tuple[int, int]]
    spike_cycles: Bounds
    step_cycles: Bounds
    sample_cycles: Bounds
    spike_operations: int
    step_operations: int | None
    queue: tuple[int, int] | None = None
