"""A time step as it is given, checked before anything is built."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from brian2chip.core.quantities import unit_name
from brian2chip.core.units import get_dimensions, second
from brian2chip.errors import UserError


def checked_step(dt: Any, what: str = "the step dt") -> float:
    """Return a time step, or another positive time, in seconds, given as such or as a quantity such as ``0.1*ms``.

    Raises
    ------
    UserError
        For a step that is not one positive number, or not a time.
    """
    dimensions = get_dimensions(dt) if isinstance(dt, numbers.Real | np.ndarray) else None
    if dimensions is None or isinstance(dt, bool) or np.ndim(dt) or not (dimensions.is_dimensionless or dimensions is second.dim):
        unit = f" with unit {unit_name(dt)}" if dimensions is not None and not np.ndim(dt) else ""
        raise UserError(f"{what} was given as {dt!r}{unit}; give one time, such as 0.1*ms, or a number of seconds.")
    step = float(np.asarray(dt))
    if not (np.isfinite(step) and step > 0):
        raise UserError(f"{what} was given as {dt!r}; it must be positive.")
    return step
