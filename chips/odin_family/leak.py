"""The linear leak of ODIN, tinyODIN and MorphIC: a constant step towards zero at every time reference, for an exponential leak."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from brian2chip.chips.chip import Chip, Visited
from brian2chip.chips.odin_family.placed import ADDRESSES
from brian2chip.chips.quantised import QuantisedParameter, quantised_by_law
from brian2chip.core.spiking_network import SpikingNetwork, step_factor

#: A leak code may be this far off, relatively, before time references are sent less often to resolve it.
TOLERANCE = 0.1
LONGEST_PERIOD = 64


def leaks(
    network: SpikingNetwork,
    chip: Chip,
    address: Mapping[str, tuple[int, int]],
    scales: Mapping[str, float],
    visited: Visited,
    rng: np.random.Generator,
    addresses: int = ADDRESSES,
) -> tuple[list[QuantisedParameter], np.ndarray, int]:
    """Return parameters, leak codes [addresses] and the number of steps between time references.

    An exponential leak takes ``(1 - factor) v`` a step; the constant that is nearest to it in least squares over the visited
    membranes is ``(1 - factor)`` times their mean. Time references come once every ``period`` steps, so that the code resolves it.
    Neurons without leak get the largest code, which only acts between samples, where it brings every membrane to 0.
    """
    f = chip.field(chip.leak.field)
    codes = np.full(addresses, f.maximum, np.int64)
    leaky = [p for p in network.populations if p.kind == "lif"]
    if not leaky:
        return [], codes, 0
    mean = {p.name: np.maximum(visited[p.name]["v_mean"], 1e-12) / scales[p.name] for p in leaky}
    lost = {p.name: (1 - step_factor(p, network.dt)) * mean[p.name] for p in leaky}
    steps = period(np.concatenate(list(lost.values())) / f.scale, f.maximum)
    parameters = []
    for p in leaky:
        asked = np.broadcast_to(np.asarray(p.parameters["tau_m"], float), (p.size,))

        def time_constant(value, mean=mean[p.name]):
            return _time_constant(chip.leak.factor(value) / steps / mean, network.dt)

        value = chip.leak.value(lost[p.name] * steps)
        one = quantised_by_law("tau_m", p.name, f, asked, value, time_constant, unit="s", rng=rng)
        codes[slice(*address[p.name])] = one.code
        parameters.append(one)
    return parameters, codes, steps


def period(lost: np.ndarray, maximum: int) -> int:
    """Return the fewest steps between time references at which every leak, in codes a step, is within tolerance, else the best period."""
    best, least = 1, np.inf
    for steps in range(1, LONGEST_PERIOD + 1):
        exact = lost * steps
        worst = float(np.max(np.abs(np.clip(np.rint(exact), 0, maximum) / exact - 1)))
        if worst <= TOLERANCE:
            return steps
        if worst < least:
            best, least = steps, worst
    return best


def _time_constant(lost: np.ndarray, dt: float) -> np.ndarray:
    """Return the time constant whose leak, at the mean membrane, is this fraction a step; 1e9 s for none."""
    return np.where(lost > 0, -dt / np.log1p(-np.clip(lost, 1e-12, 1 - 1e-12)), 1e9)
