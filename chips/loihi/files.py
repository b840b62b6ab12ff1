"""Files for Loihi: compartments and groups of synapses as JSON with its arrays, and the input spikes; the format is ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from brian2chip.chips.configuration_file import configuration_of, document_and_arrays
from brian2chip.chips.cuba_family import files
from brian2chip.chips.loihi.configuration import Configuration
from brian2chip.chips.loihi.fields import COMPARTMENTS, FIELDS

NAME, VERSION = "loihi", 1


def write(folder: str | Path, configuration: Configuration, stimulus: Mapping[str, np.ndarray] | None = None) -> Path:
    """Write all files into a folder (made if need be) and return the path of the description."""
    document, arrays = document_and_arrays(configuration, VERSION)
    description = {
        "compartments": configuration.n_compartments,
        "cores": -(-configuration.n_compartments // COMPARTMENTS),
        "meaning": {f.name: f.meaning for f in FIELDS},
        "configuration": document,
    }
    return files.write(folder, NAME, description, arrays, stimulus)


def read(folder: str | Path) -> tuple[Configuration, dict[str, np.ndarray] | None]:
    """Return configuration and stimulus (None without one) from a folder that :func:`write` filled.

    Raises
    ------
    UserError
        For a missing or damaged file, another schema, and numbers that the chip cannot hold.
    """
    numbers = {name: {"type": "integer"} for name in ("compartments", "cores")}
    members = {**numbers, "meaning": {"type": "object"}, "configuration": {"type": "object"}}
    description, arrays, stimulus = files.read(folder, NAME, "Loihi", **members)
    return configuration_of(Configuration, VERSION, description["configuration"], arrays, "loihi"), stimulus
