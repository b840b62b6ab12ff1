"""Arithmetic in the words of Brian2, on numbers, arrays and quantities; everything else is refused."""

import numpy as np
import pytest
from brian2 import ms, mV, nS

from brian2chip.core.expressions import UnknownName, value_of
from brian2chip.errors import UserError

KNOWN = {"w": np.array([0.25, 0.75]), "g": 10 * nS, "k": 3.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("w*2 - -1", [1.5, 2.5]),
        ("int(w > 0.5)", [0, 1]),
        ("clip(w, 0.5, 1)**2", [0.25, 0.5625]),
        ("sqrt(k*12)", 6.0),
        ("g/nS", 10.0),
        ("1*mV/ms", 1 * mV / ms),
        ("w > 0.5 and not w > 1", [False, True]),
        ("w < 0.5 or w >= 0.75", [True, True]),
        ("7 // 2 + 7 % 2", 4.0),
        ("pi", np.pi),
        ("True", 1.0),
    ],
)
def test_values(text, value):
    np.testing.assert_array_equal(np.asarray(value_of(text, KNOWN.__getitem__)), np.asarray(value))


@pytest.mark.parametrize(
    "text",
    [
        "w.real",
        "w[0]",
        "().__class__",
        "__import__('os')",
        "lambda: 1",
        "[1, 2]",
        "'a'",
        "1 if w else 2",
        "f(x=1)",
        "exp(x=1)",
        "0 < w < 1",
        "1j",
    ]
    + ["", "1 +", "9**9**9**9", "1/0", "exp()", "rand()", "unknown", "w; w", "(" * 2000],
)
def test_anything_else_is_refused(text):
    with pytest.raises(UserError):
        value_of(text, KNOWN.__getitem__)


def test_a_name_that_stands_for_nothing_is_given():
    with pytest.raises(UnknownName) as error:
        value_of("w + nothing", KNOWN.__getitem__)
    assert error.value.unknown == "nothing"
