"""Sweeps of fits, trainings, translations and chips: at each point what the single call gives, and what cannot vary is refused."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.learning.trained import Trained
from brian2chip.sweeps import trainings

for folder in ("protocols", "translation", "learning"):
    sys.path.append(str(Path(__file__).parents[1] / folder))
import own  # noqa: E402
import tiny  # noqa: E402
from translation_networks import integrators, recurrent  # noqa: E402

QUICK = {"device": "numpy", "workers": 1}
PAIRED = own.pairings([10.0, 20.0, 30.0], data_dw=[0.3, 0.15, 0.06])
RULE = own.rule(
    model="w : 1\ndx/dt = -x/tau : 1 (event-driven)", on_pre="x += 1", on_post="w += A*x", parameters={"A": 0.1, "tau": 20 * ms}
)


def test_fits_with_another_held_value_at_every_point():
    table = bc.sweep(PAIRED, RULE, tau=[10, 30] * ms, fit=True, how={"free": ["A"]}, seeds=2, **QUICK)
    for _, row in table.iterrows():
        one = bc.fit(PAIRED, RULE, free=["A"], parameters={"tau": row["tau"] * 1000 * ms}, seed=int(row["seed"]), device="numpy")
        assert (row["fitted_A"], row["fitted_A_se"], row["rms"]) == (one.values[0], one.standard_errors[0], one.rms)
    assert table["tau"].tolist() == [0.01, 0.03] * 2 and table["rms"].nunique() == 2


@pytest.mark.parametrize(
    "more, said",
    [
        ({"how": {"fre": ["A"]}}, "did you mean 'free'"),
        ({"how": {"free": ["B"]}}, "no parameter of 'mine' called 'B'"),
        ({"B": [1]}, "called 'B'"),
        ({"tau": [1.0]}, "needs the unit s"),
    ],
)
def test_fits_that_cannot_be(more, said):
    with pytest.raises(UserError, match=said):
        bc.sweep(PAIRED, RULE, fit=True, **{"tau": [10] * ms, "how": {"free": ["A"]}, **more})


@pytest.fixture
def trained(monkeypatch):
    """What the trainings were given; none of them takes long."""
    calls = []

    def train(task, **how):
        calls.append(how)
        history = pd.DataFrame({"update": [1, 2], "samples": [2, 4], "loss": [0.9, 0.8], "error": [0.5, 0.4], "rate_hz": [9.0, 8.0]})
        return Trained(None, history, 0.7 + how["seed"], 0.25, {})

    monkeypatch.setattr(trainings, "train", train)
    return calls


def test_trainings_get_what_is_of_the_network_and_of_the_training(trained):
    task = tiny.task()
    table = bc.sweep(task, "eprop", rate=[0.01, 0.02], tau_m=[10, 20] * ms, batch=4.0, seeds=2, how={"n_test": 5}, **QUICK)
    assert len(table) == 8 and trained[1] == {
        "seed": 1, "progress": trained[1]["progress"], "network": {"tau_m": 0.02}, "rule": "eprop", "n_test": 5, "device": "numpy",
        "rate": 0.01, "batch": 4,
    }  # fmt: skip
    assert isinstance(trained[1]["batch"], int) and isinstance(trained[1]["network"]["tau_m"], float)
    assert list(table)[5:] == ["updates", "samples", "training_loss", "training_error", "rate_hz", "test_loss", "test_error", "error"]
    assert table["test_loss"].tolist() == [1.7] * 4 + [2.7] * 4 and set(table["training_error"]) == {0.4} and set(table["error"]) == {""}


@pytest.mark.parametrize(
    "varied, said",
    [
        ({"rat": [1]}, "did you mean 'rate'"),
        ({"tau_m": [0.01]}, "tau_m was given as 0.01; give a time with its unit"),
        ({"rate": [1] * ms}, "give a number without unit"),
        ({"rate": [1], "how": {"start": 3}}, "no setting of a sweep of trainings called 'start'"),
    ],
)
def test_trainings_that_cannot_be(varied, said, trained):
    with pytest.raises(UserError, match=said):
        bc.sweep(tiny.task(), **varied)
    assert trained == []


def test_a_real_training_is_a_point():
    task = tiny.task(iterations=1)
    table = bc.sweep(task, rate=[0.01, -1.0], how={"n_test": 2}, **QUICK)
    one = bc.train(task, rate=0.01, n_test=2, device="numpy")
    assert (table["test_loss"][0], table["training_error"][0]) == (one.test_loss, one.history["error"].iloc[-1])
    assert "rate" in table["error"][1] and np.isnan(table["test_loss"][1])


def test_translations_of_files_with_every_rounding(tmp_path):
    for k in range(2):
        integrators(seed=k)[0].save(tmp_path / f"{k}.npz")
    files = [str(tmp_path / f"{k}.npz") for k in range(2)]
    samples = integrators()[1]
    table = bc.sweep("tinyodin", network=files, rounding=["nearest", "floor"], how={"test": samples}, **QUICK)
    assert list(table["network"]) == [files[0]] * 2 + [files[1]] * 2 and (table["error"] == "").all()
    one = bc.translate(integrators(seed=1)[0], "tinyodin", rounding="floor", test=samples, seed=1, device="numpy")
    assert table["agreement"][3] == one.behaviour.agreement and table["operations"][3] == one.behaviour.operations
    refused = bc.sweep("tinyodin", recurrent()[0], seeds=2, **QUICK)
    assert refused["error"].str.contains("does not fit tinyodin").all()


@pytest.mark.parametrize(
    "network, varied, said",
    [
        (None, {"rounding": ["floor"]}, "a translation needs a network"),
        ("x.npz", {"network": ["y.npz"]}, "a translation needs a network"),
        ("x.npz", {"rounding": ["floor"]}, "there is no network file"),
        (None, {"bits": [3]}, "no setting of a translation called 'bits'"),
    ],
)
def test_translations_that_cannot_be(network, varied, said):
    with pytest.raises(UserError, match=said):
        bc.sweep("tinyodin", network, **varied)


def test_chips_of_a_substrate_with_another_spread_at_every_point():
    how = {"protocol": PAIRED, "chips": 3, "gains": {}}
    table = bc.sweep("analogue_mismatch", RULE, spread=[0.0, 0.2], A=[0.1, 0.2], how=how, **QUICK)
    one = bc.robustness(RULE, bc.substrate("analogue_mismatch").with_parameters(spread=0.2), chips=3, protocol=PAIRED, gains={},
                        parameters={"A": 0.2}, device="numpy", workers=1).attrs["run"]  # fmt: skip
    last = table.iloc[-1]
    assert last["ideal_mean"] == one["ideal"]["mean"] and last["transfer_mean_mean"] == one["summary"][0]["mean"]
    assert table["transfer_mean_p05"][0] == table["transfer_mean_p95"][0] and last["transfer_mean_p05"] < last["transfer_mean_p95"]


@pytest.mark.parametrize(
    "what, how, varied, said",
    [
        (None, {}, {"spread": [0.1]}, "nothing was given to put on chips"),
        (RULE, {"protocol": PAIRED}, {"sprea": [0.1]}, "called 'sprea'"),
        (recurrent()[0], {}, {"A": [0.1]}, "no parameter of substrate 'analogue_mismatch' called 'A'"),
        (RULE, {"protocol": PAIRED, "chip": 3}, {"spread": [0.1]}, "did you mean 'chips'"),
    ],
)
def test_chips_that_cannot_be(what, how, varied, said):
    with pytest.raises(UserError, match=said):
        bc.sweep("analogue_mismatch", what, how=how, **varied)
