"""Clopath 2010 in protocols: pairs against Sjostrom's data, bursts, and the pairs as NEST's example has them."""

import numpy as np
import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.plasticity.clopath import CLOPATH
from brian2chip.protocols import clopath_2010, clopath_2010_bursts, clopath_2010_clamp
from brian2chip.protocols.network_objects import si

P = {name: si(value) for name, value in CLOPATH.parameters.items()}


@pytest.fixture(scope="module")
def pairs():
    return bc.run("clopath_2010", "clopath", device="cpp_standalone")


def test_pairs_are_those_of_the_oracle_times_the_trains(pairs):
    for row in pairs.iloc[[0, 4, 9]].to_dict("records"):
        pre, post = clopath_2010.stimulate(row, {}, None)
        w = CLOPATH.oracle(pre, post, P, {"w": 0.5})["w"]
        assert row["dw"] == pytest.approx(15 * (w - 0.5) / 0.5, rel=1e-9)


def test_what_was_not_measured_is_not_invented(pairs):
    assert pairs.loc[pairs["data_dw"].isna(), "rate_hz"].tolist() == [30.0, 30.0]
    known = pairs[pairs["data_dw"].notna()]
    assert pairs.attrs["run"]["scores"]["E"] == pytest.approx(np.mean(((known["dw"] - known["data_dw"]) / known["data_sem"]) ** 2))


def test_the_shape_of_the_published_figure(pairs):
    """Pre-before-post potentiates the more the faster; post-before-pre depresses at low and potentiates at high frequency."""
    dw = pairs.set_index(["dt_ms", "rate_hz"])["dw"]
    assert (np.diff(dw[10]) > 0).all() and dw[10, 10.0] > 0
    assert dw[-10, 10.0] < -0.2 and dw[-10, 20.0] < 0 and dw[-10, 50.0] > 0.2


def test_bursts_potentiate_more_than_single_spikes():
    table = bc.run("clopath_2010_bursts", "clopath", device="cpp_standalone")
    scores = table.attrs["run"]["scores"]
    assert scores["burst_at_+10ms"] > 0 and table["data_dw"].isna().all()
    lag = table[table["varied"] == "dt_ms"].set_index("dt_ms")["dw"]
    # A burst that ended 60 ms before leaves depression; one that begins 60 ms (4 tau_x) later is hardly seen.
    assert lag[-100.0] < 0 and abs(lag[60.0]) < 0.1 * lag.max()


def test_the_lag_of_a_burst_is_from_the_presynaptic_spike():
    pre, post = clopath_2010_bursts.stimulate({"spikes": 3, "rate_hz": 50.0, "dt_ms": -10.0}, {}, None)
    np.testing.assert_allclose(post - np.asarray(pre), [-0.01, 0.01, 0.03])


def test_depression_turns_to_potentiation_where_the_closed_form_says():
    table = bc.run("clopath_2010_clamp", "clopath", device="numpy", spikes=4)
    level, tolerance = clopath_2010_clamp.CLOPATH_2010_CLAMP.expected["clopath"]
    assert table.attrs["run"]["scores"]["turn_mv"] == pytest.approx(level, abs=tolerance)
    assert table.attrs["run"]["scores"]["first_mv"] == -70.0  # the first level above theta_minus = -70.6 mV


def test_scores_of_a_hand_made_table():
    table = pd.DataFrame({"level_mv": [-60.0, -50.0, -40.0], "dw": [0.0, -1.0, 3.0]})
    assert clopath_2010_clamp.scores(table) == {"turn_mv": -47.5, "first_mv": -50.0}
    nothing = clopath_2010_clamp.scores(table.assign(dw=0.0))
    assert np.isnan(nothing["turn_mv"]) and np.isnan(nothing["first_mv"])


@pytest.mark.parametrize("rule, said", [("stdp", "no neuron whose voltage could be held"), ("sdsp", "no voltage v in volts")])
def test_a_rule_whose_voltage_cannot_be_held_is_refused(rule, said):
    with pytest.raises(UserError, match=said):
        bc.run("clopath_2010_clamp", rule, device="numpy")


@pytest.mark.slow
def test_sjostrom_2001_with_the_laboratorys_bursts():
    table = bc.run("sjostrom_2001", "clopath", train="bursts")
    trains = bc.run("clopath_2010", "clopath").set_index(["rate_hz", "dt_ms"])["dw"]
    fast = table[table["rate_hz"] >= 10].set_index(["rate_hz", "dt_ms"])["dw"]
    # fifteen trains, 10 s apart, are fifteen times one train
    np.testing.assert_allclose(fast, trains[fast.index], rtol=1e-3, atol=1e-3)


def test_pairs_of_sjostrom_go_through():
    """The protocol's own stimulus at its highest frequencies, where a run is short."""
    protocol = bc.get("protocol", "sjostrom_2001")
    short = bc.Protocol(
        name="short",
        source="this test",
        conditions=lambda options: protocol.conditions({"train": "continuous"}).query("rate_hz >= 40"),
        stimulate=lambda condition, options, rng: protocol.stimulate(condition, {"train": "continuous"}, rng),
        dt=protocol.dt,
    )
    table = bc.run(short, "clopath", device="cpp_standalone")
    row = table.iloc[0].to_dict()
    pre, post = protocol.stimulate(row, {"train": "continuous"}, None)
    assert row["w_end"] == pytest.approx(CLOPATH.oracle(pre, post, P, {"w": 0.5})["w"], rel=1e-9)
    assert (table["dw"] > 0).all()


def test_bursts_are_varied_in_number_frequency_and_lag():
    table = clopath_2010_bursts.conditions({})
    varied = {name: rows for name, rows in table.groupby("varied")}
    assert set(zip(varied["spikes"]["spikes"], varied["spikes"]["dt_ms"])) == {(n, dt) for n in (1, 2, 3) for dt in (-10, 10)}
    assert set(zip(varied["rate_hz"]["rate_hz"], varied["rate_hz"]["dt_ms"])) == {(r, dt) for r in range(20, 101, 20) for dt in (-10, 10)}
    assert list(varied["dt_ms"]["dt_ms"]) == list(range(-100, 61, 10))
    for name, column, value in (("spikes", "rate_hz", 50), ("rate_hz", "spikes", 3), ("dt_ms", "spikes", 3), ("dt_ms", "rate_hz", 50)):
        assert set(varied[name][column]) == {value}


@pytest.mark.parametrize(("protocol", "option"), [(clopath_2010, "trains"), (clopath_2010_bursts, "pairings")])
def test_one_of_them_stands_for_all(protocol, option):
    # 15 of them, of which one takes the weight from 2 to 2.02 and, in the other replica, to 2.06: by 0.04, with an error of 0.02.
    one = pd.DataFrame({"condition": [0, 0], "replica": [0, 1], "start": [0, 0], "w_start": [2.0, 2.0], "w_end": [2.02, 2.06]})
    table = protocol.reduce(pd.DataFrame({"k": [0]}), one, {option: 15})
    assert table["w_end"].tolist() == pytest.approx([2.6])
    assert table["dw"].tolist() == pytest.approx([0.3]) and table["dw_sem"].tolist() == pytest.approx([0.15])
