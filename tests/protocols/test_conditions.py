"""Conditions, stimuli, reductions and scores of the protocols by hand; nothing is simulated."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("Agg")
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from brian2chip.errors import UserError
from brian2chip.protocols import bcm_rate, bi_poo_1998, brader_2007, sjostrom_2001, song_2000, wang_2005
from brian2chip.protocols.run import scores_of

NAN = float("nan")


def axes():
    return Figure().add_subplot()


# --- Bi & Poo 1998

BI_POO = {"pairs": 3, "rate_hz": 2.0, "points": 5, "dt_max_ms": 20.0}


def test_bi_poo_has_a_curve_and_the_45_points_of_one_digitisation():
    table = bi_poo_1998.conditions(BI_POO)
    curve, data = table[table["kind"] == "curve"], table[table["kind"] == "data"]
    assert list(curve["dt_ms"]) == [-20.0, -10.0, 0.0, 10.0, 20.0] and curve["data_dw"].isna().all() and not curve["data_used"].any()
    assert len(data) == 45 and list(table.index) == list(range(50))
    # The file's first line and its largest change: -102.898 ms, -1.32259 %; 4.77064 ms, 100.07456 %.
    assert data.iloc[0][["dt_ms", "data_dw"]].tolist() == pytest.approx([-102.9, -0.0132259], abs=1e-7)
    largest = data.loc[data["data_dw"].idxmax()]
    assert (largest["dt_ms"], largest["data_dw"]) == (4.8, pytest.approx(1.0007456, abs=1e-7))
    assert data["data_sem"].isna().all() and curve["data_sem"].isna().all()


def test_bi_poo_leaves_out_the_points_closer_than_3_ms_and_no_other():
    data = bi_poo_1998.conditions(BI_POO).query("kind == 'data'")
    # Of the file, rounded to 0.1 ms: -2.574 and 1.5035 ms are closer than 3 ms.
    assert sorted(data.loc[~data["data_used"].astype(bool), "dt_ms"]) == [-2.6, 1.5]
    assert data.loc[data["dt_ms"] == 3.6, "data_used"].all() and data.loc[data["dt_ms"] == -3.6, "data_used"].all()


def test_bi_poo_pairs_are_a_period_apart_and_dt_is_post_minus_pre():
    pre, post = bi_poo_1998.stimulate({"dt_ms": -7.0}, BI_POO, None)
    assert pre == pytest.approx([0.2, 0.7, 1.2]) and post == pytest.approx([0.193, 0.693, 1.193])
    assert min(post) - 0.1 > 0  # the largest time difference of the data, 103 ms, stays after the start
    assert bi_poo_1998.stimulate({"dt_ms": -103.0}, BI_POO, None)[1][0] > 0.09
    assert (bi_poo_1998.BI_POO_1998.options["pairs"], bi_poo_1998.BI_POO_1998.options["rate_hz"]) == (60, 1.0)  # 60 pairings at 1 Hz


def test_bi_poo_scores_the_used_points_alone():
    table = pd.DataFrame({"dw": [1.0, 0.0, 9.0], "data_dw": [0.5, 1.0, 0.0], "data_used": [True, True, False]})
    # By hand: residuals 0.5 and 1, mean square 0.625; the data vary by 2*0.25**2 = 0.125 about their mean.
    assert scores_of(bi_poo_1998.BI_POO_1998, table) == pytest.approx({"rmse": np.sqrt(0.625), "r2": 1 - 1.25 / 0.125})


# --- Sjostrom et al. 2001


def test_sjostrom_has_the_ten_published_points():
    table = sjostrom_2001.conditions({"train": "continuous"})
    assert list(table["rate_hz"]) == [0.1, 10, 20, 40, 50] * 2 and list(table["dt_ms"]) == [10] * 5 + [-10] * 5
    # Sjostrom et al. 2001 as in Pfister & Gerstner 2006, table 1: 40 Hz, +10 ms: 0.53 (0.11); -10 ms: 0.56 (0.32).
    assert table[["data_dw", "data_sem", "data_n"]].iloc[[3, 8]].to_numpy().tolist() == [[0.53, 0.11, 6], [0.56, 0.32, 5]]
    with pytest.raises(UserError, match="did you mean 'bursts'"):
        sjostrom_2001.conditions({"train": "burst"})


@pytest.mark.parametrize(
    ("rate", "train", "count", "first", "last"),
    [
        (20.0, "continuous", 60, [0.1, 0.15, 0.2], 0.1 + 59 / 20),
        (0.1, "continuous", 60, [0.1, 10.1, 20.1], 590.1),
        (0.1, "bursts", 50, [0.1, 10.1, 20.1], 490.1),  # at 0.1 Hz 50 single pairs
        (20.0, "bursts", 75, [0.1, 0.15, 0.2], 140.1 + 4 / 20),  # 15 bursts of five, one burst every 10 s
        (1.0, "bursts", 75, [0.1, 1.1, 2.1], 144.1),
    ],
)
def test_sjostrom_trains(rate, train, count, first, last):
    pre, post = sjostrom_2001.stimulate({"rate_hz": rate, "dt_ms": 10.0}, {"train": train}, None)
    assert len(pre) == len(post) == count and np.all(np.diff(pre) > 0)
    assert list(pre[:3]) == pytest.approx(first) and pre[-1] == pytest.approx(last)
    assert post - pre == pytest.approx(np.full(count, 0.010))
    if train == "bursts" and rate > 1:
        assert pre[5] == pytest.approx(10.1) and pre[4] == pytest.approx(0.1 + 4 / rate)


def test_sjostrom_and_wang_score_the_error_in_standard_errors():
    table = pd.DataFrame({"dw": [0.0, 0.5], "data_dw": [0.1, 0.1], "data_sem": [0.1, 0.2]})
    for protocol in (sjostrom_2001, wang_2005):
        assert protocol.scores(table) == pytest.approx({"E": 2.5})  # residuals of 1 and 2 standard errors


# --- Wang et al. 2005


def test_wang_has_the_13_published_points():
    table = wang_2005.conditions({})
    assert list(table["pattern"].value_counts().sort_index().items()) == [
        ("pair", 2),
        ("post-pre-post", 4),
        ("pre-post-pre", 4),
        ("quadruplet_T", 3),
    ]
    # Wang et al. 2005 as in Pfister & Gerstner 2006, table 2: post-pre-post (-5, 5): 0.33 (0.04).
    assert table.iloc[0].tolist() == ["post-pre-post", -5, 5, 0.33, 0.04]


@pytest.mark.parametrize(
    ("pattern", "dt1", "dt2", "pre_ms", "post_ms"),
    [
        ("pair", 10, NAN, [0], [10]),
        ("pair", -10, NAN, [0], [-10]),
        ("pre-post-pre", 5, -15, [-5, 15], [0]),  # dt1 = post - pre1, dt2 = post - pre2
        ("post-pre-post", -5, 15, [0], [-5, 15]),
        # The centres of the two pairs are |T| apart and the spikes of a pair 5 ms: pairs at -10 and 10 for T = 20.
        ("quadruplet_T", 20, NAN, [-7.5, 7.5], [-12.5, 12.5]),  # post-pre ... pre-post
        ("quadruplet_T", -90, NAN, [-47.5, 47.5], [-42.5, 42.5]),  # pre-post ... post-pre
    ],
)
def test_wang_patterns_are_repeated_60_times_a_second_apart(pattern, dt1, dt2, pre_ms, post_ms):
    given = wang_2005.stimulate({"pattern": pattern, "dt1_ms": dt1, "dt2_ms": dt2}, {}, None)
    for times, expected in zip(given, (pre_ms, post_ms)):
        times = times.reshape(60, -1)
        assert times[0] == pytest.approx(0.2 + np.array(expected) / 1e3)
        assert np.diff(times, axis=0) == pytest.approx(np.ones((59, len(expected))))
        assert times.min() > 0


def test_wang_labels_name_pattern_and_intervals():
    table = wang_2005.conditions({}).assign(dw=0.1)
    labels = [t.get_text() for t in wang_2005.plot(table, ax=axes()).get_yticklabels()]
    assert labels[0] == "post-pre-post -5, 5" and labels[-1] == "pair -10" and len(labels) == 13


# --- BCM


def test_bcm_rates_grow_with_the_square():
    table = bcm_rate.conditions({"max_rate_hz": 40.0, "rates": 4, "pre_rate_hz": 7})
    assert list(table["rate_hz"]) == [2.5, 10.0, 22.5, 40.0] and list(table["pre_rate_hz"]) == [7.0] * 4
    assert table["data_dw"].isna().all() and table["data_sem"].isna().all()


def test_bcm_trains_have_their_own_rates_and_never_coincide():
    condition, options = {"pre_rate_hz": 40.0, "rate_hz": 10.0}, {"duration_s": 200.0}
    pre, post = bcm_rate.stimulate(condition, options, np.random.default_rng(1))
    assert len(pre) == pytest.approx(8000, abs=4 * np.sqrt(8000)) and len(post) == pytest.approx(2000, abs=4 * np.sqrt(2000))
    steps = [np.rint(t / 1e-4).astype(int) for t in (pre, post)]
    assert all(np.allclose(t, s * 1e-4, atol=1e-9) for t, s in zip((pre, post), steps))
    assert set(steps[0] % 2) == {0} and set(steps[1] % 2) == {1}
    assert max(pre.max(), post.max()) < 200.0 and min(pre.min(), post.min()) > 0 and max(pre.max(), post.max()) > 199.0


def test_bcm_change_is_a_mean_a_second_with_its_standard_error():
    conditions = pd.DataFrame({"rate_hz": [5.0, 10.0]})
    measured = pd.DataFrame({"condition": [0, 0, 1, 1], "w_start": 1.0, "w_end": [1.2, 1.6, 0.5, 0.5]})
    table = bcm_rate.reduce(conditions, measured, {"duration_s": 2.0})
    # By hand: 0.1 and 0.3 a second: mean 0.2, deviation 0.1*sqrt(2), over sqrt(2).
    assert table["dw"].tolist() == pytest.approx([0.2, -0.25]) and table["dw_sem"].tolist() == pytest.approx([0.1, 0.0])
    assert table["rate_hz"].tolist() == [5.0, 10.0]


def test_bcm_scores_are_the_threshold_and_whether_there_is_one():
    rates = np.array([5.0, 10.0, 15.0, 25.0, 30.0, 40.0])
    table = pd.DataFrame({"rate_hz": rates, "dw": 1e-4 * rates * (rates - 20), "dw_sem": 1e-6})
    found = bcm_rate.scores(table)
    assert found["threshold_hz"] == pytest.approx(20.0) and found["bcm_like"] == 1.0 and 0 < found["threshold_sem_hz"] < 0.1
    none = bcm_rate.scores(table.assign(dw=rates))
    assert np.isnan(none["threshold_hz"]) and none["bcm_like"] == 0.0


# --- Brader et al. 2007


def test_brader_rates_are_even_and_begin_above_zero():
    table = brader_2007.conditions({"max_rate_hz": 300.0, "rates": 3, "pre_rate_hz": 50})
    assert list(table["rate_hz"]) == [100.0, 200.0, 300.0] and list(table["pre_rate_hz"]) == [50.0] * 3


def test_brader_trains_have_their_own_rates_and_a_dead_time_of_the_postsynaptic_neuron():
    pre, post = brader_2007.stimulate({"pre_rate_hz": 50.0, "rate_hz": 200.0}, {"duration_s": 50.0}, np.random.default_rng(1))
    assert len(pre) == pytest.approx(2500, abs=200) and len(post) == pytest.approx(10000, abs=400)
    # Intervals are longer than the dead time of 1 ms, so 11 steps of 0.1 ms at least; without one, a single step occurs.
    assert round(np.diff(post).min() / 1e-4) == 11 and round(np.diff(pre).min() / 1e-4) < 11
    assert max(pre.max(), post.max()) < 50.0


def test_brader_measures_ltp_from_the_weakest_and_ltd_from_the_strongest_state():
    # Condition 0: of four synapses at 0 one goes up, of four at 1 two go down. Condition 1: nothing.
    start = [0.0] * 4 + [1.0] * 4
    measured = pd.DataFrame({"condition": [0] * 8 + [1] * 8, "w_start": start * 2, "w_end": [0, 0, 0, 1, 1, 1, 0, 0, *start]})
    table = brader_2007.reduce(pd.DataFrame({"rate_hz": [50.0, 100.0]}), measured, {})
    assert table["p_ltp"].tolist() == [0.25, 0] and table["p_ltd"].tolist() == [0.5, 0] and table["dw"].tolist() == [-0.25, 0]
    # By hand: sqrt(p (1 - p)/4).
    assert table["p_ltp_sem"].tolist() == pytest.approx([np.sqrt(0.25 * 0.75 / 4), 0]) and table["p_ltd_sem"].iloc[0] == 0.25


def test_brader_scores_are_the_peaks_of_the_two_curves():
    # LTP: heights of at least half of 0.4 are 0.2 and 0.4: (100*0.2 + 150*0.4)/0.6. LTD: 0.2 alone; 0.05 is less than half.
    table = pd.DataFrame({"rate_hz": [50.0, 100.0, 150.0, 200.0], "p_ltp": [0.0, 0.2, 0.4, 0.1], "p_ltd": [0.2, 0.05, 0.0, 0.0]})
    expected = {"ltp_peak_hz": 80 / 0.6, "ltd_peak_hz": 50.0, "p_ltp_max": 0.4, "p_ltd_max": 0.2}
    assert brader_2007.scores(table) == pytest.approx(expected)
    still = brader_2007.scores(table.assign(p_ltd=0.0))
    assert np.isnan(still["ltd_peak_hz"]) and still["p_ltd_max"] == 0


def test_brader_draws_both_curves_and_the_calcium_windows():
    table = pd.DataFrame({"rate_hz": [50.0, 100.0], "p_ltp": [0.0, 0.2], "p_ltp_sem": 0.01, "p_ltd": [0.3, 0.1], "p_ltd_sem": 0.02})
    ax = brader_2007.plot(table, ax=axes())
    labels = [t.get_text() for t in ax.get_legend().get_texts()]
    assert {"LTP", "LTD"} <= set(labels) and ax.get_ylim()[0] == 0
    drawn = {c.get_label(): c.lines[0].get_ydata().tolist() for c in ax.containers}
    assert drawn == {"LTP": [0.0, 0.2], "LTD": [0.3, 0.1]}
    # 3 to 13 and 3 to 4 in units of 1/(60 ms).
    assert [(p.get_x(), p.get_x() + p.get_width()) for p in ax.patches] == [
        pytest.approx((50, 13 / 0.06)),
        pytest.approx((50, 4 / 0.06)),
    ]


def test_brader_expects_the_peak_in_the_middle_of_the_window_for_ltp():
    low, high = 3 / 0.06, 13 / 0.06
    assert brader_2007.BRADER_2007.expected["sdsp"] == pytest.approx(((low + high) / 2, (high - low) / 2))


# --- Song et al. 2000


def test_song_scores_count_the_outer_fifths_and_neither_edge():
    table = pd.DataFrame({"w_end": [0.0, 0.19, 0.2, 0.5, 0.8, 0.81, 0.9, 1.0], "output_rate_hz": 12.5})
    found = song_2000.scores(table)
    assert (found["share_low"], found["share_high"], found["output_rate_hz"]) == (0.25, 0.375, 12.5)
    assert found["bimodality"] == pytest.approx(song_2000.bimodality(table["w_end"]))


def test_song_bimodality_of_a_skewed_distribution_by_hand():
    # 0, 0, 0, 1: mean 1/4, moments 3/16, 3/32, 21/256: skewness^2 = 4/3, kurtosis 7/3, so (4/3 + 1)/(7/3) = 1; as for any two points.
    assert song_2000.bimodality([0, 0, 0, 1]) == pytest.approx(1)
    # 0, 0, 1, 3: z = -1, -1, 0, 2: moments 6/4, 6/4, 18/4: (1/1.5 + 1)/(4.5/2.25) = 5/6.
    assert song_2000.bimodality([0, 0, 1, 3]) == pytest.approx(5 / 6)


def test_song_has_one_condition_an_input():
    table = song_2000.conditions({"inputs": 3.0})
    assert list(table["input"]) == [0, 1, 2] and table["data_dw"].isna().all() and table["data_sem"].isna().all()


def test_song_starts_uniformly_or_in_equal_shares_of_the_states_of_the_rule():
    from brian2chip.core.rule import Rule

    rng = np.random.default_rng(0)
    one = Rule(name="one", source="test", model="w : 1\nz : 1", on_pre="", initial={"w": 0.5, "z": 3.0})
    start = song_2000.starting_weights(one, 4000, rng)
    # Uniform from 0 to twice the start: mean 0.5, deviation 1/sqrt(12); the rest of the state is as given.
    assert start["w"].min() >= 0 and start["w"].max() <= 1 and start["w"].mean() == pytest.approx(0.5, abs=0.02)
    assert start["w"].std() == pytest.approx(1 / np.sqrt(12), rel=0.03) and set(start["z"]) == {3.0}
    two = Rule(name="two", source="test", model="w : 1", on_pre="", initial={"w": [0.0, 1.0]})
    start = song_2000.starting_weights(two, 7, rng)["w"]
    assert sorted(start) == [0, 0, 0, 0, 1, 1, 1] and list(start) != sorted(start)


def test_song_drives_the_neuron_with_the_weight_in_units_of_the_largest_conductance():
    from brian2chip.core import registry

    rule = registry.get("rule", "stdp")
    full, pathways = song_2000.driving(rule, registry.get("model", "lif_conductance"), 2.0, 0.01)
    assert full.on_pre == rule.on_pre and pathways == {"drive": "g_e_post += (g_unit*(w))"} and full.parameters["g_unit"] == 0.005


def test_song_draws_both_histograms_over_the_same_bins():
    table = pd.DataFrame({"w_start": [0.55, 0.55, 0.65], "w_end": [0.0, 1.0, 2.0]})
    ax = song_2000.plot(table, ax=axes())
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["start", "end"]
    bars = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_height()]
    # 20 bins from 0 to the largest weight, 2: each bin is 0.1 wide.
    assert [(round(b.get_x(), 6), b.get_height()) for b in bars] == [(0.5, 2), (0.6, 1)]


def test_brader_presents_what_the_paper_presents():
    # Brader, Senn & Fusi 2007: one presentation of 300 ms, presynaptic rate 50 Hz.
    options = brader_2007.BRADER_2007.options
    assert (options["pre_rate_hz"], options["duration_s"]) == (50.0, 0.3)
