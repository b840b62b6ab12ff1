"""Progress, one contract for the whole package: a callable of the fraction done, ``True`` for a bar, or ``None``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from brian2chip.errors import UserError

#: What every ``progress`` argument takes.
Progress = Callable[[float], None] | bool | None
#: Percentage, bar, time gone and time to go; the number of steps means nothing to a reader.
FORMAT = "{desc}{percentage:3.0f}% |{bar}| {elapsed} < {remaining}"


def silent(fraction: float) -> None:
    """Do nothing with the fraction done."""


@contextmanager
def callback(progress: Progress, description: str = "") -> Iterator[Callable[[float], None]]:
    """Yield a callable of the fraction done, from 0 to 1; a bar is closed at the end, also after an error.

    Parameters
    ----------
    progress : callable, bool or None
        A callable is yielded as it is. ``True`` draws a bar (in the terminal on standard error, in a notebook as a widget);
        ``None`` and ``False`` show nothing.
    description : str
        What stands before the bar.

    Raises
    ------
    UserError
        When ``progress`` is anything else.
    """
    if callable(progress):
        yield progress
    elif progress is None or progress is False:
        yield silent
    elif progress is True:
        from tqdm.auto import tqdm  # costs more than the rest of this module, and few runs draw a bar

        with tqdm(total=1.0, desc=description, bar_format=FORMAT) as bar:
            yield lambda fraction: bar.update(max(fraction - bar.n, 0.0)) and None
    else:
        raise UserError(f"progress was given as {progress!r}; give True for a bar, a function of the fraction done, or None.")


def part(report: Callable[[float], None], index: int, count: int) -> Callable[[float], None]:
    """Return the callable for the ``index``-th (from 0) of ``count`` equal parts of a longer task."""
    return lambda fraction: report((index + fraction) / count)
