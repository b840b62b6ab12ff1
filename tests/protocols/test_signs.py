"""The sign of the change of each protocol at two conditions or more, where it follows by hand from the rule's window.

Each case turns red when the two neurons are exchanged.
"""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.core import registry
from brian2chip.plasticity.stdp import STDP
from brian2chip.plasticity.triplet import TRIPLET

# Two equal windows of 20 ms: the sign of a change is that of (pairs with post after pre) - (pairs with pre after post), the nearer
# pair counting more.
EQUAL = STDP.with_parameters(A_plus=0.005, A_minus=0.005, tau_plus=20 * ms, tau_minus=20 * ms)
TAU = 20.0


def change(table, **condition):
    """Return the change at the one condition with these values."""
    chosen = np.logical_and.reduce([table[name] == value for name, value in condition.items()])
    assert chosen.sum() == 1
    return float(table.loc[chosen, "dw"].iloc[0])


def test_bi_poo_potentiates_when_the_postsynaptic_spike_follows():
    table = bc.run("bi_poo_1998", EQUAL, device="numpy", rate_hz=4.0, pairs=10, points=5, dt_max_ms=10)
    curve = table[table["kind"] == "curve"]
    # 10 pairings, and of each spike with those of the other pairings: the next is 240 or 260 ms away, e^-12 of a pair, left out.
    assert change(curve, dt_ms=10.0) == pytest.approx(+10 * 0.005 * np.exp(-10 / TAU), rel=1e-4)
    assert change(curve, dt_ms=-10.0) == pytest.approx(-10 * 0.005 * np.exp(-10 / TAU), rel=1e-4)
    assert change(curve, dt_ms=5.0) == pytest.approx(+10 * 0.005 * np.exp(-5 / TAU), rel=1e-4)


@pytest.mark.parametrize(("train", "pairs"), [("continuous", 60), ("bursts", 50)])
def test_sjostrom_at_low_frequency_follows_the_order_of_the_pair(train, pairs):
    table = bc.run("sjostrom_2001", EQUAL, train=train)
    # At 0.1 Hz pairs are alone, 10 s apart: 60 of them in the paper, 50 in the laboratory.
    assert change(table, rate_hz=0.1, dt_ms=10) == pytest.approx(+pairs * 0.005 * np.exp(-10 / TAU), rel=1e-4)
    assert change(table, rate_hz=0.1, dt_ms=-10) == pytest.approx(-pairs * 0.005 * np.exp(-10 / TAU), rel=1e-4)
    # At 40 Hz the next pair is 25 ms away: +10 ms has a spike 15 ms the other way, -10 ms likewise; the nearer pair wins.
    assert change(table, rate_hz=40, dt_ms=10) > 0 > change(table, rate_hz=40, dt_ms=-10)


def test_wang_pairs_and_triplets_follow_the_nearer_pair():
    table = bc.run("wang_2005", EQUAL)
    window = lambda dt: 60 * 0.005 * np.sign(dt) * np.exp(-abs(dt) / TAU)  # noqa: E731  (60 repeats, 1 s apart)
    triplets = table[table["pattern"].isin(["pre-post-pre", "post-pre-post"])]
    assert len(triplets) == 8  # Wang et al. 2005: (5, -5), (10, -10), (15, -5), (5, -15) and their mirror images
    for row in triplets.itertuples():  # each of the two pairs of a triplet counts by its own interval
        assert row.dw == pytest.approx(window(row.dt1_ms) + window(row.dt2_ms), abs=1e-6)
    assert change(table, pattern="pre-post-pre", dt1_ms=5, dt2_ms=-15) > 0 > change(table, pattern="pre-post-pre", dt1_ms=15, dt2_ms=-5)
    assert change(table, pattern="post-pre-post", dt1_ms=-15, dt2_ms=5) > 0 > change(table, pattern="post-pre-post", dt1_ms=-5, dt2_ms=15)


def test_wang_quadruplets_potentiate_more_when_the_pre_post_pair_is_last():
    # A rule of triplets post-pre-post alone. T < 0 is pre-post ... post-pre: the last post has the first pre T before it and the first
    # post T - 5 before it. T > 0 is post-pre ... pre-post: the last post has pres at 5 and T, and the first post T + 5 before it.
    rule = TRIPLET.with_parameters(A2_plus=0.0, A2_minus=0.0, A3_minus=0.0, A3_plus=0.005, tau_plus=20 * ms, tau_y=40 * ms)
    table = bc.run("wang_2005", rule)
    chosen = table[table["pattern"] == "quadruplet_T"]
    assert {np.sign(T) for T in chosen["dt1_ms"]} == {-1, 1}
    for T, dw in zip(chosen["dt1_ms"], chosen["dw"]):
        slow, near, far = (lambda x: np.exp(-x / 40)), np.exp(-5 / 20), np.exp(-abs(T) / 20)
        expected = far * slow(abs(T) - 5) if T < 0 else (near + far) * slow(T + 5)
        assert dw == pytest.approx(60 * 0.005 * expected, rel=1e-4)


def test_song_strengthens_the_input_that_makes_the_neuron_fire():
    # One strong input: each of its spikes makes the neuron fire a few steps later, so post follows pre and the weight grows; the next
    # presynaptic spike comes so much later (10 Hz, tau 20 ms) that the mirrored pair counts for less.
    strong = {"inputs": 1, "g_max": 30.0, "rate_hz": 10.0, "duration_s": 0.5, "device": "numpy", "seed": 2}
    rule = registry.get("rule", "stdp:song_2000")
    table = bc.run("song_2000", rule, **strong)
    assert table["dw"].iloc[0] > 0 and table["output_rate_hz"].iloc[0] >= 0
    # The same window with its two sides exchanged must weaken it.
    mirrored = replace(rule, on_pre="w = clip(w + A_plus*y, w_min, w_max); x += 1", on_post="w = clip(w - A_minus*x, w_min, w_max); y += 1")
    assert bc.run("song_2000", mirrored, **strong)["dw"].iloc[0] < 0
    # An input too weak to make the neuron fire keeps its weight.
    silent = bc.run("song_2000", rule, **(strong | {"g_max": 1e-6}))
    assert silent["dw"].iloc[0] == 0 and silent["output_rate_hz"].iloc[0] == 0


def test_bcm_depresses_below_the_threshold_of_the_postsynaptic_rate_and_potentiates_above():
    # theta = A2_minus*tau_minus/(A3_plus*tau_plus*tau_y) = 0.0071*33.7/(0.0065*16.8*0.114) = 19.2 Hz of the postsynaptic neuron. The
    # presynaptic rate of 10 Hz multiplies the change and cannot turn its sign; 10 Hz post with 5 to 50 Hz pre would always depress.
    table = bc.run("bcm_rate", "triplet:visual_cortex_all_minimal", replicas=100, rates=4, duration_s=5, device="numpy", seed=1)
    assert list(table["rate_hz"]) == [3.125, 12.5, 28.125, 50.0]  # 50 Hz times (k/4)^2
    assert list(np.sign(table["dw"])) == [-1, -1, 1, 1]
    # By hand at 50 Hz: 10*50*A3_plus*(tau_plus*50*tau_y) - 10*50*A2_minus*tau_minus.
    expected = 500 * (6.5e-3 * 16.8e-3 * 50 * 0.114 - 7.1e-3 * 33.7e-3)
    assert change(table, rate_hz=50.0) == pytest.approx(expected, rel=0.15)


def test_brader_changes_upwards_only_where_calcium_is_above_the_window_of_depression():
    # Mean calcium is rate*tau_C*J_C = 0.06 a Hz of the postsynaptic neuron: 9 at 150 Hz, in (3, 13) and out of (3, 4): up. It is 3 at
    # 50 Hz, where the membrane is at rest for 85 % of the time (3 ms before each spike it is not): down. 50 Hz is the presynaptic rate
    # as well, so with the neurons exchanged both conditions would be that one. One jump of 0.6 crosses the middle.
    large = {"a": 0.6, "b": 0.6}
    table = bc.run("brader_2007", "sdsp", parameters=large, replicas=40, rates=3, max_rate_hz=150, device="numpy", seed=1)
    assert list(table["rate_hz"]) == [50.0, 100.0, 150.0] and set(table["pre_rate_hz"]) == {50.0}
    low, high = table.iloc[0], table.iloc[-1]
    assert high["p_ltp"] > 0.5 > high["p_ltd"] and high["dw"] > 0.3
    assert low["p_ltd"] > 2 * low["p_ltp"] and low["dw"] < -0.2
