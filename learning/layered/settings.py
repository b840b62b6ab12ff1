"""From a layered task to what is compiled: changes to its settings, its rule, and the sizes of its network."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from brian2chip.core import registry
from brian2chip.core.equilibrium_rule import EquilibriumRule
from brian2chip.core.layered_config import LayeredTraining
from brian2chip.core.layered_rule import LayeredRule
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.resolve import definitions, is_file, resolve
from brian2chip.core.soft_lif_config import SoftLif
from brian2chip.errors import UserError, unknown
from brian2chip.learning.layered.spec import LayeredSpec, layers_of
from brian2chip.learning.weight_grid import Grid

#: Hidden units that a call may ask for in place of the task's.
NEURONS = ("soft_lif",)


def layered_task(given: Any) -> LayeredTask | None:
    """Return a task for layered networks from itself, its name, or the path of a file that defines one; None for anything else."""
    if isinstance(given, LayeredTask):
        return given
    if isinstance(given, str | os.PathLike) and str(given).endswith(".py"):
        return resolve(LayeredTask, given) if any(kind == "layered_task" for kind, _ in definitions(given)) else None
    return registry.get("layered_task", given) if isinstance(given, str) and given in registry.catalogue("layered_task") else None


def with_neurons(task: LayeredTask, neurons: str | SoftLif) -> LayeredTask:
    """Return the task with hidden units of another kind, a linear output, and backpropagation where no other rule is asked for.

    Raises
    ------
    UserError
        For a kind of neurons that does not exist.
    """
    if not isinstance(neurons, SoftLif) and neurons not in NEURONS:
        raise unknown("kind of neurons for layered networks called", f"{neurons!s:.80}", NEURONS)
    units = neurons if isinstance(neurons, SoftLif) else SoftLif()
    loss = "cross_entropy" if task.kind == "classification" else "mean_squared_error"
    network = replace(task.network, activation="soft_lif", output="linear", loss=loss, soft_lif=units)
    return replace(task, network=network, training=replace(task.training, rule="bp"))


def layered_rule(given: LayeredRule | str) -> LayeredRule:
    """Return a rule for layered networks from itself, its name, or the path of a file that defines one.

    Raises
    ------
    UserError
        For a rule of recurrent networks, and a name that does not exist.
    """
    if _is_a("learning_rule", LearningRule, given):
        raise UserError(
            f"{_name(given)!r} is a rule for recurrent networks, and this task trains a layered one; use one of "
            f"{', '.join(registry.catalogue('layered_rule'))}."
        )
    if _is_a("equilibrium_rule", EquilibriumRule, given):
        raise UserError(
            f"{_name(given)!r} is a rule of equilibrium propagation, which sends no signals back; it can be trained, not compared; "
            f"use one of {', '.join(registry.catalogue('layered_rule'))}."
        )
    return resolve(LayeredRule, given)


def check_recurrent(given: Any) -> None:
    """Raise where a rule for layered networks, or its name or file, is given for a recurrent network."""
    if _is_a("layered_rule", LayeredRule, given) or _is_a("equilibrium_rule", EquilibriumRule, given):
        raise UserError(
            f"{_name(given)!r} is a rule for layered networks, and this task trains a recurrent one; use one of "
            f"{', '.join(registry.catalogue('learning_rule'))}."
        )


def _is_a(kind: str, made_as: type, given: Any) -> bool:
    """Return whether something is a rule of a kind: itself, a name, or the path of a file that defines one."""
    if isinstance(given, str) and given in registry.catalogue(kind):
        return True
    return isinstance(given, made_as) or (
        isinstance(given, str | os.PathLike) and is_file(given) and any(each == kind for each, _ in definitions(given))
    )


def _name(rule: Any) -> str:
    return rule.name if isinstance(rule, LearningRule | LayeredRule | EquilibriumRule) else str(rule)


def with_rule(task: LayeredTask, device: str) -> LayeredTask:
    """Return the task with its rule itself in place of a name or a file, which is so read once."""
    rule = layered_rule(task.training.rule)
    if device not in rule.devices:
        raise UserError(f"layered rule {rule.name!r} does not run on {device!r}; use one of {', '.join(rule.devices)}.")
    return replace(task, training=replace(task.training, rule=rule))


def spec_of(task: LayeredTask, dtype: str = "float64") -> LayeredSpec:
    """Return what is compiled for a task whose rule is resolved.

    Raises
    ------
    UserError
        For a convolution that does not fit the samples, a precision that is none, and limits that are not as many as layers.
    """
    if dtype not in ("float64", "float32"):
        raise UserError(f"the precision {dtype!r} was asked for; choose float64 or float32.")
    layers = layers_of(task.network, task.n_in, task.n_out, task.image)
    settings, network = task.training, task.network
    compiled = task.n_in, layers, network.loss, settings.rule, settings.optimiser, settings.batch, network.convolution, dtype
    units = network.soft_lif if network.activation == "soft_lif" else None
    return LayeredSpec(*compiled, _grids(settings, len(layers)), settings.rounding == "nearest", units)


def _grids(settings: LayeredTraining, layers: int) -> tuple[Grid, ...]:
    """Return the values that the weights of each layer may take; none where they are real numbers."""
    if settings.bits is None:
        return ()
    if len(settings.limits) != layers:
        raise UserError(f"{len(settings.limits)} limits of weights of {settings.bits} bits were given; the network has {layers} layers.")
    return tuple(Grid(limit / 2 ** (settings.bits - 1), settings.bits) for limit in settings.limits)
