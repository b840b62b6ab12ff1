"""A learning task by name, object or file, with changes to its network and training."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from brian2chip.core import registry
from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.quantities import parse_value
from brian2chip.core.recordings.data_files import is_data
from brian2chip.core.resolve import resolve
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.units import have_same_dimensions, second
from brian2chip.errors import UserError, unknown

AnyTask = TypeVar("AnyTask", Task, LayeredTask)

#: Samples times steps times inputs that are drawn at once: each may take 16 bytes on the way.
LARGEST = 1 << 29
#: Network settings in seconds.
TIMES = ("tau_m", "tau_out", "tau_a", "refractory")


def task_of(task: str | Task) -> Task:
    """Return a learning task from itself, its name, the path of a Python file that defines one, or that of samples or recordings.

    Raises
    ------
    UserError
        For a protocol without learning, or a name that does not exist; both list the tasks, not all protocols.
    """
    if isinstance(task, Task):
        return task
    if isinstance(task, LayeredTask) or task in registry.catalogue("layered_task"):
        name = task.name if isinstance(task, LayeredTask) else task
        raise UserError(
            f"{name!r} is a task for layered networks, and a recurrent one is needed here; use one of {', '.join(task_names())}."
        )
    if task not in registry.catalogue("task") and task in registry.catalogue("protocol"):
        raise UserError(f"{task!r} is a protocol without learning; train takes one of {', '.join(task_names())}.")
    if task not in registry.catalogue("task") and is_data(task):
        return Task.from_file(task)
    return resolve(Task, task)


def task_names() -> list[str]:
    """Return the names of the learning tasks."""
    return list(registry.catalogue("task"))


def check_count(task: Task, n: int) -> None:
    """Raise UserError unless n samples of a task may be in memory at once."""
    most = max(1, LARGEST // (task.n_steps * task.n_in))
    if not is_whole(n) or not 1 <= n <= most:
        raise UserError(f"{n!r:.40} samples of task {task.name!r} were asked for at once; give a whole number from 1 to {most}.")


def samples_of(task: Task, n: int, rng: np.random.Generator, *, split: str = "train", data: str | os.PathLike | None = None) -> Samples:
    """Return n samples of a task, drawn by its own function.

    Raises
    ------
    UserError
        For fewer than one, more than memory may hold, or a function that returns no samples.
    """
    check_count(task, n)
    try:
        samples = task.generate(int(n), rng, split=split, data=data)
    except MemoryError:
        raise UserError(f"{n} samples of task {task.name!r} do not fit into memory; ask for fewer at once.") from None
    if not isinstance(samples, Samples):
        raise UserError(f"task {task.name!r} draws {type(samples).__name__}; its function generate must return Samples.")
    return samples


def sized(task: Task, hidden: int) -> dict[str, int]:
    """Return the network settings for so many recurrent neurons, with the task's share of adaptive ones.

    Raises
    ------
    UserError
        For what is no whole number of at least 2.
    """
    if not is_whole(hidden) or hidden < 2:
        raise UserError(f"hidden, the number of recurrent neurons, was given as {hidden!r:.40}; give a whole number of at least 2.")
    adaptive = round(hidden * task.network.n_alif / task.network.n_rec)
    return {"n_lif": int(hidden) - adaptive, "n_alif": adaptive}


def network_settings(given: Mapping[str, str], kind: type = NetworkConfig) -> dict[str, Any]:
    """Return settings of a kind of network from what a command line says, e.g. ``{"tau_m": "30ms", "surrogate": "arctan"}``.

    Raises
    ------
    UserError
        For an unknown name, what is no value, and a time without its unit or another unit.
    """
    types = {f.name: f.type for f in fields(kind)}
    out: dict[str, Any] = {}
    for name, text in given.items():
        if name not in types:
            raise unknown("setting of a network called", name, types)
        out[name] = _setting(name, types[name], text)
    return out


def _setting(name: str, kind: str, text: str) -> Any:
    if kind == "str":
        return text
    if kind == "bool":
        if text not in ("True", "False"):
            raise UserError(f"{name} of the network was given as {text}; give True or False.")
        return text == "True"
    value = parse_value(text)
    if not have_same_dimensions(value, second if name in TIMES else 1):
        needs = "a time with its unit, e.g. 30ms" if name in TIMES else "a number without unit"
        raise UserError(f"{name} of the network was given as {text}; give {needs}.")
    return int(value) if kind == "int" and value == int(value) else float(value)


def changed(task: AnyTask, network: Mapping[str, Any], training: Mapping[str, Any]) -> AnyTask:
    """Return a task with settings of its network or training changed; one sentence for a name that does not exist."""
    for what, given, settings in (("network", network, task.network), ("training", training, task.training)):
        allowed = [f.name for f in fields(settings)]
        for name in given:
            if name not in allowed:
                raise UserError(f"{name!r} is no setting of the {what} of task {task.name!r}; choose from {', '.join(allowed)}.")
    return replace(task, network=replace(task.network, **network), training=replace(task.training, **training))
