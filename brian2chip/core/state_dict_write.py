"""The weights of a network under the names of PyTorch's modules, as snnTorch and Norse have them; a matrix is [out, in]."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from brian2chip.core.neuron_kinds import step_constants
from brian2chip.core.population import Population, Projection
from brian2chip.core.state_dict_read import NONE, SUBTRACT
from brian2chip.errors import UserError

#: Names of a layer's arrays that are written, by what they are; ``{k}`` counts the layers from 1.
NAMES = {
    "snntorch": {"forward": "fc{k}.weight", "bias": "fc{k}.bias", "recurrent": "lif{k}.recurrent.weight", "beta": "lif{k}.beta",
                 "alpha": "lif{k}.alpha", "threshold": "lif{k}.threshold", "spikes": "lif{k}.graded_spikes_factor",
                 "reset": "lif{k}.reset_mechanism_val"},
    "norse": {"forward": "{k}.input_weights", "recurrent": "{k}.recurrent_weights"},
}  # fmt: skip


def write_state_dict(populations: tuple[Population, ...], projections: tuple[Projection, ...], dt: float, names: Mapping[str, str]):
    """Return arrays by the names of PyTorch's modules, in the order of the layers; ``names`` are one of :data:`NAMES`.

    Raises
    ------
    UserError
        For a network that is no chain of layers, or neurons that the modules have not.
    """
    joined: dict[tuple[str, str], np.ndarray] = {}
    for c in projections:
        key, delay = (c.source, c.target), int(c.source == c.target)
        if c.delay_steps != delay or key in joined:
            raise UserError(
                f"the projection {c.source!r} -> {c.target!r} has a delay or a twin, which a state dict has not; translate it by NIR."
            )
        joined[key] = np.asarray(c.weight, float)
    chain = list(zip(populations, populations[1:]))
    left = set(joined) - {(a.name, b.name) for a, b in chain} - {(p.name, p.name) for p in populations}
    if left or any((a.name, b.name) not in joined for a, b in chain) or [p.kind for p in populations].index("input") or not chain:
        raise UserError("the network is no chain of layers, each with weights to the next, so a state dict cannot hold it; use NIR.")
    out: dict[str, np.ndarray] = {}
    for k, (before, p) in enumerate(chain, 1):
        arrays = _arrays(p, dt)
        gain = np.broadcast_to(np.asarray(p.parameters.get("gain", 1.0), float), (p.size,))[:, None]
        arrays = {"forward": joined[before.name, p.name].T * gain, **arrays}
        if (p.name, p.name) in joined:
            arrays["recurrent"] = joined[p.name, p.name].T * gain
        if "bias" in arrays and "bias" not in names:
            raise UserError(f"population {p.name!r} has a bias, which the modules of these names have not; choose other names.")
        out |= {names[what].format(k=k): array for what, array in arrays.items() if what in names}
    return out


def _arrays(p: Population, dt: float) -> dict[str, np.ndarray]:
    """Return what snnTorch's neuron of a population holds."""
    given = p.parameters
    strange = p.kind not in ("if", "lif", "li") or np.any(np.asarray(given.get("refractory", 0)) > dt / 2)
    strange = strange or np.any(np.asarray(given.get("v_leak", 0)))
    if strange or p.kind != "li" and given.get("reset", "subtract") != "subtract":
        raise UserError(
            f"population {p.name!r} (kind {p.kind}) adapts, is refractory, has a v_leak or resets at once, which PyTorch's modules do not; "
            "use NIR."
        )
    constants = step_constants(given, dt)
    readout = p.kind == "li"
    arrays = {"beta": np.asarray(constants.get("alpha", 1.0), float), "threshold": np.asarray(constants.get("v_th", 1.0), float)}
    arrays |= {"spikes": np.array(1.0), "reset": np.array(NONE if readout else SUBTRACT)}
    if "alpha_syn" in constants:
        arrays["alpha"] = np.asarray(constants["alpha_syn"], float)
    if "bias" in given:
        arrays["bias"] = np.broadcast_to(np.asarray(given["bias"], float), (p.size,)).copy()
    return arrays
