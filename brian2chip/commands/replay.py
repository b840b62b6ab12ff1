"""Replay recorded chip traces and compare every array: exact, or the first difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from brian2chip.chips.chip import Replay
from brian2chip.core import output
from brian2chip.core.npz import read_arrays
from brian2chip.core.registry import catalogue, get
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
        known = [name for name in catalogue("chip") if (b := get("chip", name).backend) is not None and b.replay is not None]
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
    """Replay each file and print a line per expected array; 1 when one differs. A trace that is refused does not stop the others."""
    replay = replay_of(args.chip)
    traces = [read_arrays(path, "trace") for path in args.traces]
    several = len(traces) > 1
    if args.out is not None:
        output.check_writable(args.out)
    if args.out is not None and several:
        args.out.mkdir(parents=True, exist_ok=True)
    wrong, refused = 0, []
    with replay.open() as run:
        for path, trace in zip(args.traces, traces):
            try:
                result = run(trace)
            except UserError as error:
                refused.append(f"{path}: {error}")
                continue
            if args.out is not None:
                np.savez_compressed(args.out / path.name if several else args.out, **result)
            lines = compared(replay, trace, result)
            wrong += sum(line != "exact" for line in lines.values())
            print(f"{path}{'' if lines else ': computed; the file holds no expected arrays'}")
            width = max(map(len, lines), default=0)
            print("".join(f"  {name:<{width}}  {line}\n" for name, line in lines.items()), end="", flush=True)
    if refused:
        raise UserError(refused[0] if len(refused) == 1 else f"{len(refused)} traces were refused: " + " ".join(refused))
    return int(wrong > 0)
