"""What became of one parameter of a network on a chip: requested value, code, realised value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from brian2chip.chips import codec
from brian2chip.chips.field import Field


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


def quantised(
    parameter: str,
    place: str,
    field: Field,
    requested,
    per_unit: float = 1.0,
    *,
    unit: str = "weight",
    rng: np.random.Generator | None = None,
    magnitude: bool = False,
) -> QuantisedParameter:
    """Return values as codes of a field, by its scale and rounding.

    Parameters
    ----------
    parameter, place : str
    field : Field
    requested : array
    per_unit : float
        What one unit of the field stands for in the unit of ``requested``, e.g. the network's weight of one membrane unit.
    unit : str
        Of ``requested``.
    rng : numpy Generator, optional
        For a field that rounds stochastically.
    magnitude : bool
        The field holds sizes, and the sign is kept elsewhere.
    """
    requested = np.asarray(requested, float)
    sign = np.where(requested < 0, -1, 1) if magnitude else np.ones(requested.shape, int)
    lsb = per_unit * field.scale
    codes = sign * codec.quantise(field, requested * sign, lsb, rng=rng)
    low = -field.maximum if magnitude and np.any(requested < 0) else field.minimum
    realised = codec.realise(field, codes, lsb)
    return QuantisedParameter(parameter, place, field.name, unit, requested, requested / lsb, codes, realised, low, field.maximum)


def quantised_by_law(
    parameter: str,
    place: str,
    field: Field,
    requested,
    value,
    realise: Callable[[np.ndarray], np.ndarray],
    *,
    unit: str,
    rng: np.random.Generator | None = None,
) -> QuantisedParameter:
    """Return a quantity as codes of a field that holds another number: ``value`` is that number in the field's unit.

    ``realise`` turns values of the field back into the quantity.
    """
    requested, value = np.asarray(requested, float), np.asarray(value, float)
    code = codec.quantise(field, value, rng=rng)
    realised = np.asarray(realise(codec.realise(field, code)), float)
    exact = value / field.scale
    return QuantisedParameter(parameter, place, field.name, unit, requested, exact, code, realised, field.minimum, field.maximum)
