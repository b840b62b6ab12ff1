"""A definition from itself, from its name in the catalogue, or from a Python file of the user's."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from brian2chip.core import registry
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError

Definition = TypeVar("Definition")


def rule(given: Rule | str) -> Rule:
    """Return a rule by name (``"triplet:visual_cortex_all_full"``) or from a file that defines one (``"mine.py"``).

    Raises
    ------
    UserError
        For a name that does not exist, or a file that defines none or several.
    """
    return resolve(Rule, given)


def model(given: Model | str) -> Model:
    """Return a neuron model by name (``"lif_conductance"``) or from a file that defines one (``"mine.py"``).

    Raises
    ------
    UserError
        For a name that does not exist, or a file that defines none or several.
    """
    return resolve(Model, given)


def is_file(given: Any) -> bool:
    """Return whether a name is written as a path rather than as a name of the catalogue."""
    return str(given).endswith(".py") or "/" in str(given)


def resolve(kind: type[Definition], given: Definition | str) -> Definition:
    """Return a definition from itself, its name in the catalogue, or the path of a Python file that defines exactly one.

    Parameters
    ----------
    kind : type
        The class of the definition, e.g. :class:`~brian2chip.core.rule.Rule`.
    given : definition, str or path

    Raises
    ------
    UserError
        For a name that does not exist, or a file that is missing, does not run, or defines none or several.
    """
    if isinstance(given, kind):
        return given
    if not is_file(given):
        return registry.get(registry.KINDS[kind.__name__], given)
    found = load(kind, given)
    if len(found) > 1:
        names = ", ".join(thing.name for thing in found)
        raise UserError(f"{given} defines {len(found)} {registry.KINDS[kind.__name__]}s ({names}); keep one in a file.")
    return found[0]


def load(kind: type[Definition], path: str | Path) -> list[Definition]:
    """Return the definitions of a kind that a Python file makes at its top level; what it imports does not count.

    Raises
    ------
    UserError
        When the file is missing, does not run (with file and line), or defines none.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"there is no file {str(path)!r}; give the path of a Python file that defines a {kind.__name__}.")
    variables = _run(path, registry.KINDS[kind.__name__])
    found = [variables[name] for name in _assigned(path) if isinstance(variables.get(name), kind)]
    if not found:
        raise UserError(f"{path} defines no {kind.__name__}; write MINE = {kind.__name__}(name=..., source=..., ...) at its top level.")
    if "file" in {f.name for f in fields(kind)}:
        found = [replace(thing, file=str(path)) for thing in found]
    return found


def _assigned(path: Path) -> list[str]:
    """Return the variables that a file assigns at its top level, each once."""
    targets = [t for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign) for t in node.targets]
    return list(dict.fromkeys(t.id for t in targets if isinstance(t, ast.Name)))


def _run(path: Path, kind: str) -> dict[str, Any]:
    """Return the variables of a file after running it; a failure becomes one sentence with file and line."""
    spec = importlib.util.spec_from_file_location(f"user_file_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise UserError(f"{path}, line {error.lineno}: {error.msg}; correct the Python of this {kind}.") from error
    except Exception as error:
        trace, line = error.__traceback__, None
        while trace:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path) else line
            trace = trace.tb_next
        raise UserError(f"{path}, line {line}: {type(error).__name__}: {error}; correct the Python of this {kind}.") from error
    return vars(module)
