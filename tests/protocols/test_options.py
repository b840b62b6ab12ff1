"""Options of a protocol as texts and values: what is taken, as what, and what is refused in a sentence."""

import pytest

from brian2chip.errors import UserError
from brian2chip.protocols.options import _converted


@pytest.mark.parametrize(
    ("given", "truth"),
    [(True, True), ("true", True), ("Yes", True), ("1", True), (1, True), (False, False), ("no", False), ("FALSE", False), (0, False)],
)
def test_yes_and_no(given, truth):
    for default in (True, False):
        assert _converted("it", given, default) is truth


@pytest.mark.parametrize("given", ["", "maybe", 2, None])
def test_neither_yes_nor_no(given):
    with pytest.raises(UserError, match="it must be bool, true or false, not"):
        _converted("it", given, True)


@pytest.mark.parametrize(
    ("given", "default", "taken"),
    [
        ("3", 1, 3),
        (3.0, 1, 3),
        ("2.5", 1.0, 2.5),
        (2, 1.0, 2.0),
        (0, 0, 0),
        (-2, -1.5, None),
        (-1, -1.5, -1.0),
        (0, 1, None),
        (1.5, 1, None),
    ],
)
def test_numbers_have_the_kind_of_the_default_and_its_sign(given, default, taken):
    """What is positive by default stays so; what is 0 may be 0, and what is negative goes down to the default."""
    if taken is None:
        with pytest.raises(UserError):
            _converted("it", given, default)
    else:
        found = _converted("it", given, default)
        assert found == taken and type(found) is type(default)


@pytest.mark.parametrize("given", [True, "x", None, float("nan"), float("inf")])
def test_what_is_no_number(given):
    with pytest.raises(UserError, match="it must be"):
        _converted("it", given, 1.0)


def test_texts_and_what_has_no_type():
    assert _converted("it", "a", "b") == "a" and _converted("it", 3, None) == 3
    with pytest.raises(UserError, match="it must be str, not 3"):
        _converted("it", 3, "b")
