"""A user's own rule: loaded from a file, and, when Brian2 cannot run it, explained with file, line and reason."""

from __future__ import annotations

import importlib.util
import linecache
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brian2.core.base import BrianObjectException
from brian2.equations.equations import EquationError
from brian2.units.fundamentalunits import DimensionMismatchError

from brian2chip import registry
from brian2chip.errors import UserError
from brian2chip.things import Rule


def _line(path: Path, text: str) -> int | None:
    """Return the line of the file that holds a fragment of an equation, if one does."""
    lines = linecache.getlines(str(path))
    return next((k for k, line in enumerate(lines, 1) if text and text in line), None)


def load(path: str | Path) -> list[Rule]:
    """Return the rules defined at the top level of a Python file.

    Raises
    ------
    UserError
        When the file is missing, does not run (with file and line), or defines no rule.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"there is no file {str(path)!r}; give the path of a Python file that defines a Rule.")
    spec = importlib.util.spec_from_file_location(f"user_rule_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise UserError(f"{path}, line {error.lineno}: {error.msg}; correct the Python of this rule.") from error
    except Exception as error:
        trace, line = error.__traceback__, None
        while trace:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path) else line
            trace = trace.tb_next
        raise UserError(f"{path}, line {line}: {type(error).__name__}: {error}; correct the Python of this rule.") from error
    rules = [value for value in vars(module).values() if isinstance(value, Rule)]
    if not rules:
        raise UserError(f"{path} defines no Rule; write MINE = Rule(name=..., source=..., model=..., on_pre=...) at its top level.")
    for rule in rules:
        object.__setattr__(rule, "file", str(path))
    return rules


def resolve(rule: Rule | str) -> Rule:
    """Return a Rule from itself, a name of the registry, or the path of a file that defines one.

    Raises
    ------
    UserError
        For a name that does not exist or a file that defines none or several.
    """
    if isinstance(rule, Rule):
        return rule
    text = str(rule)
    if text.endswith(".py") or "/" in text:
        rules = load(text)
        if len(rules) > 1:
            names = ", ".join(r.name for r in rules)
            raise UserError(f"{text} defines {len(rules)} rules ({names}); keep one rule a file.")
        return rules[0]
    return registry.get("rule", text)


def _reason(error: BaseException) -> str:
    """Return Brian2's own reason: the innermost message of a chain of exceptions."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split())


@contextmanager
def explained(rule: Rule) -> Iterator[None]:
    """Turn Brian2's errors about a rule's equations into one sentence with file, line and reason."""
    try:
        yield
    except UserError:
        raise
    except (BrianObjectException, EquationError, DimensionMismatchError, SyntaxError, KeyError, TypeError, NotImplementedError, ValueError) as error:
        reason = _reason(error)
        place = f"rule {rule.name!r}"
        if rule.file:
            fragments = [line.strip() for code in (rule.model, rule.on_pre, rule.on_post) for line in code.splitlines() if line.strip()]
            hit = next((f for f in sorted(fragments, key=len, reverse=True) if f in reason), None)
            if hit is None:  # the statement or name that Brian2 quotes
                quoted = [part for part in reason.replace('"', "'").split("'")[1::2] if part]
                hit = next((f for q in quoted for f in fragments if q in f), None)
            line = _line(Path(rule.file), hit or "")
            place = f"{rule.file}, line {line}" if line else rule.file
        raise UserError(f"{place}: Brian2 cannot run this rule: {reason}") from error
