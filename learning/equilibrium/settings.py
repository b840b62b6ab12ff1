"""From a layered task and a rule of equilibrium propagation to what is trained: changes to its settings, sizes, and first weights."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from brian2chip.core import registry
from brian2chip.core.equilibrium_rule import EquilibriumRule
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.resolve import definitions, is_file, resolve
from brian2chip.errors import UserError


def equilibrium_rule(given: Any) -> EquilibriumRule | None:
    """Return a rule of equilibrium propagation from itself, its name, or the path of a file that defines one; None for anything else."""
    if isinstance(given, EquilibriumRule):
        return given
    if isinstance(given, str) and given in registry.catalogue("equilibrium_rule"):
        return registry.get("equilibrium_rule", given)
    if isinstance(given, str | os.PathLike) and is_file(given) and any(kind == "equilibrium_rule" for kind, _ in definitions(given)):
        return resolve(EquilibriumRule, given)
    return None


def changed(rule: EquilibriumRule, network: Mapping[str, Any], training: Mapping[str, Any]) -> EquilibriumRule:
    """Return a rule with settings of its network (``hidden`` among them) or its training changed.

    Raises
    ------
    UserError
        For a name that does not exist, and what a setting cannot be.
    """
    network = dict(network)
    hidden = network.pop("hidden", rule.hidden)
    for what, given, settings in (("network", network, rule.network), ("training", training, rule.training)):
        allowed = [f.name for f in fields(settings)]
        for name in given:
            if name not in allowed:
                raise UserError(f"{name!r} is no setting of the {what} of rule {rule.name!r}; choose from {', '.join(allowed)}.")
    return replace(rule, hidden=hidden, network=replace(rule.network, **network), training=replace(rule.training, **training))


def sizes_of(rule: EquilibriumRule, task: LayeredTask) -> tuple[int, ...]:
    """Return inputs, hidden units from below, and outputs."""
    if task.network.convolution is not None:
        raise UserError(f"rule {rule.name!r} learns in fully connected layers, and task {task.name!r} has a convolution; leave it out.")
    return (task.n_in, *rule.hidden, task.n_out)


def initial_weights(sizes: tuple[int, ...], biases: tuple[float, ...] | None, seed: int) -> dict[str, np.ndarray]:
    """Return weights, and biases where none are given, uniform within 1/sqrt(fan-in), each drawn from a generator of its own."""
    weights: dict[str, np.ndarray] = {}
    for k in range(1, len(sizes)):
        limit, shapes = 1 / math.sqrt(sizes[k - 1]), {f"w{k}": (sizes[k], sizes[k - 1]), f"b{k}": (sizes[k],)}
        for n, (name, shape) in enumerate(shapes.items(), 2 * k):
            weights[name] = np.random.default_rng([seed, 10, n]).uniform(-limit, limit, shape)
        if biases is not None:
            weights[f"b{k}"] = np.full(sizes[k], float(biases[k - 1]))
    return weights
