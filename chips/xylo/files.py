"""Files for Xylo: the numbers under the names of a specification of rockpool's, from which it programs the chip, and the input spikes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from brian2chip.chips.cuba_family import files
from brian2chip.chips.xylo.configuration import Configuration
from brian2chip.chips.xylo.fields import FIELDS, NEURON
from brian2chip.core.checked_arrays import whole_numbers
from brian2chip.errors import UserError

NAME = "xylo"
MATRICES = ("weights_in", "weights_rec", "weights_out")
SHIFTS = ("weight_shift_in", "weight_shift_rec", "weight_shift_out")
NAMES = (*MATRICES, *SHIFTS, *(f.name for f in NEURON), *(f"{f.name}_out" for f in NEURON))
WORDS = (
    "arguments of config_from_specification of rockpool's module for the chip (rockpool.devices.xylo); its weights_in and weights_rec have "
    "a third dimension, the synapse, of which all here is the first; every input takes 0 to 15 spikes a step"
)


def write(folder: str | Path, configuration: Configuration, stimulus: Mapping[str, np.ndarray] | None = None) -> Path:
    """Write all files into a folder (made if need be) and return the path of the description."""
    arrays = {name: np.asarray(getattr(configuration, name)) for name in (*MATRICES, *SHIFTS)}
    arrays |= configuration.hidden | {f"{name}_out": codes for name, codes in configuration.outputs.items()}
    sizes = dict(zip(("inputs", "hidden", "outputs"), configuration.sizes))
    return files.write(folder, NAME, {**sizes, "specification": WORDS, "meaning": {f.name: f.meaning for f in FIELDS}}, arrays, stimulus)


def read(folder: str | Path) -> tuple[Configuration, dict[str, np.ndarray] | None]:
    """Return configuration and stimulus (None without one) from a folder that :func:`write` filled.

    Raises
    ------
    UserError
        For a missing or damaged file, another schema, and numbers that the chip cannot hold.
    """
    members = {name: {"type": "integer"} for name in ("inputs", "hidden", "outputs")}
    _, arrays, stimulus = files.read(folder, NAME, "Xylo", specification={"type": "string"}, meaning={"type": "object"}, **members)
    return configuration_of(arrays, f"{folder}"), stimulus


def configuration_of(arrays: Mapping[str, np.ndarray], where: str) -> Configuration:
    """Return the configuration of a specification, or raise ``UserError``."""
    if missing := [name for name in NAMES if name not in arrays]:
        raise UserError(f"{where} lacks {', '.join(missing)}; a specification of Xylo holds {', '.join(NAMES)}.")
    shifts = {name: int(whole_numbers(arrays[name], name, where, shape=())) for name in SHIFTS}
    hidden, outputs = ({f.name: arrays[f.name + end] for f in NEURON} for end in ("", "_out"))
    return Configuration(**{name: arrays[name] for name in MATRICES}, **shifts, hidden=hidden, outputs=outputs)
