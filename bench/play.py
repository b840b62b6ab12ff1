"""Play a folder's stimulus on a chip, collect what comes out, and compare it with what was expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from brian2chip.bench.folder import EVENT_OUTPUT, TICK_OUTPUT, BenchFolder
from brian2chip.bench.program import send
from brian2chip.bench.script import Part
from brian2chip.bench.transport import Op, Transport


def play(parts: Sequence[Part], transport: Transport, report: Callable[[float], None] = lambda _: None) -> pd.DataFrame:
    """Play parts and return the bytes that came out with their sample and event or tick: ``sample``, ``place``, ``byte``."""
    found = [np.zeros((0, 3), np.int64)]
    for k, part in enumerate(parts):
        send(transport, part.transactions)
        outputs = np.array(transport.play(part.instructions), np.int64).reshape(-1, 2)
        found.append(np.column_stack([part.places[outputs[:, 1]], outputs[:, 0]]))
        report((k + 1) / len(parts))
    return pd.DataFrame(np.concatenate(found), columns=["sample", "place", "byte"])


def expected_output(folder: BenchFolder, parts: Sequence[Part]) -> pd.DataFrame:
    """Return what a folder expects, with the columns of :func:`play`.

    The event of a byte can be told at the pins only where every event waits until the chip is idle; elsewhere ``place`` is -1.
    """
    entry = folder.document["expected"]["output"]
    if folder.chip == "reckon":
        return folder.table(entry, TICK_OUTPUT).rename(columns={"tick": "place"})[["sample", "place", "byte"]]
    table = folder.table(entry, EVENT_OUTPUT).rename(columns={"event": "place"})[["sample", "place", "byte"]]
    return table if _all_wait(parts) else table.assign(sample=-1, place=-1)


def _all_wait(parts: Sequence[Part]) -> bool:
    """Return whether the chip is idle before every event."""
    ops = [op for part in parts for op, _ in part.instructions]
    return all(one is not Op.EVENT or before is Op.IDLE for before, one in zip(ops, ops[1:]))


def first_difference(expected: pd.DataFrame, got: pd.DataFrame, place: str) -> tuple[int, str | None]:
    """Return how many bytes differ, and the first difference in one sentence.

    Parameters
    ----------
    expected, got : DataFrame
        As :func:`expected_output` and :func:`play` return them.
    place : {"event", "tick"}
        What ``place`` counts.
    """
    if len(expected) and (expected.place < 0).all():
        got = got.assign(sample=-1, place=-1)
    common = min(len(expected), len(got))
    differs = (expected.to_numpy()[:common] != got.to_numpy()[:common]).any(axis=1)
    wrong = int(differs.sum()) + abs(len(expected) - len(got))
    if not wrong:
        return 0, None
    k = int(np.argmax(differs)) if differs.any() else common
    say = [_said(table.iloc[k], place) if k < len(table) else "nothing more" for table in (expected, got)]
    return wrong, f"output {k}: expected {say[0]}, got {say[1]}"


def _said(row: pd.Series, place: str) -> str:
    where = "" if row.place < 0 else f" (sample {row['sample']}, {place} {row.place})"
    return f"byte {row.byte}{where}"
