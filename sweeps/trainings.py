"""A training at every point: settings of the network and of the training, and the seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.task import Task
from brian2chip.core.units import Quantity, have_same_dimensions, second
from brian2chip.errors import UserError
from brian2chip.learning.equilibrium.settings import equilibrium_rule
from brian2chip.learning.tasks import TIMES
from brian2chip.learning.train import train
from brian2chip.sweeps.points import Points
from brian2chip.sweeps.study import Study, check_names, content, taken

#: What holds for all trainings of a sweep.
SETTINGS = ("data", "n_test", "neurons")
#: What the history says of a whole training, and what that is called in the table.
REACHED = {"update": "updates", "samples": "samples", "loss": "training_loss", "error": "training_error", "rate_hz": "rate_hz"}


def trainings(task: Task | LayeredTask, rule: Any, points: Points, how: Mapping[str, Any], device: str) -> Study:
    """Return the study of trainings of one task.

    Raises
    ------
    UserError
        For names that neither network nor training has, and times without their unit.
    """
    settings = taken(how, "trainings", SETTINGS)
    settling = equilibrium_rule(rule if rule is not None else task.training.rule)
    network = {field.name for field in fields(task.network if settling is None else settling.network)}
    training = {field.name for field in fields(task.training if settling is None else settling.training)}
    check_names(f"setting of network or training of task {task.name!r} called", points.first(), network | training | {"hidden"})
    for name, value in points.first().items():
        _setting(name, value)
    run = {**settings, "device": device} | ({} if rule is None else {"rule": rule})
    about = {"task": content(task), "rule": None if rule is None else content(rule), "device": device, "how": settings}
    title = f"trainings on {task.name}" + ("" if rule is None else f" with {rule if isinstance(rule, str) else rule.name}")
    return Study("training", title, about, partial(_point, task, run, network - training - {"hidden"}))


def _setting(name: str, value: Any) -> Any:
    """Return a value as a configuration takes it: times in seconds, whole numbers as such."""
    if (
        name in TIMES
        and not (isinstance(value, Quantity) and have_same_dimensions(value, second))
        or (name not in TIMES and isinstance(value, Quantity))
    ):
        needed = "a time with its unit, e.g. 30ms" if name in TIMES else "a number without unit"
        raise UserError(f"{name} was given as {value}; give {needed}.")
    if isinstance(value, Quantity | float):
        return int(value) if name not in TIMES and float(value).is_integer() else float(value)
    return value


def _point(
    task: Task | LayeredTask, how: Mapping[str, Any], of_network: set[str], values: Mapping[str, Any], seed: int, report: Any = None
) -> dict[str, float]:
    """Return what one training reached: on the samples of its last update or epoch, and held out."""
    given = {name: _setting(name, value) for name, value in values.items()}
    network = {name: value for name, value in given.items() if name in of_network}
    other = {name: value for name, value in given.items() if name not in of_network}
    result = train(task, seed=seed, progress=report, network=network or None, **how, **other)
    last = result.history.iloc[-1]
    row = {called: float(last[name]) for name, called in REACHED.items() if name in last}
    held_out = last if "test_loss" in last else vars(result)
    return {**row, "test_loss": float(held_out["test_loss"]), "test_error": float(held_out["test_error"])}
