"""The pairing experiments of the literature: spikes counted by hand, signs and sizes of the change by hand, data as in the files.

Means and standard errors are those of the papers, compiled in Chindemi et al. 2022, Nat Commun; a row of each is written here again.
"""

import numpy as np
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.plasticity.stdp import STDP

# Two equal windows of 20 ms and amplitude 0.005: pairs with post after pre count up, the others down.
EQUAL = STDP.with_parameters(A_plus=0.005, A_minus=0.005, tau_plus=20 * ms, tau_minus=20 * ms)
# name: (points, pairs a train, trains, seconds from train to train)
TRAINS = {
    "markram_1997": (8, 5, 10, 4.0),
    "egger_1999": (5, 5, 10, 10.0),
    "rodriguez_moreno_2008": (1, 1, 100, 5.0),
    "sjostrom_hausser_2006": (2, 5, 15, 10.0),
}
# name: ((rate in Hz, dt in ms), (ratio - 1, standard error, n)) of one row, as printed in the source of the data.
ROWS = {
    "markram_1997": ((40, 5), (0.5008, 0.12, 4)),
    "egger_1999": ((50, 10), (-0.034, 0.066, 4)),
    "rodriguez_moreno_2008": ((0.2, -15), (-0.24, 0.06, 6)),
    "sjostrom_2001_timing": ((100, 0), (0.24456, 0.063635, 5)),
}


@pytest.fixture(scope="module")
def changed():
    return {name: bc.run(name, EQUAL) for name in (*TRAINS, "sjostrom_2001_timing")}


def spikes(name, **condition):
    protocol = bc.get("protocol", name)
    table = protocol.conditions({})
    chosen = table[np.logical_and.reduce([table[key] == value for key, value in condition.items()])] if condition else table
    return protocol.stimulate(chosen.iloc[0].to_dict(), {}, None)


def change(table, rate, dt):
    rows = table[(table["rate_hz"] == rate) & (table["dt_ms"] == dt)]
    assert len(rows) == 1
    return float(rows["dw"].iloc[0])


def size(*intervals_ms):
    """Return what pairs at these intervals change, by the windows above."""
    return 0.005 * sum(np.sign(t) * np.exp(-abs(t) / 20) for t in intervals_ms)


@pytest.mark.parametrize("name", TRAINS)
def test_every_train_has_its_pairs(name):
    points, pairs, trains, period = TRAINS[name]
    protocol = bc.get("protocol", name)
    table = protocol.conditions({})
    assert len(table) == points
    for row in table.to_dict("records"):
        pre, post = protocol.stimulate(row, {}, None)
        assert len(pre) == len(post) == pairs * trains
        np.testing.assert_allclose(post - pre, row["dt_ms"] * 1e-3, atol=1e-12)
        np.testing.assert_allclose(np.diff(pre[::pairs]), period, atol=1e-9)
        # 30 Hz is no whole number of steps of 0.1 ms: its spikes lie on the nearest ones.
        steps = 0.51e-4 if row["rate_hz"] == 30 else 1e-9
        np.testing.assert_allclose(pre[:pairs] - pre[0], np.arange(pairs) / row["rate_hz"], atol=steps)


def test_further_timings_of_sjostrom_are_75_pairs_in_bursts_and_50_alone():
    pre, post = spikes("sjostrom_2001_timing", rate_hz=20, dt_ms=-25)
    assert len(pre) == 75 and list(np.round(post[:6], 4)) == [0.1, 0.15, 0.2, 0.25, 0.3, 10.1]
    assert list(np.round(pre[:2], 4)) == [0.125, 0.175]
    pre, _ = spikes("sjostrom_2001_timing", rate_hz=0.1, dt_ms=0)
    assert len(pre) == 50 and list(np.round(pre[:3], 4)) == [0.1, 10.1, 20.1]
    known = {(row.rate_hz, row.dt_ms) for row in bc.get("protocol", "sjostrom_2001").conditions({"train": "bursts"}).itertuples()}
    further = {(row.rate_hz, row.dt_ms) for row in bc.get("protocol", "sjostrom_2001_timing").conditions({}).itertuples()}
    assert len(further) == 7 and not known & further  # no point counts twice


@pytest.mark.parametrize("name", ROWS)
def test_data_are_those_of_the_literature(name):
    (rate, dt), expected = ROWS[name]
    table = bc.get("protocol", name).conditions({})
    row = table[(table["rate_hz"] == rate) & (table["dt_ms"] == dt)].iloc[0]
    assert (row["data_dw"], row["data_sem"], row["data_n"]) == pytest.approx(expected, abs=1e-12)


def test_markram_follows_the_order_of_the_pairs(changed):
    # 10 Hz: 50 pairs of their own interval, and in each train four neighbours at 100 ms more or less (the next ones: e^-9).
    for dt in (5, 10, -10):
        expected = size(*(50 * [dt]), *(40 * [dt + 100]), *(40 * [dt - 100]))
        assert change(changed["markram_1997"], 10, dt) == pytest.approx(expected, abs=1e-5)
    assert change(changed["markram_1997"], 10, 10) > 0 > change(changed["markram_1997"], 10, -10)


def test_egger_counts_one_pair_more_of_each_positive_interval(changed):
    assert change(changed["egger_1999"], 1, 10) == pytest.approx(size(*(50 * [10])), rel=1e-6)
    # 50 Hz: a train has 5, 4, 3, 2, 1 pairs at 10, 30, 50, 70, 90 ms and 4, 3, 2, 1 at -10, -30, -50, -70 ms.
    assert change(changed["egger_1999"], 50, 10) == pytest.approx(10 * size(10, 30, 50, 70, 90), rel=1e-6)


def test_rodriguez_moreno_depresses_by_a_hundred_pairs_and_only_by_the_window_of_depression(changed):
    assert change(changed["rodriguez_moreno_2008"], 0.2, -15) == pytest.approx(size(*(100 * [-15])), rel=1e-6)
    potentiating = bc.run("rodriguez_moreno_2008", EQUAL.with_parameters(A_minus=0.0))
    assert potentiating["dw"].iloc[0] == pytest.approx(0.0, abs=1e-12)  # the next pair is 5 s away


def test_sjostrom_hausser_has_the_same_pairs_at_both_synapses(changed):
    # As at 50 Hz in egger_1999, in 15 trains.
    assert list(changed["sjostrom_hausser_2006"]["dw"]) == pytest.approx(2 * [15 * size(10, 30, 50, 70, 90)], rel=1e-6)


def test_further_timings_of_sjostrom_by_hand(changed):
    table = changed["sjostrom_2001_timing"]
    # At equal times the presynaptic spike acts first, so each pair counts in full; the neighbours, 25 ms either way, cancel.
    assert change(table, 0.1, 0) == pytest.approx(50 * 0.005, rel=1e-6)
    assert change(table, 40, 0) == pytest.approx(75 * 0.005, rel=1e-6)
    # 20 Hz at 25 ms: 5, 4, .. 1 pairs at 25, 75, .. 225 ms, one fewer of each at -25, -75, ..
    assert change(table, 20, 25) == pytest.approx(15 * size(25, 75, 125, 175, 225), rel=1e-6)
    assert change(table, 20, -25) == pytest.approx(-15 * size(25, 75, 125, 175, 225), rel=1e-6)
