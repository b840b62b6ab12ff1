"""Find models, rules, protocols and chips by scanning their folders; listing reads the files without running them."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from brian2chip.errors import UserError, unknown

FOLDERS = {"model": "models", "rule": "plasticity", "protocol": "protocols", "chip": "chips"}
CLASSES = {"Model": "model", "Rule": "rule", "Protocol": "protocol", "Task": "protocol", "Chip": "chip"}


def _folder(kind: str) -> Path:
    spec = importlib.util.find_spec(f"brian2chip.{FOLDERS[kind]}")
    return Path(next(iter(spec.submodule_search_locations)))


def _definitions(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, registry name, variable name) of every top-level ``X = Rule(name="...", ...)`` in a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        value = getattr(node, "value", None)
        if not (isinstance(node, ast.Assign) and isinstance(value, ast.Call)):
            continue
        called = getattr(value.func, "id", getattr(value.func, "attr", ""))
        names = [k.value.value for k in value.keywords if k.arg == "name" and isinstance(k.value, ast.Constant)]
        if called in CLASSES and names:
            yield CLASSES[called], names[0], node.targets[0].id


def catalogue(kind: str) -> dict[str, tuple[str, str, str]]:
    """Return ``{name: (module, variable, first line of the file's docstring)}`` of one kind, without importing any of them.

    Parameters
    ----------
    kind : {"model", "rule", "protocol", "chip"}
    """
    found = {}
    folder = _folder(kind)
    for path in sorted([*folder.glob("[!_]*.py"), *folder.glob("[!_]*/__init__.py")]):
        parts = path.relative_to(folder).with_suffix("").parts
        module = ".".join(["brian2chip", FOLDERS[kind], *(p for p in parts if p != "__init__")])
        summary = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
        for found_kind, name, variable in _definitions(path):
            if found_kind == kind:
                found[name] = (module, variable, summary)
    return found


def get(kind: str, name: str) -> Any:
    """Return the thing of that kind and name; ``"name:preset"`` selects a published parameter set.

    Raises
    ------
    UserError
        When there is none; the nearest names are suggested.
    """
    base, _, preset = str(name).partition(":")
    things = catalogue(kind)
    if base not in things:
        raise unknown(kind, base, things)
    module, variable, _ = things[base]
    thing = getattr(importlib.import_module(module), variable)
    if not preset:
        return thing
    presets = getattr(thing, "presets", {})
    if preset not in presets:
        if not presets:
            raise UserError(f"{kind} {base!r} has no presets, so {name!r} cannot be chosen; use {base!r}.")
        raise unknown(f"preset of {kind} {base!r} called", preset, presets)
    from brian2chip.checks import with_preset

    return with_preset(thing, preset)
