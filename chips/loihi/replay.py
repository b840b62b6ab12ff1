"""Replay of recorded traces of Loihi's emulators: from constants, weights and input spikes, currents, membranes and spikes step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from brian2chip.chips.chip import Replay
from brian2chip.chips.cuba_family.replay import describe, lacking
from brian2chip.chips.loihi.configuration import Configuration, SynapseGroup
from brian2chip.chips.loihi.emulator import run
from brian2chip.chips.loihi.fields import COMPARTMENT
from brian2chip.core.checked_arrays import whole_numbers

#: Input spikes [steps, inputs], mantissas from inputs and from compartments, with their exponents, and whether the groups are mixed.
INPUTS = (*(f.name for f in COMPARTMENT), "stimulus", "weights_in", "weights_rec", "exponents", "mixed")
OUTPUTS = ("out_u", "out_v", "out_fired")


def given(trace: Mapping[str, np.ndarray]) -> tuple[Configuration, np.ndarray]:
    """Return configuration and input spikes of a trace, or raise ``UserError``."""
    lacking(trace, INPUTS, "Loihi")
    w_in, w_rec = np.atleast_2d(trace["weights_in"]), np.atleast_2d(trace["weights_rec"])
    exponents = whole_numbers(trace["exponents"], "exponents", "the Loihi trace", shape=(2,)).tolist()
    mixed = bool(whole_numbers(trace["mixed"], "mixed", "the Loihi trace", low=0, high=1, shape=()))
    n_in, here = len(w_in), (0, w_in.shape[1])
    groups = (
        SynapseGroup(True, (0, n_in), here, w_in, exponents[0], mixed),
        SynapseGroup(False, here, here, w_rec, exponents[1], mixed),
    )
    return Configuration(n_in, **{f.name: trace[f.name] for f in COMPARTMENT}, synapses=groups), np.asarray(trace["stimulus"])[None]


def outputs(trace: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return what the chip does under the names of the format; expected values are not read."""
    configuration, counts = given(trace)
    out = run(configuration, counts, tuple(range(configuration.n_compartments)))
    return {f"out_{name}": out.states[name][0] for name in ("u", "v", "fired")}


@contextmanager
def open_replay() -> Iterator[Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]]:
    """Give a function that returns the outputs of a trace."""
    yield outputs


REPLAY = Replay(OUTPUTS, open_replay, describe("compartment"))
