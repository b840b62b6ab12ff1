"""Checkpoints of a training: state and history in one file, written whole or not at all, and refused when they belong to another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import numpy as np

from brian2chip.core.checked_arrays import real_numbers, whole_numbers
from brian2chip.core.claims import claimed
from brian2chip.core.files import shown
from brian2chip.core.json_files import list_of, object_of
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.npz import read_npz, write_npz
from brian2chip.core.output import plain
from brian2chip.errors import UserError

#: What a training writes, the checkpoint first.
WRITTEN = ("checkpoint.npz", "network.npz")
FORMAT = "brian2chip.learning.checkpoint/1"
SCHEMA = object_of(format={"const": FORMAT}, stamp={"type": "object"}, rows=list_of({"type": "object"}))
#: Begins the names of the arrays of the state.
STATE = "state."
#: Fields of a learning rule that change no number; of ``block``, a function, the resulting number of steps counts.
NO_EFFECT = ("source", "bounds", "convention", "devices", "file", "block")


@contextmanager
def folder(out: str | Path | None, resume: bool) -> Iterator[Path | None]:
    """Hold the folder of a training and yield where its checkpoint is; None without a folder.

    Raises
    ------
    UserError
        When another process writes there, or when it holds a training that is not to be resumed.
    """
    if out is None:
        yield None
        return
    with claimed(out):
        held = [name for name in WRITTEN if (Path(out) / name).exists()]
        if held and not resume:
            raise UserError(
                f"{str(out)!r} holds a training already ({', '.join(held)}); go on with it (resume=True, --resume), or choose another."
            )
        yield Path(out) / WRITTEN[0]


def rule_stamp(rule: LearningRule, block: int) -> str:
    """Return the name of a rule with a digest of its equations, code and schedule; ``block`` is the number of steps of a block."""
    effective = {f.name: getattr(rule, f.name) for f in fields(rule) if f.name not in NO_EFFECT}
    return f"{rule.name} with equations {hashlib.sha256(repr((effective, block)).encode()).hexdigest()[:12]}"


def save(path: str | Path, stamp: dict, state: dict[str, np.ndarray], rows: list[dict]) -> Path:
    """Write the state after the last of the history's rows; ``stamp`` says which training it is."""
    head = {"format": FORMAT, "stamp": stamp, "rows": plain(rows)}  # NaN, which JSON has not, becomes null
    return write_npz(path, {"head": np.array(json.dumps(head)), **{f"{STATE}{name}": np.asarray(v) for name, v in state.items()}})


def load(
    path: str | Path, stamp: dict, shapes: Mapping[str, tuple[int, ...]], columns: Sequence[str] = ()
) -> tuple[dict[str, np.ndarray], list[dict]]:
    """Return state and history.

    Parameters
    ----------
    path : path
    stamp : dict
        Which training it must be of.
    shapes : mapping
        Shape of every array of the state by name.
    columns : sequence of str
        Numbers that every row of the history must have.

    Raises
    ------
    UserError
        For a missing, damaged or foreign file, one of a training with other settings, or one whose state has other arrays.
    """
    head, arrays = read_npz(path, FORMAT, "checkpoint", SCHEMA, inside=Path(path).parent)
    for name, value in stamp.items():
        given = head["stamp"].get(name)
        if given != value:
            raise UserError(f"{shown(path)} belongs to {name} {given!r:.200}, not to {value!r}; resume with the same settings.")
    where = f"the checkpoint {shown(path)}"
    state = {name.removeprefix(STATE): array for name, array in arrays.items()}
    if different := set(state) ^ {*shapes, "updates"}:
        raise UserError(f"the state in {where} has other arrays than this training ({', '.join(sorted(different))[:120]}); train again.")
    state = {name: _checked(array, name, where, shapes.get(name, ())) for name, array in state.items()}
    rows = [{name: float("nan") if value is None else value for name, value in row.items()} for row in head["rows"]]
    for k, row in enumerate(rows):
        if lacking := [name for name in columns if not isinstance(row.get(name), int | float)]:
            raise UserError(f"row {k} of the history in {where} lacks the number {lacking[0]!r}; train again.")
    return {**state, "updates": float(state["updates"])}, rows


def _checked(array: np.ndarray, name: str, where: str, shape: tuple[int, ...]) -> np.ndarray:
    if array.dtype.kind == "f":
        return real_numbers(array, name, where, shape=shape)
    return whole_numbers(array, name, where, shape=shape)
