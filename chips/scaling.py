"""From floats to codes: one number at a time as an :class:`Item`, and the one scale that weights and thresholds share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brian2chip.chips import codec
from brian2chip.chips.chip import Chip, Field

#: Candidate scales are a geometric grid with this many steps an octave.
OCTAVE = 16


@dataclass(frozen=True)
class QuantisedParameter:
    """What became of one parameter of the network.

    Attributes
    ----------
    parameter, place : str
        Quantity and population or projection of the network, e.g. ``"weight"``, ``"input -> hidden"``.
    field : str
        Field of the chip that holds the code.
    unit : str
        Of requested and realised.
    requested, realised : float arrays of one shape
    exact : float array
        The code before rounding and saturation.
    code : int array
    low, high : int
        Allowed codes.
    """

    parameter: str
    place: str
    field: str
    unit: str
    requested: np.ndarray
    exact: np.ndarray
    code: np.ndarray
    realised: np.ndarray
    low: int
    high: int

    @property
    def absolute_error(self) -> np.ndarray:
        """Realised minus requested."""
        return self.realised - self.requested

    @property
    def relative_error(self) -> np.ndarray:
        """Absolute error over requested; 0 where both are 0, infinite where only the request is."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.absolute_error == 0, 0.0, self.absolute_error / np.abs(self.requested))

    @property
    def clipped(self) -> np.ndarray:
        """Where the range ended the code, not rounding."""
        return (self.exact > self.high + 0.5) | (self.exact < self.low - 0.5)

    @property
    def zeroed(self) -> np.ndarray:
        """Where something became nothing."""
        return (self.code == 0) & (self.requested != 0) & (self.exact != 0)

    @property
    def used(self) -> float:
        """Fraction of the code range between the smallest and largest code in use, zero included."""
        return float((max(self.code.max(), 0) - min(self.code.min(), 0)) / max(self.high - min(self.low, 0), 1))


def item(
    parameter: str,
    place: str,
    field: Field,
    requested,
    lsb: float,
    *,
    unit: str = "weight",
    rounding: str | None = None,
    rng: np.random.Generator | None = None,
    magnitude: bool = False,
) -> QuantisedParameter:
    """Quantise values at ``lsb`` a code; with ``magnitude`` the field holds sizes and the sign is kept elsewhere."""
    requested = np.asarray(requested, float)
    sign = np.where(requested < 0, -1, 1) if magnitude else np.ones(requested.shape, int)
    code = codec.quantise(field, requested * sign, lsb, rounding, rng)
    low = -field.maximum if magnitude and np.any(requested < 0) else field.minimum
    codes = sign * code
    return QuantisedParameter(
        parameter, place, field.name, unit, requested, requested / lsb, codes, codec.realise(field, codes, lsb), low, field.maximum
    )


def law_item(
    parameter: str, place: str, field: Field, requested, exact, realise, *, unit: str, rounding=None, rng=None
) -> QuantisedParameter:
    """Quantise a code that depends on the quantity by a law: ``exact`` is the real code, ``realise`` turns codes back into the quantity."""
    requested, exact = np.asarray(requested, float), np.asarray(exact, float)
    code = codec.quantise(field, exact, 1.0, rounding, rng)
    return QuantisedParameter(
        parameter, place, field.name, unit, requested, exact, code, np.asarray(realise(code), float), field.minimum, field.maximum
    )


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
    """Return the value of one membrane code and an exponent for every weight matrix, by least relative squared error.

    Parameters
    ----------
    weights : sequence of arrays
        The matrices that share the membrane.
    thresholds : array or None
        Of the neurons they reach; None for readouts.
    chip : Chip
        Its weight and threshold fields, units and exponents count.
    v_max : float
        Largest membrane expected, which must stay within ``state_max`` codes.
    leak_error : float
        Error that rounding the leak makes of a membrane, in codes; counted relative to the threshold.

    Returns
    -------
    scale : float
        Network units of one membrane code.
    exponents : list of int
    """
    field, limit = chip.role("weight"), chip.role("v_threshold")
    magnitude, unit = chip.sign == "pre", chip.units.get("weight", 1.0)
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
    held = thresholds is not None and "v_threshold" in chip.units
    threshold_unit = chip.units.get("v_threshold", 1.0)
    needed = max(v_max / state_max, thresholds.max() / (limit.maximum * threshold_unit) if held else 0.0)
    best = (np.inf, origin, [0] * len(weights))
    for scale in sorted({origin * 2 ** (o / OCTAVE) for o in offsets} | {needed} - {0.0}):
        if scale < needed * (1 - 1e-12):
            continue
        cost = 0.0 if thresholds is None else (leak_error * scale / thresholds.mean()) ** 2
        if held:
            step = scale * threshold_unit
            cost += float(np.mean((np.maximum(np.rint(thresholds / step), 1) * step / thresholds - 1) ** 2))
        exponents = []
        for k in range(len(weights)):
            errors = [error(k, scale * 2.0**e) for e in chip.exponents]
            exponents.append(chip.exponents[int(np.argmin(errors))])
            cost += min(errors)
        if cost < best[0] - 1e-12:
            best = (cost, scale, exponents)
    return best[1], best[2]
