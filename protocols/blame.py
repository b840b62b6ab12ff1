"""Who is to blame: what a protocol's own functions raise is said of the protocol, with file and line, and not of the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

from brian2chip.core.protocol import Protocol
from brian2chip.errors import UserError


@contextmanager
def blamed(protocol: Protocol, function: Callable | None, what: str = "") -> Iterator[None]:
    """Turn whatever a function of a protocol raises into one sentence with its file and line.

    Parameters
    ----------
    protocol : Protocol
    function : callable
        The function that is called in the block.
    what : str
        What it is called for, e.g. its condition.
    """
    try:
        yield
    except (UserError, KeyboardInterrupt):
        raise
    except Exception as error:
        if raised_in(error).startswith("brian2chip.engine"):  # a compiler or a disk that fails
            raise
        said = f"there is no {error}" if isinstance(error, KeyError) else str(error) or "no message"
        raise UserError(
            f"protocol {protocol.name!r}{what} cannot be run: {_place(function, error)}{type(error).__name__}: {' '.join(said.split())}; "
            "correct the protocol or the options it was given."
        ) from error


def raised_in(error: BaseException) -> str:
    """Return the name of the module that raised an error."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_globals.get("__name__", "")


def _place(function: Callable | None, error: BaseException) -> str:
    """Return the last place of the function's own file that an error came through."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    line, trace = None, error.__traceback__
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == file else line
        trace = trace.tb_next
    return "" if line is None else f"{file}, line {line}: "


def condition_in_words(protocol: Protocol, condition: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """Return which protocol, condition and options something was made for."""
    changed = {name: value for name, value in options.items() if value != {"replicas": protocol.replicas, **protocol.options}.get(name)}
    said = [f"option {name}={value}" for name, value in changed.items()]
    described = {k: v for k, v in condition.items() if not k.startswith("data_") and not pd.isna(v)}
    at = ", ".join(f"{k}={v:g}" if isinstance(v, float) else f"{k}={v}" for k, v in described.items())
    return f"protocol {protocol.name!r}" + (f" with {', '.join(said)}" if said else "") + (f", at {at}," if at else "")
