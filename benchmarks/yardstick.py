"""What every table of a benchmark begins with, and how time is taken: processor seconds beside those of the wall, medians, the machine.

Processor time hardly depends on other load; the machine's yardstick says how fast it is itself: the time of `import brian2` and of a
fixed loop of NumPy.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple


class Seconds(NamedTuple):
    """Of the wall's clock and of the processor, of this process and the programs that it started."""

    wall: float
    processor: float


def busy() -> float:
    """Return the processor seconds of this process and of the programs that it started so far."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def timed(work: Callable[[], object]) -> Seconds:
    """Return how long some work takes."""
    wall, before = time.perf_counter(), busy()
    work()
    return Seconds(time.perf_counter() - wall, busy() - before)


def median(work: Callable[[], object], repeats: int = 5) -> Seconds:
    """Return the medians of several times."""
    return medians([timed(work) for _ in range(repeats)])


def medians(times: Sequence[Seconds]) -> Seconds:
    """Return the median of each column."""
    return Seconds(*(statistics.median(column) for column in zip(*times)))


def process(arguments: Sequence[str], repeats: int = 3, **options: object) -> Seconds:
    """Return the medians of a process of Python that is started anew each time."""
    return median(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True, **options), repeats)


def numpy_loop() -> None:
    """Some additions, products and square roots of arrays that fit the cache."""
    import numpy as np

    x = np.linspace(0.0, 1.0, 20_000)
    for _ in range(5_000):
        x = np.sqrt(x * x + 0.5)


@cache
def yardstick() -> dict[str, Seconds]:
    """Return how long this machine takes to import Brian2 and for the loop of NumPy."""
    return {"import brian2": process(["-c", "import brian2"]), "NumPy loop": median(numpy_loop, 3)}


def heading(title: str) -> None:
    """Print what a table is of, and the yardstick."""
    found = ", ".join(f"{name} {each.processor:.2f} s ({each.wall:.2f} s of wall time)" for name, each in yardstick().items())
    print(f"\n{title}\nthe machine, in processor time: {found}", flush=True)
