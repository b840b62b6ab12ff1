"""Configurations as a small JSON document with arrays beside it: what is typed comes back typed, what is wrong is one sentence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import pytest

from brian2chip.chips.configuration_file import configuration_of, document_and_arrays
from brian2chip.errors import UserError

C = TypeVar("C")


@dataclass(frozen=True)
class Inner:
    """Registers."""

    codes: Mapping[str, int]


@dataclass(frozen=True)
class Outer(Generic[C]):
    """One field of each kind."""

    inner: C
    weights: np.ndarray
    wide: np.ndarray
    place: Mapping[str, tuple[int, int]]
    many: tuple[float, ...]
    name: str
    on: bool
    count: int
    scale: float
    nothing: str | None = None


def whole():
    wide = np.array([1 << 127, 3], object)
    inner = Inner({"a": 1, "b": 1 << 90})
    return Outer(inner, np.arange(6, dtype=np.int8).reshape(2, 3), wide, {"x": (0, 4)}, (1.0, 2.5), "n", True, np.int64(3), 0.1)


def read(document, arrays, version=4):
    return configuration_of(Outer[Inner], version, document, arrays, "toy")


def stored(version=4):
    document, arrays = document_and_arrays(whole(), version)
    return json.loads(json.dumps(document)), arrays


def test_everything_comes_back_as_it_was():
    back, given = read(*stored()), whole()
    assert back.inner == given.inner and back.place == given.place and back.many == given.many
    assert (back.name, back.on, back.count, back.scale, back.nothing) == ("n", True, 3, 0.1, None) and type(back.count) is int
    assert back.weights.dtype == np.int8 and np.array_equal(back.weights, given.weights)
    assert back.wide.dtype == object and back.wide.tolist() == [1 << 127, 3]


def test_the_document_is_small():
    big = Outer(Inner({}), np.zeros((500, 500)), np.array([], object), {}, (), "n", True, 1, 1.0)
    document, arrays = document_and_arrays(big, 1)
    assert len(json.dumps(document)) < 500 and arrays["weights"].shape == (500, 500)


def set_field(name, value):
    return lambda document, arrays: document["fields"].update({name: value})


@pytest.mark.parametrize(
    "damage, sentence",
    [
        (lambda d, a: d.update(version=3), "toy has version 3 and this package reads version 4"),
        (lambda d, a: d.pop("fields"), "must be a JSON object with 'version' and 'fields'"),
        (lambda d, a: d["fields"].pop("count"), "must have the fields inner, weights"),
        (lambda d, a: d["fields"].update(more=1), "must have the fields inner, weights"),
        (set_field("count", 1.5), "count must be a whole number, not 1.5"),
        (set_field("count", True), "count must be a whole number, not True"),
        (set_field("count", None), "count must be a whole number, not None"),
        (set_field("scale", "x"), "scale must be a number, not 'x'"),
        (set_field("on", 1), "on must be true or false, not 1"),
        (set_field("name", 7), "name must be a text, not 7"),
        (set_field("nothing", 7), "nothing must be a text, not 7"),
        (set_field("inner", [1]), "inner must have the fields codes, not"),
        (set_field("inner", {"codes": {"a": "1"}}), "inner, codes, a must be a whole number"),
        (set_field("inner", {"codes": 3}), "codes must be a mapping by name, not 3"),
        (set_field("place", {"x": [1]}), "place, x must be a list of 2 values"),
        (set_field("place", {"x": [1, 2.5]}), "place, x, entry 1 must be a whole number"),
        (set_field("many", 3), "many must be a list"),
        (set_field("weights", [1, 2]), "weights has no array beside it"),
        (set_field("weights", {"array": "elsewhere"}), "weights has no array beside it"),
        (lambda d, a: a.pop("wide"), "wide has no array beside it"),
        (lambda d, a: a.update(weights=np.array(["x"])), "it must hold numbers"),
        (lambda d, a: a.update(wide=np.zeros((2, 3), np.uint8)), "wide must be bytes of whole numbers, 16 each"),
    ],
)
def test_what_is_wrong_is_one_sentence(damage, sentence):
    document, arrays = stored()
    damage(document, arrays)
    with pytest.raises(UserError, match=sentence) as error:
        read(document, arrays)
    assert str(error.value).endswith(".")
