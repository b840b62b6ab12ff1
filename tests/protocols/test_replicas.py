"""Rules that draw random numbers: replicas in every protocol, the error of the score, and how many it takes."""

import logging

import numpy as np
import pandas as pd
import pytest
from brian2 import ms, mV
from own import protocol, rule

import brian2chip as bc
from brian2chip.protocols import replicas

COIN = rule(on_pre="w += 0.1*int(rand() < 0.5)")  # a change of 0 or 0.1 at the one spike


def test_a_rule_that_draws_is_repeated_and_its_score_has_an_error(caplog):
    with caplog.at_level(logging.WARNING):
        table = bc.run(protocol(), COIN, device="numpy", seed=3)
    mean, n = table["dw"][0], replicas.REPLICAS
    # By hand: k of 20 coins fell; the standard error of their mean is sqrt(k/20 (1 - k/20)/19)*0.1.
    p = mean / 0.1
    assert p * n == pytest.approx(round(p * n)) and 0 < p < 1
    assert table["dw_sem"][0] == pytest.approx(0.1 * np.sqrt(p * (1 - p) / (n - 1)))
    error = table.attrs["run"]["score_sem"]["dw"]
    assert 0.5 < error / table["dw_sem"][0] < 2  # ten parts of two replicas estimate it
    needed = n * (error / (0.05 * mean)) ** 2
    said = int(caplog.text.split("takes about ")[1].split()[0])
    assert said == pytest.approx(needed, rel=0.12) and f"from {n} replicas" in caplog.text


def test_replicas_of_ones_own_number_and_of_rules_that_do_not_draw(caplog):
    assert "dw_sem" not in bc.run(protocol(), COIN, device="numpy", replicas=1) and "says nothing of the error" in caplog.text
    table = bc.run(protocol(), rule(), device="numpy", replicas=3)
    assert table["dw_sem"][0] == 0 and table.attrs["run"]["score_sem"]["dw"] == pytest.approx(0, abs=1e-15)
    assert table.attrs["run"]["options"]["replicas"] == 3


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.array([1.0, 4.0, 2.0, 8.0])
    measured = pd.DataFrame({"replica": range(4), "w": values})
    tables = replicas.left_out(measured, 4, lambda some: some)
    found = replicas.standard_errors(lambda table: {"mean": table["w"].mean()}, tables)
    assert found["mean"] == pytest.approx(values.std(ddof=1) / 2) and len(tables) == 4


def test_a_network_of_its_own_is_repeated_with_other_seeds():
    how = {"device": "numpy", "inputs": 10, "duration_s": 0.1, "rate_hz": 50}
    both = bc.run("song_2000", "stdp:song_2000", replicas=2, seed=5, **how)
    alone = [bc.run("song_2000", "stdp:song_2000", seed=seed, **how)["dw"] for seed in (5, 6)]
    np.testing.assert_allclose(both["dw"], np.mean(alone, axis=0))
    assert set(both.attrs["run"]["score_sem"]) == set(both.attrs["run"]["scores"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ({"on_pre": "w += rand()"}, True),
        ({"on_post": "w += randn()"}, True),
        ({"model": "dw/dt = xi/second**0.5 : 1 (clock-driven)", "on_pre": ""}, True),
        ({"regular": (("w += rand()", "tau"),), "parameters": {"tau": 1 * ms}}, True),
        ({"on_pre": "w += exp(-w)"}, False),
    ],
)
def test_where_a_rule_draws(code, expected):
    assert replicas.draws(rule(**code)) is expected


def test_starts_as_expressions_and_distributions():
    drawn = bc.run(protocol(), rule(initial={"w": "uniform(1, 2)"}), device="numpy")
    assert 1.3 < drawn["w_start"][0] < 1.7 and drawn["w_end"][0] == pytest.approx(drawn["w_start"][0] + 0.1)
    again = bc.run(protocol(), rule(initial={"w": "uniform(1, 2)"}), device="numpy", seed=2)
    assert again["w_start"][0] != drawn["w_start"][0]
    volts = rule(model="w : volt", on_pre="w += top/10", parameters={"top": 2 * mV}, initial={"w": "top/2"}, weight="w/mV")
    found = bc.run(protocol(), volts, device="numpy", parameters={"top": 4 * mV})
    assert found["w_start"][0] == pytest.approx(2) and found["w_end"][0] == pytest.approx(2.4)


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ("uniform(1)", "takes two numbers"),
        ("1 +", "cannot be read"),
        ("v_post", "'v_post' is no parameter of it"),
        ("1*mV", "needs the unit 1"),
        ("__import__('os')", "cannot be used|is no arithmetic|no parameter"),
    ],
)
def test_starts_that_are_none(start, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        bc.run(protocol(), rule(initial={"w": start}), device="numpy")


def test_sums_of_all_synapses_reach_the_neuron():
    """What the synapse holds stands in the neuron in every step, which the rule reads there."""
    neuron = bc.Model(name="sums", source="a test", equations="dv/dt = -v/(10*ms) : 1\ntotal : 1", threshold="v > 1", reset="v = 0")
    summed = rule(model="w : 1\ntotal_post = 3*w : 1 (summed)", on_pre="w += 0.1*total_post", post=neuron)
    assert bc.run(protocol(), summed, device="numpy")["dw"][0] == pytest.approx(0.3)


def test_a_comparison_says_how_sure_its_scores_are(tmp_path):
    found = bc.compare([COIN], [protocol()], device="numpy")
    assert found.scores["score_sem"][0] > 0
    said = found.write(tmp_path / "page").read_text(encoding="utf-8")
    assert f"mine on own &plusmn; {found.scores['score_sem'][0]:.2g}" in said


def test_one_network_has_no_standard_error_and_three_have(recwarn):
    """Of 1, 2 and 6: mean 3, standard deviation sqrt(7), standard error sqrt(7/3)."""
    values = [1.0, 2.0, 6.0]
    three, two = {"seed": 0, "info": {}}, {"seed": 1, "info": {}}
    mean = replicas.repeated(lambda seed: pd.DataFrame({"dw": [values[seed]]}), {"replicas": 3}, three)
    assert mean["dw"][0] == 3 and mean["dw_sem"][0] == pytest.approx(np.sqrt(7 / 3))
    replicas.repeated(lambda seed: pd.DataFrame({"dw": [values[seed]]}), {"replicas": 2}, two)
    assert [list(table.columns) for table in two["info"]["leave_out"]()] == [["dw"], ["dw"]] and not recwarn.list
    assert list(replicas.repeated(lambda seed: pd.DataFrame({"rate": [1.0]}), {"replicas": 2}, three).columns) == ["rate"]
