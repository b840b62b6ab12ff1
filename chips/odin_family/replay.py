"""Replay of recorded traces of ODIN and tinyODIN: what the outputs of both have in common, and their first differences in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np

from brian2chip.chips.chip import Trace
from brian2chip.chips.odin_family.emulator import Emulator


@contextmanager
def open_replay(
    emulator: Callable[[], AbstractContextManager[Emulator]],
    given: Callable[[Trace], tuple[Any, np.ndarray, np.ndarray]],
    outputs: Callable[[Emulator, Any, np.ndarray, np.ndarray], dict[str, np.ndarray]],
) -> Iterator[Callable[[Trace], dict[str, np.ndarray]]]:
    """Give a function that returns the outputs of a trace, under the names of the recorded format; expected values are not read.

    Parameters
    ----------
    emulator : callable
        Opens the chip's emulator.
    given : callable
        Configuration, events and traced neurons of a trace, or ``UserError``.
    outputs : callable
        What an open emulator does with them.
    """
    with emulator() as chip:
        yield lambda trace: outputs(chip, *given(trace))


def started(chip: Emulator) -> np.ndarray:
    """Return the time step at which each input event was taken up."""
    return chip.steps(chip.objects["begins"])


def output_link(chip: Emulator, addresses: np.ndarray, steps: np.ndarray, cycles: np.ndarray) -> dict[str, np.ndarray]:
    """Return the recorded arrays of the output link and of the clock, from addresses, time steps and clock cycles in order."""
    return {
        "out_addr": addresses.astype(np.uint8),
        "out_stim_index": (np.searchsorted(started(chip), steps, side="right") - 1).astype(np.int32),
        "out_cycle": cycles.astype(np.uint32),
        "stim_start_cycle": np.asarray(chip.objects["begins"].work_start[:]).astype(np.uint32),
        "total_cycles": np.uint32(chip.objects["controller"].now[0]),
    }


def last_records(chip: Emulator, traced: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the event and the place among the traced neurons of every record of ``traces``, in order of time."""
    record = chip.objects["traces"]
    event = np.searchsorted(started(chip), chip.steps(record), side="right") - 1
    order = np.argsort(traced)
    return event, order[np.searchsorted(traced[order], np.asarray(record.i[:]))]


def spike_cycles(neurons: np.ndarray, steps: np.ndarray, report_steps: np.ndarray, start: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the clock cycle at which each spike leaves: six more for every spike before it in the same operation."""
    where, rank = np.searchsorted(report_steps, steps), np.arange(len(steps)) - np.searchsorted(steps, steps)
    return start[where] + 2 * (neurons - first[where]) + 2 + 6 * rank


def first_difference(
    name: str, index: tuple[int, ...], expected: Any, got: Any, trace: Mapping[str, np.ndarray], field: str = ""
) -> str | None:
    """Return event, neuron, field and both values of the first difference of an array that both chips have, None for another one."""
    values = f"{f'field {field}, ' if field else ''}expected {expected}, got {got}"
    if name.startswith("trace_"):
        return f"first difference at event {index[0]}, neuron {trace['trace_neurons'][index[1]]}, {values}"
    if name.startswith("out_"):
        event = f" (after event {trace['out_stim_index'][index]})" if "out_stim_index" in trace else ""
        return f"first difference at output {index[0]}{event}, {values}"
    if name in ("neur_final", "vup_final", "vdn_final"):
        return f"first difference at the end, neuron {index[0]}, {values}"
    if name == "syn_final":
        return f"first difference at the end, synapse from {index[0]} to {index[1]}, {values}"
    return None
