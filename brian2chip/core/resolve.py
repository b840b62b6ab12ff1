"""A definition from itself, from its name in the catalogue, or from a Python file of the user's."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from brian2chip.core import registry
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule
from brian2chip.core.substrate import Substrate
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


def substrate(given: Substrate | str) -> Substrate:
    """Return a substrate by name (``"analogue_mismatch"``) or from a file that defines one (``"mine.py"``).

    Raises
    ------
    UserError
        For a name that does not exist, or a file that defines none or several.
    """
    return resolve(Substrate, given)


def is_file(given: Any) -> bool:
    """Return whether a name is written as a path rather than as a name of the catalogue."""
    return str(given).endswith(".py") or any(separator in str(given) for separator in "/\\")


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
    if not isinstance(given, str | Path):
        word = registry.words(registry.KINDS[kind.__name__])
        raise UserError(
            f"one {word} is needed, its name or the path of a file that defines one, not {_short(given)}; give them one at a time."
        )
    if not is_file(given):
        return registry.get(registry.KINDS[kind.__name__], given)
    return only(kind, given, [thing for _, thing in definitions(given, kind.__name__) if isinstance(thing, kind)])


def only(kind: type, path: str | Path, found: list[Any]) -> Any:
    """Return the one definition that was found in a file.

    Raises
    ------
    UserError
        For none or several; ``kind`` is what the sentence asks for.
    """
    if not found:
        raise UserError(f"{path} defines no {kind.__name__}; write MINE = {kind.__name__}(name=..., source=..., ...) at its top level.")
    if len(found) > 1:
        names, word = ", ".join(thing.name for thing in found), registry.words(registry.KINDS[kind.__name__])
        raise UserError(f"{path} defines {len(found)} {word}s ({names}); keep one in a file.")
    return found[0]


def definitions(path: str | Path, wanted: str = "definition") -> list[tuple[str, Any]]:
    """Return (kind, definition) of everything that a Python file makes at its top level, in its order.

    Raises
    ------
    UserError
        When the file is missing or does not run (with file and line); ``wanted`` says what it should have been.
    """
    path = Path(path)
    if not (path.suffix == ".py" and os.path.isfile(path)):
        raise UserError(f"there is no Python file {str(path)[:300]!r}; give the path of a .py file that defines a {wanted}.")
    with _neighbours(path):
        return [(_kind(thing), _with_file(thing, path)) for thing in _own(_run(path, wanted))]


@contextmanager
def _neighbours(path: Path) -> Iterator[None]:
    """Let a file import others of its folder, as a script does, and forget them, so that the next file finds its own of that name."""
    folder, before = str(path.resolve().parent), set(sys.modules)
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).parent == Path(folder):
                del sys.modules[name]


def _short(value: Any) -> str:
    return f"the {type(value).__name__} {repr(value)[:60]}"


def _kind(value: Any) -> str | None:
    """Return the kind of a definition, None for any other value."""
    ours = type(value).__module__.partition(".")[0] == "brian2chip"
    return registry.KINDS.get(type(value).__name__) if ours else None


def _with_file(thing: Any, path: Path) -> Any:
    """Return a definition that knows its file, if it is of a kind that does."""
    return replace(thing, file=str(path)) if "file" in {f.name for f in fields(thing)} else thing


def _own(variables: Mapping[str, Any]) -> list[Any]:
    """Return the definitions that a file made itself: each once, and none that another module holds, under whatever name."""
    found = {id(value): value for value in variables.values() if _kind(value) is not None}
    for module in list(sys.modules.values()):
        for identity in found.keys() & map(id, getattr(module, "__dict__", {}).values()):
            del found[identity]
    return list(found.values())


def _hint(error: Exception) -> str:
    """Return what is usually forgotten where an import fails."""
    if isinstance(error, ModuleNotFoundError):
        return f" Files beside it are found by their names; there is none called {error.name}.py, and no such package is installed."
    return ""


def _run(path: Path, wanted: str) -> dict[str, Any]:
    """Return the variables of a file after running it; a failure becomes one sentence with file and line."""
    spec = importlib.util.spec_from_file_location(f"user_file_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise UserError(f"{error.filename or path}, line {error.lineno}: {error.msg}; correct the Python of this {wanted}.") from error
    except SystemExit as error:
        raise UserError(f"{path} ends Python (sys.exit) when it is read; a file that defines a {wanted} must only define it.") from error
    except Exception as error:
        trace, line = error.__traceback__, None
        while trace:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path) else line
            trace = trace.tb_next
        at = str(path) if line is None else f"{path}, line {line}"
        if isinstance(error, UserError):
            raise UserError(f"{at}: {error}") from error
        said = " ".join(str(error).split()) or "no message"
        raise UserError(f"{at}: {type(error).__name__}: {said}; correct the Python of this {wanted}.{_hint(error)}") from error
    return vars(module)
