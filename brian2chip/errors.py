"""The one exception for wrong input, with a sentence that says how to fix it."""

import difflib
from collections.abc import Iterable


class UserError(ValueError):
    """Wrong input: one sentence with what was given, what is allowed and what to do; the command line exits with 2.

    The sentence fits on one line, whatever the text that it quotes contains.
    """

    def __init__(self, sentence: str):
        super().__init__(" ".join(str(sentence).splitlines()))


#: Characters of a wrong name that a sentence repeats.
LONGEST = 80


def unknown(kind: str, given: str, allowed: Iterable[str]) -> UserError:
    """Return the error for a misspelt name, with the nearest allowed names.

    Parameters
    ----------
    kind : str
        What the name stands for, e.g. ``"rule"``.
    given : str
        The name as typed.
    allowed : iterable of str
        The names that exist.
    """
    allowed, given = sorted(allowed), str(given)[:LONGEST]
    near = difflib.get_close_matches(given, allowed, n=3, cutoff=0.5)
    other = f"choose one of {', '.join(allowed)}." if allowed else "there is none at all, so leave it out."
    hint = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else other
    return UserError(f"there is no {kind} {given!r}; {hint}")
