"""What a run of the ReckOn emulator gave, read back from the Brian2 objects: memories, decisions, and the state step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import N_HIDDEN, N_OUTPUT
from brian2chip.chips.reckon.memory import NEURON_STATE, WEIGHTS, Memory
from brian2chip.chips.reckon.shift_registers import SEEDS, advanced


@dataclass(frozen=True)
class Result:
    """What a run of samples gave.

    Attributes
    ----------
    memory : Memory
        Afterwards.
    wins, v : int array [S, outputs]
        Win counters and output membranes at the end of each sample.
    visits : int array [ticks]
        Slots that PROP served in each tick.
    learned : int array [ticks]
        1 where an e-prop pass ran.
    steps : dict of str to int array, or None
        When recorded, the state after the STEP of each tick: ``z``, ``u``, ``trace_inp``, ``trace_rec``, ``trace_out``, ``dirty``
        [ticks, 256], ``v``, ``wins`` [ticks, 16]; the first tick of a sample has no STEP.
    """

    memory: Memory
    wins: np.ndarray
    v: np.ndarray
    visits: np.ndarray
    learned: np.ndarray
    steps: dict[str, np.ndarray] | None

    @property
    def label(self) -> np.ndarray:
        """The inferred class of each sample: the output that won most ticks, the lowest among equals."""
        return self.wins.argmax(axis=1)


def result_of(objects: Mapping[str, Any], configuration: Configuration, memory: Memory, samples: ChipSamples, *, record: bool) -> Result:
    """Return the result of a run.

    Parameters
    ----------
    objects : mapping
        Of :func:`network.build`, after the run.
    configuration : Configuration
    memory : Memory
        Before the run.
    samples : ChipSamples
    record : bool
        Whether the state after every STEP was monitored.
    """
    send, ends = objects["send"], np.cumsum(samples.n_ticks) - 1
    last = np.isin(np.rint(np.asarray(send.t_)).astype(np.int64), ends)
    shape = (samples.n_ticks.size, configuration.n_outputs)
    wins, v = (np.asarray(values)[last].reshape(shape) for values in (send.wins, send.v))
    visits, learned = (np.asarray(x).ravel() for x in (objects["visits"].result, objects["ticks"].learning))
    steps = int(samples.n_ticks.sum()) - samples.n_ticks.size
    after = _memory(objects, configuration, memory, steps)
    return Result(after, wins, v, visits, learned, _recorded(objects) if record else None)


def _value(objects: Mapping[str, Any], group: str, variable: str) -> np.ndarray:
    return np.asarray(getattr(objects[group], variable)[:])


def _memory(objects: Mapping[str, Any], configuration: Configuration, memory: Memory, steps: int) -> Memory:
    """Return the memory after the run, which had so many STEPs."""
    rows, columns = (
        configuration.n_rows,
        {"winp": configuration.n_columns, "wrec": configuration.n_columns, "wout": configuration.n_outputs},
    )
    weights = {}
    for name in WEIGHTS:
        weights[name] = getattr(memory, name).copy()
        group = "readout" if name == "wout" else "crossbar"
        weights[name][:rows, : columns[name]] = _value(objects, group, f"w_{name[1:]}").reshape(rows, columns[name])
    state = {name: _value(objects, "hidden", name).astype(np.int64) for name in NEURON_STATE}
    registers = _shift_registers(objects, configuration, memory, steps)
    return replace(memory, **weights, **state, dirty=np.zeros(N_HIDDEN, np.int64), lfsr=registers)


def _shift_registers(objects: Mapping[str, Any], configuration: Configuration, memory: Memory, steps: int) -> dict[str, int]:
    """Return the content of the shift registers after the run from the number of their advances."""
    rounding = configuration["EN_STOCH_ROUND"] * steps
    words = configuration.n_stepped // 2
    advances = {name: int(_value(objects, "hidden", f"advances_{name[1:]}").item()) for name in WEIGHTS}
    advances["noise"] = int(_value(objects, "hidden", "noise_words").item())
    advances["oneur"] = rounding * int(configuration["KAPPA"] != 0x80) * min(N_OUTPUT, configuration.n_stepped)
    for name in SEEDS:
        if name.startswith("neur"):
            advances[name] = rounding * int((configuration.alpha[:words] != 0x8000).sum())
        elif name[0] == "t":
            advances[name] = rounding * words
    return {name: advanced(name, content, advances[name]) for name, content in memory.lfsr.items()}


def _recorded(objects: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the state after every STEP; stale words of the neuron memory read as zero."""
    hidden, output = objects["hidden_steps"], objects["output_steps"]
    steps = {name: np.asarray(getattr(hidden, name)).T for name in ("z", *NEURON_STATE, "dirty")}
    steps.update({name: steps[name] * steps["dirty"] for name in NEURON_STATE})
    return {**steps, "v": np.asarray(output.v).T, "wins": np.asarray(output.wins).T}
