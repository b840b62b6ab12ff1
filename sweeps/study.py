"""What a sweep does at each of its points: a protocol's run, a fit, a training, a translation, chips of a substrate."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import pandas as pd

from brian2chip.core.identity import Unidentified, identity
from brian2chip.errors import unknown
from brian2chip.sweeps.points import Points

#: From points to their rows, in pieces, where points share a network.
Together = Callable[[Points, pd.DataFrame, int], Iterator[pd.DataFrame]]


@dataclass(frozen=True)
class Study:
    """What happens at the points of a sweep.

    Attributes
    ----------
    kind : str
        In a word, for a reader: ``"run"``, ``"fit"``, ``"training"``, ``"translation"`` or ``"robustness"``.
    title : str
        What is swept, e.g. ``"stdp on bi_poo_1998"``.
    about : mapping
        What determines the rows besides the points, as JSON.
    point : callable
        ``point(values, seed)`` returns the results of one point as numbers and texts by name; it can be sent to another process.
    together : callable or None
        ``together(points, rows, total)`` yields ``rows`` with their results, in pieces; None where points share no network.
    alone : tuple of str
        Columns that points which share a network have in common.
    """

    kind: str
    title: str
    about: Mapping[str, Any]
    point: Callable[..., dict[str, Any]]
    together: Together | None = None
    alone: tuple[str, ...] = ()


def check_names(what: str, names: Mapping[str, Any], allowed: Mapping[str, Any] | set[str]) -> None:
    """Refuse names that cannot be varied.

    Raises
    ------
    UserError
        With the nearest ones that can.
    """
    for name in names:
        if name not in allowed:
            raise unknown(what, name, allowed)


def content(thing: Any) -> dict[str, str]:
    """Return name and hash of a definition; functions of a user's count by their source, and its file by what it defines."""
    if isinstance(thing, str):
        return {"name": thing}
    return {
        "name": thing.name,
        "content": _hash({field.name: getattr(thing, field.name) for field in fields(thing) if field.name != "file"}),
    }


def _hash(value: Any) -> str:
    try:
        return identity(value)
    except Unidentified:
        pass
    if is_dataclass(value):
        return _hash({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, Mapping):
        return identity({name: _hash(one) for name, one in value.items()})
    if isinstance(value, tuple | list):
        return identity([_hash(one) for one in value])
    try:
        return identity(inspect.getsource(value))
    except (OSError, TypeError):  # typed into a notebook, or no function
        return identity(type(value).__qualname__)


def taken(how: Mapping[str, Any], kind: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings that are the same at all points, after checking that this kind of sweep has them."""
    check_names(f"setting of a sweep of {kind} called", how, set(allowed))
    return dict(how)
