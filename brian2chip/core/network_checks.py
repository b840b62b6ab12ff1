"""What the populations and projections of a network must be: names, sizes, weights, delays and the step, checked one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from brian2chip.core import neuron_kinds
from brian2chip.core.checked_arrays import as_numbers, is_whole
from brian2chip.core.population import Population, Projection
from brian2chip.errors import UserError, unknown

#: Neurons of a population, characters of a name, steps of a delay, and seconds of a step.
LARGEST_SIZE, LONGEST_NAME, LONGEST_DELAY, SHORTEST_STEP, LONGEST_STEP = 1 << 22, 200, 1 << 20, 1e-9, 1e3


def check_step(dt: Any) -> None:
    """Raise UserError unless a time step may be."""
    if isinstance(dt, bool) or not isinstance(dt, Real) or not SHORTEST_STEP <= dt <= LONGEST_STEP:
        allowed = f"it must be positive: from {SHORTEST_STEP:g} to {LONGEST_STEP:g} s"
        raise UserError(f"the time step of a network was given as {dt!r:.40} s; {allowed}.")


def check_population(p: Population) -> None:
    """Raise UserError unless name, size, kind and parameters of a population may be."""
    _check_name(p.name)
    if not is_whole(p.size) or not 1 <= p.size <= LARGEST_SIZE:
        raise UserError(f"population {p.name!r} has size {p.size!r:.40}; it must be a whole number from 1 to {LARGEST_SIZE}.")
    neuron_kinds.check_parameters(p.name, p.kind, p.parameters)
    for name, value in p.parameters.items():
        if np.ndim(value) and np.shape(value) != (p.size,):
            raise UserError(f"parameter {name} of population {p.name!r} has shape {np.shape(value)}; give one number or {p.size} numbers.")


def _check_name(name: Any) -> None:
    """Raise UserError unless a name can stand in a message, a table and the name of an array."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or "/" in name or "\\" in name:
        rule = f"a text of 1 to {LONGEST_NAME} printable characters without slashes"
        raise UserError(f"a population is called {name!r:.80}; its name must be {rule}.")


def checked_projection(c: Projection, sizes: Mapping[str, int]) -> Projection:
    """Return a projection whose weights are a NumPy array, whatever array they were given as."""
    for end in (c.source, c.target):
        if end not in sizes:
            raise unknown("population called", end, sizes)
    where = f"the weights from {c.source!r} to {c.target!r}"
    weight = as_numbers(c.weight, where)
    expected = (sizes[c.source], sizes[c.target])
    if weight.shape != expected:
        raise UserError(f"{where} have shape {weight.shape}; the populations need {expected}.")
    if not np.all(np.isfinite(weight)):
        raise UserError(f"{where} hold values that are not finite.")
    if np.any(np.abs(weight) > neuron_kinds.LARGEST):
        raise UserError(f"{where} go up to {np.abs(weight).max():g}; allowed is a magnitude of at most {neuron_kinds.LARGEST:g}.")
    if not is_whole(c.delay_steps) or not 0 <= c.delay_steps <= LONGEST_DELAY:
        raise UserError(
            f"the delay from {c.source!r} to {c.target!r} is {c.delay_steps!r:.40} steps; give a whole number from 0 to {LONGEST_DELAY}."
        )
    return c if weight is c.weight else replace(c, weight=weight)


def checked_broadcast(broadcast: Any, sizes: Mapping[str, int]) -> np.ndarray | None:
    """Return broadcast weights as a NumPy array, None where there are none."""
    if broadcast is None:
        return None
    weight, expected = as_numbers(broadcast, "the broadcast weights"), (sizes.get("rec"), sizes.get("out"))
    if weight.shape != expected or not np.all(np.abs(weight) <= neuron_kinds.LARGEST):
        raise UserError(f"the broadcast weights have shape {weight.shape}; they must be finite numbers of shape {expected}, rec x out.")
    return weight
