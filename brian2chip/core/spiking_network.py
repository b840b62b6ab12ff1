"""A spiking network as data: populations, projections, step and provenance in one checked file; training gives it, translation takes it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core import neuron_kinds
from brian2chip.core.npz import read_npz, write_npz
from brian2chip.errors import UserError, unknown

FORMAT = "brian2chip.SpikingNetwork/1"
#: An array that files of networks which were not trained, or were written by earlier versions, do not hold.
BROADCAST = "broadcast"


@dataclass(frozen=True)
class Population:
    """Neurons of one kind.

    Attributes
    ----------
    name : str
    kind : str
        ``"input"``, ``"if"``, ``"lif"``, ``"alif"`` or ``"li"`` (leaky readout without spikes).
    size : int
    parameters : mapping of str to number, str or array [size]
        Those of :data:`brian2chip.core.neuron_kinds.KINDS`, as plain SI numbers: ``tau_m``, ``tau_a``, ``tau_syn``, ``refractory`` in s;
        ``v_threshold``, ``v_reset``, ``beta``, ``bias`` in the unit of the weights; ``gain``; ``reset`` is ``"subtract"`` (the default),
        ``"subtract_at_once"`` or ``"zero"``; a neuron ``fires`` where its membrane is ``">="`` (the default) or ``">"`` its threshold.
    """

    name: str
    kind: str
    size: int
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Projection:
    """All connections from one population to another.

    Attributes
    ----------
    source, target : str
        Names of populations.
    weight : float array [source size, target size]
        Zero where there is no connection.
    delay_steps : int
        Steps from the spike to its effect; 0 is the same step.
    """

    source: str
    target: str
    weight: np.ndarray
    delay_steps: int = 0


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
    """

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    dt: float
    provenance: Mapping[str, Any] = field(default_factory=dict)
    broadcast: np.ndarray | None = None

    def __post_init__(self):
        if not (np.isfinite(self.dt) and self.dt > 0):
            raise UserError(f"the time step of a network was given as {self.dt} s; it must be positive.")
        sizes = {p.name: p.size for p in self.populations}
        if len(sizes) != len(self.populations):
            raise UserError(f"the populations of a network need different names; given were {[p.name for p in self.populations]}.")
        for population in self.populations:
            _check_population(population)
        for projection in self.projections:
            _check_projection(projection, sizes)
        _check_broadcast(self.broadcast, sizes)

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
    def load(path: str | os.PathLike) -> SpikingNetwork:
        """Read what :meth:`save` wrote.

        Raises
        ------
        UserError
            For a missing, damaged or foreign file.
        """
        arrays = read_npz(path, FORMAT, "network")
        head = json.loads(str(arrays["head"]))
        populations = []
        for k, p in enumerate(head["populations"]):
            start = f"population_{k}_"
            parameters = {**p["parameters"], **{n[len(start) :]: v for n, v in arrays.items() if n.startswith(start)}}
            populations.append(Population(p["name"], p["kind"], p["size"], parameters))
        projections = [Projection(**c, weight=arrays[f"weight_{k}"]) for k, c in enumerate(head["projections"])]
        return SpikingNetwork(tuple(populations), tuple(projections), head["dt"], head["provenance"], arrays.get(BROADCAST))


def _check_population(p: Population) -> None:
    if int(p.size) != p.size or p.size < 1:
        raise UserError(f"population {p.name!r} has size {p.size}; it must be a whole number of at least 1.")
    neuron_kinds.check_parameters(p.name, p.kind, p.parameters)
    for name, value in p.parameters.items():
        if np.ndim(value) and np.shape(value) != (p.size,):
            raise UserError(f"parameter {name} of population {p.name!r} has shape {np.shape(value)}; give one number or {p.size} numbers.")


def _check_projection(c: Projection, sizes: Mapping[str, int]) -> None:
    for end in (c.source, c.target):
        if end not in sizes:
            raise unknown("population called", end, sizes)
    expected = (sizes[c.source], sizes[c.target])
    if np.shape(c.weight) != expected:
        raise UserError(f"the weights from {c.source!r} to {c.target!r} have shape {np.shape(c.weight)}; the populations need {expected}.")
    if not np.all(np.isfinite(c.weight)):
        raise UserError(f"the weights from {c.source!r} to {c.target!r} hold values that are not finite.")
    if int(c.delay_steps) != c.delay_steps or c.delay_steps < 0:
        raise UserError(f"the delay from {c.source!r} to {c.target!r} is {c.delay_steps} steps; give a whole number of at least 0.")


def _check_broadcast(broadcast: np.ndarray | None, sizes: Mapping[str, int]) -> None:
    if broadcast is None:
        return
    expected = (sizes.get("rec"), sizes.get("out"))
    if np.shape(broadcast) != expected or not np.all(np.isfinite(broadcast)):
        raise UserError(
            f"the broadcast weights have shape {np.shape(broadcast)}; they must be finite numbers of shape {expected}, rec x out."
        )


def step_factor(population: Population, dt: float) -> np.ndarray:
    """Return what is left of each membrane after one step: ``exp(-dt/tau_m)``, 1 for a neuron without leak."""
    factor = neuron_kinds.step_constants(population.parameters, dt).get("alpha", 1.0)
    return np.broadcast_to(factor, (population.size,)).copy()
