"""Parameters checked for name, unit, bounds and finiteness."""

import pytest
from brian2 import Hz, ms, mV

from brian2chip.core.parameters import checked_parameters, unit_name, with_preset
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
