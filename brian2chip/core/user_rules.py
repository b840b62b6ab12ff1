"""Brian2's complaints about a rule, as one sentence with file, line and reason."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brian2chip.core.later import brian2, internals
from brian2chip.core.rule import Rule
from brian2chip.core.units import DimensionMismatchError, Quantity
from brian2chip.errors import UserError

#: What Brian2 raises for equations that it cannot run, beside errors of its own.
ERRORS = (DimensionMismatchError, SyntaxError, LookupError, TypeError, ValueError, NotImplementedError)


def _of_brian2(error: Exception) -> bool:
    """Return whether Brian2 raises such an error for equations."""
    own = (brian2.BrianObjectException, internals.EquationError) if "brian2" in sys.modules else ()
    return isinstance(error, (*ERRORS, *own))


def _line(path: Path, text: str) -> int | None:
    """Return the line of the file that holds a fragment of an equation, if one does."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((k for k, line in enumerate(lines, 1) if text in line), None)


def _chain(error: BaseException) -> list[str]:
    """Return the messages of a chain of exceptions, innermost first."""
    messages = []
    while error is not None:
        said = " ".join(str(error.args[0] if error.args else error).split())
        bare = re.fullmatch(r"\W*\w*\W*", said)  # the message of a KeyError may be a name alone
        messages.insert(0, f"{type(error).__name__}: {said}" if bare else said)
        error = error.__cause__
    return messages


def _place(rule: Rule, messages: list[str]) -> str:
    """Return file and line of the equation that the messages speak of, as closely as they say."""
    if not rule.file:
        return f"rule {rule.name!r}"
    texts = (rule.model, *(path.code for path in rule.pathways), *(code for code, _ in rule.regular))
    code = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    for message in messages:
        quoted = re.findall(r'"([^"]+)"', message) + re.findall(r"'([^']+)'", message)
        for words in sorted(quoted, key=len, reverse=True):
            for line in code:
                # A whole statement, a name in one, or the two sides of "x += 1" that Brian2 writes as "x + 1".
                pattern = r"\s*".join(rf"(?<!\w){re.escape(w)}(?!\w)" if re.match(r"\w", w) else f"{re.escape(w)}=?" for w in words.split())
                if re.search(pattern, line) and (number := _line(Path(rule.file), line)):
                    return f"{rule.file}, line {number}"
    return rule.file


def _hint(rule: Rule, messages: list[str]) -> str:
    """Return what is usually forgotten where units do not fit or a name cannot be found."""
    if plain := _without_units(rule, messages):
        name, value = next(iter(plain.items()))
        return f" {', '.join(plain)} is given as a plain number; if it has a unit, say so: parameters={{{name!r}: {value:g}*ms}}."
    found = [name for message in messages for name in re.findall(r'identifier "(\w+)" could not be resolved', message)]
    if not found:
        return ""
    name = found[0]
    if name.endswith(("_post", "_pre")):
        return f" {name!r} is a variable of the neuron: name the model that has it with post=..., a Model or its name."
    if rule.file and re.search(
        rf"^{name}\s*[:=]|^(?:from|import)\b.*\b{name}\b", Path(rule.file).read_text(encoding="utf-8"), re.MULTILINE
    ):
        return (
            f" {name!r} stands at the top of the file, where equations do not look: give it to the rule, parameters={{{name!r}: {name}}}."
        )
    return f" Constants are given to the rule, parameters={{{name!r}: ...}}; those of the script around it are not looked up."


def _without_units(rule: Rule, messages: list[str]) -> dict[str, float]:
    """Return the parameters without a unit in an expression whose units do not fit."""
    quoted = [text for message in messages if "units" in message for text in re.findall(r"'([^']+)'", message)]
    names = [name for text in quoted for name in re.findall(r"[A-Za-z_]\w*", text)]
    return {name: value for name in names if (value := rule.parameters.get(name)) is not None and not isinstance(value, Quantity)}


@contextmanager
def explained(rule: Rule) -> Iterator[None]:
    """Turn Brian2's errors about a rule's equations into one sentence with file, line and reason."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not _of_brian2(error):
            raise
        messages = _chain(error)
        raise UserError(f"{_place(rule, messages)}: Brian2 cannot run this rule: {messages[0]}{_hint(rule, messages)}") from error
