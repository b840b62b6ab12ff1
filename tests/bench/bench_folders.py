"""Small folders for the tests of the bench, and what a stand-in needs to play each: asked addresses, answers, memories afterwards."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from brian2chip.bench.folder import EVENT_OUTPUT, EVENTS, INPUTS, READBACK, TICK_OUTPUT, TICKS, BenchFolder
from brian2chip.translation.translate import translate
from tests.translation.translation_networks import integrators, recurrent

CHIPS = {"odin": (integrators, {}), "tinyodin": (integrators, {"low": -8}), "reckon": (recurrent, {})}
STANDINS = Path(__file__).parent / "standins"
SOURCES = {
    "odin": [STANDINS / name for name in ("odin.v", "spi20.v", "links.v")],
    "tinyodin": [STANDINS / name for name in ("tinyodin.v", "spi20.v", "links.v")],
    "reckon": [STANDINS / "reckon.v"],
}


def written(chip: str, path: Path) -> BenchFolder:
    """Translate a small network with its samples, and return its folder."""
    make, options = CHIPS[chip]
    network, samples = make(**options)
    translate(network, chip, test=samples, device="numpy").write(path)
    return BenchFolder.read(path)


def standin_files(folder: BenchFolder, to: Path) -> dict[str, Path]:
    """Write ``asked``, ``replies`` and ``after`` for a stand-in, and return where they are; made from the tables alone."""
    expected, stimulus = folder.document["expected"], folder.document["stimulus"]
    after = folder.table(expected["readback"], READBACK)
    if folder.chip == "reckon":
        asked, replies = _of_ticks(folder, stimulus, expected)
    else:
        asked = folder.table(stimulus["events"], EVENTS).address.tolist()
        replies = folder.table(expected["output"], EVENT_OUTPUT)[["event", "byte"]].values.tolist()
    files = {name: to / f"{name}.txt" for name in ("asked", "replies", "after")}
    files["asked"].write_text("".join(f"{value:x}\n" for value in asked))
    files["replies"].write_text("".join(f"{event} {byte}\n" for event, byte in replies))
    files["after"].write_text("".join(f"{row.address:x} {row.expected:x}\n" for row in after.itertuples()))
    return files


def _of_ticks(folder: BenchFolder, stimulus: dict, expected: dict) -> tuple[list[int], list[tuple[int, int]]]:
    """Return inputs and levels of each tick, counted over all samples, and the answers by that count."""
    runs, inputs = folder.table(stimulus["ticks"], TICKS), folder.table(stimulus["events"], INPUTS)
    ends = runs.groupby("sample").end.max()
    first = ends.cumsum() - ends
    asked = [0] * int(ends.sum())
    for run in runs.itertuples():
        for tick in range(run.first, run.end):
            levels = (tick < ends[run.sample] - 1) << 2 | run.target_valid << 1 | run.infer_acc
            asked[first[run.sample] + tick] |= int(levels) << 8
    for row in inputs.itertuples():
        asked[first[row.sample] + row.tick] ^= row.input
    output: pd.DataFrame = folder.table(expected["output"], TICK_OUTPUT)
    return asked, [(int(first[row.sample] + row.tick), row.byte) for row in output.itertuples()]
