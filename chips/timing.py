"""Time constants and refractoriness of a population as codes of a chip's fields."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.quantised import QuantisedParameter, quantised, quantised_by_law
from brian2chip.core.neuron_kinds import step_constants
from brian2chip.core.spiking_network import Population, step_factor


def timing(p: Population, dt: float, chip: Chip, rng: np.random.Generator) -> list[QuantisedParameter]:
    """Return the parameters of leaks and refractoriness, where the chip has fields for them."""
    parameters = []
    if chip.leak is not None:
        factor, f = step_factor(p, dt), chip.field(chip.leak.field)
        if p.kind == "if":
            parameters.append(
                quantised_by_law("factor", p.name, f, factor, chip.leak.value(factor), chip.leak.factor, unit="1/step", rng=rng)
            )
        else:
            parameters.append(_leak("tau_m", p.name, factor, dt, chip, chip.leak, rng))
    if chip.current_leak is not None and "tau_syn" in p.parameters:
        factor = np.broadcast_to(step_constants(p.parameters, dt)["alpha_syn"], (p.size,))
        parameters.append(_leak("tau_syn", p.name, factor, dt, chip, chip.current_leak, rng))
    if (f := chip.role("refractory")) is not None and p.kind != "li":
        shortest = f.minimum * f.scale
        steps = np.maximum(np.broadcast_to(np.asarray(p.parameters.get("refractory", 0.0), float), (p.size,)) / dt, shortest)
        parameters.append(quantised("refractory", p.name, f, steps * dt, dt, unit="s", rng=rng))
    return parameters


def _leak(name: str, place: str, factor: np.ndarray, dt: float, chip: Chip, law: LeakLaw, rng: np.random.Generator) -> QuantisedParameter:
    tau, back = -dt / np.log(factor), lambda value: time_constant(law.factor(value), dt)
    return quantised_by_law(name, place, chip.field(law.field), tau, law.value(factor), back, unit="s", rng=rng)


def time_constant(factor, dt: float) -> np.ndarray:
    """Return the time constant (s) of a factor per step; infinite for 1, negative for growth, 0 for a factor of 0."""
    with np.errstate(divide="ignore"):
        return np.where(np.asarray(factor) <= 0, 0.0, -dt / np.log(np.maximum(factor, 1e-300)))
