"""A translation as one folder, whole or not there: configuration, networks, table, report, the chip's files; and reading it back."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.chips import memory_images
from brian2chip.chips.chip import Chip
from brian2chip.chips.configuration_file import configuration_of, document_and_arrays
from brian2chip.core import output
from brian2chip.core.checked_arrays import is_whole, whole_numbers
from brian2chip.core.json_files import check, read_json
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.npz import read_npz, write_npz
from brian2chip.core.provenance import provenance
from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation import quantise
from brian2chip.translation.emulation import emulate
from brian2chip.translation.spike_files import save_run
from brian2chip.translation.split_signs import widened

SCHEMA = 2
MARK, ARRAYS, NETWORK, REALISED = "config.json", "config.npz", "network.npz", "realised.npz"
FORMAT = f"brian2chip.translation/{SCHEMA}"
#: Where the files that program the chip are, inside the folder.
FOR_THE_CHIP = "chip"
#: What the emulated chip did with the stimulus there.
EXPECTED = "expected.npz"


@dataclass(frozen=True)
class Contents:
    """What a folder holds: the chip, its configuration, both networks, the channels of split inputs, and the rest of the document."""

    chip: Chip
    configuration: Any
    network: SpikingNetwork
    realised: SpikingNetwork
    channels: np.ndarray | None = None
    document: Mapping[str, Any] = field(default_factory=dict)

    def emulate(self, samples: Samples) -> NetworkRun:
        """Run the emulated chip on samples."""
        return emulate(self.chip, self.configuration, self.network, samples, self.channels)


@functools.cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``config.json``."""
    return json.loads(files("brian2chip.translation").joinpath("translation.schema.json").read_text(encoding="utf-8"))


def write(
    out: str | os.PathLike,
    contents: Contents,
    head: Mapping[str, Any],
    table: pd.DataFrame,
    page: str,
    samples: Samples | None = None,
    expected: NetworkRun | None = None,
    *,
    formats: Collection[str] = (),
    force: bool = False,
) -> Path:
    """Write a folder.

    Parameters
    ----------
    out : path
    contents : Contents
    head : mapping
        What the JSON says beside the configuration.
    table : DataFrame
        Of the parameters.
    page : str
        The report.
    samples : Samples, optional
        Stimulus of the chip's files.
    expected : NetworkRun, optional
        What the emulated chip did with it.
    formats : collection of str
        Of memories and SPI words, beside those that the chip's files have (:data:`memory_images.FORMATS`).
    force : bool
        Replace the folder.

    Raises
    ------
    UserError
        When the folder is in use, for a format that is none, and for a chip without memories to write.
    """
    check_formats(contents.chip, formats)
    chip, backend, channels = contents.chip, contents.chip.backend, contents.channels
    _, version = _kind_of_configuration(chip)
    configuration, arrays = document_and_arrays(contents.configuration, version)
    document = {
        "schema": SCHEMA,
        "chip": chip.name,
        **head,
        "split_signs": channels is not None,
        "table": table.to_dict("records"),
        "provenance": provenance(),
        "configuration": configuration,
    }
    if channels is not None:
        arrays = {**arrays, "channels": channels}
    with output.folder(out, force, mark=MARK) as target:
        contents.network.save(target / NETWORK)
        contents.realised.save(target / REALISED)
        table.to_csv(target / "parameters.csv", index=False)
        (target / "report.html").write_text(page, encoding="utf-8")
        if backend is not None:
            stimulus = samples if samples is None or channels is None else widened(samples, channels)
            backend.write(contents.configuration, target / FOR_THE_CHIP, stimulus)
            if formats:
                memory_images.write(target / FOR_THE_CHIP, backend.images(contents.configuration), formats)
        if expected is not None:
            save_run(expected, target / EXPECTED)
        write_npz(target / ARRAYS, {"head": np.array(json.dumps({"format": FORMAT})), **arrays})
        (target / MARK).write_text(json.dumps(output.plain(document)) + "\n", encoding="utf-8")
    return Path(out)


def check_formats(chip: Chip, formats: Collection[str]) -> None:
    """Raise UserError for a format that is none, and for formats of a chip whose memories are not known."""
    memory_images.check_formats(formats)
    if formats and (chip.backend is None or chip.backend.images is None):
        raise UserError(
            f"the memories of {chip.name} are not known here, so there is nothing to write in the formats {', '.join(formats)}."
        )


def load(folder: str | os.PathLike, chip: Chip | None = None) -> Contents:
    """Read a folder that :func:`write` made, and check it.

    Parameters
    ----------
    folder : path
    chip : Chip, optional
        For a chip that is no part of the registry.

    Raises
    ------
    UserError
        For a folder that is missing or incomplete, one of another version, and values that the schema or the chip refuses.
    """
    folder = Path(folder)
    if not os.path.isdir(folder):  # a name that is too long is no folder either
        raise UserError(f"there is no folder {str(folder)!r}; give one that brian2chip translate wrote.")
    document = _document(folder)
    if absent := [name for name in (ARRAYS, NETWORK, REALISED) if not (folder / name).exists()]:
        raise UserError(f"{str(folder)!r} lacks {', '.join(absent)}: it was written only in part; translate again.")
    chip = get("chip", document["chip"]) if chip is None else chip
    if chip.name != document["chip"]:
        raise UserError(f"{str(folder)!r} was written for the chip {document['chip']!r}, not {chip.name!r}; give that chip.")
    _, arrays = read_npz(folder / ARRAYS, FORMAT, "configuration", inside=folder)
    kind, version = _kind_of_configuration(chip)
    try:
        configuration = configuration_of(kind, version, document["configuration"], arrays, chip.name)
        if chip.backend is None:
            quantise.check_codes(configuration, chip)
    except UserError as error:
        raise UserError(f"{MARK} or {ARRAYS} in {str(folder)!r}: {error}") from None
    network, realised = (SpikingNetwork.load(folder / name, inside=folder) for name in (NETWORK, REALISED))
    return Contents(chip, configuration, network, realised, _channels(folder, document, arrays, network), document)


def _kind_of_configuration(chip: Chip) -> tuple[Any, int]:
    """Return the dataclass of a chip's configuration and the version of its schema."""
    if chip.backend is None:
        return quantise.QuantisedNetwork, quantise.VERSION
    return chip.backend.configuration, chip.backend.version


def _document(folder: Path) -> dict[str, Any]:
    """Return the JSON document, checked."""
    if not (folder / MARK).exists():
        raise UserError(f"{str(folder)!r} lacks {MARK}: it was not written by brian2chip translate, or only in part; translate again.")
    document = read_json(folder / MARK, "translation", inside=folder)
    version = document.get("schema") if isinstance(document, dict) else None
    if is_whole(version) and version != SCHEMA:
        remedy = "update brian2chip" if version > SCHEMA else "translate its network.npz again"
        raise UserError(f"{str(folder)!r} was written with schema {version}, this version of brian2chip reads schema {SCHEMA}; {remedy}.")
    check(document, schema(), f"{MARK} in {str(folder)!r}")
    return document


def _channels(folder: Path, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray], network: SpikingNetwork) -> np.ndarray | None:
    if not document["split_signs"]:
        return None
    inputs = sum(p.size for p in network.populations if p.kind == "input")
    channels = whole_numbers(arrays.get("channels", np.zeros(0)), "channels", str(folder), low=0, high=inputs - 1, shape=(None,))
    if not len(channels):
        raise UserError(f"{str(folder)!r} lacks the channels of its split inputs; translate again.")
    return channels
