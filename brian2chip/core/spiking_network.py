"""A spiking network as data: populations, projections, step and provenance in one checked file; training gives it, translation takes it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core import html, neuron_kinds
from brian2chip.core.files import shown
from brian2chip.core.json_files import list_of, object_of
from brian2chip.core.network_checks import check_population, check_step, checked_broadcast, checked_projection
from brian2chip.core.npz import read_npz, write_npz
from brian2chip.core.population import Population, Projection
from brian2chip.core.state_dict_read import read_state_dict
from brian2chip.core.state_dict_write import NAMES, write_state_dict
from brian2chip.core.time_step import checked_step
from brian2chip.core.weight_files import read_weights
from brian2chip.errors import UserError, unknown

__all__ = ["Population", "Projection", "SpikingNetwork", "step_factor"]

FORMAT = "brian2chip.SpikingNetwork/1"
#: An array that files of networks which were not trained, or were written by earlier versions, do not hold.
BROADCAST = "broadcast"
#: What the head of a file must say; values and names are checked when the network is made.
SCHEMA = object_of(
    format={"const": FORMAT},
    dt={"type": "number"},
    provenance={"type": "object"},
    populations=list_of(
        object_of(
            name={"type": "string"},
            kind={"type": "string"},
            size={"type": "integer"},
            parameters={"type": "object", "additionalProperties": {"type": ["number", "string"]}},
        )
    ),
    projections=list_of(object_of(source={"type": "string"}, target={"type": "string"}, delay_steps={"type": "integer"})),
)


@dataclass(frozen=True)
class SpikingNetwork:
    """Populations and projections with a time step; checked when made.

    Attributes
    ----------
    populations : tuple of Population
    projections : tuple of Projection
    dt : float
        Seconds.
    provenance : mapping
        Where it comes from: task, rule, seed, versions; plain JSON values.
    broadcast : float array [size of "rec", size of "out"] or None
        The weights by which the errors of the readout reached the neurons when it was trained; a further training goes on with them.

    Raises
    ------
    UserError
        For repeated or unknown names, kinds or parameters, weights or parameters of the wrong shape, or values that are not allowed.
        Weights may be given as lists, tensors or any other array that NumPy reads.
    """

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    dt: float
    provenance: Mapping[str, Any] = field(default_factory=dict)
    broadcast: np.ndarray | None = None

    def __post_init__(self):
        check_step(self.dt)
        if not self.populations:
            raise UserError("a network of no neurons was given; it needs at least one population.")
        for population in self.populations:
            check_population(population)
        sizes = {p.name: p.size for p in self.populations}
        if len(sizes) != len(self.populations):
            raise UserError(f"the populations of a network need different names; given were {[p.name for p in self.populations]}.")
        projections = tuple(checked_projection(p, sizes) for p in self.projections)
        object.__setattr__(self, "projections", projections)  # their weights may have been given as lists or tensors
        object.__setattr__(self, "broadcast", checked_broadcast(self.broadcast, sizes))

    def _repr_html_(self) -> str:
        rows = [{"population": p.name, "kind": p.kind, "neurons": p.size, "parameters": html.words(p.parameters)} for p in self.populations]
        said = (f"{c.source} to {c.target}: {html.words(c.weight)}, delay {c.delay_steps} steps" for c in self.projections)
        return html.result(f"a network in steps of {1e3 * self.dt:g} ms", pd.DataFrame(rows), *said)

    def population(self, name: str) -> Population:
        """Return the population of that name."""
        for population in self.populations:
            if population.name == name:
                return population
        raise unknown("population called", name, (p.name for p in self.populations))

    def weight(self, source: str, target: str) -> np.ndarray:
        """Return the weights [source size, target size] between two populations; zeros where nothing connects them."""
        total = np.zeros((self.population(source).size, self.population(target).size))
        for projection in self.projections:
            if (projection.source, projection.target) == (source, target):
                total += projection.weight
        return total

    def weights(self) -> dict[str, np.ndarray]:
        """Return the weights [source size, target size] as ``{"input->rec": array}``; a second projection is ``"input->rec#2"``."""
        return {name: np.array(c.weight, float) for name, c in zip(self._names(), self.projections)}

    def with_weights(self, weights: Mapping[str, Any]) -> SpikingNetwork:
        """Return this network with other weights, named and shaped as :meth:`weights` has them; lists and tensors serve.

        Raises
        ------
        UserError
            For a name that is missing or unknown, and weights of the wrong shape.
        """
        names = self._names()
        for name in weights:
            if name not in names:
                raise unknown("projection called", name, names)
        if lacking := [name for name in names if name not in weights]:
            raise UserError(f"weights were given without {', '.join(lacking)[:200]}; give those of every projection.")
        changed = tuple(replace(c, weight=weights[name]) for name, c in zip(names, self.projections))
        return replace(self, projections=changed)

    def _names(self) -> list[str]:
        ends = [f"{c.source}->{c.target}" for c in self.projections]
        return [end if (n := ends[: k + 1].count(end)) == 1 else f"{end}#{n}" for k, end in enumerate(ends)]

    def state_dict(self, names: str = "snntorch") -> dict[str, np.ndarray]:
        """Return the weights of a chain of layers under the names of PyTorch's modules, matrices as [out, in].

        Parameters
        ----------
        names : {"snntorch", "norse"}
            ``fc1.weight``, ``lif1.recurrent.weight`` with ``lif1.beta`` and ``lif1.threshold``; or ``1.input_weights`` and
            ``1.recurrent_weights``, beside which Norse's neurons take their constants from elsewhere.

        Raises
        ------
        UserError
            For a network that is no chain of layers, and neurons that the modules have not.
        """
        if names not in NAMES:
            raise unknown("naming of a state dict called", names, NAMES)
        return write_state_dict(self.populations, self.projections, self.dt, NAMES[names])

    @staticmethod
    def from_state_dict(
        given: Mapping[str, Any] | str | os.PathLike,
        *,
        dt: Any,
        neurons: Mapping[str, Any] | None = None,
        readout: Mapping[str, Any] | None = None,
        order: Iterable[str] | None = None,
    ) -> SpikingNetwork:
        """Return the network of a PyTorch state dict: a chain of linear layers with snnTorch's or Norse's neurons.

        Parameters
        ----------
        given : mapping of str to array or tensor, or path
            ``module.state_dict()``, or a file of arrays (``.npz``, ``.safetensors``). A pickle is not opened: load it yourself.
        dt : Quantity or float
            Step; a number is in seconds.
        neurons, readout : mapping, optional
            Parameters (``{"tau_m": 0.02, "v_threshold": 1.0}``) that the state dict does not hold, of all layers and of the last.
        order : iterable of str, optional
            The modules in their order, where that of the mapping is another.

        Raises
        ------
        UserError
            For names that are none of a layer's, shapes that do not follow one another, and neurons without a threshold.
        """
        step = checked_step(dt)
        if isinstance(given, str | os.PathLike):
            try:
                return SpikingNetwork.from_state_dict(read_weights(given), dt=dt, neurons=neurons, readout=readout, order=order)
            except UserError as error:
                raise UserError(str(error) if shown(given) in str(error) else f"{shown(given)}: {error}") from None
        populations, projections = read_state_dict(given, step, neurons or {}, readout, order)
        return SpikingNetwork(tuple(populations), tuple(projections), step, {"source": "a state dict of PyTorch"})

    def save(self, path: str | os.PathLike) -> Path:
        """Write one ``.npz`` file, whole or not at all; return its path."""
        arrays: dict[str, np.ndarray] = {}
        head = {"format": FORMAT, "dt": self.dt, "provenance": dict(self.provenance), "populations": [], "projections": []}
        for k, p in enumerate(self.populations):
            plain = {}
            for name, value in p.parameters.items():
                if np.ndim(value):
                    arrays[f"population_{k}_{name}"] = np.asarray(value)
                else:
                    plain[name] = value.item() if isinstance(value, np.generic) else value
            head["populations"].append({"name": p.name, "kind": p.kind, "size": p.size, "parameters": plain})
        for k, c in enumerate(self.projections):
            arrays[f"weight_{k}"] = np.asarray(c.weight, float)
            head["projections"].append({"source": c.source, "target": c.target, "delay_steps": c.delay_steps})
        if self.broadcast is not None:
            arrays[BROADCAST] = np.asarray(self.broadcast, float)
        return write_npz(path, {"head": np.array(json.dumps(head)), **arrays})

    @staticmethod
    def load(path: str | os.PathLike, *, inside: str | os.PathLike | None = None) -> SpikingNetwork:
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        path : path
        inside : path, optional
            A folder that the file must be in, after all links are followed.

        Raises
        ------
        UserError
            For a missing, damaged or foreign file, and for values that a network cannot have.
        """
        head, arrays = read_npz(path, FORMAT, "network", SCHEMA, inside=inside)
        populations = []
        for k, p in enumerate(head["populations"]):
            start = f"population_{k}_"
            parameters = {**p["parameters"], **{n[len(start) :]: arrays.pop(n) for n in list(arrays) if n.startswith(start)}}
            populations.append(Population(p["name"], p["kind"], p["size"], parameters))
        weights = [arrays.pop(f"weight_{k}", None) for k in range(len(head["projections"]))]
        broadcast = arrays.pop(BROADCAST, None)
        if strange := [*arrays, *(f"no weight_{k}" for k, w in enumerate(weights) if w is None)]:
            raise UserError(f"{shown(path)} holds {', '.join(strange)[:120]}, which its head does not say; save the network again.")
        projections = [Projection(**c, weight=w) for c, w in zip(head["projections"], weights)]
        try:
            return SpikingNetwork(tuple(populations), tuple(projections), head["dt"], head["provenance"], broadcast)
        except UserError as error:
            raise UserError(f"the network file {shown(path)}: {error}") from None


def step_factor(population: Population, dt: float) -> np.ndarray:
    """Return what is left of each membrane after one step: ``exp(-dt/tau_m)``, 1 for a neuron without leak."""
    factor = neuron_kinds.step_constants(population.parameters, dt).get("alpha", 1.0)
    return np.broadcast_to(factor, (population.size,)).copy()
