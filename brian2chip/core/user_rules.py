"""Brian2's complaints about a rule, as one sentence with file, line and reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brian2 import BrianObjectException, DimensionMismatchError

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
    texts = (rule.model, rule.on_pre, rule.on_post, *(code for code, _ in rule.regular))
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
