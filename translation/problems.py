"""What a reader should know before using a translation: (what is wrong, what to do), from its parameters and from its behaviour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brian2chip.chips.quantised import QuantisedParameter
from brian2chip.translation.evaluate import Behaviour

Problem = tuple[str, str]
GRID = "Train with the chip's weight grid, or prune the outliers that set the scale."
CODES = "Choose a value that the chip has (parameters.csv holds codes and what they stand for)."


def parameter_problems(parameters: Sequence[QuantisedParameter]) -> list[Problem]:
    """Return the problems of every parameter, in order."""
    found = []
    if lost_every_weight(parameters):
        found.append(("No weight survives: all become zero.", "Train with larger weights, or lower the thresholds."))
    for one in parameters:
        where, n = f"{one.parameter} of {one.place}", one.requested.size
        nonzero = max(int(np.count_nonzero(one.requested)), 1)
        if (k := int(one.clipped.sum())) > 0:
            text = f"{where}: {k} of {n} values saturate at the end of {one.field}."
            found.append((text, "Train with bounded values or a smaller range."))
        if (k := int(one.zeroed.sum())) > 0.1 * nonzero:
            text = f"{where}: {k} of {nonzero} non-zero values become zero."
            found.append((text, GRID if one.parameter == "weight" else CODES))
        if one.parameter == "weight" and one.used < 0.5:
            text = f"{where}: {one.used:.0%} of the code range is used."
            found.append((text, "The threshold sets the scale: train with larger weights."))
        worst = np.abs(one.relative_error[np.isfinite(one.relative_error)])
        if one.parameter != "weight" and len(worst) and worst.max() > 0.05:
            far = "is far from any that the chip has" if worst.max() > 10 else f"off by up to {worst.max():.0%}"
            found.append((f"{where}: {far}.", CODES))
    return found


def lost_every_weight(parameters: Sequence[QuantisedParameter]) -> bool:
    """Return whether there were weights and none is left."""
    weights = [one for one in parameters if one.parameter == "weight"]
    return any(np.any(one.requested) for one in weights) and not any(np.any(one.code) for one in weights)


def lost_projections(parameters: Sequence[QuantisedParameter]) -> list[str]:
    """Return the projections that had weights and have none left."""
    return [one.place for one in parameters if one.parameter == "weight" and np.any(one.requested) and not np.any(one.code)]


def behaviour_problems(behaviour: Behaviour) -> list[Problem]:
    """Return the problems of what the chip did with samples."""
    found = []
    for row in behaviour.spikes.to_dict("records"):
        name = row["population"]
        if row["rate_after_hz"] == 0:
            alike = ", nor does it in float" if row["rate_before_hz"] == 0 else ""
            text = f"{name!r} never fires on the test samples{alike}: nothing behind it is tested."
            found.append((text, "Raise its weights or lower its threshold; brian2chip diagnose says by how much."))
        elif (k := row["silent_after"] - row["silent_before"]) > 0:
            text = f"{k} more neurons of {name!r} are silent than in float."
            found.append((text, "Lower the threshold, or train with the chip's weight grid."))
        if (k := row["saturated_after"] - row["saturated_before"]) > 0:
            found.append((f"{k} more neurons of {name!r} fire in over half of all steps.", "Raise the threshold, or strengthen the leak."))
    drop = behaviour.accuracy.get("float", 0.0) - behaviour.accuracy.get(behaviour.last, 0.0)
    if drop > 0.01:
        found.append((f"Accuracy falls by {100 * drop:.1f} points.", "Fine-tune on the chip, or train with its weight grid."))
    return found


def verdict(chip: str, refusals: Sequence[str], parameters: Sequence[QuantisedParameter], problems: Sequence[Problem]) -> str:
    """Return one line: whether the network fits, and how well."""
    if refusals:
        return f"{chip} cannot hold this network: {len(refusals)} reason{'s' if len(refusals) > 1 else ''}."
    end = f"{len(problems)} problem{'s' if len(problems) > 1 else ''} to look at" if problems else "no problem found"
    weights = [one for one in parameters if one.parameter == "weight"]
    if lost_every_weight(parameters):
        return f"{chip} holds nothing of this network: every weight becomes 0; {end}."
    if cut := lost_projections(parameters):
        return f"{chip} cuts this network: no weight of {', '.join(cut)[:200]} survives; {end}."
    if not weights:
        return f"{chip} holds this network, which has no weights; {end}."
    lost, size = (np.sqrt(np.mean(np.concatenate([a.ravel() for a in arrays]) ** 2)) for arrays in _errors_and_sizes(weights))
    return f"{chip} holds this network; weights keep an rms error of {lost / max(size, 1e-300):.2%} of their size; {end}."


def _errors_and_sizes(weights: Sequence[QuantisedParameter]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    return [one.absolute_error for one in weights], [one.requested for one in weights]
