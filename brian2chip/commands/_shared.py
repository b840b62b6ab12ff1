"""Options that several commands have, and the lines that long work logs."""

from __future__ import annotations

import logging
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from brian2chip.errors import UserError

if TYPE_CHECKING:
    from brian2chip.core.task import Task

logger = logging.getLogger("brian2chip")

#: What a fit takes besides.
FIT = ("free", "separate", "bounds", "starts", "search", "intervals", "samples", "confidence")
RULE = "a name that brian2chip list prints, with or without :preset, or the path of a file that defines one"


def add_run_options(parser: ArgumentParser) -> None:
    """Declare what running a rule through a protocol takes: --set, --option, --device, --seed, --progress and --json."""
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter or initial value with unit, e.g. tau_plus=20ms, w=0.5"
    )
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the protocol, e.g. pairs=30")
    parser.add_argument("--dt", help="the step, e.g. 0.05ms (default: the protocol's); every spike must lie on it")
    add_device(parser)
    parser.add_argument("--seed", type=int, default=1, help="seed of the stimuli (default 1)")
    add_progress(parser)
    add_json(parser)


def add_device(parser: ArgumentParser, default: str = "auto") -> None:
    """Declare --device."""
    devices = [name for name in ("auto", "numpy", "cython", "cpp_standalone", "cuda", "genn") if name != default]
    parser.add_argument("--device", default=default, help=f"{default} (default), {', '.join(devices[:-1])} or {devices[-1]}")


def add_progress(parser: ArgumentParser) -> None:
    """Declare --progress."""
    parser.add_argument("--progress", action="store_true", help="show a progress bar")


def add_workers(parser: ArgumentParser, what: str) -> None:
    """Declare --workers, of which one is this process."""
    parser.add_argument("--workers", type=int, help=f"worker processes for {what} (default: one per core, if it takes long)")


def add_json(parser: ArgumentParser) -> None:
    """Declare --json."""
    parser.add_argument("--json", action="store_true", help="print JSON")


#: How recordings become samples, as :meth:`brian2chip.core.task.Task.from_file` takes it.
BINNING = ("dt", "duration", "sensor", "pool", "test")


def add_binning(parser: ArgumentParser) -> None:
    """Declare how a file or folder of recordings becomes a task."""
    parser.add_argument("--dt", help="of a task from a file: the step, e.g. 5ms (default 1ms, or the file's)")
    parser.add_argument("--duration", help="of recordings: where samples end, e.g. 0.8s (default: with the last event)")
    parser.add_argument(
        "--sensor", metavar="WxHxP", help="of event cameras: columns, rows, and polarities that are kept apart, e.g. 34x34x1"
    )
    parser.add_argument("--pool", type=int, help="of recordings: neighbouring channels, or pixels per side, that become one input")
    parser.add_argument("--test", metavar="FILE", help="of a task from a file: the samples to test on (default: a fifth is held out)")


def task_of(args: Namespace) -> Task:
    """Return the learning task that a command line names: by its name, or from a file of its own or of data."""
    from brian2chip.core.quantities import parse_value  # with the next ones: Brian2, see the package's docstring
    from brian2chip.core.recordings.data_files import is_data
    from brian2chip.core.task import Task
    from brian2chip.learning import tasks

    given = {name: getattr(args, name) for name in BINNING if getattr(args, name) is not None}
    if not given:
        return tasks.task_of(args.task)
    if not is_data(args.task):
        raise UserError(
            f"--{next(iter(given))} is for a task from a file of samples or recordings, which {args.task!r} is not; leave it out."
        )
    given |= {name: parse_value(given[name]) for name in ("dt", "duration") if name in given}
    for name in ("dt", "duration"):
        if isinstance(given.get(name), float):
            raise UserError(f"--{name} was given as {getattr(args, name)}; give a time with its unit, e.g. 5ms.")
    if "sensor" in given:
        given["sensor"] = tuple(int(side) if side.isdecimal() else side for side in given["sensor"].split("x"))
    return Task.from_file(args.task, **given)


def pairs(items: Iterable[str], convert: Callable[[str], Any] = str) -> dict[str, Any]:
    """Return ``{name: value}`` from ``NAME=VALUE`` texts."""
    out = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name or not value:
            raise UserError(f"{item!r} is not NAME=VALUE; write e.g. tau_plus=20ms.")
        if name.strip() in out:
            raise UserError(f"{name.strip()} was given twice; give it once.")
        out[name.strip()] = convert(value)
    return out


def options(items: Iterable[str]) -> dict[str, str]:
    """Return the options of a protocol from ``NAME=VALUE`` texts."""
    found = pairs(items)
    for name in (*FIT, "protocol", "rule", "parameters", "device", "seed", "dt", "workers", "progress"):
        if name in found:
            raise UserError(f"{name} is no option of a protocol; see --help for what the command itself takes.")
    return found


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


def refuse(args: Namespace, names: tuple[str, ...], why: str) -> None:
    """Raise where an option was given that does not belong to what is trained."""
    for name in names:
        if getattr(args, name) not in (None, []):
            raise UserError(f"--{name.replace('_', '-')} {why}; leave it out.")
