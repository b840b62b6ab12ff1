"""Values as a user writes them, and parameters checked for name, unit, bounds and finiteness."""

import numpy as np
import pytest
from brian2 import Hz, ms, mV, second, uF
from hypothesis import given
from hypothesis import strategies as st

from brian2chip.core.parameters import checked_parameters, parse_value, unit_name, with_preset
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError

RULE = Rule(
    name="mine",
    source="test",
    model="w : 1",
    on_pre="w += 1",
    parameters={"tau": 20 * ms, "A": 0.5, "E": -70 * mV},
    bounds={"tau": (1 * ms, 50 * ms), "A": (0, None), "E": (None, 0 * mV)},
    presets={"slow": {"tau": 40 * ms}},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20*ms", 20 * ms),
        ("20 ms", 20 * ms),
        ("20ms", 20 * ms),
        (" 20 ms ", 20 * ms),
        ("2.5e-3 second", 2.5e-3 * second),
        ("2e-3", 2e-3),
        ("3e", None),
        ("-70*mV", -70 * mV),
        ("1e3", 1000.0),
        ("0.01", 0.01),
        (".5", 0.5),
        ("2 uF", 2 * uF),
        ("5 * Hz", 5 * Hz),
        ("2.ms", 2 * ms),
        ("20e-3s", None),
        ("20e-3second", 20 * ms),
        ("1/second", 1 / second),
        ("inf", np.inf),
        ("twenty", None),
        ("", None),
        ("[1, 2]", None),
        ("'a'", None),
        ("__import__('os')", None),
        ("ms.__class__", None),
    ],
)
def test_values_are_read_as_they_are_written(text, value):
    if value is None:
        with pytest.raises(UserError, match="cannot read the value"):
            parse_value(text)
    else:
        found = parse_value(text)
        assert np.isclose(float(np.asarray(found)), float(np.asarray(value)), rtol=1e-12) or found == value
        assert unit_name(found) == unit_name(value)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-9, max_value=1e9))
def test_every_number_is_read_back_with_and_without_a_unit(number):
    assert parse_value(repr(number)) == number
    for text in (f"{number!r}*ms", f"{number!r} ms"):
        assert float(parse_value(text)) == pytest.approx(number * 1e-3, rel=1e-12)


@pytest.mark.parametrize(("value", "name"), [(20 * ms, "s"), (3 * mV, "V"), (2.0, "1 (a plain number)"), (5 * Hz, "Hz")])
def test_unit_names(value, name):
    assert unit_name(value) == name


def test_changes_are_applied_and_the_rule_stays():
    changed = RULE.with_parameters(tau=30 * ms, A=0.0)
    assert dict(changed.parameters) == {"tau": 30 * ms, "A": 0.0, "E": -70 * mV}
    assert RULE.parameters["tau"] == 20 * ms and RULE.parameters["A"] == 0.5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tua": 1 * ms}, ["'mine'", "did you mean 'tau'"]),
        ({"tau": 20 * mV}, ["needs the unit s", "with unit V"]),
        ({"tau": 20}, ["needs the unit s", "plain number"]),
        ({"A": 20 * ms}, ["needs the unit 1"]),
        ({"A": float("nan")}, ["finite"]),
        ({"A": float("inf")}, ["finite"]),
        ({"A": "much"}, ["one number with unit 1", "'much'"]),
        ({"A": [1, 2]}, ["one number"]),
        ({"tau": 0.99 * ms}, ["between 1. ms and 50. ms"]),
        ({"tau": 50.01 * ms}, ["between 1. ms and 50. ms"]),
        ({"A": -1e-9}, ["between 0 and infinity"]),
        ({"E": 1 * mV}, ["between minus infinity and 0. V"]),
    ],
)
def test_wrong_changes_are_one_sentence(changes, words):
    with pytest.raises(UserError) as error:
        checked_parameters(RULE, changes)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("changes", [{"tau": 1 * ms}, {"tau": 50 * ms}, {"A": 0}, {"A": 1e12}, {"E": 0 * mV}, {"E": -1e3 * mV}])
def test_bounds_belong_to_what_is_allowed(changes):
    assert checked_parameters(RULE, changes) == {**RULE.parameters, **changes}


def test_a_preset_has_its_name_and_changes_nothing_else():
    found = with_preset(RULE, "slow")
    assert found.name == "mine:slow" and found.parameters == {**RULE.parameters, "tau": 40 * ms}
