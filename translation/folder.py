"""A translation as one folder, whole or not there: configuration, networks, table, report; and reading it back."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.core import output
from brian2chip.core.provenance import provenance
from brian2chip.core.registry import get
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation.evaluate import Behaviour
from brian2chip.translation.report import report_page
from brian2chip.translation.translate import Translation

SCHEMA = 1
MARK = "config.json"


@dataclass(frozen=True)
class Exported:
    """What :func:`load` reads: the chip, its configuration, both networks, and the whole document."""

    chip: Chip
    config: Mapping[str, Any]
    network: SpikingNetwork
    realised: SpikingNetwork
    document: Mapping[str, Any]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``config.json``."""
    return json.loads(files("brian2chip.chips").joinpath("translation.schema.json").read_text(encoding="utf-8"))


def packed(value: Any) -> Any:
    """Return a value with its arrays as ``{"dtype", "shape", "data"}``, ready for JSON."""
    if isinstance(value, np.ndarray):
        return {"dtype": str(value.dtype), "shape": list(value.shape), "data": value.ravel().tolist()}
    if isinstance(value, Mapping):
        return {str(k): packed(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [packed(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def unpacked(value: Any) -> Any:
    """Return what :func:`packed` was given."""
    if isinstance(value, dict):
        if set(value) == {"dtype", "shape", "data"}:
            return np.array(value["data"], value["dtype"]).reshape(value["shape"])
        return {k: unpacked(v) for k, v in value.items()}
    return [unpacked(v) for v in value] if isinstance(value, list) else value


def write(
    translation: Translation, out: str | os.PathLike, behaviour: Behaviour | None = None, *, clock: float | None = None, force: bool = False
) -> Path:
    """Write a translation into a new folder; with the chip's clock (Hz) the report gives its time in seconds.

    Raises
    ------
    UserError
        When the network does not fit the chip (nothing is written) or the folder is in use.
    """
    translation.checked()
    document = {
        "schema": SCHEMA,
        "chip": translation.chip.name,
        "verdict": translation.verdict(),
        "notes": list(translation.notes),
        "problems": [list(p) for p in translation.problems()],
        "rounding": translation.rounding,
        "seed": translation.seed,
        "network": "network.npz",
        "realised": "realised.npz",
        "table": translation.table().to_dict("records"),
        "behaviour": None if behaviour is None else behaviour.summary(),
        "provenance": provenance(),
        "config": packed(translation.config),
    }
    page = report_page(translation, behaviour, clock)
    with output.folder(out, force, mark=MARK) as folder:
        translation.network.save(folder / "network.npz")
        translation.realised.save(folder / "realised.npz")
        translation.table().to_csv(folder / "parameters.csv", index=False)
        (folder / "report.html").write_text(page, encoding="utf-8")
        module = importlib.import_module(translation.chip.mapping) if translation.chip.mapping else None
        if hasattr(module, "write_files"):
            module.write_files(translation.config, folder / "chip")
        (folder / MARK).write_text(json.dumps(output.plain(document)) + "\n", encoding="utf-8")
    return Path(out)


def load(folder: str | os.PathLike) -> Exported:
    """Read an exported folder and check it.

    Raises
    ------
    UserError
        For a folder that is missing or incomplete, a configuration from a newer version, or one that the schema rejects.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"there is no folder {str(folder)!r}; give one that brian2chip translate wrote.")
    if absent := [name for name in (MARK, "network.npz", "realised.npz") if not (folder / name).exists()]:
        raise UserError(
            f"{str(folder)!r} lacks {', '.join(absent)}: it was not written by brian2chip translate, or only in part; translate again."
        )
    try:
        document = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{MARK} in {str(folder)!r} is not JSON ({error}); translate again.") from None
    version = document.get("schema") if isinstance(document, dict) else None
    if isinstance(version, int) and version > SCHEMA:
        raise UserError(f"{str(folder)!r} was written with schema {version}, this version reads up to {SCHEMA}; update brian2chip.")
    try:
        jsonschema.validate(document, schema())
    except jsonschema.ValidationError as error:
        where = "/".join(str(k) for k in error.absolute_path) or "the document"
        raise UserError(f"{MARK} in {str(folder)!r} is not valid at {where}: {error.message[:200]}; translate again.") from None
    networks = (SpikingNetwork.load(folder / document[name]) for name in ("network", "realised"))
    return Exported(get("chip", document["chip"]), unpacked(document["config"]), *networks, document)
