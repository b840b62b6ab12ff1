"""The report of a translation: its tables and pictures, gathered for the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis import translation_report as paper
from brian2chip.chips.chip import LIMITS
from brian2chip.translation.constraints import needs
from brian2chip.translation.evaluate import Behaviour
from brian2chip.translation.translate import Translation

SHOWN = ("parameter", "place", "field", "unit", "values", "requested_low", "requested_high", "code_low", "code_high", "realised_low",
         "realised_high", "rms_error", "max_error", "median_relative_error", "clipped", "zeroed", "range_used")  # fmt: skip


def report_page(translation: Translation, behaviour: Behaviour | None = None, clock: float | None = None) -> str:
    """Return the report as one HTML page; with a clock (Hz) cycles are given as seconds too."""
    chip = translation.chip
    sections: list[tuple[str, str, Any]] = []
    if behaviour is not None:
        sections += _behaviour(translation, behaviour, clock)
    if translation.items:
        words = "Requested, code and realised value of everything that was translated; errors are realised minus requested."
        sections.append(("Parameters", words, translation.table()[list(SHOWN)]))
        weights = {one.place: (one.requested, one.realised) for one in translation.items if one.parameter == "weight"}
        sections.append(("Weights", "Each projection before and after.", paper.histograms(weights)))
    sections.append(("What it takes of the chip", "Needed against what there is.", resources(translation)))
    problems = [*translation.problems(), *(behaviour_problems(behaviour) if behaviour is not None else [])]
    title = f"A network on {chip.name}"
    return paper.page(title, translation.verdict(), f"{chip.source}. {chip.verified}.", problems, translation.notes, sections)


def resources(translation: Translation) -> pd.DataFrame:
    """Return one row a limit of the chip: needed, available, share."""
    need, chip = needs(translation.network, translation.chip), translation.chip
    rows = [(LIMITS[k], need[k], limit, need[k] / limit if limit else 0.0) for k, limit in chip.limits.items() if k in need]
    return pd.DataFrame(rows, columns=["resource", "needed", "available", "share"])


def behaviour_problems(behaviour: Behaviour) -> list[tuple[str, str]]:
    """Return (what is wrong, what to do) of the behaviour."""
    found = []
    for row in behaviour.spikes.to_dict("records"):
        name = row["population"]
        if (k := row["silent_after"] - row["silent_before"]) > 0:
            text = f"{k} more neurons of {name!r} are silent than in float."
            found.append((text, "Lower the threshold, or train with the chip's weight grid."))
        if (k := row["saturated_after"] - row["saturated_before"]) > 0:
            found.append((f"{k} more neurons of {name!r} fire in over half of all steps.", "Raise the threshold, or strengthen the leak."))
    drop = behaviour.accuracy.get("float", 0.0) - behaviour.accuracy.get(behaviour.last, 0.0)
    if drop > 0.01:
        found.append((f"Accuracy falls by {100 * drop:.1f} points.", "Fine-tune on the chip, or train with its weight grid."))
    return found


def _behaviour(translation: Translation, behaviour: Behaviour, clock: float | None) -> list[tuple[str, str, Any]]:
    network, runs = translation.network, behaviour.runs
    before, after = runs["float"], runs[behaviour.last]
    where = "the emulated chip" if behaviour.last == "chip" else "the realised network in floating point (no emulator for this chip)"
    facts = [("same answer", behaviour.agreement), *((f"accuracy, {name}", value) for name, value in behaviour.accuracy.items())]
    if after.cycles is not None:
        facts.append(("clock cycles a sample, mean", float(after.cycles.mean())))
        if clock is not None:
            facts.append((f"seconds a sample at {clock / 1e6:g} MHz", float(after.cycles.mean()) / clock))
    facts.append(("synaptic operations a sample, mean", behaviour.operations))
    facts += [
        (f"joules a sample, {what} ({source})", joules * behaviour.operations) for what, (joules, source) in translation.chip.energy.items()
    ]
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
