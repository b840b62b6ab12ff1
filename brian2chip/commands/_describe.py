"""What ``show`` says of a definition: every field of it, in words and plain values, one function for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from textwrap import dedent
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.chips.chip import Backend, Chip
from brian2chip.chips.limits import Limit
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.model import Model
from brian2chip.core.output import plain
from brian2chip.core.rule import Rule
from brian2chip.core.task import Task

Description = dict[str, Any]


def everything(thing: Any) -> Description:
    """Return the fields of a definition that say something, in the order of their declaration; its own functions are left out."""
    said = {f.name: _words(getattr(thing, f.name)) for f in fields(thing) if not callable(getattr(thing, f.name))}
    if "dt" in said:
        said["dt"] = f"{1e3 * thing.dt:g} ms"
    return {name: value for name, value in said.items() if not (value is None or isinstance(value, str | list | dict) and not value)}


def model(thing: Model) -> Description:
    """Return a neuron model: exactly what Brian2 runs, then what a protocol may do with it."""
    return _equations(thing) | ({} if thing.refractory else {"refractory": "none"})


def rule(thing: Rule) -> Description:
    """Return a rule: exactly what Brian2 runs, and what it reads of its neuron."""
    return _equations(thing)


def task(thing: Task) -> Description:
    """Return a learning task: its size, and the network and training of its publication."""
    valid = f"{int(np.sum(thing.mask))} of {thing.n_steps}"
    said = everything(thing) | {"mask": f"the target is valid at {valid} steps"}
    return {"problem" if name == "kind" else name: value for name, value in said.items()}


def layered_task(thing: LayeredTask) -> Description:
    """Return a task for layered networks: its size, and the network and training of its publication."""
    return {"problem" if name == "kind" else name: value for name, value in everything(thing).items()}


def chip(thing: Chip) -> Description:
    """Return a chip: its fields as a table, and what a network may ask of it."""
    table = thing.table()
    idle = [name for name in table.columns if table[name].isin(["", thing.source]).all()]  # says nothing, or what the chip says
    said = everything(thing) | {"fields": table.drop(columns=idle)}
    if thing.constraints:
        said["constraints"] = [
            f"At most {one.available:,} {one.resource}." if isinstance(one, Limit) else _words(one) for one in thing.constraints
        ]
    said["backend"] = _abilities(thing.backend)
    return said


def _abilities(backend: Backend | None) -> str:
    """Return what can be done with a chip beside describing and quantising it."""
    if backend is None:
        return "none: it can be described and quantised"
    return ", ".join(
        f.name.replace("_", "-") for f in fields(backend) if f.name not in ("configuration", "version") and getattr(backend, f.name)
    )


#: The kinds that have more to say than their fields.
KINDS: Mapping[str, Callable[[Any], Description]] = {
    "model": model,
    "rule": rule,
    "task": task,
    "layered_task": layered_task,
    "chip": chip,
}


def describe(kind: str, thing: Any) -> Description:
    """Return a definition as names with words, lists, mappings or tables, which print and go into JSON alike."""
    return KINDS.get(kind, everything)(thing)


def _equations(thing: Model | Rule) -> Description:
    """Return the fields with the code that runs at a period as a block each."""
    said = everything(thing)
    if thing.regular:
        numbered = [(f"{k}. every {period}", code) for k, (code, period) in enumerate(thing.regular, 1)]
        said["regular"] = {name: dedent(code).strip() for name, code in numbered}
    return said


def _words(value: Any) -> Any:
    """Return a value as text, number, list or mapping; None for a function without a docstring."""
    if callable(value):
        return (value.__doc__ or "").strip().split("\n")[0] or None
    if isinstance(value, str):
        return dedent(value).strip() if "\n" in value else value
    if is_dataclass(value):
        return everything(value)
    if isinstance(value, np.ndarray) and value.ndim:  # a quantity is an array without dimensions
        return f"array of shape {value.shape}"
    if isinstance(value, Mapping):
        return {str(k): _words(v) for k, v in value.items() if not isinstance(v, partial)}  # a rule's oracle, in a preset
    if isinstance(value, tuple | list):
        return [_words(v) for v in value if not callable(v) or _words(v)]
    return plain(value)


def records(said: Description) -> Description:
    """Return a description as JSON can hold it."""
    return {name: value.to_dict("records") if isinstance(value, pd.DataFrame) else value for name, value in said.items()}


def text(kind: str, name: str, said: Description) -> str:
    """Return a description for a reader."""
    bounds = said.get("bounds", {})
    lines = [f"{kind.replace('_', ' ')} {name}"]
    for key, value in said.items():
        if key in ("name", "bounds"):
            continue
        lines += _lines(key.replace("_", " "), value, bounds if key == "parameters" else {})
    return "\n".join(lines)


def _lines(key: str, value: Any, bounds: Mapping[str, Any]) -> list[str]:
    if isinstance(value, pd.DataFrame):
        return ["", f"{key}:", *_indented(value.to_string(index=False))]
    if isinstance(value, dict):
        return ["", f"{key}:", *(line for k, v in value.items() for line in _item(k, v, bounds.get(k)))]
    if isinstance(value, list):
        sentences = len(str(value)) > 120 or any(str(one).endswith(".") for one in value)
        value = ("\n" if sentences else ", ").join(map(str, value))
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return ["", f"{key}:", *_indented(value)] if "\n" in str(value) else [f"{key}: {value}"]


def _item(key: str, value: Any, bounds: Any) -> list[str]:
    """Return the lines of one entry of a mapping: its value, or the block that it is, and its bounds."""
    if "\n" in str(value):
        return _indented(f"{key}:\n" + "\n".join(_indented(value)))
    if isinstance(value, dict) and any("\n" in str(v) for v in value.values()):
        return _indented("\n".join([f"{key}:", *(line for k, v in value.items() for line in _item(k, v, None))]))
    if isinstance(value, dict):
        return [f"    {key}: " + ", ".join(f"{k} = {v}" for k, v in value.items())]
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return [f"    {key or 'without a preset'} = {value}{_range(*bounds) if bounds else ''}"]


def _range(low: Any, high: Any) -> str:
    """Return the allowed values of a parameter in words."""
    if low is None or high is None:
        return f"   (at least {low})" if high is None else f"   (at most {high})"
    return f"   (from {low} to {high})"


def _indented(block: Any) -> list[str]:
    return [f"    {line}" for line in str(block).splitlines()]
