"""Replay of recorded traces: from configuration and input events of a trace, all that our MorphIC does. No trace of the chip is public."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from brian2chip.chips.chip import Replay
from brian2chip.chips.morphic.configuration import SHAPE, Configuration
from brian2chip.chips.morphic.emulator import Outcome, emulator
from brian2chip.chips.morphic.events import checked
from brian2chip.chips.morphic.fields import CORE, NEURON, NEURONS, ROUTE
from brian2chip.chips.morphic.neuron import STATE
from brian2chip.errors import UserError

SYNAPSES = "synapses"
OUTPUTS = (
    "out_neuron", "out_event", "out_synapses", *(f"out_{name}" for name in STATE), "out_lfsr", "out_operations", "out_lost",
)  # fmt: skip


def arrays(configuration: Configuration, events: np.ndarray) -> dict[str, np.ndarray]:
    """Return the inputs of a trace; synapses as bits, [4, 1024, 64]."""
    packed = np.packbits(configuration.synapses, axis=2, bitorder="little")
    return {**configuration.cores, **configuration.neurons, SYNAPSES: packed, "events": events}


def given(trace: Mapping[str, np.ndarray]) -> tuple[Configuration, np.ndarray]:
    """Return configuration and events from the inputs of a trace, or raise ``UserError``."""
    needed = [f.name for f in (*CORE, *NEURON, *ROUTE)]
    if missing := [name for name in (*needed, SYNAPSES, "events") if name not in trace]:
        raise UserError(f"the MorphIC trace lacks {', '.join(missing)}; it needs {', '.join((*needed, SYNAPSES, 'events'))}.")
    packed = np.asarray(trace[SYNAPSES])
    if packed.dtype != np.uint8 or packed.shape != (*SHAPE[:2], NEURONS // 8):
        raise UserError(f"synapses of a MorphIC trace are bytes of shape {(*SHAPE[:2], NEURONS // 8)}, not {packed.dtype} {packed.shape}.")
    cores, neurons = ({f.name: trace[f.name] for f in fields} for fields in (CORE, (*NEURON, *ROUTE)))
    return Configuration(cores, neurons, np.unpackbits(packed, axis=2, bitorder="little")), checked(trace["events"])


def outputs(out: Outcome) -> dict[str, np.ndarray]:
    """Return what the chip did under the names of the format."""
    return {
        "out_neuron": out.spike_neuron,
        "out_event": out.spike_event,
        "out_synapses": np.packbits(out.contents.synapses, axis=2, bitorder="little"),
        **{f"out_{name}": out.contents.neurons[name] for name in STATE},
        "out_lfsr": out.contents.cores["lfsr"],
        "out_operations": np.int64(out.synaptic_operations),
        "out_lost": np.int64(out.lost),
    }


@contextmanager
def open_replay() -> Iterator[Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]]:
    """Give a function that returns the outputs of a trace; expected values are not read."""
    with emulator() as chip:
        yield lambda trace: outputs(chip.run(*given(trace)))


def describe(name: str, index: tuple[int, ...], expected: np.ndarray, got: np.ndarray, trace: Mapping[str, np.ndarray]) -> str | None:
    """Return core, neuron or event and both values of the first difference."""
    values = f"expected {expected[index]}, got {got[index]}"
    if name in ("out_neuron", "out_event"):
        return f"first difference at output {index[0]}, {values}"
    if name == "out_synapses":
        core, row, byte = index
        return f"first difference at the end, core {core}, row {row}, neurons {8 * byte} to {8 * byte + 7}, {values}"
    if name == "out_lfsr":
        return f"first difference at the end, shift register of core {index[0]}, {values}"
    if index:
        core, neuron = divmod(index[0], NEURONS)
        return f"first difference at the end, core {core}, neuron {neuron}, field {name.removeprefix('out_')}, {values}"
    return None


REPLAY = Replay(OUTPUTS, open_replay, describe)
