"""From a trained network to a chip: integers, what they stand for, what was lost, and what does not fit."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.chips.chip import Chip
from brian2chip.chips.scaling import QuantisedParameter, choose, item, law_item
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Projection, SpikingNetwork, step_factor
from brian2chip.errors import UserError, unknown
from brian2chip.translation.constraints import refusals
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.split_signs import split_signs as split

ROUNDINGS = ("nearest", "floor", "stochastic")
#: Parameters whose realised value goes back into the network.
REALISED = ("v_threshold", "tau_m", "refractory")


@dataclass(frozen=True)
class Translation:
    """The result of :func:`translate`; the network it was given is in it, unchanged.

    Attributes
    ----------
    network : SpikingNetwork
    chip : Chip
    items : tuple of Item
        Every number of the network with its code.
    refused : tuple of str
        One sentence for each thing that the chip cannot hold; when there are any there is no configuration.
    notes : tuple of str
        What behaves differently on the chip though it was accepted.
    config : mapping
        The integers that program the chip, by the names of its mapping; plain arrays and numbers.
    realised : SpikingNetwork or None
        The network that the chip holds, back in floats, in the shape of the given one.
    rounding, seed
        As given.
    seconds : float
        Wall time of the translation, without the calibration run.
    """

    network: SpikingNetwork
    chip: Chip
    items: tuple[QuantisedParameter, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    realised: SpikingNetwork | None = None
    rounding: str = "nearest"
    seed: int = 0
    seconds: float = 0.0

    def checked(self) -> Translation:
        """Return the translation itself, or raise UserError with every refusal."""
        if self.refused:
            raise UserError(
                f"the network does not fit {self.chip.name}: " + " ".join(f"({k}) {text}" for k, text in enumerate(self.refused, 1))
            )
        return self

    def table(self) -> pd.DataFrame:
        """Return one row a parameter: how many, requested and realised range, errors, clipped, zeroed, used part of the code range."""
        rows = []
        for one in self.items:
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

    def problems(self) -> list[tuple[str, str]]:
        """Return (what is wrong, what to do) for everything that a reader should know before using the result."""
        found = [(text, "See the sentence.") for text in self.refused]
        for one in self.items:
            where, n = f"{one.parameter} of {one.place}", one.requested.size
            nonzero = max(int(np.count_nonzero(one.requested)), 1)
            if (k := int(one.clipped.sum())) > 0:
                found.append(
                    (f"{where}: {k} of {n} values saturate at the end of {one.field}.", "Train with bounded values or a smaller range.")
                )
            if (k := int(one.zeroed.sum())) > 0.1 * nonzero:
                text = f"{where}: {k} of {nonzero} non-zero values become zero."
                found.append((text, "Train with the chip's weight grid, or prune the outliers that set the scale."))
            if one.parameter == "weight" and one.used < 0.5:
                found.append(
                    (f"{where}: {one.used:.0%} of the code range is used.", "The threshold sets the scale: train with larger weights.")
                )
            worst = np.abs(one.relative_error[np.isfinite(one.relative_error)])
            if one.parameter != "weight" and len(worst) and worst.max() > 0.05:
                found.append((f"{where}: off by up to {worst.max():.0%}.", "Choose a value that the field has (see the table of codes)."))
        return found

    def verdict(self) -> str:
        """Return one line: whether it fits, and how well."""
        if self.refused:
            return f"{self.chip.name} cannot hold this network: {len(self.refused)} reason{'s' if len(self.refused) > 1 else ''}."
        problems = self.problems()
        weights = [one for one in self.items if one.parameter == "weight"]
        lost = np.sqrt(np.mean(np.concatenate([one.absolute_error.ravel() ** 2 for one in weights])))
        size = np.sqrt(np.mean(np.concatenate([one.requested.ravel() ** 2 for one in weights])))
        end = f"{len(problems)} problem{'s' if len(problems) > 1 else ''} to look at" if problems else "no problem found"
        return f"{self.chip.name} holds this network; weights keep an rms error of {lost / max(size, 1e-300):.2%} of their size; {end}."

    def emulate(self, samples: Samples) -> NetworkRun:
        """Run the emulated chip on samples; spikes and readouts come back by the names of the network."""
        return emulate(self.chip, self.checked().config, samples)


def translate(
    network: SpikingNetwork,
    chip: Chip | str,
    *,
    calibration: Samples | NetworkRun | None = None,
    rounding: str = "nearest",
    seed: int = 0,
    split_signs: bool = False,
) -> Translation:
    """Translate a network onto a chip.

    Parameters
    ----------
    network : SpikingNetwork
        Never changed.
    chip : Chip or str
    calibration : Samples or Run, optional
        Typical input (it is run in floating point), or such a run: gives the visited range of the membranes, from which headroom
        and leaks are chosen. Without it, membranes are assumed within four thresholds.
    rounding : {"nearest", "floor", "stochastic"}
        Of weights.
    seed : int
        Of stochastic rounding.
    split_signs : bool
        Make a pair of every neuron with both signs where the chip has one sign per presynaptic neuron.

    Returns
    -------
    Translation
        With ``refused`` filled when the network does not fit.

    Raises
    ------
    UserError
        For an unknown chip or rounding, or empty calibration.
    """
    chip = get("chip", chip) if isinstance(chip, str) else chip
    if rounding not in ROUNDINGS:
        raise unknown("rounding", rounding, ROUNDINGS)
    if isinstance(calibration, Samples):
        if not len(calibration) or not len(calibration.sample):
            raise UserError("the calibration data hold no input spikes; give samples with events, or none at all.")
        calibration = float_run(network, calibration)
    start = time.perf_counter()
    whole = folded(network)
    given, origin = split(whole) if split_signs and chip.sign == "pre" else (whole, None)
    refused = refusals(given, chip)
    module = importlib.import_module(chip.mapping) if chip.mapping else None
    if module is not None:
        refused += tuple(module.refuse(given))
    if not refused:
        place = module.place if module else quantised
        items, config, notes = place(given, chip, visited(given, calibration, origin), rounding, np.random.default_rng(seed))
        if origin is not None:
            config["input_origin"] = np.concatenate([origin[p.name] for p in network.populations if p.kind == "input"])
        back = with_values(given, items)
        back = back if origin is None else merged(whole, back, origin)
        result = Translation(network, chip, tuple(items), (), tuple(notes), config, back, rounding, seed)
    else:
        result = Translation(network, chip, refused=refused, rounding=rounding, seed=seed)
    return replace(result, seconds=time.perf_counter() - start)


def folded(network: SpikingNetwork) -> SpikingNetwork:
    """Return the network with every population's gain multiplied into the weights onto it."""
    gain = {p.name: p.parameters["gain"] for p in network.populations if "gain" in p.parameters}
    if not gain:
        return network
    populations = tuple(replace(p, parameters={k: v for k, v in p.parameters.items() if k != "gain"}) for p in network.populations)
    projections = tuple(replace(c, weight=c.weight * gain[c.target]) if c.target in gain else c for c in network.projections)
    return replace(network, populations=populations, projections=projections)


def emulate(chip: Chip, config: Mapping[str, Any], samples: Samples) -> NetworkRun:
    """Run a chip's configuration on samples in its emulator.

    Raises
    ------
    UserError
        For a chip that has none.
    """
    if not chip.mapping:
        raise UserError(f"{chip.name} is described and quantised here, it has no emulator; run the realised network in floating point.")
    return importlib.import_module(chip.mapping).emulate(config, samples)


def visited(network: SpikingNetwork, run: NetworkRun | None, origin: Mapping[str, np.ndarray] | None) -> dict[str, dict[str, np.ndarray]]:
    """Return the range and positive mean of every membrane: from a run, else four thresholds each way and half a threshold."""
    if run is not None:
        pick = (lambda name, a: a) if origin is None else (lambda name, a: a[origin[name]])
        return {name: {k: pick(name, a) for k, a in v.items()} for name, v in run.visited.items()}
    out = {}
    for p in network.populations:
        if "v_threshold" in p.parameters:
            threshold = np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))
            out[p.name] = {"v_min": -4 * threshold, "v_max": 4 * threshold, "v_mean": threshold / 2}
    return out


def incoming(network: SpikingNetwork, name: str) -> list[Projection]:
    """Return the projections onto a population."""
    return [c for c in network.projections if c.target == name]


def arrow(c: Projection) -> str:
    """Return how items name a projection."""
    return f"{c.source} -> {c.target}"


def quantised(network: SpikingNetwork, chip: Chip, ranges, rounding: str, rng: np.random.Generator):
    """Return items, configuration and notes of a chip that is described by its fields alone.

    Every population has a membrane scale of its own, shared by its thresholds and the weights onto it.
    """
    items, exponents, notes = [], {}, []
    for p in (p for p in network.populations if p.kind != "input"):
        into = incoming(network, p.name)
        threshold = None if p.kind == "li" else np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))
        unit = chip.units.get("weight", 1.0)
        scale, powers = choose([c.weight for c in into], threshold, chip) if into else (1.0, [])
        for c, e in zip(into, powers):
            exponents[arrow(c)] = e
            lsb, magnitude = scale * unit * 2.0**e, chip.sign == "pre"
            items.append(item("weight", arrow(c), chip.role("weight"), c.weight, lsb, rounding=rounding, rng=rng, magnitude=magnitude))
        if p.kind in ("lif", "li") and chip.leak is None:
            notes.append(f"the time constant of {p.name!r} is an analogue bias of {chip.name}; set it by the chip's own calibration.")
        if p.kind != "li" and (f := chip.role("v_threshold")) is not None:
            lsb = scale * chip.units["v_threshold"] if "v_threshold" in chip.units else float(threshold.max()) / f.maximum
            items.append(item("v_threshold", p.name, f, threshold, lsb, unit="weight", rounding="nearest"))
        items += timing_items(p, network.dt, chip)
    return items, {"items": {f"{i.parameter} {i.place}": i.code for i in items}, "exponents": exponents}, notes


def timing_items(p, dt: float, chip: Chip) -> list[QuantisedParameter]:
    """Return the items of leak and refractoriness, where the chip has fields for them."""
    items = []
    if chip.leak is not None:
        factor = step_factor(p, dt)
        f, law = chip.field(chip.leak.field), chip.leak
        if p.kind == "if":
            items.append(law_item("factor", p.name, f, factor, law.code(factor), law.factor, unit="1/step"))
        else:
            tau = -dt / np.log(factor)
            items.append(law_item("tau_m", p.name, f, tau, law.code(factor), lambda c: time_constant(law.factor(c), dt), unit="s"))
    if (f := chip.role("refractory")) is not None and p.kind != "li":
        steps = np.maximum(np.broadcast_to(np.asarray(p.parameters.get("refractory", 0.0), float), (p.size,)) / dt, f.minimum)
        items.append(item("refractory", p.name, f, steps * dt, dt, unit="s", rounding="nearest"))
    return items


def time_constant(factor, dt: float) -> np.ndarray:
    """Return the time constant (s) of a factor per step; infinite for 1, negative for growth, 0 for a factor of 0."""
    with np.errstate(divide="ignore"):
        return np.where(np.asarray(factor) <= 0, 0.0, -dt / np.log(np.maximum(factor, 1e-300)))


def with_values(network: SpikingNetwork, items: list[QuantisedParameter]) -> SpikingNetwork:
    """Return the network with the realised values in place of its own."""
    value = {(one.parameter, one.place): one.realised for one in items}
    populations = []
    for p in network.populations:
        changed = {name: value[name, p.name] for name in REALISED if (name, p.name) in value}
        populations.append(replace(p, parameters={**p.parameters, **changed}) if changed else p)
    projections = tuple(replace(c, weight=value.get(("weight", arrow(c)), c.weight)) for c in network.projections)
    return replace(network, populations=tuple(populations), projections=projections)


def merged(network: SpikingNetwork, halves: SpikingNetwork, origin: Mapping[str, np.ndarray]) -> SpikingNetwork:
    """Return the network of pairs in the shape of the one it was split from."""
    populations = []
    for p, h in zip(network.populations, halves.populations):
        populations.append(
            replace(h, size=p.size, parameters={k: np.asarray(v)[: p.size] if np.ndim(v) else v for k, v in h.parameters.items()})
        )
    projections = []
    for c, h in zip(network.projections, halves.projections):
        weight = np.zeros(np.shape(c.weight))
        np.add.at(weight, origin[c.source], h.weight[:, : weight.shape[1]])
        projections.append(replace(h, weight=weight))
    return replace(network, populations=tuple(populations), projections=tuple(projections))
