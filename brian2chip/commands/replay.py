"""Replay recorded chip traces and compare every array: exact, or the first difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from brian2chip.chips.chip import Replay
from brian2chip.core import output
from brian2chip.core.npz import read_arrays, write_npz
from brian2chip.core.registry import catalogue, get, working
from brian2chip.errors import UserError, unknown


def arguments(parser):
    """Declare the options."""
    parser.add_argument("chip", help="a chip with recorded traces, e.g. odin")
    parser.add_argument("traces", nargs="+", type=Path, metavar="TRACE.npz")
    parser.add_argument("--out", type=Path, help="write the results: an .npz file, or for several traces a folder")


def replay_of(chip: str) -> Replay:
    """Return how traces of a chip are replayed.

    Raises
    ------
    UserError
        For an unknown chip, or one that has no recorded traces.
    """
    if chip not in catalogue("chip"):
        raise unknown("chip with a replay", chip, catalogue("chip"))
    backend = get("chip", chip).backend
    if backend is None or backend.replay is None:
        known = [name for name, chip in working("chip").items() if (b := chip.backend) is not None and b.replay is not None]
        raise UserError(f"{chip} has no emulator that replays traces; choose one of {', '.join(known)}.")
    return backend.replay


def difference(name: str, expected: np.ndarray, got: np.ndarray, trace: Mapping[str, np.ndarray], describe: Callable) -> str:
    """Return ``exact`` or where two arrays first differ; rows of traces that were not valid when recorded are left out.

    Parameters
    ----------
    describe : callable
        ``describe(name, index, expected, got, trace) -> str or None``: the chip's words for a place and its two values.
    """
    expected, got = np.asarray(expected), np.asarray(got)
    if (expected.dtype.kind == "U") != (got.dtype.kind == "U"):
        return f"expected {expected.dtype}, got {got.dtype}"
    if expected.shape != got.shape and (expected.ndim != got.ndim or expected.shape[1:] != got.shape[1:] or expected.ndim == 0):
        return f"expected shape {expected.shape}, got {got.shape}"
    common = min(len(expected), len(got)) if expected.ndim else None
    differs = expected[:common] != got[:common] if expected.ndim else expected != got
    valid = trace.get("trace_valid")
    if valid is not None and name.startswith("trace_") and len(valid) == len(differs):
        differs = differs & (np.asarray(valid) > 0).reshape((-1,) + (1,) * (expected.ndim - 1))
    if np.any(differs):
        index = tuple(int(k) for k in np.argwhere(differs)[0])
        text = describe(name, index, expected, got, trace)
        return text or f"first difference at {index}: expected {expected[index]}, got {got[index]}"
    if expected.shape != got.shape:
        return f"equal up to entry {common}; expected {len(expected)} entries, got {len(got)}"
    return "exact"


def compared(replay: Replay, trace: Mapping[str, np.ndarray], result: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Return ``exact``, the first difference or ``not computed`` for every expected array of a trace."""
    expected = [name for name in replay.outputs if name in trace]
    compare = lambda name: difference(name, trace[name], result[name], trace, replay.describe)  # noqa: E731
    return {name: compare(name) if name in result else "not computed" for name in expected}


def main(args) -> int:
    """Replay each file and print a line per expected array; return 1 when one differs.

    Files that are refused do not stop the others; they are named at the end, in one error.
    """
    replay = replay_of(args.chip)
    several = len(args.traces) > 1
    if args.out is not None:
        _check_out(args.out, args.traces)
    wrong, refused = 0, []
    with replay.open() as run:
        for path in args.traces:
            try:
                trace = read_arrays(path, "trace")
                result = run(trace)
                lines = compared(replay, trace, result)
            except UserError as error:
                refused.append(str(error) if str(path) in str(error) else f"{path}: {error}")
                continue
            if args.out is not None:
                write_npz(args.out / path.name if several else args.out, result)
            wrong += sum(line != "exact" for line in lines.values())
            print(f"{path}{'' if lines else ': computed; the file holds no expected arrays'}")
            width = max(map(len, lines), default=0)
            print("".join(f"  {name:<{width}}  {line}\n" for name, line in lines.items()), end="", flush=True)
    if refused:
        count = f"{len(refused)} of {len(args.traces)} traces were refused"
        raise UserError(refused[0] if not several else f"{count}: {'; '.join(text.rstrip('.') for text in refused)}.")
    return int(wrong > 0)


def _check_out(out: Path, traces: list[Path]) -> None:
    """Raise UserError unless results can be written, each under a name of its own."""
    output.check_writable(out)
    if len(traces) > 1:
        names = [path.name for path in traces]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UserError(f"two traces are called {twice}, and --out would hold one result for both; replay them one after the other.")
        if out.exists() and not out.is_dir():
            raise UserError(f"{out} is a file; for several traces --out is a folder.")
        out.mkdir(parents=True, exist_ok=True)
