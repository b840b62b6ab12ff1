"""The prior as it is given, and as shares of its ranges."""

import numpy as np
import paired
import pytest
from brian2 import ms, mV

from brian2chip.core import resolve
from brian2chip.errors import UserError
from brian2chip.inference.prior import prior_of
from brian2chip.sweeps.axis import parsed

TRIPLET = resolve.rule("triplet:hippocampus_all_minimal")
NAMES = ["sjostrom_2001", "wang_2005"]


def test_shares_and_values():
    prior = prior_of(TRIPLET, {"A3_plus": (0, 0.02), "tau_y": (10 * ms, 1000 * ms, "log")}, NAMES)
    values = prior.values(np.array([[0.0, 0.0], [0.25, 0.5], [1.0, 1.0]]))
    assert np.allclose(values, [[0, 0.01], [0.005, 0.1], [0.02, 1.0]])  # half of a logarithmic range is its geometric mean
    assert np.allclose(prior.shares(values), [[0, 0], [0.25, 0.5], [1, 1]])
    assert prior.described()[1] == {"parameter": "tau_y", "low": 0.01, "high": 1.0, "log": True, "unit": "s"}
    assert prior.ranges()["tau_y"] == (10 * ms, 1000 * ms, "log") and prior.ranges()["A3_plus"] == (0.0, 0.02)


def test_as_the_command_line_gives_it():
    given = {name: parsed(name, text, drawn=True) for name, text in {"A3_plus[wang_2005]": "0:0.02", "tau_y": "10ms:1s:log"}.items()}
    prior = prior_of(TRIPLET, given, NAMES)
    assert prior.names == ("A3_plus[wang_2005]", "tau_y")
    assert [(s.low, s.high, s.log) for s in prior.spans] == [(0, 0.02, False), (0.01, 1.0, True)]


@pytest.mark.parametrize(
    "given, said",
    [
        ({}, "give a mapping of names to ranges"),
        ([("A3_plus", (0, 1))], "give a mapping of names to ranges"),
        ({"A4_plus": (0, 1)}, "no parameter of .* called 'A4_plus'; did you mean"),
        ({"A3_plus[wang_2006]": (0, 1)}, "did you mean 'wang_2005'"),
        ({"A3_plus": (0.02, 0.02)}, "give a lower and a higher number"),
        ({"A3_plus": (0.02, 0)}, "give a lower and a higher number"),
        ({"A3_plus": (0, 0.02, "log")}, "both positive with log"),
        ({"A3_plus": (0, np.inf)}, "give finite numbers"),
        ({"A3_plus": 0.02}, "give a range"),
        ({"A3_plus": (-0.1, 0.02)}, "must lie between"),
        ({"tau_y": (0.01, 1.0)}, "needs the unit s"),
        ({"tau_y": (10 * mV, 20 * mV)}, "needs the unit s"),
        ({"A3_plus": (0 * ms, 1 * ms)}, r"needs the unit 1 \(a plain number\)"),
    ],
)
def test_what_is_no_prior(given, said):
    with pytest.raises(UserError, match=said):
        prior_of(TRIPLET, given, NAMES)


def test_what_synapses_cannot_have_each():
    delayed = paired.own.rule(on_pre="w += A", parameters={"A": 0.1, "late": 5 * ms}, delay={"pre": "late"})
    with pytest.raises(UserError, match="late of 'mine' is a delay or a period"):
        prior_of(delayed, {"late": (1 * ms, 5 * ms)}, ["own"])
