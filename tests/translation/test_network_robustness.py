"""A network on many chips: each chip as it is alone, calibration, jitter, training in the loop, folders that go on."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.core.substrate import Substrate
from brian2chip.translation import network_robustness, replicas, robustness
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.on_chip import jittered, on_chip
from brian2chip.translation.reference_simulator import float_run

STEPS = 25
R = np.random.default_rng(2)
#: Three neurons for each of three classes, which two inputs each drive just to their threshold.
NET = SpikingNetwork(
    (
        Population("input", "input", 6),
        Population("rec", "lif", 9, {"tau_m": 0.005, "v_threshold": 0.9}),
        Population("out", "li", 3, {"tau_m": 0.02}),
    ),
    (
        Projection("input", "rec", np.kron(np.eye(3), np.full((2, 3), 0.25)) + R.normal(0, 0.05, (6, 9))),
        Projection("rec", "rec", R.normal(0, 0.05, (9, 9)), 1),
        Projection("rec", "out", np.kron(np.eye(3), np.ones((3, 1))) + R.normal(0, 0.3, (9, 3))),
    ),
    1e-3,
)
MISMATCH = bc.substrate("analogue_mismatch").with_parameters(spread=0.4)


def labelled(n, seed):
    """Return samples in which the inputs of a class fire most, labelled by what the ideal network answers, so that it is right on all."""
    rng = np.random.default_rng(seed)
    rate = np.where(np.arange(6) // 2 == rng.integers(3, size=n)[:, None], 0.35, 0.1)
    found = Samples.from_dense(rng.random((n, STEPS, 6)) < rate[:, None], np.arange(STEPS) >= 5, label=np.zeros(n, int))
    return replace(found, label=decisions(NET, float_run(NET, found, device="numpy"), found.mask))


TEST = labelled(30, 1)


def alone(net, samples=TEST):
    run = float_run(net, samples, device="numpy")
    return np.mean(decisions(net, run, samples.mask) == samples.label), len(run.spikes["rec"][0]) / (9 * len(samples))


def test_every_chip_is_what_it_is_alone(monkeypatch):
    monkeypatch.setattr(replicas, "SYNAPSES", 4 * sum(c.weight.size for c in NET.projections))
    table = bc.robustness(NET, MISMATCH, chips=6, test=TEST, device="numpy", seed=3)
    assert table.attrs["run"]["ideal"]["accuracy"] == 1
    for k, row in table.iterrows():
        expected = alone(on_chip(NET, ChipInstance(MISMATCH, k, 3)))
        assert (row.chip, row.stage) == (k, "transfer") and (row.accuracy, row.spikes) == pytest.approx(expected, rel=1e-12)
    assert table.accuracy.min() < 0.9 and table.accuracy.nunique() > 2


def test_the_network_on_a_chip():
    chip = ChipInstance(MISMATCH, 2, 3)
    realised = on_chip(NET, chip, {"input->rec": 2.0})
    np.testing.assert_array_equal(realised.weight("input", "rec"), 2 * chip.weights("input->rec", NET.weight("input", "rec")))
    np.testing.assert_array_equal(realised.weight("rec", "out"), chip.weights("rec->out", NET.weight("rec", "out")))
    tau = realised.population("rec").parameters["tau_m"]
    assert tau.shape == (9,) and np.unique(tau / realised.population("rec").parameters["v_threshold"]).size == 9
    negative = Substrate(name="negative", source="test", mismatch=lambda name, x, p, d: -x)
    with pytest.raises(bc.UserError, match="chip 0 of substrate 'negative': tau_m of population 'rec' is -0.005 s"):
        on_chip(NET, ChipInstance(negative))


def test_a_chip_whose_weights_are_scaled_is_calibrated_back():
    """The substrate divides weights into spiking neurons by 2: of the gains from a half to twice, twice is right."""
    halved = Substrate(name="halved", source="test", weights=lambda w, p, d: w / 2)
    table = bc.robustness(NET, halved, chips=2, test=TEST, calibration=labelled(60, 9), device="numpy").set_index("stage")
    assert table.loc["transfer"].accuracy.max() < 1
    assert (table.loc["calibrated"].accuracy.to_numpy() > table.loc["transfer"].accuracy.to_numpy()).all()
    assert (table.loc["calibrated", "gain_input->rec"] > 1.5).all() and "gain_rec->out" not in table


def test_a_chip_that_is_ideal_keeps_gains_of_1():
    ideal = MISMATCH.with_parameters(spread=0)
    table = bc.robustness(NET, ideal, chips=2, test=TEST, calibration=TEST, device="numpy")
    assert (table[["accuracy", "gain_input->rec", "gain_rec->rec"]] == 1).all(axis=None)


def test_spikes_that_jitter():
    late = Substrate(name="late", source="test", jitter=lambda t, p, d: t + 1e-3 * d.chip.integers(0, 3, t.shape))
    table = bc.robustness(NET, late, chips=3, test=TEST, device="numpy")
    for k, row in table.iterrows():
        moved = jittered(TEST, ChipInstance(late, k), NET.dt)
        assert (row.accuracy, row.spikes) == pytest.approx(alone(NET, moved))
    step = jittered(TEST, ChipInstance(replace(late, jitter=lambda t, p, d: t + 2e-3)), NET.dt)
    early = TEST.t + 2 < STEPS
    expected = TEST.dense()[:, : STEPS - 3]
    np.testing.assert_array_equal(step.dense()[:, 2 : STEPS - 1], expected)
    assert early.any() and step.dense()[:, -1].any()


def test_training_in_the_loop_is_the_substrate_s():
    """A substrate whose chips are off by a known factor, and whose training undoes it."""

    def train(network, samples, chips, progress):
        assert len(samples) == 10
        progress(1.0)
        return [network.with_weights({name: w * (chip.number + 2) for name, w in network.weights().items()}) for chip in chips]

    known = Substrate(name="known", source="test", weights=lambda w, p, draws: w / 3, train=train)
    table = bc.robustness(NET, known, chips=2, test=TEST, training=labelled(10, 4), device="numpy").set_index(["chip", "stage"])
    assert table.accuracy[1, "in the loop"] == 1 > table.accuracy[1, "transfer"]
    assert table.accuracy[0, "in the loop"] < 1
    few = replace(known, train=lambda network, samples, chips, progress: [network])
    with pytest.raises(bc.UserError, match="train of substrate 'known' returned 1 networks for 2 chips"):
        bc.robustness(NET, few, chips=2, test=TEST, training=TEST, device="numpy")
    with pytest.raises(bc.UserError, match="'analogue_mismatch' cannot be used for training in the loop: it has no train="):
        bc.robustness(NET, MISMATCH, test=TEST, training=TEST)


def test_targets_give_a_mean_squared_error():
    target = np.random.default_rng(1).normal(size=(len(TEST), STEPS, 3))
    given = replace(TEST, label=None, target=target)
    table = bc.robustness(NET, MISMATCH, chips=2, test=given, device="numpy", seed=3)
    for k, row in table.iterrows():
        readout = float_run(on_chip(NET, ChipInstance(MISMATCH, k, 3)), given, device="numpy").readout["out"]
        assert row.mse == pytest.approx(np.mean((readout - target)[:, given.mask] ** 2))


def test_a_folder_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(network_robustness.NetworkStudy, "at_once", 2)
    whole, out = bc.robustness(NET, MISMATCH, chips=5, test=TEST, device="numpy"), tmp_path / "out"
    rows, asked = network_robustness.NetworkStudy.rows, []

    def some(self, chips, report):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(list(chips))
        return rows(self, chips, report)

    monkeypatch.setattr(network_robustness.NetworkStudy, "rows", some)
    with pytest.raises(KeyboardInterrupt):
        bc.robustness(NET, MISMATCH, chips=5, test=TEST, device="numpy", out=out)
    assert len(pd.read_csv(out / "robustness.csv")) == 4 and not (out / "run.json").exists()
    asked.clear()
    table = bc.robustness(NET, MISMATCH, chips=5, test=TEST, device="numpy", out=out)
    assert asked == [[4]]
    pd.testing.assert_frame_equal(table, whole, rtol=1e-12)
    about = json.loads((out / "run.json").read_text())
    assert about["substrate_parameters"] == {"spread": "0.4"} and about["ideal"]["accuracy"] == 1 and about["memory_bytes"] > 0
    assert (out / "robustness.png").stat().st_size > 1000
    with pytest.raises(bc.UserError, match="holds the results of another substrate parameters; give the same"):
        bc.robustness(NET, MISMATCH.with_parameters(spread=0.1), chips=5, test=TEST, device="numpy", out=out)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(bc.UserError, match="holds no results of this command"):
        bc.robustness(NET, MISMATCH, chips=5, test=TEST, device="numpy", out=tmp_path / "full")


def test_a_summary_by_hand():
    table = pd.DataFrame({"chip": [0, 1, 2, 0], "stage": ["transfer"] * 3 + ["calibrated"], "accuracy": [0.0, 0.5, 1.0, 0.25]})
    found = robustness.summary(table, ["accuracy"]).set_index("stage")
    assert found.loc["transfer", ["mean", "5 %", "50 %", "95 %"]].tolist() == pytest.approx([0.5, 0.05, 0.5, 0.95])
    assert found.loc["calibrated", "50 %"] == 0.25


def test_progress_and_figure():
    seen = []
    table = bc.robustness(NET, MISMATCH, chips=2, test=TEST, device="numpy", progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == 1
    ax = bc.plot_robustness(table)
    assert ax.get_title() == "a network, 2 chips of analogue_mismatch" and "ideal: 1" in ax.get_legend_handles_labels()[1]
    with pytest.raises(bc.UserError, match="does not say what it is of"):
        bc.plot_robustness(pd.DataFrame())


@pytest.mark.parametrize(
    "change,sentence",
    [
        ({"test": TEST.take([])}, "the test set is empty; give at least one sample"),
        ({"calibration": TEST.take([])}, "the calibration set is empty"),
        ({"test": replace(TEST, label=TEST.label + 1)}, "the test set has the label 3, and the network 3 outputs"),
        ({"test": None}, "a network is judged on samples"),
        ({"test": replace(TEST, mask=np.zeros(STEPS, bool))}, "no step of the test set counts"),
        ({"vary": ["tau_m"]}, "vary was given, which says nothing of a network"),
        ({"chips": 2.5}, "chips were given as 2.5"),
        ({"seed": -1}, "the seed was given as -1"),
    ],
)
def test_wrong_requests_are_one_sentence(change, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        bc.robustness(NET, **{"substrate": MISMATCH, "test": TEST, "chips": 2, "device": "numpy"} | change)
