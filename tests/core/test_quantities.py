"""The grammar of typed values: what people write is read, and nothing is evaluated."""

import pytest
from brian2 import Hz, Quantity, have_same_dimensions, ms, mV, nA, nS, second, volt
from hypothesis import given
from hypothesis import strategies as st

from brian2chip.core.quantities import UNITS, parse_value, parse_values
from brian2chip.errors import UserError


# Each expected value is the SI meaning of the text.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20*ms", 20e-3 * second), ("20 ms", 20e-3 * second), ("20ms", 20e-3 * second), (" 20 * ms ", 20e-3 * second),
        ("-60mV", -60e-3 * volt), (".5ms", 0.5e-3 * second), (".5 ms", 0.5e-3 * second), ("1e-2s", 1e-2 * second),
        ("1mV/ms", 1 * volt / second), ("1 mV/ms", 1 * volt / second), ("2 nA*ms/mV", 2 * nA * ms / mV), ("3 Hz", 3 * Hz),
        ("5 ms**-1", 5e3 * Hz), ("5 ms^-1", 5e3 * Hz), ("4/ms", 4e3 * Hz), ("2 ms**2", 2e-6 * second**2), ("7 nS", 7 * nS),
        ("0.01", 0.01), ("-3", -3.0), ("+1.5e3", 1500.0), ("2.", 2.0),
    ],
)  # fmt: skip
def test_what_people_write(text, value):
    found = parse_value(text)
    assert have_same_dimensions(found, value) and float(found) == pytest.approx(float(value), rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "ms", "0x10", "True", "[20]*ms", "1_000", "20*", "20**2", "9**9**9", "20 parsecs", "1 ms)", "(1 ms)", "1+1", "1 ms ms**",
        "().__class__", "ms.__class__", "__import__('os').system('true')", "1 if 1 else 2", "1;2", "2 ms**99", "1" * 101, "nanx", "1 e",
        "1 /", "1 // ms", "--1", "1,5 ms", "1e",
    ],
)  # fmt: skip
def test_anything_else_is_one_sentence(text):
    with pytest.raises(UserError) as error:
        parse_value(text)
    assert "\n" not in str(error.value) and "write" in str(error.value)


@given(st.text(max_size=40))
def test_no_text_does_anything_but_read_or_refuse(text):
    try:
        value = parse_value(text)
    except UserError:
        return
    assert isinstance(value, float | Quantity)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.sampled_from(sorted(UNITS)))
def test_what_is_written_is_read_back(number, unit):
    expected = number * UNITS[unit]
    assert parse_value(f"{number!r} {unit}") == expected and parse_value(f"{number!r}*{unit}") == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [("0.5", 0.5), ("0, 1", [0, 1]),
     ("[0,1]", [0, 1]), ("10mV, 20 mV", [10 * mV, 20 * mV]), ("[10, 20]*mV", [10 * mV, 20 * mV]), ("5ms", 5 * ms)],
)  # fmt: skip
def test_lists_of_values(text, values):
    assert parse_values(text) == values


@pytest.mark.parametrize("text", ["", ",", "1,", "[1, 2", "[]", "[1]", "[[1, 2]]", "1, two", "[20]*ms", "[1, 2]*[3]"])
def test_lists_that_are_none(text):
    with pytest.raises(UserError):
        parse_values(text)
