"""Files for our MorphIC: memory images, one word a line, the input events, and a JSON description. Their layout is our choice."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from brian2chip.chips.codec import pack, unpack
from brian2chip.chips.field import Field
from brian2chip.chips.memory_images import Images
from brian2chip.chips.morphic.configuration import SHAPE, Configuration, N
from brian2chip.chips.morphic.events import checked
from brian2chip.chips.morphic.fields import CORE, CORES, NEURON, NEURONS, ROUTE, ROWS
from brian2chip.core.files import read_text
from brian2chip.core.json_files import object_of, read_json
from brian2chip.errors import UserError

NAME, SCHEMA, LARGEST = "morphic.json", "brian2chip/morphic/1", 256 << 20
WORDS = {"cores.hex": CORE, "neurons.hex": (*NEURON, *ROUTE)}
FILES = {
    "cores.hex": f"{CORES} words of the cores' registers, hexadecimal",
    "neurons.hex": f"{N} words of the neurons, 512 a core, hexadecimal",
    "synapses.hex": f"{CORES * ROWS} rows of {NEURONS} bits, 1,024 a core, hexadecimal; bit n is the synapse onto neuron n",
    "events.txt": "kind (0 spike, 1 time reference, 2 virtual), mask of cores, row or neuron (512: all), value",
}
CHOICE = "sizes are MorphIC's; words, events and this format are this package's choice, as the chip's own are not published"


def digits(fields: Sequence[Field]) -> int:
    """Return the hexadecimal digits of a word."""
    return -(-max(f.lsb + f.bits for f in fields) // 4)


def images(configuration: Configuration) -> Images:
    """Return the three memories; how the chip is programmed is not published."""
    words = {"cores": (CORE, configuration.cores), "neurons": ((*NEURON, *ROUTE), configuration.neurons)}
    memories = {name: _bytes(pack(fields, codes), (digits(fields) + 1) // 2) for name, (fields, codes) in words.items()}
    rows = np.packbits(configuration.synapses.reshape(-1, NEURONS), axis=1, bitorder="little")
    return Images({**memories, "synapses": rows}, {})


def _bytes(words: Sequence[int], size: int) -> np.ndarray:
    return np.frombuffer(b"".join(int(word).to_bytes(size, "little") for word in words), np.uint8).reshape(-1, size)


def write(folder: str | Path, configuration: Configuration, events: np.ndarray) -> Path:
    """Write all files into a folder (made if need be) and return the path of the description; errors as :func:`events.checked`."""
    folder, events = Path(folder), checked(events)
    words = {"cores.hex": pack(CORE, configuration.cores), "neurons.hex": pack((*NEURON, *ROUTE), configuration.neurons)}
    lines = {name: [f"{int(word):0{digits(WORDS[name])}x}" for word in values] for name, values in words.items()}
    rows = np.packbits(configuration.synapses.reshape(-1, NEURONS), axis=1, bitorder="little")
    lines["synapses.hex"] = [row[::-1].tobytes().hex() for row in rows]
    lines["events.txt"] = [" ".join(map(str, row)) for row in events.tolist()]
    folder.mkdir(parents=True, exist_ok=True)
    for name, texts in lines.items():
        (folder / name).write_text("".join(f"{text}\n" for text in texts))
    description = {"schema": SCHEMA, "declared": CHOICE, "events": len(events), "files": FILES}
    (folder / NAME).write_text(json.dumps(description, indent=2) + "\n")
    return folder / NAME


def read(folder: str | Path) -> tuple[Configuration, np.ndarray]:
    """Return configuration and input events from a folder that :func:`write` filled.

    Raises
    ------
    UserError
        For a missing or malformed file, another schema, a code out of range, and a number of events that is not the description's.
    """
    folder = Path(folder)
    for file in (NAME, *FILES):
        if not os.path.isfile(folder / file):
            raise UserError(f"{folder} has no {file}; a folder for MorphIC holds {', '.join((NAME, *FILES))}.")
    schema = object_of(
        schema={"const": SCHEMA}, declared={"type": "string"}, events={"type": "integer", "minimum": 0}, files={"type": "object"}
    )
    description = read_json(folder / NAME, "MorphIC", schema, inside=folder)
    words = {}
    for name, fields in WORDS.items():
        lines = _lines(folder, name, f"[0-9a-f]{{{digits(fields)}}}", CORES if fields is CORE else N)
        words[name] = unpack(fields, np.array([int(line, 16) for line in lines], object))
        used = sum(((1 << f.bits) - 1) << f.lsb for f in fields)
        if strange := [k for k, line in enumerate(lines, 1) if int(line, 16) & ~used]:
            raise UserError(f"{folder / name}, line {strange[0]}: bits are set that belong to no field; write the folder anew.")
    lines = _lines(folder, "synapses.hex", f"[0-9a-f]{{{NEURONS // 4}}}", CORES * ROWS)
    rows = np.frombuffer(b"".join(bytes.fromhex(line)[::-1] for line in lines), np.uint8)
    synapses = np.unpackbits(rows, bitorder="little").reshape(SHAPE)
    number = r"-?[0-9]{1,4}"
    events = [[int(text) for text in line.split()] for line in _lines(folder, "events.txt", " ".join([number] * 4))]
    if len(events) != description["events"]:
        raise UserError(f"{folder / NAME} says {description['events']} events, events.txt holds {len(events)}; write the folder anew.")
    return Configuration(words["cores.hex"], words["neurons.hex"], synapses), checked(np.array(events, np.int64).reshape(-1, 4))


def _lines(folder: Path, name: str, form: str, count: int | None = None) -> list[str]:
    lines = read_text(folder / name, "chip", largest=LARGEST, inside=folder, encoding="ascii").split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    line_of = re.compile(form)
    for n, line in enumerate(lines, 1):
        if not line_of.fullmatch(line):
            raise UserError(f"{folder / name}, line {n}: {line[:40]!r} is not of the form {form}; write the folder anew.")
    if count is not None and len(lines) != count:
        raise UserError(f"{folder / name} has {len(lines)} lines, not {count}; write the folder anew.")
    return lines
