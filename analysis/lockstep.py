"""Searches side by side: what all of them want to know next is found out by one call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

Result = TypeVar("Result")
#: Rows to evaluate [k, parameters] to what was found [k, data].
Evaluate = Callable[[np.ndarray], np.ndarray]


class _Stopped(BaseException):
    """Raised in a search whose question will not be answered."""


class _Search(threading.Thread):
    """A search in a thread of its own, which stands still while it waits for an answer."""

    def __init__(self, search: Callable[[Evaluate], Any], moved: threading.Semaphore) -> None:
        super().__init__(daemon=True)
        self.search, self.moved, self.answered = search, moved, threading.Semaphore(0)
        self.question: np.ndarray | None = None
        self.answer: np.ndarray | None = None
        self.result: Any = None
        self.error: BaseException | None = None

    def ask(self, rows: np.ndarray) -> np.ndarray:
        self.question = np.atleast_2d(np.asarray(rows, float))
        self.moved.release()
        self.answered.acquire()
        if self.answer is None:
            raise _Stopped
        answer, self.answer = self.answer, None
        return answer

    def run(self) -> None:
        try:
            self.result = self.search(self.ask)
        except BaseException as error:  # it belongs to the thread that waits
            self.error = error
        self.moved.release()


def side_by_side(
    searches: Sequence[Callable[[Evaluate], Result]], evaluate: Evaluate, finished: Callable[[], None] = lambda: None
) -> list[Result]:
    """Return the results of several searches, each a function of ``ask(rows)``, whose questions are answered together.

    Searches run in threads, but ``evaluate`` and ``finished`` (called once for each search that is done) in the calling one. What a search
    finds does not depend on the others.
    """
    if len(searches) == 1:
        result = searches[0](lambda rows: evaluate(np.atleast_2d(np.asarray(rows, float))))
        finished()
        return [result]
    moved = threading.Semaphore(0)
    threads = [_Search(search, moved) for search in searches]
    running = list(threads)
    try:
        for thread in threads:
            thread.start()
        while running:
            for _ in running:
                moved.acquire()
            done = [thread for thread in running if thread.question is None]
            for thread in done:
                if thread.error is not None:
                    raise thread.error
                finished()
            running = [thread for thread in running if thread.question is not None]
            if running:
                _answer(running, evaluate)
    finally:
        for thread in threads:
            if thread.is_alive():
                thread.answer = None
                thread.answered.release()
                thread.join()
    return [thread.result for thread in threads]


def _answer(running: Sequence[_Search], evaluate: Evaluate) -> None:
    sizes = np.cumsum([len(thread.question) for thread in running])
    answers = np.split(evaluate(np.concatenate([thread.question for thread in running])), sizes[:-1])
    for thread, answer in zip(running, answers):
        thread.question, thread.answer = None, answer
        thread.answered.release()
