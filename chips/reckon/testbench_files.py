"""Sample and weight files in the text formats of the open-source testbench, so that they drop into it, and reading them back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.fields import N_HIDDEN, N_OUTPUT, WEIGHT
from brian2chip.core.files import read_text
from brian2chip.errors import UserError

END, LABEL = -1, -2
INTEGER = re.compile("-?[0-9]{1,9}")
#: Ticks of all samples of a file; the emulator holds the input of each in memory.
MOST_TICKS = 1 << 24


def lines_of(path: str | os.PathLike) -> Iterator[tuple[int, str]]:
    """Return the lines of a text file that are not empty, with their numbers from 1 on."""
    text = read_text(path, "ReckOn", encoding="ascii", inside=Path(path).parent)
    return ((n, line.strip()) for n, line in enumerate(text.split("\n"), 1) if line.strip())


def _integer(text: str, path, n: int) -> int:
    if not INTEGER.fullmatch(text):
        raise UserError(f"{path}, line {n}: {text[:40]!r} is not an integer of at most nine digits.")
    return int(text)


def read_samples(path: str | os.PathLike, *, eprop: int, recall: int) -> ChipSamples:
    """Read a sample file.

    The first line is the number of samples; then follow lines ``input, tick`` in the order of time, one line ``-2, class`` in each
    sample, and ``-1, number of ticks`` at its end.

    Parameters
    ----------
    path : path
    eprop : int
        DO_EPROP of the samples.
    recall : int
        Ticks at the end of a sample in which INFER_ACC and, when the chip learns, TARGET_VALID are high.

    Raises
    ------
    UserError
        With the line at which the file is malformed.
    """
    lines = list(lines_of(path))
    if not lines:
        raise UserError(f"{path} is empty; its first line is the number of samples.")
    announced = _integer(lines[0][1], path, lines[0][0])
    events, labels, n_ticks, label, now = [], [], [], None, 0
    for n, line in lines[1:]:
        parts = line.split(",")
        if len(parts) != 2:
            raise UserError(f"{path}, line {n}: {line[:40]!r} is not 'input, tick'.")
        key, value = (_integer(part.strip(), path, n) for part in parts)
        if key == LABEL:
            if not 0 <= value < N_OUTPUT or label is not None:
                raise UserError(f"{path}, line {n}: class {value} {'is not from 0 to 15' if label is None else 'is a second one'}.")
            label = value
        elif key == END:
            if label is None or value < max(2, now + 1):
                why = "has no class (a line -2, class)" if label is None else f"ends at tick {value}, before its last event at {now}"
                raise UserError(f"{path}, line {n}: sample {len(labels)} {why}.")
            labels.append(label)
            n_ticks.append(value)
            if sum(n_ticks) > MOST_TICKS:
                raise UserError(f"{path}, line {n}: the samples have {sum(n_ticks)} ticks up to here; at most {MOST_TICKS} are read.")
            label, now = None, 0
        elif 0 <= key < N_HIDDEN and value >= now:
            events.append((len(labels), value, key))
            now = value
        else:
            why = f"tick {value} lies before tick {now}" if 0 <= key < N_HIDDEN else f"input {key} is not from 0 to {N_HIDDEN - 1}"
            raise UserError(f"{path}, line {n}: {why}.")
    if label is not None or (events and events[-1][0] == len(labels)):
        raise UserError(f"{path}, line {lines[-1][0]}: the last sample has no end (a line -1, number of ticks).")
    if len(labels) != announced:
        raise UserError(f"{path}, line 1: {announced} samples are announced, the file holds {len(labels)}.")
    columns = np.array(events, np.int64).reshape(-1, 3).T
    late = np.concatenate([np.arange(n) >= n - recall for n in n_ticks]).astype(np.int64) if n_ticks else np.zeros(0, np.int64)
    return ChipSamples(np.array(n_ticks), *columns, np.full(announced, eprop), np.array(labels), late * int(eprop > 0), late)


def write_samples(path: str | os.PathLike, samples: ChipSamples) -> Path:
    """Write a sample file; the line with the class comes where TARGET_VALID or, without learning, INFER_ACC first rises.

    DO_EPROP and the levels are no part of the format: the testbench sets them.
    """
    lines = [str(len(samples.n_ticks))]
    starts = np.cumsum(samples.n_ticks) - samples.n_ticks
    for s, n in enumerate(samples.n_ticks):
        ticks = slice(starts[s], starts[s] + n)
        levels = samples.target_valid[ticks] if np.any(samples.target_valid[ticks]) else samples.infer_acc[ticks]
        rise = int(np.argmax(levels)) if np.any(levels) else 0
        mine = np.flatnonzero(samples.sample == s)
        mine = mine[np.argsort(samples.t[mine], kind="stable")]
        before = mine[samples.t[mine] < rise]
        lines += [f"{samples.i[k]}, {samples.t[k]}" for k in before]
        lines.append(f"{LABEL}, {samples.label[s]}")
        lines += [f"{samples.i[k]}, {samples.t[k]}" for k in mine[len(before) :]]
        lines.append(f"{END}, {n}")
    return write_lines(path, lines)


def read_weights(path: str | os.PathLike, shape: tuple[int, int]) -> np.ndarray:
    """Read a weight file: one integer a line, the postsynaptic index running fastest.

    Raises
    ------
    UserError
        For a line that is no weight, or a number of lines that does not fit the shape [pre, post].
    """
    values = []
    for n, line in lines_of(path):
        value = _integer(line, path, n)
        if not WEIGHT.minimum <= value <= WEIGHT.maximum:
            raise UserError(f"{path}, line {n}: weight {value} is not from {WEIGHT.minimum} to {WEIGHT.maximum}.")
        values.append(value)
    if len(values) != shape[0] * shape[1]:
        raise UserError(f"{path} holds {len(values)} weights; {shape[0]} by {shape[1]} units need {shape[0] * shape[1]}.")
    return np.array(values, np.int8).reshape(shape)


def write_weights(path: str | os.PathLike, weights: np.ndarray) -> Path:
    """Write a weight file from weights [pre, post]."""
    return write_lines(path, [str(int(value)) for value in np.asarray(weights).ravel()])


def write_lines(path: str | os.PathLike, lines: list[str]) -> Path:
    """Write lines, whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text("\n".join(lines) + "\n", encoding="ascii")
    os.replace(temporary, path)
    return path
