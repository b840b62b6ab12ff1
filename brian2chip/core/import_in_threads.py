"""Brian2's first import in a thread other than the main one, as workers of dask, joblib and asyncio do it.

Brian2 installs a handler of Ctrl+C when it is imported, which Python allows in the main thread alone. Elsewhere the import goes on
without the handler, and Ctrl+C does what it always does. Brian2's units, where they were loaded without the rest, become an attribute of
the package as if it had loaded them.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import signal
import sys
import threading

#: What :mod:`~brian2chip.core.units` may have loaded alone.
UNITS = "brian2.units"

_lock = threading.Lock()


class _Loader(importlib.abc.Loader):
    """Loads a module while setting a signal handler in another thread than the main one is left out."""

    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        """Return what the module's own loader makes."""
        return self.loader.create_module(spec)

    def exec_module(self, module):
        """Run the module."""
        if UNITS in sys.modules:  # they were loaded alone
            module.units = sys.modules[UNITS]
        with _lock:
            original = signal.signal

            def where_allowed(number, handler):
                in_main = threading.current_thread() is threading.main_thread()
                return original(number, handler) if in_main else signal.getsignal(number)

            signal.signal = where_allowed
            try:
                self.loader.exec_module(module)
            finally:
                signal.signal = original
                module.__spec__.loader = module.__loader__ = self.loader


class Brian2Finder(importlib.abc.MetaPathFinder):
    """Answers for ``brian2`` in a thread other than the main one, and where its units are there already."""

    def find_spec(self, fullname, path=None, target=None):
        """Return the spec of ``brian2`` with a loader for threads and units, None for anything else."""
        if fullname != "brian2" or (UNITS not in sys.modules and threading.current_thread() is threading.main_thread()):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


def install() -> None:
    """Let Python ask here first for ``brian2``."""
    if not any(isinstance(finder, Brian2Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Brian2Finder())
