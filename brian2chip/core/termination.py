"""SIGTERM and SIGHUP, as a time limit, a scheduler or a closed terminal sends them, leave like an exception does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__]


#: Seconds after which a signal that was swallowed comes again.
AGAIN = 0.05


class _Left(SystemExit):
    """The end that a signal asked for."""


def _leave(number: int, frame: Any) -> None:
    for each in SIGNALS:  # the second one must not interrupt the clearing up
        if signal.getsignal(each) is _leave:
            signal.signal(each, signal.SIG_IGN)
    raise _Left(128 + number)


@contextmanager
def termination_unwinds() -> Iterator[None]:
    """Let these signals end the block by ``SystemExit``, so that what it started and wrote for the moment goes with it.

    Nothing changes outside the main thread, or where the program handles or ignores a signal itself.
    """
    in_main = threading.current_thread() is threading.main_thread()
    mine = [number for number in SIGNALS if in_main and signal.getsignal(number) is signal.SIG_DFL]
    others = sys.unraisablehook

    def swallowed(what: Any) -> None:
        """Send the signal again where Python swallowed what it raised: in a finaliser or a callback of the garbage collector."""
        if not isinstance(what.exc_value, _Left):
            others(what)
            return
        for number in mine:
            signal.signal(number, _leave)
        threading.Timer(AGAIN, os.kill, (os.getpid(), what.exc_value.code - 128)).start()

    for number in mine:
        signal.signal(number, _leave)
    if mine:
        sys.unraisablehook = swallowed
    try:
        yield
    finally:
        if mine:
            sys.unraisablehook = others
        for number in mine:
            signal.signal(number, signal.SIG_DFL)
