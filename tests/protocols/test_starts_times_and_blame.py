"""Starts, times, options, seeds: a wrong one is one sentence before the run, which names who is to blame."""

import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, ms, mV, nS
from own import pairings, protocol, rule

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.protocols import trains
from brian2chip.protocols.paired_synapses import prepared


def run(one=None, given="stdp", **how):
    return bc.run(one or protocol(), given, device="numpy", **how)


def test_starts_have_the_unit_of_their_variable():
    conductance = {"model": "g : siemens", "on_pre": "g += 1*nS", "weight": "g"}
    assert run(None, rule(**conductance, initial={"g": 10 * nS}))["dw"][0] == pytest.approx(0.1)
    for start, word in ((10 * mV, "with unit V; it needs the unit S"), (10, "it needs the unit S"), ([10 * nS, 1], "it needs the unit S")):
        with pytest.raises(bc.UserError, match=word):
            run(None, rule(**conductance, initial={"g": start}))
    for start in (float("nan"), [], None, [[1.0]], 1j):
        with pytest.raises(bc.UserError, match="the start of w in rule 'mine' was given as"):
            rule(initial={"w": start})
    with pytest.raises(bc.UserError, match="no variable .* called 'v'"):
        run(None, rule(initial={"v": 1.0}))
    with pytest.raises(bc.UserError, match="2 and 3 values"):
        run(None, rule(model="w : 1\nz : 1", initial={"w": [1.0, 2.0], "z": [1.0, 2.0, 3.0]}))
    with pytest.raises(bc.UserError, match="must be whole"):
        run(None, rule(model="w : 1\nn : integer", initial={"n": 1.5, "w": 1.0}))


def test_a_start_is_set_like_a_parameter(capsys):
    # Closed form of the pair rule: half the start doubles the relative change.
    half = run(parameters={"w": 0.5})
    assert half["w_start"][0] == 0.5 and half["dw"][0] == pytest.approx(2 * run()["dw"][0])
    assert half.attrs["run"]["initial"] == {"w": "0.5"}
    with pytest.raises(bc.UserError, match="needs the unit 1"):
        run(parameters={"w": 0.5 * mV})
    quick = ["--device", "numpy", "--option", "pairs=1", "--option", "points=3", "--option", "dt_max_ms=9"]
    assert main(["run", "bi_poo_1998", "--set", "w=0.5", *quick]) == 0
    assert main(["run", "bi_poo_1998", "--set", "ww=0.5", *quick]) == 2
    assert "did you mean 'w'" in capsys.readouterr().err
    two = run(None, "stdp", parameters={"w": [0.5, 1.5]})
    assert two["w_start"][0] == 1.0


def test_a_start_that_the_code_would_clip_is_refused_and_one_on_the_bound_is_not():
    with pytest.raises(bc.UserError, match="starts w at 1, but its code keeps it from w_min = 0 to w_max = 0.5"):
        run(parameters={"w_max": 0.5})
    inside = run(parameters={"w": 0.25, "w_max": 0.5})
    assert inside["dw"][0] == pytest.approx(0.777 / 60 * np.exp(-10 / 16.8) / 0.25)
    assert run(parameters={"w_max": 1.0})["w_start"][0] == 1.0
    with pytest.raises(bc.UserError, match="starts w at -0.1"):
        run(None, rule(on_pre="w = clip(w + 0.1, 0, 1)", initial={"w": -0.1}))
    assert run(None, rule(on_pre="a = clip(w, 2, 3)\nw += 0.1"))["dw"][0] == pytest.approx(0.1)  # a is no variable of the synapse


def test_no_change_is_relative_to_nothing():
    nothing = rule(on_pre="w = clip(w + 0.001, 0, 1)", initial={"w": 0.0})
    for one in (nothing, rule(initial={})):
        with pytest.raises(bc.UserError, match=r"starts with a weight \(w\) of 0"):
            run(None, one)
    with pytest.raises(bc.UserError, match=r"starts with a weight \(w\) of 0"):
        run("song_2000", nothing, inputs=5)
    rate = run("bcm_rate", nothing, rates=2, replicas=2, duration_s=1)  # a change a second needs no start
    assert (rate["dw"] > 0).all()


@pytest.mark.parametrize(
    ("pre", "post", "how", "words"),
    [
        ([0.01], [0.01004], {}, "postsynaptic spike at 10.04 ms, which lies off the grid of dt = 0.1 ms; dt = 0.02 ms holds every spike"),
        ([0.01], [0.0100001], {}, "round the times"),
        ([0.01], [0.0104], {"dt": 1 * ms}, "give dt=0.2"),
        ([-0.01], [0.02], {}, "presynaptic spike at -10 ms, which lies before 0 s"),
        ([0.01, 0.01], [0.02], {}, "given twice"),
        ([np.nan], [0.02], {}, "not a finite time"),
        ([0.01], [20.0], {"duration_s": 0.5}, "after the end at 0.5 s"),
    ],
)
def test_spikes_that_would_be_moved_dropped_or_merged_are_refused(pre, post, how, words):
    one = protocol(pre, post, options={"duration_s": 1.0} if "duration_s" in how else {})
    with pytest.raises(bc.UserError, match=words) as error:
        run(one, "stdp", **how)
    assert "protocol 'own'" in str(error.value) and "Brian2" not in str(error.value)


def test_the_suggested_step_holds_the_spikes():
    one = protocol([0.01], [0.01004])
    table = run(one, "stdp", dt=0.04 * ms)
    assert table["dw"][0] == pytest.approx(0.777 / 60 * np.exp(-0.04 / 16.8))
    assert trains.holding(np.array([0.15e-3, 0.3e-3]), 1e-4).startswith("dt = 0.05 ms")
    assert run(one, "stdp", dt=4e-5).equals(table)


@pytest.mark.parametrize("dt", [0, -1e-4, np.nan, np.inf, "fast", None.__class__, 1 * mV, 0.1 * Hz, [1e-4, 1e-4], True])
def test_steps_that_are_none(dt):
    with pytest.raises(bc.UserError, match="the step dt was given as"):
        run(dt=dt)


@pytest.mark.parametrize("seed", [-1, 2**32, 2**40, 1.5, True, "1", None])
def test_seeds_out_of_range(seed):
    for work in (
        run,
        lambda seed: bc.fit("wang_2005", "stdp", seed=seed),
        lambda seed: bc.compare(seed=seed),
        lambda seed: bc.train("x", seed=seed),
    ):
        with pytest.raises(bc.UserError, match="the seed was given as"):
            work(seed=seed)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("pairs=1.9", "whole number"),
        ("pairs=1_000", "must be int"),
        ("pairs=2e6", "at most 1000000"),
        ("pairs=0", "positive"),
        ("rate_hz=-1", "positive"),
        ("rate_hz=1 kHz", "plain number"),
        ("dt_max_ms=300", "with option dt_max_ms=300.*presynaptic|with option dt_max_ms=300.*postsynaptic spike at -100 ms"),
        ("seed=3", "no option of a protocol"),
    ],
)
def test_options_are_to_blame_for_themselves(option, words, capsys):
    assert main(["run", "bi_poo_1998", "--device", "numpy", "--option", option]) == 2
    message = capsys.readouterr().err
    assert pd.Series([message]).str.contains(words).all() and "cannot run this rule" not in message


def test_pairings_at_a_rate_off_the_grid_keep_their_intervals():
    table = run("bi_poo_1998", "stdp", pairs=3, points=3, dt_max_ms=9.0, rate_hz=30.0)
    assert np.isfinite(table["dw"]).all()  # 33.3 ms; the pairings are moved to the grid, both spikes alike


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"conditions": lambda options: pd.DataFrame({"k": []})}, "an empty DataFrame of conditions"),
        ({"conditions": lambda options: [1]}, "gave a list of conditions"),
        ({"conditions": lambda options: options["none"]}, "there is no 'none'"),
        ({"stimulate": lambda condition, options, rng: condition["none"]}, "with condition .* cannot be run: .*there is no 'none'"),
        ({"stimulate": lambda condition, options, rng: None}, "correct the protocol"),
        ({"stimulate": None}, "neither stimulate nor simulate"),
        ({"score": lambda table: table["none"]}, "and scored cannot be run: .*there is no 'none'"),
        ({"score": lambda table: {}}, "gave the scores {}"),
        ({"reduce": lambda conditions, measured, options: conditions["none"]}, "cannot be run: .*there is no 'none'"),
    ],
)
def test_a_protocol_is_to_blame_for_its_functions(fields, words):
    with pytest.raises(bc.UserError, match=words) as error:
        run(protocol(**fields))
    assert "protocol 'own'" in str(error.value) and "rule" not in str(error.value)


def test_a_rule_is_to_blame_for_its_equations():
    with pytest.raises(bc.UserError, match="rule 'mine': Brian2 cannot run this rule"):
        run(None, rule(on_pre="w += 1*mV"))


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_every_run_draws_the_same_random_numbers(device):
    noisy = rule(on_pre="w += rand()")
    with prepared(noisy, [(np.array([0.01]), np.array([0.02]))], duration=0.05, dt=1e-4, device=device, seed=3) as (evaluate, _):
        # NumPy's generator of seed 3 begins with 0.5507979, and so does that of the compiled program.
        assert [evaluate()["w_end"][0] for _ in range(2)] == pytest.approx([1.5507979] * 2, abs=1e-7)


def test_a_rerun_honours_periods_starts_and_forgets_earlier_changes():
    grows = rule(on_pre="", regular=(("w += step", "every"),), parameters={"step": 0.5, "every": 10 * ms})
    with prepared(grows, [(np.array([0.01]), np.array([0.02]))], duration=0.1, dt=1e-3, device="numpy") as (evaluate, _):
        ends = [evaluate(**changes)["w_end"][0] for changes in ({}, {"every": 20 * ms}, {"step": 1.0}, {"w": 3.0}, {"w": [1.0, 2.0]}, {})]
    assert ends == [6.0, 3.5, 11.0, 8.0, 6.0, 6.0]  # ten or five times the step


def test_a_fit_needs_data_and_their_errors(monkeypatch):
    dt = [5.0, 10.0, 20.0, -10.0]
    fit = lambda **columns: bc.fit(pairings(dt, **columns), "stdp", device="numpy")  # noqa: E731
    monkeypatch.setattr("brian2chip.protocols.fit_problem.prepared", None)  # nothing is built
    for columns, words in (
        ({}, "has no data points"),
        ({"data_dw": [np.nan] * 4}, "has no data points"),
        ({"data_dw": [0.1] * 4, "data_sem": [0.1, 0.1, 0.1, 0.0]}, r"standard error \(data_sem\) .* is 0; it must be positive"),
        ({"data_dw": [0.1] * 4, "data_sem": [0.01, 0.01, 0.01, np.nan]}, "1 of the 4 data points .* have no standard error"),
        ({"data_dw": [0.1] * 4, "data_used": [True, True, False, False]}, "2 parameters cannot be fitted to 2 data points"),
    ):
        with pytest.raises(bc.UserError, match=words):
            fit(**columns)
    with pytest.raises(bc.UserError, match="'bcm_rate' has no data points"):
        bc.fit("bcm_rate", "stdp")
    with pytest.raises(bc.UserError, match="parameter 'A_plus' was given twice"):
        bc.fit("wang_2005", "stdp", free=["A_plus", "A_plus"])


def test_a_fit_without_errors_weighs_alike_and_finds_what_made_the_data():
    dt = np.array([5.0, 10.0, 20.0, -10.0])
    # Three pairs 200 ms apart: every spike meets all earlier ones. The change is linear in A_plus.
    made = bc.run(pairings(dt), "stdp", parameters={"A_plus": 0.02}, device="numpy")["dw"].to_numpy()
    plain = bc.fit(pairings(dt, data_dw=made), "stdp", free=["A_plus"], device="numpy")
    assert plain.values == pytest.approx((0.02,), rel=1e-6) and plain.rms < 1e-8


def test_a_stochastic_rule_is_fitted_alike_from_every_start():
    data = {"data_dw": [0.3, 0.2, 0.1, -0.1, -0.2], "data_sem": 0.05}
    noisy = rule(
        model="w : 1\ndx/dt = -x/(20*ms) : 1 (event-driven)", on_pre="x += 1", on_post="w += A*x*int(rand() < 0.5)", parameters={"A": 0.1}
    )
    for start in (0.05, 0.2):
        found = bc.fit(pairings([5.0, 10.0, 20.0, -10.0, -20.0], **data), noisy, free=["A"], parameters={"A": start}, device="numpy")
        # The compiled program of the first version gave 0.136118 +- 0.041533 from every start, with the same seed.
        assert (found.values[0], found.standard_errors[0]) == pytest.approx((0.136118, 0.041533), abs=1e-6)


def test_a_free_parameter_may_start_at_zero():
    dt = np.array([5.0, 10.0, 20.0, 30.0, 2.0, 40.0])
    shifted = rule(
        model="w : 1\nl : second", on_pre="l = t", on_post="w += A*exp(-abs(t - l - off)/(20*ms))", parameters={"A": 0.1, "off": 0 * ms}
    )
    data = 3 * 0.2 * np.exp(-np.abs(dt - 8) / 20)  # three pairings
    found = bc.fit(pairings(dt, data_dw=data), shifted, free=["A", "off"], device="numpy")
    assert found.values == pytest.approx((0.2, 8e-3), rel=1e-4)


def test_a_fit_keeps_the_bound_that_clips_beyond_the_start():
    data = [0.05, 0.04, 0.03, 0.01]
    found = bc.fit(pairings([5.0, 10.0, 20.0, 30.0], data_dw=data), "stdp", free=["w_max"], parameters={"w_max": 1.5}, device="numpy")
    assert found.values[0] >= 1.0  # where w starts
