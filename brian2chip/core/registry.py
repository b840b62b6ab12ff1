"""Find definitions by scanning the folders and what other packages announce; listing reads the files without running them."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from brian2chip.core.plugins import announced
from brian2chip.errors import UserError, unknown

logger = logging.getLogger(__name__)
_scanning = threading.Lock()

FOLDERS = ("models", "plasticity", "protocols", "tasks", "chips", "substrates")
KINDS = {
    "Model": "model",
    "Rule": "rule",
    "LearningRule": "learning_rule",
    "LayeredRule": "layered_rule",
    "EquilibriumRule": "equilibrium_rule",
    "Protocol": "protocol",
    "Task": "task",
    "LayeredTask": "layered_task",
    "Chip": "chip",
    "Substrate": "substrate",
}
#: A definition at the top level of a file; files without one are not parsed.
DEFINITION = re.compile(rf"^\w+ = (?:{'|'.join(KINDS)})\(", re.MULTILINE)


class Entry(NamedTuple):
    """Where a definition stands, what is said of it, and which other package announces it, if one does."""

    module: str
    variable: str
    summary: str
    package: str = ""


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


def _read(path: Path) -> list[tuple[str, str, str, str]]:
    """Return (kind, registry name, variable name, summary) of every definition in a file, without running it."""
    source = path.read_text(encoding="utf-8")
    if not DEFINITION.search(source):
        return []
    tree = ast.parse(source)
    first = (ast.get_docstring(tree) or "").split("\n")[0]
    return [(kind, name, variable, own or first) for kind, name, variable, own in _definitions(tree)]


def _scanned() -> dict[str, dict[str, Entry]]:
    """Return every definition by kind and name; threads that ask at once wait for the first, as Python 3.11.7 parses for one at a time."""
    with _scanning:
        return _scan()


@functools.cache
def _scan() -> dict[str, dict[str, Entry]]:
    """Return every definition by kind and name, without importing any of them."""
    found: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS.values()}
    for module, path in _files():
        for kind, name, variable, summary in _read(path):
            found[kind][name] = Entry(module, variable, summary)
    for other in announced():
        if other.name in found[other.kind]:
            holder = found[other.kind][other.name].package or "brian2chip"
            logger.warning("package %s announces the %s %r, which %s has already; that one is used.",
                           other.package, words(other.kind), other.name, holder)  # fmt: skip
            continue
        said = {variable: summary for _, _, variable, summary in _read_other(other.file)}
        found[other.kind][other.name] = Entry(other.module, other.variable, said.get(other.variable) or other.description, other.package)
    return found


def _read_other(path: Path | None) -> list[tuple[str, str, str, str]]:
    """Return what :func:`_read` does for a file of another package, which may be broken or absent."""
    try:
        return _read(path) if path is not None else []
    except (OSError, SyntaxError, ValueError):
        return []


def words(kind: str) -> str:
    """Return a kind as a reader would write it: ``"learning rule"``."""
    return kind.replace("_", " ")


def catalogue(kind: str) -> dict[str, Entry]:
    """Return ``{name: (module, variable, summary, package)}`` of one kind, without importing any of them.

    The summary is the first line of the string that follows the definition or, without one, of the file's docstring.

    Parameters
    ----------
    kind : {"model", "rule", "learning_rule", "layered_rule", "equilibrium_rule", "protocol", "task", "layered_task", "chip", "substrate"}
    """
    return dict(_scanned()[kind])


def get(kind: str, name: str) -> Any:
    """Return the thing of that kind and name; ``"name:preset"`` selects a published parameter set.

    Raises
    ------
    UserError
        When there is none; the nearest names are suggested. Or when the package that announces it cannot be imported.
    """
    base, _, preset = str(name).partition(":")
    things = catalogue(kind)
    if base not in things:
        raise unknown(words(kind), base, things)
    thing = _loaded(kind, base, things[base])
    if not preset:
        return thing
    presets = getattr(thing, "presets", {})
    if preset not in presets:
        if not presets:
            raise UserError(f"{words(kind)} {base!r} has no presets, so {name!r} cannot be chosen; use {base!r}.")
        raise unknown(f"preset of {words(kind)} {base!r} called", preset, presets)
    from brian2chip.core.parameters import with_preset  # imports Brian2, which a list of names does without

    return with_preset(thing, preset)


def working(kind: str) -> dict[str, Any]:
    """Return ``{name: definition}`` of a kind; one of another package that cannot be loaded is logged and left out."""
    found = {}
    for name, entry in catalogue(kind).items():
        try:
            found[name] = _loaded(kind, name, entry)
        except UserError as error:
            logger.warning("%s", error)
    return found


def _loaded(kind: str, name: str, entry: Entry) -> Any:
    if not entry.package:
        return getattr(importlib.import_module(entry.module), entry.variable)
    what = f"the {words(kind)} {name!r} of package {entry.package}"
    try:
        thing = getattr(importlib.import_module(entry.module), entry.variable)
    except Exception as error:  # whatever another package's code raises
        raise UserError(f"{what} cannot be loaded ({type(error).__name__}: {error}); mend or uninstall that package.") from error
    if KINDS.get(type(thing).__name__) != kind or thing.name != name:
        raise UserError(f"{what} is the {type(thing).__name__} {getattr(thing, 'name', '')!r}; its entry point must give name and kind.")
    return thing
