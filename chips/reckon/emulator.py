"""ReckOn in Brian2's generated code: one compiled program that serves any configuration, weights and samples."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from brian2chip.chips.reckon import neuron as model
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.inputs import STATE, event_table, inputs, tick_table
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.network import build
from brian2chip.chips.reckon.shift_registers import SEEDS, advanced
from brian2chip.core.brian2_internals import order_is_meant
from brian2chip.engine.session import session


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


class Emulator:
    """A ReckOn whose program stays compiled between runs; use it in a ``with`` statement.

    Parameters
    ----------
    record : bool
        Keep the state after every STEP.
    device : {"cpp_standalone", "cython", "numpy"}
        The last two build the network anew for every run; they are there to check the generated code.
    """

    def __init__(self, record: bool = False, device: str = "cpp_standalone"):
        self.record = record
        self.device = device
        self._stack = ExitStack()
        self._objects: dict | None = None

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *error) -> None:
        self._close()

    def _close(self) -> None:
        self._stack.close()
        self._objects = None

    @property
    def program_seconds(self) -> float:
        """Seconds that the last run spent in the compiled program."""
        return self._session.timings["run"]

    def run(self, configuration: Configuration, memory: Memory, samples: ChipSamples) -> Result:
        """Run samples one after the other and return what came of it.

        Parameters
        ----------
        configuration : Configuration
            DO_EPROP is taken from the samples.
        memory : Memory
            Not changed; the result holds the memory afterwards.
        samples : ChipSamples

        Raises
        ------
        UserError
            For samples that do not fit the configuration.
        """
        samples = samples.checked(configuration)
        given = inputs(configuration, memory)
        tables = {"ticks": tick_table(samples, configuration), "events": event_table(samples, configuration)}
        ticks = float(tables["ticks"].shape[0])
        if self._objects is None or self.device != "cpp_standalone":
            self._close()
            self._stack.enter_context(order_is_meant())
            self._session = self._stack.enter_context(session(self.device, dt=1.0))
            self._objects = build(self._session, given, tables, record=self.record)
            self._session.run(self._objects["network"], ticks)
        else:
            flat = {f"{group}.{name}": value for group, values in given.items() for name, value in values.items()}
            self._session.execute({**flat, **tables}, durations=[ticks])
        return self._result(configuration, memory, samples)

    def _result(self, configuration: Configuration, memory: Memory, samples: ChipSamples) -> Result:
        send, ends = self._objects["send"], np.cumsum(samples.n_ticks) - 1
        last = np.isin(np.rint(np.asarray(send.t_)).astype(np.int64), ends)
        shape = (samples.n_ticks.size, configuration.n_outputs)
        wins, v = (np.asarray(values)[last].reshape(shape) for values in (send.wins, send.v))
        visits, learned = (np.asarray(x).ravel() for x in (self._objects["visits"].result, self._objects["ticks"].learning))
        steps = int(samples.n_ticks.sum()) - samples.n_ticks.size
        return Result(self._memory(configuration, memory, steps), wins, v, visits, learned, self._recorded() if self.record else None)

    def _value(self, group: str, variable: str) -> np.ndarray:
        return self._objects[group].get_states([variable], units=False)[variable]

    def _memory(self, configuration: Configuration, memory: Memory, steps: int) -> Memory:
        """Return the memory after the run, which had so many STEPs."""
        rows, columns = (
            configuration.n_rows,
            {"winp": configuration.n_columns, "wrec": configuration.n_columns, "wout": configuration.n_outputs},
        )
        weights = {}
        for name, n in columns.items():
            weights[name] = getattr(memory, name).copy()
            group = "readout" if name == "wout" else "crossbar"
            weights[name][:rows, :n] = self._value(group, f"w_{name[1:]}").reshape(rows, n)
        state = {name: self._value("hidden", name).astype(np.int64) for name in STATE if name != "dirty"}
        dirty = np.zeros(model.N_HIDDEN, np.int64)
        return replace(memory, **weights, **state, dirty=dirty, lfsr=self._registers(configuration, memory, steps))

    def _recorded(self) -> dict[str, np.ndarray]:
        """Return the state after every STEP; stale words of the neuron memory read as zero."""
        hidden, output = self._objects["hidden_steps"], self._objects["output_steps"]
        steps = {name: np.asarray(getattr(hidden, name)).T for name in ("z", *STATE)}
        steps.update({name: steps[name] * steps["dirty"] for name in STATE if name != "dirty"})
        return {**steps, "v": np.asarray(output.v).T, "wins": np.asarray(output.wins).T}

    def _registers(self, configuration: Configuration, memory: Memory, steps: int) -> dict[str, int]:
        """Return the content of the shift registers after the run from the number of their advances."""
        rounding = configuration["EN_STOCH_ROUND"] * steps
        words = configuration.n_stepped // 2
        advances = {name: int(self._value("hidden", f"advances_{name[1:]}").item()) for name in ("winp", "wrec", "wout")}
        advances["noise"] = int(self._value("hidden", "noise_words").item())
        advances["oneur"] = rounding * int(configuration["KAPPA"] != 0x80) * min(16, configuration.n_stepped)
        for name in SEEDS:
            if name.startswith("neur"):
                advances[name] = rounding * int((configuration.alpha[:words] != 0x8000).sum())
            elif name[0] == "t":
                advances[name] = rounding * words
        return {name: advanced(name, content, advances[name]) for name, content in memory.lfsr.items()}
