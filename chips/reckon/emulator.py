"""ReckOn in Brian2's generated code: one compiled program that serves any configuration, weights and samples."""

from __future__ import annotations

from contextlib import ExitStack

from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.program_inputs import event_table, program_inputs, tick_table
from brian2chip.chips.reckon.result import Result, result_of
from brian2chip.core.later import internals
from brian2chip.engine.session import session


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

    def _built(self, given: dict, tables: dict, ticks: float) -> dict:
        """Return Brian2's objects by name, ready to run."""
        from brian2chip.chips.reckon.network import build  # Brian2, which a known program does without

        self._stack.enter_context(internals.order_is_meant())
        objects = build(self._session, given, tables, record=self.record)
        self._session.results_of(objects)
        self._session.queue(objects["network"], ticks)
        return objects

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
        given = program_inputs(configuration, memory)
        tables = {"ticks": tick_table(samples, configuration), "events": event_table(samples, configuration)}
        ticks = float(tables["ticks"].shape[0])
        if self._objects is None or self.device != "cpp_standalone":
            self._close()
            self._session = self._stack.enter_context(session(self.device, dt=1.0, known_by=("ReckOn", self.record)))
            self._objects = self._session.objects if self._session.recalled else self._built(given, tables, ticks)
        flat = {f"{group}.{name}": value for group, values in given.items() for name, value in values.items()}
        self._session.execute({**flat, **tables}, durations=[ticks])
        return result_of(self._objects, configuration, memory, samples, record=self.record)
