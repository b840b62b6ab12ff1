"""What translating a network onto a chip gives: integers, what they stand for, what was lost, and what does not fit."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis import translation_report
from brian2chip.chips.chip import Chip
from brian2chip.chips.quantised import QuantisedParameter
from brian2chip.core import html
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation import folder
from brian2chip.translation.cost_table import cost_section
from brian2chip.translation.emulation import emulate
from brian2chip.translation.evaluate import Behaviour, behaviour_of
from brian2chip.translation.problems import behaviour_problems, parameter_problems, verdict
from brian2chip.translation.report import Report, behaviour_sections, parameter_sections, parameter_table, resource_section


@dataclass(frozen=True)
class Translation:
    """The result of :func:`brian2chip.translate`; the network it was given is in it, unchanged.

    Attributes
    ----------
    network : SpikingNetwork
    chip : Chip
    parameters : tuple of QuantisedParameter
        Every number of the network with its code.
    refusals : tuple of str
        One sentence for each thing that the chip cannot hold; when there are any there is no configuration.
    notes : tuple of str
        What behaves differently on the chip though it was accepted.
    configuration : object or None
        What programs the chip, a frozen dataclass of its own.
    realised : SpikingNetwork or None
        The network that the chip holds, back in floats, in the shape of the given one.
    rounding : str
        Of the weights.
    seed : int
    seconds : float
        Wall time of the translation, without calibration and test.
    channels : int array or None
        Which input channel each input of the chip takes, where neurons of mixed sign were split.
    test : Samples or None
    behaviour : Behaviour or None
        What the test samples did before and after.
    """

    network: SpikingNetwork
    chip: Chip
    parameters: tuple[QuantisedParameter, ...] = ()
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    configuration: Any = None
    realised: SpikingNetwork | None = None
    rounding: str = "nearest"
    seed: int = 0
    seconds: float = 0.0
    channels: np.ndarray | None = None
    test: Samples | None = None
    behaviour: Behaviour | None = None

    def checked(self) -> Translation:
        """Return the translation itself, or raise UserError with every refusal."""
        if self.refusals:
            sentences = " ".join(f"({k}) {text}" for k, text in enumerate(self.refusals, 1))
            raise UserError(f"the network does not fit {self.chip.name}: {sentences}")
        return self

    @property
    def refused(self) -> tuple[str, ...]:
        """Return ``refusals`` under the name that it had in version 0.1.0."""
        warnings.warn("Translation.refused is now Translation.refusals", DeprecationWarning, stacklevel=2)
        return self.refusals

    def table(self) -> pd.DataFrame:
        """Return one row a parameter: how many, requested and realised range, errors, clipped, zeroed, used part of the code range."""
        return parameter_table(self.parameters)

    def _repr_html_(self) -> str:
        return html.result(f"on {self.chip.name}", self.table(), self.verdict())

    def problems(self) -> list[tuple[str, str]]:
        """Return (what is wrong, what to do) for everything that a reader should know before using the result."""
        of_behaviour = [] if self.behaviour is None else behaviour_problems(self.behaviour)
        refused = [(text, "See the sentence.") for text in self.refusals]
        return [*refused, *parameter_problems(self.parameters), *of_behaviour]

    def verdict(self) -> str:
        """Return one line: whether it fits, and how well."""
        return verdict(self.chip.name, self.refusals, self.parameters, self.problems())

    def emulate(self, samples: Samples) -> NetworkRun:
        """Run the emulated chip on samples; spikes and readouts come back by the names of the network.

        Raises
        ------
        UserError
            When the network does not fit, the chip has no emulator, or the samples another number of channels.
        """
        return emulate(self.chip, self.checked().configuration, self.network, samples, self.channels)

    def evaluate(self, samples: Samples, *, device: str = "auto") -> Behaviour:
        """Return what samples do in floating point, with realised values, and on the emulated chip where there is one."""
        self.checked()
        run = None if self.chip.backend is None else self.emulate
        return behaviour_of(self.network, self.realised, samples, run, device=device)

    def tested(self, samples: Samples | None, *, device: str = "auto") -> Translation:
        """Return the translation with the behaviour on these samples, or itself without any."""
        return self if samples is None else replace(self, test=samples, behaviour=self.evaluate(samples, device=device))

    def report(self, samples: Samples | None = None, *, clock: float | None = None) -> Report:
        """Return the report as one page: what happened to every parameter, and to the behaviour on the test samples.

        Parameters
        ----------
        samples : Samples, optional
            In place of those that the translation was tested on.
        clock : float, optional
            Of the chip, in Hz: cycles are then given as seconds too.
        """
        if samples is not None:
            return self.tested(samples).report(clock=clock)
        sections = [] if self.behaviour is None else behaviour_sections(self.network, self.chip, self.behaviour, clock)
        sections += [*parameter_sections(self.parameters), resource_section(self.network, self.chip)]
        if self.configuration is not None and self.chip.backend is not None and self.chip.backend.costs is not None:
            run = None if self.behaviour is None else self.behaviour.runs.get("chip")
            sections.append(cost_section(self.network, self.chip, self.configuration, run, clock))
        about = f"{self.chip.source}. {self.chip.verified}."
        title = f"A network on {self.chip.name}"
        return Report(translation_report.page(title, self.verdict(), about, self.problems(), self.notes, sections))

    def write(
        self,
        out: str | os.PathLike,
        samples: Samples | None = None,
        *,
        clock: float | None = None,
        formats: Collection[str] = (),
        force: bool = False,
    ) -> Path:
        """Write all into a new folder: configuration, networks, table, report, the chip's files with stimulus, and the output to expect.

        Parameters
        ----------
        out : path
        samples, clock
            As for :meth:`report`.
        formats : collection of str
            Of memories and SPI words beside the usual: ``"mem"``, ``"coe"``, ``"c"``, ``"csv"``, ``"json"``, ``"npz"``.
        force : bool
            Replace the folder.

        Raises
        ------
        UserError
            When the network does not fit the chip (nothing is written), the folder is in use, or a format is none of these.
        """
        self.checked()
        folder.check_formats(self.chip, formats)
        if samples is not None:
            return self.tested(samples).write(out, clock=clock, formats=formats, force=force)
        head = {
            "verdict": self.verdict(),
            "notes": list(self.notes),
            "problems": [list(p) for p in self.problems()],
            "rounding": self.rounding,
            "seed": self.seed,
            "behaviour": None if self.behaviour is None else self.behaviour.summary(),
        }
        contents = folder.Contents(self.chip, self.configuration, self.network, self.realised, self.channels)
        expected = None if self.behaviour is None else self.behaviour.runs.get("chip")
        page = self.report(clock=clock).html
        return folder.write(out, contents, head, self.table(), page, self.test, expected, formats=formats, force=force)
