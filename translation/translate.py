"""From a trained network to a chip: refuse what the chip lacks, place the rest, and put it to the test."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from brian2chip.chips.chip import Chip, Visited
from brian2chip.chips.constraints import refusals
from brian2chip.chips.field import ROUNDINGS
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError, unknown
from brian2chip.learning.train import Trained
from brian2chip.translation import quantise, unrolled
from brian2chip.translation.realised import folded, with_values
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.split_signs import input_channels, merged
from brian2chip.translation.split_signs import split_signs as split
from brian2chip.translation.translation import Translation


def translate(
    network: SpikingNetwork | Trained,
    chip: Chip | str,
    *,
    test: Samples | None = None,
    calibration: Samples | NetworkRun | None = None,
    rounding: str | None = None,
    seed: int = 0,
    split_signs: bool = False,
    device: str = "auto",
) -> Translation:
    """Translate a network onto a chip.

    Parameters
    ----------
    network : SpikingNetwork or Trained
        Never changed.
    chip : Chip or str
    test : Samples, optional
        Input on which the behaviour before and after is compared.
    calibration : Samples or NetworkRun, optional
        Typical input (it is run in floating point), or such a run: gives the visited range of the membranes, from which headroom
        and leaks are chosen. Without it, membranes are assumed within four thresholds.
    rounding : {"nearest", "floor", "stochastic"}, optional
        Of weights; by default that of the chip's weight field.
    seed : int
        Of stochastic rounding.
    split_signs : bool
        Make a pair of every neuron with both signs where the chip has one sign per presynaptic neuron.
    device : str
        Of the runs in floating point.

    Returns
    -------
    Translation
        With ``refusals`` when the network does not fit.

    Raises
    ------
    UserError
        For an unknown chip or rounding, or empty calibration.
    """
    network = network.network if isinstance(network, Trained) else network
    if not isinstance(network, SpikingNetwork):
        raise UserError(f"translate was given {type(network).__name__}; give a SpikingNetwork, or what train returns.")
    chip = get("chip", chip) if isinstance(chip, str) else chip
    if rounding is not None and rounding not in ROUNDINGS:
        raise unknown("rounding", rounding, ROUNDINGS)
    if isinstance(calibration, Samples):
        if not len(calibration) or not len(calibration.sample):
            raise UserError("the calibration data hold no input spikes; give samples with events, or none at all.")
        calibration = float_run(network, calibration, device=device)
    start = time.perf_counter()
    result = _placed(network, chip, calibration, rounding, seed, split_signs)
    result = replace(result, seconds=time.perf_counter() - start)
    return result if result.refusals else result.tested(test, device=device)


def _placed(
    network: SpikingNetwork, chip: Chip, calibration: NetworkRun | None, rounding: str | None, seed: int, split_signs: bool
) -> Translation:
    """Return the network on the chip, or what the chip refuses of it."""
    whole = folded(network)
    given, origin = split(whole) if split_signs and chip.sign == "pre" else (whole, None)
    placing = rounded(chip, rounding)
    weight = placing.role("weight")
    common = dict(network=network, chip=chip, rounding="nearest" if weight is None else weight.rounding, seed=seed)
    if refused := refusals(given, chip):
        return Translation(**common, refusals=(*refused, *unrolled.too_large(network, chip)))
    place = quantise.place if chip.backend is None else chip.backend.place
    placement = place(given, placing, visited(given, calibration, origin), np.random.default_rng(seed))
    back = with_values(given, placement.parameters)
    return Translation(
        **common,
        parameters=placement.parameters,
        notes=(*placement.notes, *unrolled.notes(network)),
        configuration=placement.configuration,
        realised=back if origin is None else merged(whole, back, origin),
        channels=None if origin is None else input_channels(whole, origin),
    )


def rounded(chip: Chip, rounding: str | None) -> Chip:
    """Return the chip with another rounding of its weight field."""
    weight = chip.role("weight")
    if rounding is None or weight is None:
        return chip
    return replace(chip, fields=tuple(replace(f, rounding=rounding) if f.name == weight.name else f for f in chip.fields))


def visited(network: SpikingNetwork, run: NetworkRun | None, origin: Mapping[str, np.ndarray] | None) -> Visited:
    """Return the range and positive mean of every membrane: from a run, else four thresholds each way and half a threshold."""
    if run is not None:
        if origin is None:
            return run.visited
        return {name: {k: a[origin[name]] for k, a in ranges.items()} for name, ranges in run.visited.items()}
    out = {}
    for p in network.populations:
        if "v_threshold" in p.parameters:
            threshold = np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))
            out[p.name] = {"v_min": -4 * threshold, "v_max": 4 * threshold, "v_mean": threshold / 2}
    return out
