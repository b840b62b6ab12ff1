"""Checkpoints of a training: state and history in one file, written whole or not at all, and refused when they belong to another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import numpy as np

from brian2chip.core.claims import claimed
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.npz import read_npz, write_npz
from brian2chip.errors import UserError

#: What a training writes, the checkpoint first.
WRITTEN = ("checkpoint.npz", "network.npz")
FORMAT = "brian2chip.learning.checkpoint/1"
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
    head = {"format": FORMAT, "stamp": stamp, "rows": rows}
    return write_npz(path, {"head": np.array(json.dumps(head)), **{f"state.{name}": np.asarray(v) for name, v in state.items()}})


def load(path: str | Path, stamp: dict) -> tuple[dict[str, np.ndarray], list[dict]]:
    """Return state and history.

    Raises
    ------
    UserError
        For a missing, damaged or foreign file, or one of a training with other settings.
    """
    arrays = read_npz(path, FORMAT, "checkpoint")
    head = json.loads(str(arrays["head"]))
    for name, value in stamp.items():
        given = head["stamp"].get(name)
        if given != value:
            raise UserError(f"{str(path)!r} belongs to {name} {given!r}, not to {value!r}; resume with the same settings.")
    state = {name[len("state.") :]: array for name, array in arrays.items() if name.startswith("state.")}
    return {**state, "updates": float(state["updates"])}, head["rows"]
