"""Find models, rules, protocols, tasks and chips by scanning their folders; listing reads the files without running them."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from brian2chip.errors import UserError, unknown

FOLDERS = ("models", "plasticity", "protocols", "tasks", "chips")
KINDS = {"Model": "model", "Rule": "rule", "Protocol": "protocol", "Task": "task", "Chip": "chip"}
#: A definition at the top level of a file; files without one are not parsed.
DEFINITION = re.compile(rf"^\w+ = (?:{'|'.join(KINDS)})\(", re.MULTILINE)


class Entry(NamedTuple):
    """Where a definition stands, and what its file says first."""

    module: str
    variable: str
    summary: str


def _files() -> Iterator[tuple[str, Path]]:
    """Yield (module, path) of every file that may define something."""
    for folder in FOLDERS:
        spec = importlib.util.find_spec(f"brian2chip.{folder}")
        root = Path(next(iter(spec.submodule_search_locations)))
        for path in sorted(root.rglob("[!_]*.py")):
            yield ".".join(["brian2chip", folder, *path.relative_to(root).with_suffix("").parts]), path


def _definitions(tree: ast.Module) -> Iterator[tuple[str, str, str, str]]:
    """Yield (kind, registry name, variable name, own summary) of every top-level ``X = Rule(name="...", ...)`` in a file.

    The summary of its own is the first line of the string that follows the definition.
    """
    for node, following in zip(tree.body, [*tree.body[1:], None]):
        value = getattr(node, "value", None)
        if not (isinstance(node, ast.Assign) and isinstance(value, ast.Call)):
            continue
        called = getattr(value.func, "id", getattr(value.func, "attr", ""))
        names = [k.value.value for k in value.keywords if k.arg == "name" and isinstance(k.value, ast.Constant)]
        if called in KINDS and names:
            yield KINDS[called], names[0], node.targets[0].id, _text(following).split("\n")[0]


def _text(node: ast.stmt | None) -> str:
    """Return the string that a statement consists of, or nothing."""
    value = getattr(node, "value", None)
    return value.value if isinstance(node, ast.Expr) and isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


@functools.cache
def _scanned() -> dict[str, dict[str, Entry]]:
    """Return every definition of the package by kind and name, without importing any of them."""
    found: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS.values()}
    for module, path in _files():
        source = path.read_text(encoding="utf-8")
        if not DEFINITION.search(source):
            continue
        tree = ast.parse(source)
        summary = (ast.get_docstring(tree) or "").split("\n")[0]
        for kind, name, variable, own in _definitions(tree):
            found[kind][name] = Entry(module, variable, own or summary)
    return found


def catalogue(kind: str) -> dict[str, Entry]:
    """Return ``{name: (module, variable, summary)}`` of one kind, without importing any of them.

    The summary is the first line of the string that follows the definition or, without one, of the file's docstring.

    Parameters
    ----------
    kind : {"model", "rule", "protocol", "task", "chip"}
    """
    return dict(_scanned()[kind])


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
    from brian2chip.core.parameters import with_preset  # imports Brian2, which a list of names does without

    return with_preset(thing, preset)
