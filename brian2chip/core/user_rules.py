"""A user's own rule: loaded from a file, and, when Brian2 cannot run it, explained with file, line and reason."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brian2 import BrianObjectException, DimensionMismatchError

from brian2chip.core import registry
from brian2chip.core.brian2_internals import EquationError
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError

#: What Brian2 raises for equations that it cannot run.
BRIAN2_ERRORS = (
    BrianObjectException,
    EquationError,
    DimensionMismatchError,
    SyntaxError,
    LookupError,
    TypeError,
    ValueError,
    NotImplementedError,
)


def _line(path: Path, text: str) -> int | None:
    """Return the line of the file that holds a fragment of an equation, if one does."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((k for k, line in enumerate(lines, 1) if text in line), None)


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


def _chain(error: BaseException) -> list[str]:
    """Return the messages of a chain of exceptions, innermost first."""
    messages = []
    while error is not None:
        messages.insert(0, " ".join(str(error.args[0] if error.args else error).split()))
        error = error.__cause__
    return messages


def _place(rule: Rule, messages: list[str]) -> str:
    """Return file and line of the equation that the messages speak of, as closely as they say."""
    if not rule.file:
        return f"rule {rule.name!r}"
    code = [line.strip() for text in (rule.model, rule.on_pre, rule.on_post) for line in text.splitlines() if line.strip()]
    for message in messages:
        quoted = re.findall(r'"([^"]+)"', message) + re.findall(r"'([^']+)'", message)
        for words in sorted(quoted, key=len, reverse=True):
            for line in code:
                # A whole statement, a name in one, or the two sides of "x += 1" that Brian2 writes as "x + 1".
                pattern = r"\s*".join(rf"(?<!\w){re.escape(w)}(?!\w)" if re.match(r"\w", w) else f"{re.escape(w)}=?" for w in words.split())
                if re.search(pattern, line) and (number := _line(Path(rule.file), line)):
                    return f"{rule.file}, line {number}"
    return rule.file


@contextmanager
def explained(rule: Rule) -> Iterator[None]:
    """Turn Brian2's errors about a rule's equations into one sentence with file, line and reason."""
    try:
        yield
    except UserError:
        raise
    except BRIAN2_ERRORS as error:
        messages = _chain(error)
        raise UserError(f"{_place(rule, messages)}: Brian2 cannot run this rule: {messages[0]}") from error
