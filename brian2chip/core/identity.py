"""The hash of everything on which something generated depends: values by their content, sources, versions."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import platform
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

#: Folders of the package that say what is generated, or how it is started and read.
FOLDERS = ("core", "engine", "analysis", "models", "plasticity", "protocols", "tasks", "learning", "chips", "substrates", "translation")
#: Other packages whose version may change what Brian2 generates; Brian2's own files are read.
PACKAGES = ("numpy", "sympy", "jinja2", "pyparsing")
#: When this process imported the package.
BEGAN = time.time()


class Unidentified(TypeError):
    """A value whose content cannot be told, such as a function of a user's: nothing that depends on it is found again."""


def identity(*values: Any) -> str:
    """Return a hash that differs when any value does: numbers, texts, arrays, quantities, mappings in their order, dataclasses.

    Raises
    ------
    Unidentified
        For a value of another kind.
    """
    digest = hashlib.sha256()
    for part in _content(values):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:32]


def _content(value: Any) -> Iterator[bytes]:
    """Yield a value as parts of bytes, its kind first."""
    yield f"{type(value).__module__}.{type(value).__qualname__}".encode()
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | Path):
        yield repr(value).encode()
    elif isinstance(value, np.ndarray | np.generic):  # Brian2's quantities, too
        array = np.ascontiguousarray(value)
        if array.dtype.hasobject:
            raise Unidentified("an array of objects")
        yield repr((array.dtype.str, np.shape(value), repr(getattr(value, "dim", None)))).encode()
        yield np.asarray(array).tobytes()
    elif isinstance(value, Mapping):
        yield from _each(item for pair in value.items() for item in pair)
    elif isinstance(value, tuple | list):
        yield from _each(value)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _each(item for field in fields(value) for item in (field.name, getattr(value, field.name)))
    elif isinstance(value, FunctionType) and _is_ours(value):
        yield value.__qualname__.encode()
    elif isinstance(value, type):
        yield f"{value.__module__}.{value.__qualname__}".encode()
    else:
        raise Unidentified(f"a {type(value).__name__}")


def _each(values: Any) -> Iterator[bytes]:
    items = list(values)
    yield str(len(items)).encode()
    for item in items:
        yield from _content(item)


def _is_ours(function: FunctionType) -> bool:
    """Return whether a function stands at the top of a module of the package, whose sources are read anyway."""
    return function.__module__.startswith("brian2chip.") and "." not in function.__qualname__ and function.__closure__ is None


def sources() -> str:
    """Return the hash of this package's and Brian2's files, and of the versions of what both use to generate code.

    Raises
    ------
    Unidentified
        When a file was changed since this process began, which may have read it before or after.
    """
    package = importlib.import_module("brian2chip")
    folders = [Path(root) / folder for root in package.__path__ for folder in FOLDERS if (Path(root) / folder / "__init__.py").exists()]
    found = []
    for folder in [*folders, brian2_folder()]:
        for path in sorted(_files(folder)):
            about = path.stat()
            if about.st_mtime > BEGAN:
                raise Unidentified(f"{path}, which was changed")
            found.append((f"{folder.name}/{path.relative_to(folder)}", str(path), about.st_mtime_ns, about.st_size))
    return _hash(tuple(found), (platform.python_version(), *map(_version, PACKAGES)))


@functools.lru_cache(maxsize=4)
def _hash(files: tuple[tuple[str, str, int, int], ...], versions: tuple[str, ...]) -> str:
    """Return the hash of files, by their names below their folders and their contents, and of versions."""
    digest = hashlib.sha256(repr(versions).encode())
    for name, path, *_ in files:
        digest.update(name.encode())
        digest.update(hashlib.sha256(Path(path).read_bytes()).digest())
    return digest.hexdigest()


def brian2_folder() -> Path:
    """Return where Brian2 is installed, without importing it."""
    spec = importlib.util.find_spec("brian2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("No module named 'brian2'", name="brian2")
    return Path(spec.origin).parent


def _files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("__pycache__", "tests", "data")]
        yield from (Path(where) / name for name in names if not name.endswith((".pyc", ".so", ".pyd")))


@functools.cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
