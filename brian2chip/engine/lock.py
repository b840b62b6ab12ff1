"""Who may use Brian2's global state: one thread of the process at a time.

A second thread waits. Where waiting might never end, because the thread that holds Brian2 waits for another thread itself, a sentence
says so.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from brian2chip.errors import UserError

#: Seconds between two looks at what the holder does, and how many in a row must find it waiting.
LOOK, LOOKS = 0.25, 8
#: Modules of Python in whose functions a thread waits for another one.
WAITING = ("threading", "concurrent.futures", "queue", "asyncio", "multiprocessing.pool")

_lock = threading.Lock()
_holder: int | None = None
_give_back: Callable[[], None] | None = None


def _after_fork() -> None:
    """Free in a new process what a thread held that is not in it; the thread that forked keeps what it holds."""
    global _lock, _holder, _give_back
    if _holder == threading.get_ident():
        return
    if _give_back is not None:
        _give_back()
    _lock, _holder, _give_back = threading.Lock(), None, None


if getattr(os, "register_at_fork", None) is not None:  # a system that forks
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def held() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Hold Brian2 for this thread; yields what takes the function that gives Brian2's state back, for a process forked by another thread.

    Raises
    ------
    UserError
        When this thread holds it already, or the thread that does waits for another one.
    """
    global _holder, _give_back
    if _holder == threading.get_ident():
        raise UserError("a session is already open in this thread, and sessions do not nest; leave it before the next one is opened.")
    _acquire()
    _holder = threading.get_ident()
    try:
        yield _remember
    finally:
        _holder = _give_back = None
        _lock.release()


def _remember(give_back: Callable[[], None]) -> None:
    global _give_back
    _give_back = give_back


def _acquire() -> None:
    """Wait for Brian2, and look from time to time whether it can come free."""
    found = 0
    while not _lock.acquire(timeout=LOOK):
        found = found + 1 if _waits_for_a_thread(_holder) else 0
        if found == LOOKS:
            raise UserError(
                "another thread of this process has a session open and waits for a thread itself, so this one would wait for ever; "
                "open sessions inside the threads that use them."
            )


def _waits_for_a_thread(thread: int | None) -> bool:
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_globals.get("__name__") == "selectors":  # what called it says whom it waits for
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__")).startswith(WAITING)
