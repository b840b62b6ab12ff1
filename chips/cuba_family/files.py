"""Files for Loihi and Xylo: a JSON description, the numbers as arrays, and the input spikes as sorted events."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import whole_numbers
from brian2chip.core.json_files import object_of, read_json
from brian2chip.core.npz import read_arrays, write_npz
from brian2chip.core.samples import LARGEST, Samples
from brian2chip.errors import UserError

STIMULUS = "stimulus.npz"
EVENTS, SIZES = ("sample", "step", "input"), ("n_samples", "n_steps", "n_inputs")
WORDS = "input spikes, sorted: sample, step in it and input of each; a sample starts from rest and takes n_steps steps"


def stimulus_of(samples: Samples, more_steps: int) -> dict[str, np.ndarray]:
    """Return the input spikes of samples that take some steps more on the chip; repeated events of an input in a step count once."""
    n_steps = samples.n_steps + more_steps
    place = np.unique((samples.sample * n_steps + samples.t) * samples.n_in + samples.i)
    at, i = np.divmod(place, samples.n_in)
    sample, step = np.divmod(at, n_steps)
    sizes = dict(zip(SIZES, map(np.int64, (len(samples), n_steps, samples.n_in))))
    return {"sample": sample, "step": step, "input": i, **sizes}


def write(
    folder: str | Path,
    name: str,
    description: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    stimulus: Mapping[str, np.ndarray] | None,
) -> Path:
    """Write all files into a folder (made if need be) and return the path of the description.

    Parameters
    ----------
    folder : path
    name : str
        Of the description and the arrays, without ending.
    description : mapping
        What the JSON says beside the files.
    arrays : mapping of str to array
    stimulus : mapping or None
        Of :func:`stimulus_of`.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_npz(folder / f"{name}.npz", arrays)
    files = {f"{name}.npz": "the numbers"}
    if stimulus is not None:
        write_npz(folder / STIMULUS, stimulus)
        files[STIMULUS] = WORDS
    document = {"schema": f"brian2chip/{name}/1", **description, "files": files}
    (folder / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return folder / f"{name}.json"


def read(
    folder: str | Path, name: str, chip: str, **members: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, np.ndarray], dict[str, np.ndarray] | None]:
    """Return description, arrays and stimulus (None without one) from a folder that :func:`write` filled.

    Parameters
    ----------
    folder : path
    name : str
        As it was written.
    chip : str
        For messages.
    **members
        JSON Schemas of what the description says beside the files.

    Raises
    ------
    UserError
        For a missing or damaged file, another schema, and input spikes that are none.
    """
    folder = Path(folder)
    for file in (f"{name}.json", f"{name}.npz"):
        if not os.path.isfile(folder / file):
            raise UserError(f"{folder} has no {file}; a folder for {chip} holds {name}.json and {name}.npz.")
    schema = object_of(schema={"const": f"brian2chip/{name}/1"}, files={"type": "object"}, **members)
    description = read_json(folder / f"{name}.json", chip, schema, inside=folder)
    arrays = read_arrays(folder / f"{name}.npz", chip, inside=folder)
    if STIMULUS not in description["files"]:
        return description, arrays, None
    return description, arrays, _checked(read_arrays(folder / STIMULUS, "stimulus", inside=folder), folder / STIMULUS)


def _checked(given: Mapping[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """Return a stimulus whose events lie inside its samples."""
    if set(given) != {*EVENTS, *SIZES}:
        raise UserError(f"{path} holds {', '.join(given)[:120]}; a stimulus holds {', '.join((*EVENTS, *SIZES))}.")
    most = {"n_samples": LARGEST["n_samples"], "n_steps": LARGEST["n_steps"], "n_inputs": LARGEST["n_in"]}
    sizes = {name: whole_numbers(given[name], name, str(path), low=0, high=most[name], shape=()) for name in SIZES}
    found = {}
    for name, size in zip(EVENTS, SIZES):
        found[name] = whole_numbers(given[name], name, str(path), low=0, high=int(sizes[size]) - 1, shape=(len(given["sample"]),))
    return {**found, **sizes}
