"""A configured ReckOn as one folder, whole or not there: JSON with a schema, SPI program, memory images, files for the testbench."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips.field import Field
from brian2chip.chips.reckon import bench
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.fields import ALPHA, N_HIDDEN, N_PAIRS, REGISTERS, THR
from brian2chip.chips.reckon.memory import WEIGHTS, Memory
from brian2chip.chips.reckon.programmed import programmed
from brian2chip.chips.reckon.shift_registers import SEEDS
from brian2chip.chips.reckon.spi_program import neuron_chunks, read_program, weight_words, write_program
from brian2chip.chips.reckon.testbench_files import lines_of, read_weights, write_lines, write_samples, write_weights
from brian2chip.chips.reckon.testbench_header import header
from brian2chip.core import output
from brian2chip.core.json_files import object_of, read_json
from brian2chip.errors import UserError

FORMAT = "brian2chip.reckon/1"
MARK = "reckon.json"
PROGRAM = bench.FULL
#: Words of the output weight memory; the chip uses as many as there are hidden units.
WOUT_WORDS = 512
_REGISTER = {f.name: {"type": "integer", "minimum": f.minimum, "maximum": f.maximum} for f in REGISTERS}


def _of_pairs(f: Field) -> dict[str, Any]:
    """Return the schema of a list of one code for each pair of units."""
    code = {"type": "integer", "minimum": f.minimum, "maximum": f.maximum}
    return {"type": "array", "minItems": N_PAIRS, "maxItems": N_PAIRS, "items": code}


SCHEMA = {
    "type": "object",
    "required": ["format", "registers", "thr", "alpha"],
    "additionalProperties": False,
    "properties": {
        "format": {"const": FORMAT},
        "registers": object_of(**_REGISTER),
        "thr": _of_pairs(THR),
        "alpha": _of_pairs(ALPHA),
        # Once written beside the seeds, which then were those before learning; see read.
        "shift_registers": object_of(**{name: {"type": "integer", "minimum": 1} for name in SEEDS}),
    },
}


def write(
    out: str | os.PathLike,
    configuration: Configuration,
    memory: Memory,
    samples: ChipSamples | None = None,
    *,
    chip: Emulator | None = None,
    force: bool = False,
) -> Path:
    """Write ``reckon.json``, ``spi_program.txt``, images (``*.hex``) for ``$readmemh``, weights and samples (``*.dat``).

    The last and ``tbench.h`` are those of the open-source testbench. Beside them stand the files of a bench (:mod:`bench`): a sparse
    program, a read-back list, and of samples the stimulus and what the emulated chip sends, learning where their DO_EPROP says so. A chip
    so programmed, and what :func:`read` returns, go on as the emulator does from this memory: the seed registers hold the shift registers
    as they are now.

    Parameters
    ----------
    out : path
    configuration : Configuration
    memory : Memory
        Between two samples.
    samples : ChipSamples, optional
    chip : Emulator, optional
        An open one that records, for what the samples bring; otherwise one is opened.
    force : bool
        Replace the folder.

    Raises
    ------
    UserError
        When the configuration breaks a design rule of the chip, no program can leave the memory so, or the folder is in use.
    """
    configuration.require_sound()
    configuration, memory = programmed(configuration, memory)
    samples = None if samples is None else samples.checked(configuration)
    document = {
        "format": FORMAT,
        "registers": dict(configuration.registers),
        "thr": configuration.thr.tolist(),
        "alpha": configuration.alpha.tolist(),
    }
    with output.folder(out, force, mark=MARK) as folder:
        write_program(folder / PROGRAM, configuration, memory)
        for name, lines in _images(configuration, memory).items():
            write_lines(folder / name, lines)
        for name, block in memory.in_use(configuration).items():
            write_weights(folder / f"{name}.dat", block)
        if samples is not None:
            write_samples(folder / "samples.dat", samples)
        write_lines(folder / "tbench.h", header(configuration, samples))
        bench.write(folder, configuration, memory, samples, chip)
        (folder / MARK).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return Path(out)


def read(folder: str | os.PathLike) -> tuple[Configuration, Memory]:
    """Return configuration and memories of a folder; program, images, weights and JSON must agree.

    Raises
    ------
    UserError
        For a folder that is missing, damaged, of a newer version, or whose files contradict one another.
    """
    folder = Path(folder)
    if not os.path.exists(folder / MARK):
        raise UserError(f"there is no {MARK} in {str(folder)!r}; give a folder written for ReckOn.")
    document = read_json(folder / MARK, "ReckOn", SCHEMA, inside=folder)
    configuration, memory = read_program(folder / PROGRAM)
    stated = Configuration.of(document["registers"], np.array(document["thr"]), np.array(document["alpha"]))
    changed = [name for name, value in stated.registers.items() if name != "EN_CONF" and configuration[name] != value]
    if changed or not (np.array_equal(stated.thr, configuration.thr) and np.array_equal(stated.alpha, configuration.alpha)):
        what = ", ".join(changed) or "thresholds or leaks"
        raise UserError(f"{PROGRAM} and {MARK} in {str(folder)!r} disagree in {what}; write it again.")
    if document.get("shift_registers", memory.lfsr) != memory.lfsr:
        raise UserError(
            f"{MARK} in {str(folder)!r} names shift registers other than the seeds that its program writes: it was written after learning "
            "by an earlier version, whose programs start the chip from other random numbers; write it again from the weights."
        )
    for name, block in memory.in_use(configuration).items():
        if not np.array_equal(read_weights(folder / f"{name}.dat", block.shape), block):
            raise UserError(f"{PROGRAM} and {name}.dat in {str(folder)!r} disagree; write it again.")
    _check_images(folder, configuration, memory)
    return stated, memory


def memory_rows(configuration: Configuration, memory: Memory) -> dict[str, np.ndarray]:
    """Return the memories, whole, as the program leaves them: uint8 [words, 16] by their names, byte k holding bits 8k to 8k + 7."""
    configuration, memory = programmed(configuration, memory)
    rows = {"neurons": np.array(neuron_chunks(configuration, memory), "<u4").view(np.uint8).reshape(-1, 16)}
    for name in WEIGHTS:
        rows[name] = weight_words(getattr(memory, name)).view(np.uint8).reshape(-1, 16)
    rows["wout"] = np.pad(rows["wout"], [(0, WOUT_WORDS - N_HIDDEN), (0, 0)])
    return rows


def _images(configuration: Configuration, memory: Memory) -> dict[str, list[str]]:
    """Return the lines of the memory images by their file."""
    return {f"{name}.hex": [row[::-1].tobytes().hex() for row in rows] for name, rows in memory_rows(configuration, memory).items()}


def _check_images(folder: Path, configuration: Configuration, memory: Memory) -> None:
    """Raise UserError with the first line of an image that differs from the program."""
    for name, lines in _images(configuration, memory).items():
        found = [line for _, line in lines_of(folder / name)]
        if found != lines and not (name == "wout.hex" and found == lines[:N_HIDDEN]):  # an earlier version wrote the words in use
            n = next((k for k, (a, b) in enumerate(zip(found, lines), 1) if a != b), min(len(found), len(lines)) + 1)
            raise UserError(f"{PROGRAM} and {name}, line {n}, in {str(folder)!r} disagree; write it again.")
