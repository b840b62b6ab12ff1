"""Sweeps of protocols: the numbers of single runs, in one network where that can be, on workers where not; failures are rows."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from brian2 import ms
from slow_protocols import SLOW

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.plasticity.stdp import STDP
from brian2chip.sweeps import protocol_runs
from brian2chip.sweeps.points import points
from brian2chip.sweeps.protocol_runs import protocol_runs as study_of

sys.path.append(str(Path(__file__).parents[1] / "protocols"))
import own  # noqa: E402

QUICK = {"device": "numpy"}
PAIRED = own.pairings([10.0, -10.0], data_dw=[0.1, -0.1])


def noise(condition, options, rng):
    times = np.round(np.sort(rng.uniform(0.1, 0.5, 5)), 3)
    return times, times + 0.01


NOISY = own.protocol(name="noisy", stimulate=noise, dt=1e-3, score=lambda table: {"dw": table["dw"].mean()})


@pytest.fixture
def networks(monkeypatch):
    """How many points each network had."""
    sizes, real = [], protocol_runs.in_pieces

    def counted(protocol, sets, *rest, **more):
        sizes.append(sets.n)
        return real(protocol, sets, *rest, **more)

    monkeypatch.setattr(protocol_runs, "in_pieces", counted)
    return sizes


def test_results_are_those_of_single_runs():
    table = bc.sweep("bi_poo_1998", "stdp", tau_plus=[10, 20, 30] * ms, A_plus=[0.01, 0.02], w=0.4, pairs=[2, 3], seeds=2)
    assert list(table) == ["point", "pairs", "tau_plus", "A_plus", "w", "seed", "rmse", "r2", "error"] and len(table) == 24
    for _, row in table.iloc[::7].iterrows():
        parameters = {"tau_plus": row["tau_plus"] * 1000 * ms, "A_plus": row["A_plus"], "w": row["w"]}
        one = bc.run("bi_poo_1998", "stdp", parameters=parameters, pairs=int(row["pairs"]), seed=int(row["seed"]))
        assert row[["rmse", "r2"]].to_dict() == pytest.approx(one.attrs["run"]["scores"], rel=1e-12, abs=1e-12)


def test_seeds_share_a_network_where_nothing_is_drawn(networks):
    made = bc.sweep(PAIRED, "stdp", tau_plus=[10, 20] * ms, seeds=5, **QUICK)
    assert networks == [10] and made.groupby("tau_plus")["mean"].nunique().tolist() == [1, 1]
    drawn = bc.sweep(NOISY, own.rule(parameters={"a": 0.1}, on_pre="w += a"), a=[0.1, 0.2], seeds=[3, 8], **QUICK)
    assert networks == [10, 2, 2] and drawn["seed"].tolist() == [3, 3, 8, 8]
    for _, row in drawn.iterrows():
        one = bc.run(NOISY, own.rule(parameters={"a": row["a"]}, on_pre="w += a"), seed=int(row["seed"]), **QUICK)
        assert row["dw"] == pytest.approx(one["dw"].mean(), rel=1e-12)


def test_options_that_vary_have_networks_of_their_own(networks):
    bc.sweep("bi_poo_1998", "stdp", tau_plus=[10, 20] * ms, pairs=[2, 3])
    assert networks == [2, 2]


def test_a_delay_is_built_into_a_network(networks):
    rule = own.rule(parameters={"D": 1 * ms}, delay={"pre": "D"})
    bc.sweep(PAIRED, rule, D=[1, 2] * ms, w=[1.0, 2.0], **QUICK)
    assert networks == [2, 2]


def test_failed_points_are_rows_with_their_sentence():
    table = bc.sweep(PAIRED, "stdp", tau_plus=[-10, 10] * ms, w=[0.5, 5.0], **QUICK)
    assert (table["error"] == "").tolist() == [False, False, True, False] and table["mean"].isna().tolist() == [True, True, False, True]
    assert "must lie between" in table["error"][0] and "starts w at 5" in table["error"][3]
    every = bc.sweep(PAIRED, "stdp", w=[5.0, 6.0], **QUICK)
    assert list(every) == ["point", "w", "seed", "error"] and every["error"].str.contains("starts w at").all()


def test_a_network_that_is_refused_is_searched_for_the_sets_to_blame(monkeypatch):
    real = protocol_runs.in_pieces

    def refusing(protocol, sets, *rest, **more):
        if (sets.values["tau_plus"] == 0.02).any():
            raise UserError("20 ms will not do")
        return real(protocol, sets, *rest, **more)

    monkeypatch.setattr(protocol_runs, "in_pieces", refusing)
    table = bc.sweep(PAIRED, "stdp", tau_plus=[10, 15, 20, 25, 30] * ms, **QUICK)
    assert (table["error"] != "").tolist() == [False, False, True, False, False] and table["error"][2] == "20 ms will not do"
    assert table["mean"].notna().tolist() == [True, True, False, True, True] and table["tau_plus"].is_monotonic_increasing


@pytest.mark.parametrize("workers", [1, 2])
def test_points_without_a_common_network_are_jobs(workers):
    if workers > 1:
        pytest.importorskip("distributed", reason="workers are processes of distributed (pip install 'brian2chip[sweep]')")
    table = bc.sweep(SLOW, "stdp", A_plus=[0.1, 0.2, 0.6, 0.95], gain=[1, 2], seeds=2, workers=workers)
    good = table["A_plus"] < 0.5
    assert table["dw"][good].to_numpy() == pytest.approx((table["A_plus"] * table["gain"] + table["seed"])[good])
    assert (table["error"][table["A_plus"] == 0.6] == "a is 0.6").all() and (table["error"][good] == "").all()
    assert table["error"][table["A_plus"] == 0.95].str.contains("protocol 'slow' cannot be run: .*ZeroDivisionError: a is too large").all()
    assert table["point"].tolist() == list(range(16))


def test_a_rule_that_draws_is_computed_by_itself_with_its_errors():
    rule = own.rule(on_pre="w += 0.1*rand()")
    table = bc.sweep(PAIRED, rule, w=[1.0, 2.0], replicas=4, workers=1, **QUICK)
    one = bc.run(PAIRED, replace(rule, initial={"w": 2.0}), replicas=4, **QUICK).attrs["run"]
    assert table["mean"][1] == one["scores"]["mean"] and table["mean_sem"][1] == one["score_sem"]["mean"]


def test_a_point_of_the_jobs_is_a_single_run():
    made = points({"tau_plus": [10, 20] * ms, "pairs": [2]})
    study = study_of(bc.get("protocol", "bi_poo_1998"), STDP, made, "auto", None)
    one = bc.run("bi_poo_1998", "stdp", parameters={"tau_plus": 20 * ms}, pairs=2)
    assert study.point({"tau_plus": 20 * ms, "pairs": 2}, 1) == one.attrs["run"]["scores"]


@pytest.mark.parametrize(
    "what, rule, more, said",
    [
        ("bi_poo_1998", "stdp", {"tau_pls": [1, 2] * ms}, "did you mean 'tau_plus'"),
        ("bi_poo_1998", "stdp", {"tau_plus": [1, 2]}, "needs the unit s"),
        ("bi_poo_1998", "stdp", {"tau_plus": []}, "the grid is empty"),
        ("bi_poo_1998", "stdpp", {"w": [1]}, "did you mean 'stdp'"),
        ("bi_poo_199", "stdp", {"w": [1]}, "did you mean 'bi_poo_1998'"),
        ("bi_poo_1998", "stdp", {"w": [1], "device": "cpu"}, "no device 'cpu'"),
        ("bi_poo_1998", "stdp", {"w": [1], "how": {"free": ["w"]}}, "free is for fits"),
        ("bi_poo_1998", "stdp", {"w": [1], "vary": {"w": [2]}}, "was varied twice"),
        (
            "bi_poo_1998",
            "stdp",
            {"w": np.linspace(0, 1, 50), "most": 49},
            "has 50 points to compute, about .* by the time that 50 took here",
        ),
        (SLOW, "stdp", {"A_plus": np.linspace(0, 1, 5), "most": 4, "workers": 1}, "has 5 points to compute, about .* that 1 took here"),
        ("odin", None, {"bits": [1], "dt": 1}, "dt is for protocols"),
        (SLOW, "stdp", {"A_plus": [1], "scheduler": "tcp://127.0.0.1:9", "workers": 2}, "both given"),
    ],
)
def test_wrong_input_is_one_sentence(what, rule, more, said):
    with pytest.raises(UserError, match=said):
        bc.sweep(what, rule, **more)
