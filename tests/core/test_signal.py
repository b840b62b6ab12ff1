"""Signals over time: as arrays, functions, pulses, tables, or Brian2's TimedArray; what cannot be one is a sentence."""

import numpy as np
import pytest
from brian2 import Hz, TimedArray, mM, ms, mV, second

from brian2chip import Signal, UserError


def test_pulses_that_touch_go_on_and_others_return_to_zero():
    found = Signal.pulses([10, 15, 30] * ms, [1.0, 2.0, 3.0] * Hz, 5 * ms)
    np.testing.assert_allclose(found.times, [0.010, 0.015, 0.020, 0.030, 0.035])
    assert found.values.tolist() == [1, 2, 0, 3, 0] and found.unit == 1 * Hz


def test_a_function_is_sampled_once():
    calls = []
    found = Signal.from_function(lambda t: calls.append(t) or 2 * t / second * mV, 5 * ms, 1 * ms)
    assert len(calls) == 1 and found.times.tolist() == pytest.approx([0, 0.001, 0.002, 0.003, 0.004])
    np.testing.assert_allclose(found.values, 2 * found.times * 1e-3)


def test_a_table(tmp_path):
    (tmp_path / "da.csv").write_text("# measured\ntime_ms,value_mM\n0,1\n2.5,0.5\n")
    found = Signal.from_csv(tmp_path / "da.csv")
    assert found.times.tolist() == [0, 0.0025] and found.values[0] == float(1 * mM) and found.unit.dim is mM.dim
    (tmp_path / "da.csv").write_text("time_ms,dopamine\n0,1\n")
    with pytest.raises(UserError, match="has the columns time_ms, dopamine; a signal file has time_ms, value"):
        Signal.from_csv(tmp_path / "da.csv")


def test_to_and_from_a_timed_array():
    array = Signal([10, 15] * ms, [1.0, 3.0] * mV).timed_array()
    np.testing.assert_allclose([float(array(t * ms) / mV) for t in (0, 9.9, 10, 14.9, 15, 99)], [0, 0, 1, 1, 3, 3])
    back = Signal.from_timed_array(TimedArray([1.0, 2.0] * mV, dt=3 * ms))
    assert back.times.tolist() == [0, 0.003] and back.values.tolist() == [0.001, 0.002]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Signal([0, 1] * mV, [0, 1]), "another unit than seconds"),
        (lambda: Signal([0, 1, 2] * ms, [0, 1]), "3 times and 2 values"),
        (lambda: Signal([0, 1, 1] * ms, [0, 1, 2]), "must rise"),
        (lambda: Signal([-1, 1] * ms, [0, 1]), "must rise from 0 s"),
        (lambda: Signal([0, 1] * ms, [0, np.nan]), "finite numbers"),
        (lambda: Signal([0, 1] * ms, ["a", "b"]), "finite numbers"),
        (lambda: Signal([] * ms, []), "0 values"),
        (lambda: Signal.pulses([0, 4] * ms, 1.0, 5 * ms), "4 ms apart"),
        (lambda: Signal.pulses([0, 4] * ms, 1.0, 5), "width of a signal's pulses"),
        (lambda: Signal.from_function(np.sin, 1 * second, 1e-7 * second), "at most 1000000"),
        (lambda: Signal.from_function(np.sin, 1, 2), "two times"),
        (lambda: Signal.from_timed_array(TimedArray(np.ones((2, 3)), dt=1 * ms)), "a single row"),
    ],
)
def test_what_is_no_signal(make, sentence):
    with pytest.raises(UserError, match=sentence) as raised:
        make()
    assert "\n" not in str(raised.value)
