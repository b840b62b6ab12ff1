"""A folder on a chip, from reset to verdict: program, verify, play, compare."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pandas as pd

from brian2chip.bench.folder import BenchFolder
from brian2chip.bench.play import expected_output, first_difference, play
from brian2chip.bench.program import PROGRAMS, first_wrong, program, verify
from brian2chip.bench.script import script
from brian2chip.bench.transport import Transport
from brian2chip.core.progress import Progress, callback, part
from brian2chip.errors import UserError, unknown


@dataclass(frozen=True)
class BenchResult:
    """What a run at the bench gave.

    Attributes
    ----------
    table : DataFrame
        One row a step: ``step``, ``entries`` that were sent or compared, ``differences``, ``first_difference``, ``seconds``.
    output : DataFrame or None
        The bytes that came out: ``sample``, ``place`` (event or tick), ``byte``; None where nothing was played.
    """

    table: pd.DataFrame
    output: pd.DataFrame | None

    @property
    def first_difference(self) -> str | None:
        """The first difference in one sentence, None when there is none."""
        return next((text for text in self.table.first_difference if text), None)

    @property
    def verdict(self) -> str:
        """``PASS``, with what was compared, or ``FAIL`` with the first difference."""
        if text := self.first_difference:
            return f"FAIL: {text}."
        compared = {row.step: row.entries for row in self.table.itertuples() if row.step != "program"}
        silent = " No output was expected: the network is silent on these samples (brian2chip diagnose says why)."
        said = "PASS: " + ", ".join(f"{count} {COMPARED[step]}" for step, count in compared.items()) + " as expected."
        return said + silent * (compared.get("play") == 0)


COMPARED = {"verify": "entries read back", "play": "bytes of output", "verify after": "entries read back afterwards"}


def run(folder: BenchFolder, transport: Transport, *, how: str = "full", playing: bool = True, progress: Progress = None) -> BenchResult:
    """Program a chip, read back, play the stimulus, compare the output, and read back what is left; stop at the first step that differs.

    Parameters
    ----------
    folder : BenchFolder
    transport : Transport
    how : {"full", "clear", "sparse"}
        As :func:`brian2chip.bench.program.program` takes it.
    playing : bool
        Without it, nothing is played.
    progress : callable, bool or None
        A function of the fraction done, or True for a bar.

    Raises
    ------
    UserError
        For a folder that is incomplete, and a transport or chip that does not answer.
    """
    if how not in PROGRAMS:
        raise unknown("program", how, PROGRAMS)
    parts = script(folder) if playing else []
    if playing and folder.document["expected"] is None:
        raise UserError(f"{str(folder.path)!r} says nothing of what is expected; translate with --test SAMPLES.")
    rows: list[tuple] = []
    output = None
    with callback(progress, folder.chip) as report:
        began = time.perf_counter()
        sent = program(folder, transport, how, part(report, 0, 4))
        began = _add(rows, "program", sent, 0, None, began)
        began = _verified(rows, "verify", folder, transport, folder.document["readback"]["file"], began, part(report, 1, 4))
        if playing and not rows[-1][3]:
            expected = expected_output(folder, parts)
            output = play(parts, transport, part(report, 2, 4))
            wrong, text = first_difference(expected, output, "tick" if folder.chip == "reckon" else "event")
            began = _add(rows, "play", len(expected), wrong, text, began)
            if not text:
                file = folder.document["expected"]["readback"]["file"]
                _verified(rows, "verify after", folder, transport, file, began, part(report, 3, 4))
    table = pd.DataFrame(rows, columns=["step", "entries", "differences", "first_difference", "seconds"])
    return BenchResult(table, output)


def _add(rows: list[tuple], step: str, entries: int, differences: int, text: str | None, began: float) -> float:
    now = time.perf_counter()
    rows.append((step, entries, differences, text or "", round(now - began, 3)))
    return now


def _verified(rows: list[tuple], step: str, folder: BenchFolder, transport: Transport, file: str, began: float, report) -> float:
    table = verify(folder, transport, file, report)
    when = "after the program" if step == "verify" else "after the last sample"
    return _add(rows, step, len(table), int((table.expected != table.got).sum()), first_wrong(table, folder, when), began)
