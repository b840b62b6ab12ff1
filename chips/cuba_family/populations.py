"""What placing a population takes: its thresholds, the reach of its membrane, and its bias, which the chips add to the membrane."""

from __future__ import annotations

import numpy as np

from brian2chip.chips import codec
from brian2chip.chips.chip import Chip, Visited
from brian2chip.chips.quantised import QuantisedParameter
from brian2chip.core.spiking_network import Population, SpikingNetwork


def thresholds(p: Population) -> np.ndarray | None:
    """Return the threshold of every neuron, None for a readout."""
    return None if p.kind == "li" else np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))


def reach(p: Population, network: SpikingNetwork, visited: Visited, ends: tuple[str, ...] = ("v_min", "v_max")) -> float:
    """Return the largest membrane that is expected, at these ends: what was visited, else what all spikes of a step together bring."""
    if p.name in visited:
        return float(np.max(np.abs([visited[p.name][k] for k in ends])))
    into = [np.abs(c.weight).sum(axis=0) for c in network.projections if c.target == p.name]
    return float(np.max(np.sum(into, axis=0), initial=0.0))


def current_factor(p: Population, parameters: list[QuantisedParameter], chip: Chip) -> np.ndarray:
    """Return what the chip leaves of each synaptic current after a step; 0 for neurons without one."""
    for one in parameters:
        if one.parameter == "tau_syn":
            return chip.current_leak.factor(codec.realise(chip.field(one.field), one.code))
    return np.zeros(p.size)


def membrane_bias(p: Population, left: np.ndarray) -> np.ndarray:
    """Return what the bias of every neuron adds to the membrane in a step once the current, of which ``left`` is left, has settled."""
    return np.broadcast_to(np.asarray(p.parameters.get("bias", 0.0), float), (p.size,)) / (1 - left)


def quantised_bias(
    p: Population, chip: Chip, given: np.ndarray, code: np.ndarray, low: int, high: int, scale: float, left: np.ndarray
) -> QuantisedParameter:
    """Return the bias with its codes in membrane units."""
    requested = np.broadcast_to(np.asarray(p.parameters["bias"], float), (p.size,))
    realised = code * scale * (1 - left)
    return QuantisedParameter("bias", p.name, chip.roles["bias"], "weight", requested, given / scale, code, realised, low, high)


def shared_notes(network: SpikingNetwork, chip: Chip, fires: str) -> list[str]:
    """Return what the neurons of the chip do differently, those that fire at (``">="``) or above (``">"``) their threshold."""
    found = []
    spiking = [p for p in network.populations if p.kind not in ("input", "li")]
    if any(p.parameters.get("fires", ">=") != fires for p in spiking):
        words = {">": "above their threshold, not at it", ">=": "at their threshold, not only above it"}
        found.append(f"neurons of {chip.name} fire {words[fires]}.")
    for p in network.populations:
        if "tau_syn" in p.parameters and np.any(np.asarray(p.parameters.get("bias", 0.0)) != 0):
            found.append(
                f"the bias of {p.name!r} acts on the membrane of {chip.name}, as strong as through the current once that has settled."
            )
    return found
