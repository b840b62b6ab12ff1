"""Options that several commands have, and the lines that long work logs."""

from __future__ import annotations

import logging
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from brian2chip.errors import UserError

RULE = "a name that brian2chip list prints, with or without :preset, or the path of a file that defines one"


def add_run_options(parser: ArgumentParser) -> None:
    """Declare what running a rule through a protocol takes: --set, --option, --device, --seed, --progress and --json."""
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter with its unit, e.g. tau_plus=20ms")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the protocol, e.g. pairs=30")
    add_device(parser)
    parser.add_argument("--seed", type=int, default=1, help="seed of the stimuli (default 1)")
    add_progress(parser)
    add_json(parser)


def add_device(parser: ArgumentParser, default: str = "auto") -> None:
    """Declare --device."""
    devices = [name for name in ("auto", "numpy", "cython", "cpp_standalone", "genn") if name != default]
    parser.add_argument("--device", default=default, help=f"{default} (default), {', '.join(devices[:-1])} or {devices[-1]}")


def add_progress(parser: ArgumentParser) -> None:
    """Declare --progress."""
    parser.add_argument("--progress", action="store_true", help="show a bar")


def add_json(parser: ArgumentParser) -> None:
    """Declare --json."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def pairs(items: Iterable[str], convert: Callable[[str], Any] = str) -> dict[str, Any]:
    """Return ``{name: value}`` from ``NAME=VALUE`` texts."""
    out = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name or not value:
            raise UserError(f"{item!r} is not NAME=VALUE; write e.g. tau_plus=20ms.")
        out[name.strip()] = convert(value)
    return out


class _Lines(logging.Handler):
    """Writes each record as a line on standard error, above a bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm  # knows the bars; only commands that log need it

        tqdm.write(self.format(record), file=sys.stderr)


@contextmanager
def logged(quiet: bool = False, by: str = "brian2chip") -> Iterator[None]:
    """Show what the package, or one module of it, logs while the block runs, a line each; nothing when ``quiet``."""
    logger, handler = logging.getLogger(by), _Lines(logging.INFO)
    before = logger.level
    if not quiet:
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
