"""A configured ReckOn as one folder, whole or not there: JSON with a schema, SPI program, memory images, files for the testbench."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np

from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import N_PAIRS, REGISTERS
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.shift_registers import SEEDS
from brian2chip.chips.reckon.spi_program import neuron_words, read_program, weight_words, write_program
from brian2chip.chips.reckon.testbench_files import read_weights, write_lines, write_samples, write_weights
from brian2chip.core import output
from brian2chip.errors import UserError

FORMAT = "brian2chip.reckon/1"
MARK = "reckon.json"
PROGRAM = "spi_program.txt"
#: The part that only the JSON holds: what the shift registers contain after learning, beside the seeds they started from.
SCHEMA = {
    "type": "object",
    "required": ["format", "registers", "thr", "alpha", "shift_registers"],
    "properties": {
        "format": {"const": FORMAT},
        "registers": {
            "type": "object",
            "additionalProperties": False,
            "properties": {f.name: {"type": "integer", "minimum": f.minimum, "maximum": f.maximum} for f in REGISTERS},
        },
        "thr": {
            "type": "array",
            "minItems": N_PAIRS,
            "maxItems": N_PAIRS,
            "items": {"type": "integer", "minimum": -32768, "maximum": 32767},
        },
        "alpha": {
            "type": "array",
            "minItems": N_PAIRS,
            "maxItems": N_PAIRS,
            "items": {"type": "integer", "minimum": 0x7000, "maximum": 0x8FFF},
        },
        "shift_registers": {"type": "object", "required": list(SEEDS), "additionalProperties": {"type": "integer", "minimum": 1}},
    },
}


def write(
    out: str | os.PathLike, configuration: Configuration, memory: Memory, samples: ChipSamples | None = None, *, force: bool = False
) -> Path:
    """Write ``reckon.json``, ``spi_program.txt``, images (``*.hex``) for ``$readmemh``, weights and samples (``*.dat``) for the testbench.

    Raises
    ------
    UserError
        When the configuration breaks a design rule of the chip, or the folder is in use.
    """
    configuration.require_sound()
    document = {
        "format": FORMAT,
        "registers": dict(configuration.registers),
        "thr": configuration.thr.tolist(),
        "alpha": configuration.alpha.tolist(),
        "shift_registers": memory.lfsr,
    }
    with output.folder(out, force, mark=MARK) as folder:
        write_program(folder / PROGRAM, configuration, memory)
        write_lines(folder / "neurons.hex", [f"{int(word):032x}" for word in neuron_words(configuration, memory)])
        for name, block in memory.in_use(configuration).items():
            write_weights(folder / f"{name}.dat", block)
            words = weight_words(getattr(memory, name)).reshape(-1, 4)
            write_lines(folder / f"{name}.hex", ["".join(f"{word:08x}" for word in row[::-1]) for row in words])
        if samples is not None:
            write_samples(folder / "samples.dat", samples)
        (folder / MARK).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return Path(out)


def read(folder: str | os.PathLike) -> tuple[Configuration, Memory]:
    """Return configuration and memories of a folder; program, weights and JSON must agree.

    Raises
    ------
    UserError
        For a folder that is missing, damaged, of a newer version, or whose files contradict one another.
    """
    folder = Path(folder)
    try:
        document = json.loads((folder / MARK).read_text(encoding="utf-8"))
        jsonschema.validate(document, SCHEMA)
    except FileNotFoundError:
        raise UserError(f"there is no {MARK} in {str(folder)!r}; give a folder written for ReckOn.") from None
    except ValueError as error:
        raise UserError(f"{MARK} in {str(folder)!r} is not JSON ({error}).") from None
    except jsonschema.ValidationError as error:
        where = "/".join(map(str, error.absolute_path)) or "the document"
        raise UserError(f"{MARK} in {str(folder)!r} is not valid at {where}: {error.message[:200]}.") from None
    configuration, memory = read_program(folder / PROGRAM)
    stated = Configuration.of(document["registers"], np.array(document["thr"]), np.array(document["alpha"]))
    changed = [name for name, value in stated.registers.items() if name != "EN_CONF" and configuration[name] != value]
    if changed or not (np.array_equal(stated.thr, configuration.thr) and np.array_equal(stated.alpha, configuration.alpha)):
        what = ", ".join(changed) or "thresholds or leaks"
        raise UserError(f"{PROGRAM} and {MARK} in {str(folder)!r} disagree in {what}; write it again.")
    for name, block in memory.in_use(configuration).items():
        if not np.array_equal(read_weights(folder / f"{name}.dat", block.shape), block):
            raise UserError(f"{PROGRAM} and {name}.dat in {str(folder)!r} disagree; write it again.")
    return stated, replace(memory, lfsr={name: int(document["shift_registers"][name]) for name in SEEDS})
