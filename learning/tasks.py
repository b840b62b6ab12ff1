"""A learning task by name, object or file, with changes to its network and training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from brian2chip.core import registry
from brian2chip.core.resolve import resolve
from brian2chip.core.task import Task
from brian2chip.errors import UserError


def task_of(task: str | Task) -> Task:
    """Return a learning task from itself, its name, or the path of a file that defines one.

    Raises
    ------
    UserError
        For a protocol without learning, or a name that does not exist; both list the tasks, not all protocols.
    """
    if isinstance(task, Task):
        return task
    if task not in registry.catalogue("task") and task in registry.catalogue("protocol"):
        raise UserError(f"{task!r} is a protocol without learning; train takes one of {', '.join(task_names())}.")
    return resolve(Task, task)


def task_names() -> list[str]:
    """Return the names of the learning tasks."""
    return list(registry.catalogue("task"))


def changed(task: Task, network: Mapping[str, Any], training: Mapping[str, Any]) -> Task:
    """Return the task with some constants of its network or training changed; one sentence for a name that does not exist."""
    for what, given, settings in (("network", network, task.network), ("training", training, task.training)):
        allowed = [f.name for f in fields(settings)]
        for name in given:
            if name not in allowed:
                raise UserError(f"{name!r} is no setting of a {what}; choose from {', '.join(allowed)}.")
    return replace(task, network=replace(task.network, **network), training=replace(task.training, **training))
