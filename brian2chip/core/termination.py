"""SIGTERM and SIGHUP, as a time limit, a scheduler or a closed terminal sends them, leave like an exception does."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__]


def _leave(number: int, frame: Any) -> None:
    for each in SIGNALS:  # the second one must not interrupt the clearing up
        if signal.getsignal(each) is _leave:
            signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


@contextmanager
def termination_unwinds() -> Iterator[None]:
    """Let these signals end the block by ``SystemExit``, so that what it started and wrote for the moment goes with it.

    Nothing changes outside the main thread, or where the program handles or ignores a signal itself.
    """
    in_main = threading.current_thread() is threading.main_thread()
    mine = [number for number in SIGNALS if in_main and signal.getsignal(number) is signal.SIG_DFL]
    for number in mine:
        signal.signal(number, _leave)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)
