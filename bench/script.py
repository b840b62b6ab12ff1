"""What is played on a chip: its folder's stimulus as instructions, with the sample and the event or tick of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from brian2chip.bench.folder import EVENTS, INPUTS, TARGETS, TICKS, BenchFolder, Transaction
from brian2chip.bench.transport import Instruction, Level, Op, idle
from brian2chip.errors import UserError

#: Cycles for which levels stand before a tick, from TIME_TICK's rise to when the chip is certainly busy with it or done, and within which
#: it asks for a target.
HELD, TAKEN_UP, ASKS = 4, 8, 300
#: Ticks of a sample.
MOST_TICKS = 1 << 20
#: ReckOn's registers EN_CONF and DO_EPROP, as headers of a write of one word.
EN_CONF, DO_EPROP = 0x00010000, 0x00010009


@dataclass(frozen=True)
class Part:
    """Something to send over SPI while the chip is idle, then instructions in order.

    Attributes
    ----------
    transactions : list of Transaction
    instructions : list of Instruction
    places : int array [instructions, 2]
        Sample and event (ODIN, tinyODIN) or tick (ReckOn) to which each belongs.
    """

    transactions: list[Transaction]
    instructions: list[Instruction]
    places: np.ndarray


def script(folder: BenchFolder) -> list[Part]:
    """Return the stimulus of a folder as parts in the order in which to play them.

    Raises
    ------
    UserError
        For a folder without stimulus, and for one with more channels than the chip has.
    """
    stimulus = folder.document["stimulus"]
    if stimulus is None:
        raise UserError(f"{str(folder.path)!r} has no stimulus; translate with --test SAMPLES, or leave the playing out with --no-play.")
    return ticks(folder) if folder.chip == "reckon" else [events(folder)]


def events(folder: BenchFolder) -> Part:
    """Return the events of ODIN or tinyODIN; the chip is idle before each that waits, and at the end."""
    stimulus = folder.document["stimulus"]
    table = folder.table(stimulus["events"], EVENTS)
    bits = folder.document["pins"]["inputs"]["AERIN_ADDR"]
    _within(table, "address", bits, folder)
    wait = idle(stimulus["idle"]["cycles_after_ack"], stimulus["idle"]["cycles_per_output"])
    instructions, places = [], []
    previous = (-1, -1)
    for event, sample, address, waits in zip(*(table[name].tolist() for name in ("event", "sample", "address", "wait"))):
        if waits and instructions:
            instructions.append(wait)
            places.append(previous)
        previous = (sample, event)
        instructions.append((Op.EVENT, address))
        places.append(previous)
    return Part([], [*instructions, wait], np.array([*places, previous], np.int64))


def ticks(folder: BenchFolder) -> list[Part]:
    """Return the samples of ReckOn, tick by tick; a new part begins where DO_EPROP changes."""
    stimulus = folder.document["stimulus"]
    runs, inputs = folder.table(stimulus["ticks"], TICKS), folder.table(stimulus["events"], INPUTS)
    _within(inputs, "input", folder.document["pins"]["inputs"]["AERIN_ADDR"], folder)
    targets = stimulus["targets"] and folder.table(stimulus["targets"], TARGETS)
    ends = _ends(runs, folder)
    _inside(inputs, ends, folder)
    if targets is not None:
        _within(targets, "value", 8, folder)
        _inside(targets, ends, folder)
    sent = {} if targets is None else _grouped(targets, "value")
    events_of = _grouped(inputs, "input")
    parts: list[Part] = []
    learns = None
    for sample, rows in runs.groupby("sample", sort=True):
        eprop = int(rows.eprop.iloc[0])
        instructions, tick_of = _sample(int(sample), rows, events_of, sent, labelled=targets is None)
        places = np.column_stack([np.full(len(tick_of), sample), tick_of])
        if eprop != learns:
            parts.append(Part([(EN_CONF, 1), (DO_EPROP, eprop), (EN_CONF, 0)], [], np.zeros((0, 2), np.int64)))
            learns = eprop
        last = parts.pop()
        parts.append(Part(last.transactions, last.instructions + instructions, np.concatenate([last.places, places])))
    return parts


def _sample(sample: int, runs: pd.DataFrame, events_of: dict, sent: dict, labelled: bool) -> tuple[list[Instruction], list[int]]:
    """Return the instructions of a sample and the tick of each."""
    out: list[Instruction] = [(Op.LEVELS, Level.SAMPLE), (Op.WAIT, HELD)]
    tick_of = [0, 0]
    end, label = int(runs.end.max()), int(runs.label.iloc[0])
    labelled = labelled and label >= 0 and int(runs.eprop.iloc[0]) > 0
    for run in runs.itertuples(index=False):
        for tick in range(run.first, run.end):
            level = (tick < end - 1) * Level.SAMPLE | run.target_valid * Level.TARGET_VALID | run.infer_acc * Level.INFER_ACC
            mine: list[Instruction] = [(Op.LEVELS, level)]
            mine += [(Op.EVENT, i) for i in events_of.get((sample, tick), ())]
            mine += [(Op.WAIT, HELD), (Op.TICK, 0), (Op.WAIT, TAKEN_UP)]
            if (sample, tick) in sent:
                mine += [(Op.WAIT, ASKS), *((Op.TARGET, value) for value in sent[sample, tick])]
            mine.append((Op.READY, 0))
            if labelled and tick == 0:  # one that comes while the chip is idle is forgotten
                mine.append((Op.TARGET, label))
            out += mine
            tick_of += [tick] * len(mine)
    return [*out, (Op.WAIT, TAKEN_UP), (Op.LEVELS, 0), (Op.WAIT, TAKEN_UP)], [*tick_of, end - 1, end - 1, end - 1]


def _ends(runs: pd.DataFrame, folder: BenchFolder) -> pd.Series:
    """Return how many ticks each sample has; its runs follow one another from tick 0 on, and levels are levels."""
    previous = runs.groupby("sample").end.shift(fill_value=0)
    levels = runs.target_valid.isin((0, 1)) & runs.infer_acc.isin((0, 1)) & runs.eprop.between(0, 7) & runs.label.between(-1, 15)
    wrong = np.flatnonzero((runs["first"] != previous) | (runs.end <= runs["first"]) | (runs.end > MOST_TICKS) | ~levels)
    if wrong.size:
        raise UserError(
            f"row {wrong[0]} of the ticks in {str(folder.path)!r} is {runs.iloc[wrong[0]].to_dict()}; runs of a sample follow one another "
            f"from 0 to at most {MOST_TICKS}, levels are 0 or 1, eprop 0 to 7, label -1 to 15: translate again."
        )
    return runs.groupby("sample").end.last()


def _inside(table: pd.DataFrame, ends: pd.Series, folder: BenchFolder) -> None:
    """Raise UserError for what belongs to no tick of a sample, which would never be sent."""
    beyond = np.flatnonzero((table.tick < 0) | ~(table.tick < table["sample"].map(ends)))
    if beyond.size:
        row = table.iloc[beyond[0]]
        raise UserError(
            f"row {beyond[0]} of the stimulus in {str(folder.path)!r} is at tick {row.tick} of sample {row['sample']}, which has none "
            "of that number: translate again."
        )


def _grouped(table: pd.DataFrame, values: str) -> dict[tuple[int, int], list[int]]:
    """Return the values of each (sample, tick), in the order of the table."""
    found: dict[tuple[int, int], list[int]] = {}
    for sample, tick, value in zip(table["sample"].tolist(), table["tick"].tolist(), table[values].tolist()):
        found.setdefault((sample, tick), []).append(value)
    return found


def _within(table: pd.DataFrame, column: str, bits: int, folder: BenchFolder) -> None:
    """Raise UserError for an address or a target that the input link cannot carry."""
    beyond = np.flatnonzero((table[column] < 0) | (table[column] >= 1 << bits))
    if beyond.size:
        value = table[column].iloc[beyond[0]]
        raise UserError(
            f"row {beyond[0]} of the stimulus in {str(folder.path)!r} has {column} {value}; AERIN_ADDR of {folder.document['top']} has "
            f"{bits} bits, 0 to {(1 << bits) - 1}: {'scale the targets' if column == 'value' else 'use fewer channels'}."
        )
