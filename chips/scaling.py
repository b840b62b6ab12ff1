"""The one scale that the weights onto some neurons and the thresholds of these neurons share, by least squared error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brian2chip.chips import codec
from brian2chip.chips.chip import Chip
from brian2chip.chips.field import MEMBRANE, Field

#: Candidate scales are a geometric grid with this many steps an octave.
OCTAVE = 16


def natural_lsb(weights: np.ndarray, field: Field, magnitude: bool) -> float:
    """Return the step of which weights are multiples that the field can hold already, else their maximum over its largest code."""
    sizes = np.unique(np.abs(weights[weights != 0]))
    if not len(sizes):
        return 1.0
    step = float(np.min(np.diff(np.concatenate([[0.0], sizes]))))
    multiples = (np.abs(weights) if magnitude else weights) / max(step, 1e-300)
    held = multiples.min() >= field.minimum - 1e-6 and multiples.max() <= field.maximum + 1e-6
    on_grid = held and np.allclose(multiples, np.rint(multiples), rtol=0, atol=1e-6)
    return step if on_grid else float(sizes[-1] / field.maximum)


def weight_error(weights: np.ndarray, field: Field, lsb: float, magnitude: bool) -> float:
    """Return the squared error of rounding to nearest at that step, relative to the mean square of the weights."""
    power = float(np.mean(weights**2))
    if power == 0:
        return 0.0
    largest = np.abs(weights).max() / lsb
    if largest < 0.5 or largest > 4 * max(field.maximum, -field.minimum):
        return 1.0
    values = np.abs(weights) if magnitude else weights
    return float(np.mean((codec.quantise(field, values, lsb, "nearest") * lsb - values) ** 2) / power)


def choose(
    weights: Sequence[np.ndarray],
    thresholds: np.ndarray | None,
    chip: Chip,
    *,
    v_max: float = 0.0,
    state_max: float = np.inf,
    leak_error: float = 0.0,
) -> tuple[float, list[int]]:
    """Return the value of one membrane unit and an exponent for every weight matrix, by least relative squared error.

    Parameters
    ----------
    weights : sequence of arrays
        The matrices that share the membrane.
    thresholds : array or None
        Of the neurons they reach; None for readouts.
    chip : Chip
        Its weight, threshold and exponent fields count.
    v_max : float
        Largest membrane expected, which must stay within ``state_max`` membrane units.
    leak_error : float
        Error that rounding the leak makes of a membrane, in membrane units; counted relative to the threshold.

    Returns
    -------
    scale : float
        Network units of one membrane unit of the chip.
    exponents : list of int
    """
    field, limit = chip.role("weight"), chip.role("v_threshold")
    magnitude, unit = chip.sign == "pre", field.scale
    natural = [natural_lsb(w, field, magnitude) / unit for w in weights]
    origin = natural[0]
    places = [OCTAVE * np.log2(n / origin) for n in natural]
    cache: dict[tuple[int, float], float] = {}

    def error(k: int, scale: float) -> float:
        if (k, scale) not in cache:
            cache[k, scale] = weight_error(weights[k], field, scale * unit, magnitude)
        return cache[k, scale]

    offsets = {round(p) - OCTAVE * e + d for p in places for e in chip.exponents for d in range(-2 * OCTAVE, OCTAVE + 1)}
    offsets |= {p - OCTAVE * e for p in places for e in chip.exponents}
    # A threshold that the scale of the weights cannot hold pushes the scale up, whatever that costs the weights.
    held = thresholds is not None and limit is not None and limit.unit == MEMBRANE
    needed = max(v_max / state_max, thresholds.max() / (limit.maximum * limit.scale) if held else 0.0)
    best = (np.inf, origin, [0] * len(weights))
    for scale in sorted({origin * 2 ** (o / OCTAVE) for o in offsets} | {needed} - {0.0}):
        if scale < needed * (1 - 1e-12):
            continue
        cost = 0.0 if thresholds is None else (leak_error * scale / thresholds.mean()) ** 2
        if held:
            step = scale * limit.scale
            cost += float(np.mean((np.maximum(np.rint(thresholds / step), 1) * step / thresholds - 1) ** 2))
        exponents = []
        for k in range(len(weights)):
            errors = [error(k, scale * 2.0**e) for e in chip.exponents]
            exponents.append(chip.exponents[int(np.argmin(errors))])
            cost += min(errors)
        if cost < best[0] - 1e-12:
            best = (cost, scale, exponents)
    return best[1], best[2]
