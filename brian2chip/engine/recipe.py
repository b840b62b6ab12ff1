"""What is needed to start a compiled program without Brian2: its name, its inputs, where its results lie. Kept in the cache by identity."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from brian2chip.core import cache_folder, kept_files

#: The files of a program that a recipe may hold.
HELD = re.compile(r"(inputs|static_arrays)/\w[\w.]*")


@dataclass(frozen=True)
class Slot:
    """An input of a program.

    Attributes
    ----------
    dtype : str
    size : int
    fixed : bool
        Whether the size is compiled in; that of a synapse's variable may depend on other inputs.
    """

    dtype: str
    size: int
    fixed: bool

    def full(self, array: np.ndarray) -> np.ndarray:
        """Return values for the whole of the input: a number fills it."""
        if self.fixed or not array.ndim:
            array = np.broadcast_to(array, (self.size,))
        return np.ascontiguousarray(array, dtype=self.dtype)


@dataclass(frozen=True)
class Place:
    """Where a program writes a result: a file below ``results``, the type, and the columns of a table (0 for a row of numbers)."""

    file: str
    dtype: str
    columns: int = 0

    def read(self, folder: Path) -> np.ndarray:
        """Return the values."""
        values = np.fromfile(folder / "results" / self.file, dtype=self.dtype)
        return values.reshape(-1, self.columns) if self.columns else values


@dataclass(frozen=True)
class Recipe:
    """A program that is known by what it was built from.

    Attributes
    ----------
    program : str
        Its name in the cache.
    arguments : list of str
        With which it is started; ``{results}`` stands for the folder of its results.
    inputs : dict of str to Slot
    tables : dict of str to str
        Types of the tables; their values are always given.
    durations : list of float
        Seconds of each run.
    results : dict of str to Place
    held : dict of str to bytes
        Values of the inputs that nobody gives, ``inputs/NAME``, and Brian2's constant arrays, ``static_arrays/NAME``.
    """

    program: str
    arguments: Sequence[str]
    inputs: Mapping[str, Slot]
    tables: Mapping[str, str]
    durations: Sequence[float]
    results: Mapping[str, Place]
    held: Mapping[str, bytes] = field(default_factory=dict)

    def packed(self) -> bytes:
        """Return the recipe as bytes: a line of JSON, then what is held, compressed."""
        about = asdict(self) | {"held": {name: len(data) for name, data in self.held.items()}}
        return json.dumps(about).encode() + b"\n" + zlib.compress(b"".join(self.held.values()), 1)

    def check_given(self, given: Collection[str]) -> None:
        """Raise when a start lacks what is not held: the recipe was made where it was given."""
        missing = [name for name in self.inputs if f"inputs/{name}" not in self.held and name not in given]
        missing += [name for name in self.tables if name not in given]
        if missing:
            raise RuntimeError(f"the program was kept where {', '.join(missing)} was given at each start; give it here too.")

    @staticmethod
    def unpacked(data: bytes) -> Recipe:
        """Return the recipe that was packed.

        Raises
        ------
        ValueError, KeyError, TypeError, zlib.error
            When it was not.
        """
        line, _, rest = data.partition(b"\n")
        about, rest, at, held = json.loads(line), zlib.decompress(rest), 0, {}
        for name, length in about.pop("held").items():
            held[name], at = rest[at : at + length], at + length
        if not all(HELD.fullmatch(name) for name in held):
            raise ValueError(f"{sorted(held)} are no files of a program")
        inputs = {name: Slot(**slot) for name, slot in about.pop("inputs").items()}
        results = {name: Place(**place) for name, place in about.pop("results").items()}
        return Recipe(inputs=inputs, results=results, held=held, **about)


def keep(identity: str, recipe: Recipe, folder: Path) -> None:
    """Put a recipe into the cache, by way of a folder; what the cache does not take is not kept."""
    made = folder / "recipe"
    try:
        made.write_bytes(recipe.packed())
        kept_files.keep(made, cache_folder.kept("recipes") / identity)
    except OSError as error:
        cache_folder.say_not_kept(str(error))


def find(identity: str) -> tuple[Recipe, Path] | None:
    """Return the recipe of an identity and its program, when the cache has both and they are whole."""
    path = cache_folder.kept("recipes") / identity
    if not kept_files.is_whole(path):
        return None
    try:
        recipe = Recipe.unpacked(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, zlib.error):
        return None
    program = cache_folder.kept("programs") / Path(recipe.program).name
    return (recipe, program) if kept_files.is_whole(program) else None
