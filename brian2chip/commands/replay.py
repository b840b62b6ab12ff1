"""Replay recorded chip traces and compare every array: exact, or the first difference."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from brian2chip.core import output
from brian2chip.errors import UserError, unknown


def chips() -> list[str]:
    """Return the chips that can replay traces: those with a ``replay.py``."""
    folder = Path(importlib.util.find_spec("brian2chip.chips").origin).parent
    return sorted(path.parent.name for path in folder.glob("*/replay.py"))


def arguments(parser):
    """Declare the options."""
    parser.add_argument("chip", help=f"one of {', '.join(chips())}")
    parser.add_argument("traces", nargs="+", type=Path, metavar="TRACE.npz")
    parser.add_argument("--out", type=Path, help="write the results: an .npz file, or for several traces a folder")


def load(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a trace.

    Raises
    ------
    UserError
        When the file is not there or is no .npz file.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except FileNotFoundError:
        raise UserError(f"there is no trace {path}.") from None
    except (OSError, ValueError, zipfile.BadZipFile, AttributeError) as error:
        raise UserError(f"{path} is not a trace in NumPy's .npz format ({error}).") from None


def difference(name: str, expected: np.ndarray, got: np.ndarray, trace: dict, describe=None) -> str:
    """Return ``exact`` or where two arrays first differ; rows of traces that were not valid when recorded are left out.

    Parameters
    ----------
    describe : callable, optional
        ``describe(name, index, expected, got, trace) -> str``: the chip's words for a place and its two values.
    """
    expected, got = np.asarray(expected), np.asarray(got)
    if expected.shape != got.shape and (expected.ndim != got.ndim or expected.shape[1:] != got.shape[1:] or expected.ndim == 0):
        return f"expected shape {expected.shape}, got {got.shape}"
    common = min(len(expected), len(got)) if expected.ndim else None
    differs = expected[:common] != got[:common] if expected.ndim else expected != got
    valid = trace.get("trace_valid")
    if valid is not None and name.startswith("trace_") and len(valid) == len(differs):
        differs = differs & (np.asarray(valid) > 0).reshape((-1,) + (1,) * (expected.ndim - 1))
    if np.any(differs):
        index = tuple(int(k) for k in np.argwhere(differs)[0])
        text = describe(name, index, expected, got, trace) if describe else None
        return text or f"first difference at {index}: expected {expected[index]}, got {got[index]}"
    if expected.shape != got.shape:
        return f"equal up to entry {common}; expected {len(expected)} entries, got {len(got)}"
    return "exact"


def _results(module, traces: list[dict]) -> Iterator[dict]:
    # A chip may replay many traces with one program; else one after another.
    return module.replays(traces) if hasattr(module, "replays") else map(module.replay, traces)


def main(args) -> int:
    """Replay each file and print a line per expected array; 1 when one differs."""
    known = chips()
    if args.chip not in known:
        raise unknown("chip with a replay", args.chip, known)
    traces = [load(path) for path in args.traces]
    several = len(traces) > 1
    if args.out is not None:
        output.check_writable(args.out)
    if args.out is not None and several:
        args.out.mkdir(parents=True, exist_ok=True)
    module = importlib.import_module(f"brian2chip.chips.{args.chip}.replay")
    wrong = 0
    for path, trace, result in zip(args.traces, traces, _results(module, traces)):
        if args.out is not None:
            np.savez_compressed(args.out / path.name if several else args.out, **result)
        expected = [name for name in module.OUTPUTS if name in trace]
        lines = {
            name: difference(name, trace[name], result[name], trace, getattr(module, "describe", None))
            if name in result
            else "not computed"
            for name in expected
        }
        wrong += sum(line != "exact" for line in lines.values())
        print(f"{path}{'' if expected else ': computed; the file holds no expected arrays'}")
        width = max(map(len, lines), default=0)
        print("".join(f"  {name:<{width}}  {line}\n" for name, line in lines.items()), end="", flush=True)
    return int(wrong > 0)
