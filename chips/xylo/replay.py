"""Replay of recorded traces of Xylo's simulator: from a specification and input spikes, currents, membranes and spikes step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from brian2chip.chips.chip import Replay
from brian2chip.chips.cuba_family.replay import describe, lacking
from brian2chip.chips.xylo.emulator import run
from brian2chip.chips.xylo.files import NAMES, configuration_of

#: Of all neurons [steps, neurons], the outputs after the hidden ones.
OUTPUTS = ("out_i_syn", "out_v", "out_fired")


def outputs(trace: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return what the chip does under the names of the format; expected values are not read."""
    lacking(trace, (*NAMES, "stimulus"), "Xylo")
    configuration = configuration_of(trace, "the Xylo trace")
    _, n_hidden, n_out = configuration.sizes
    out = run(configuration, np.asarray(trace["stimulus"])[None], tuple(range(n_hidden + n_out)))
    return {f"out_{name}": out.states[name][0] for name in ("i_syn", "v", "fired")}


@contextmanager
def open_replay() -> Iterator[Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]]:
    """Give a function that returns the outputs of a trace."""
    yield outputs


REPLAY = Replay(OUTPUTS, open_replay, describe("neuron"))
