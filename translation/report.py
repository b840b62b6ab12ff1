"""The report of a translation: its tables and pictures, gathered for the page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis import translation_report as paper
from brian2chip.chips.chip import Chip
from brian2chip.chips.limits import Limit
from brian2chip.chips.quantised import QuantisedParameter
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.translation.evaluate import Behaviour

Section = tuple[str, str, Any]


@dataclass(frozen=True)
class Report:
    """A report as one HTML page; a notebook shows it."""

    html: str

    def save(self, path: str | os.PathLike) -> Path:
        """Write the page and return its path."""
        path = Path(path)
        path.write_text(self.html, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return self.html


def parameter_table(parameters: Sequence[QuantisedParameter]) -> pd.DataFrame:
    """Return one row a parameter: how many, requested and realised range, errors, clipped, zeroed, used part of the code range."""
    rows = []
    for one in parameters:
        error, relative = one.absolute_error, one.relative_error
        finite = np.abs(relative[np.isfinite(relative)])
        rows.append(
            {
                "parameter": one.parameter,
                "place": one.place,
                "field": one.field,
                "unit": one.unit,
                "values": one.requested.size,
                "requested_low": one.requested.min(),
                "requested_high": one.requested.max(),
                "code_low": int(one.code.min()),
                "code_high": int(one.code.max()),
                "realised_low": one.realised.min(),
                "realised_high": one.realised.max(),
                "rms_error": float(np.sqrt(np.mean(error**2))),
                "max_error": float(np.abs(error).max()),
                "median_relative_error": float(np.median(finite)) if len(finite) else 0.0,
                "clipped": int(one.clipped.sum()),
                "zeroed": int(one.zeroed.sum()),
                "range_used": one.used,
            }
        )
    return pd.DataFrame(rows)


def parameter_sections(parameters: Sequence[QuantisedParameter]) -> list[Section]:
    """Return the table of all parameters and the pictures of the weights."""
    if not parameters:
        return []
    words = "Requested, code and realised value of everything that was translated; errors are realised minus requested."
    weights = {one.place: (one.requested, one.realised) for one in parameters if one.parameter == "weight"}
    pictures = [("Weights", "Each projection before and after.", paper.histograms(weights))] if weights else []
    return [("Parameters", words, parameter_table(parameters)), *pictures]


def resource_section(network: SpikingNetwork, chip: Chip) -> Section:
    """Return one row a limit of the chip: needed, available, share."""
    limits = [c for c in chip.constraints if isinstance(c, Limit)]
    rows = [(c.resource, n := c.needed(network, chip), c.available, n / c.available if c.available else 0.0) for c in limits]
    return (
        "What it takes of the chip",
        "Needed against what there is.",
        pd.DataFrame(rows, columns=["resource", "needed", "available", "share"]),
    )


def behaviour_sections(network: SpikingNetwork, chip: Chip, behaviour: Behaviour, clock: float | None) -> list[Section]:
    """Return answers, cost, spikes and pictures before and after; with a clock (Hz) cycles are given as seconds too."""
    runs = behaviour.runs
    before, after = runs["float"], runs[behaviour.last]
    where = "the emulated chip" if behaviour.last == "chip" else "the realised network in floating point (no emulator for this chip)"
    facts = [("same answer", behaviour.agreement), *((f"accuracy, {name}", value) for name, value in behaviour.accuracy.items())]
    if after.cycles is not None:
        facts.append(("clock cycles a sample, mean", float(after.cycles.mean())))
        if clock is not None:
            facts.append((f"seconds a sample at {clock / 1e6:g} MHz", float(after.cycles.mean()) / clock))
    facts.append(("synaptic operations a sample, mean", behaviour.operations))
    facts += [(f"joules a sample, {what} ({source})", joules * behaviour.operations) for what, (joules, source) in chip.energy.items()]
    out = [("Behaviour", f"{before.n_samples} samples in float and on {where}.", pd.DataFrame(facts, columns=["what", "value"]))]
    names = [name for name in before.spikes if len(before.spikes[name][0]) or len(after.spikes[name][0])]
    if names:
        out.append(("Spikes", "Distances are van Rossum's at 20 ms, mean over neurons and samples.", behaviour.spikes))
        rate = [{n: np.bincount(r.spikes[n][2], minlength=network.population(n).size) for n in names} for r in (before, after)]
        seconds = before.n_samples * before.n_steps * network.dt
        out.append(("Rates", "One point a neuron.", paper.rates(*({n: c / seconds for n, c in counts.items()} for counts in rate))))
        first = [{n: tuple(a[r.spikes[n][0] == 0] for a in r.spikes[n][1:]) for n in names} for r in (before, after)]
        out.append(("First sample", "Spikes in float and on the chip.", paper.rasters(*first)))
    return out
