"""Place a network on a chip that is described by its fields alone: codes for every parameter, nothing to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from brian2chip.chips.chip import Chip, Placement, Visited
from brian2chip.chips.codec import check
from brian2chip.chips.field import MEMBRANE, Field
from brian2chip.chips.quantised import quantised
from brian2chip.chips.scaling import choose
from brian2chip.chips.timing import timing
from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError

#: Version of the schema of :class:`QuantisedNetwork`.
VERSION = 1


@dataclass(frozen=True)
class QuantisedNetwork:
    """The codes of a network on a chip without emulator.

    Attributes
    ----------
    codes : dict of "parameter place" to int array
        E.g. ``"weight input -> hidden"``.
    exponents : dict of "source -> target" to int
        Power of two of each weight matrix.

    Raises
    ------
    UserError
        For codes that are not whole numbers.
    """

    codes: Mapping[str, np.ndarray]
    exponents: Mapping[str, int]

    def __post_init__(self):
        for name, codes in self.codes.items():
            if np.asarray(codes).dtype.kind not in "iu":
                raise UserError(f"the codes of {name} must be whole numbers, not {np.asarray(codes).dtype}; translate again.")
        for name, exponent in self.exponents.items():
            if not is_whole(exponent):
                raise UserError(f"the exponent of {name} must be a whole number, not {exponent!r:.40}; translate again.")


def check_codes(network: QuantisedNetwork, chip: Chip) -> None:
    """Raise UserError unless all codes and exponents lie in the ranges of the chip's fields."""
    for name, codes in network.codes.items():
        f = _field_of(name.partition(" ")[0], chip)
        if f is None:
            raise UserError(f"{chip.name} has no field for {name!r:.80}; translate again.")
        check(
            replace(f, name=f"{f.name} ({name})"), np.abs(codes) if chip.sign == "pre" and name.startswith("weight ") else codes, chip.name
        )
    for name, exponent in network.exponents.items():
        if exponent not in chip.exponents:
            raise UserError(f"the exponent of {name} is {exponent}; {chip.name} has {chip.exponents[0]} to {chip.exponents[-1]}.")


def _field_of(parameter: str, chip: Chip) -> Field | None:
    """Return the field that holds a parameter of a network."""
    if parameter in ("tau_m", "factor"):
        return None if chip.leak is None else chip.field(chip.leak.field)
    return chip.role(parameter)


def place(network: SpikingNetwork, chip: Chip, visited: Visited, rng: np.random.Generator) -> Placement:
    """Return the network in codes.

    Every population has a membrane scale of its own, shared by its thresholds and the weights onto it.
    """
    parameters, exponents, notes = [], {}, []
    for p in (p for p in network.populations if p.kind != "input"):
        into = [c for c in network.projections if c.target == p.name]
        threshold = None if p.kind == "li" else np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))
        scale, powers = choose([c.weight for c in into], threshold, chip) if into else (1.0, [])
        for c, e in zip(into, powers):
            arrow, magnitude = f"{c.source} -> {c.target}", chip.sign == "pre"
            exponents[arrow] = e
            parameters.append(quantised("weight", arrow, chip.role("weight"), c.weight, scale * 2.0**e, rng=rng, magnitude=magnitude))
        if p.kind in ("lif", "li") and chip.leak is None:
            notes.append(f"the time constant of {p.name!r} is an analogue bias of {chip.name}; set it by the chip's own calibration.")
        if p.kind != "li" and (f := chip.role("v_threshold")) is not None:
            per_unit = scale if f.unit == MEMBRANE else float(threshold.max()) / (f.maximum * f.scale)
            parameters.append(quantised("v_threshold", p.name, f, threshold, per_unit, rng=rng))
        parameters += timing(p, network.dt, chip, rng)
    codes = {f"{one.parameter} {one.place}": one.code for one in parameters}
    return Placement(tuple(parameters), QuantisedNetwork(codes, exponents), tuple(notes))
