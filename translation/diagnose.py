"""Diagnose a network on samples, layer by layer: what it gets, what that does to its neurons, and what a chip loses of it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

from brian2chip.analysis.diagnosis import COLUMNS, Finding, findings, sentence
from brian2chip.chips.chip import Chip
from brian2chip.core import html
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation import folder
from brian2chip.translation.layer_numbers import Subject, numbers_of, spike_tables
from brian2chip.translation.reference_simulator import check_channels, float_run
from brian2chip.translation.translate import translate

#: Samples that are looked at.
SAMPLES = 64


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    Attributes
    ----------
    table : DataFrame
        One row a population with the :data:`brian2chip.analysis.diagnosis.COLUMNS`.
    findings : tuple of Finding
        Causes in the order of the layers, each with what to do.
    chip : str or None
    where : str
        What stands for the chip: ``"the emulated chip"``, ``"its values in floating point"`` or ``"no chip"``.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    chip: str | None
    where: str

    def sentences(self) -> list[str]:
        """Return a summary, then one line a finding."""
        return [f"{sentence(self.findings)}", *map(str, self.findings)]

    def _repr_html_(self) -> str:
        return html.result("a diagnosis", self.table, *self.sentences())


def diagnose(
    given: SpikingNetwork | str | os.PathLike,
    samples: Samples,
    chip: Chip | str | None = None,
    *,
    calibration: Samples | None = None,
    split_signs: bool = False,
    device: str = "auto",
) -> Diagnosis:
    """Return why a network is silent, saturated or wrong on a chip, layer by layer.

    Parameters
    ----------
    given : SpikingNetwork or path
        A network, or a folder that translation wrote.
    samples : Samples
        Input; the first 64 samples are looked at.
    chip : Chip or str, optional
        For a network: the chip that it is translated onto. Without one it is looked at as it is.
    calibration : Samples, optional
        For the translation; by default the samples themselves.
    split_signs : bool
        As :func:`brian2chip.translate` takes it.
    device : str
        Of the runs in floating point.

    Raises
    ------
    UserError
        For a folder that cannot be read or another chip than it was written for, and samples that do not fit.
    """
    samples = samples.take(np.arange(min(len(samples), SAMPLES))) if isinstance(samples, Samples) else samples
    if isinstance(given, (str, os.PathLike)):
        contents = folder.load(given, chip if isinstance(chip, Chip) else None)
        if isinstance(chip, str) and chip != contents.chip.name:
            raise UserError(f"{str(given)!r:.120} was written for the chip {contents.chip.name!r}, not {chip!r:.60}; leave --chip out.")
        check_channels(contents.network, samples)
        run = None if contents.chip.backend is None else contents.emulate(samples)
        subject = Subject(contents.network, contents.realised, pd.DataFrame(contents.document["table"]), contents.chip, run)
    else:
        check_channels(given, samples)
        subject = Subject(given)
        if chip is not None:
            subject = _translated(given, samples, chip, calibration, split_signs, device)
    return _diagnosis(subject, samples, device)


def _translated(
    network: SpikingNetwork, samples: Samples, chip: Chip | str, calibration: Samples | None, split_signs: bool, device: str
) -> Subject:
    calibration = samples if calibration is None and len(samples.sample) else calibration
    found = translate(network, chip, calibration=calibration, split_signs=split_signs, device=device)
    if found.refusals:
        return Subject(network, chip=found.chip, refusals=found.refusals)
    run = None if found.chip.backend is None else found.emulate(samples)
    return Subject(network, found.realised, found.table(), found.chip, run)


def _diagnosis(subject: Subject, samples: Samples, device: str) -> Diagnosis:
    network, realised = subject.network, subject.realised
    runs = {"given": float_run(network, samples, device=device)}
    if realised is not None:
        runs["realised"] = float_run(realised, samples, device=device)
        runs["chip"] = runs["realised"] if subject.run is None else subject.run
    trains = {name: spike_tables(network, run, samples) for name, run in runs.items()}
    rows = [numbers_of(subject, p, runs, trains) for p in network.populations if p.kind != "input"]
    last = runs.get("chip")
    event_driven = subject.chip is not None and subject.chip.event_driven
    found = findings(rows, event_driven=event_driven, queue=None if last is None else last.queue)
    refused = [Finding("all", "refused", text, "See the sentence.") for text in subject.refusals]
    where = "no chip" if realised is None else "the emulated chip" if subject.run is not None else "its values in floating point"
    table = pd.DataFrame([{name: row[name] for name in COLUMNS} for row in rows], columns=list(COLUMNS))
    return Diagnosis(table, (*refused, *found), None if subject.chip is None else subject.chip.name, where)
