"""Accuracy against bits: grids, the study that goes on where it stopped, and its command."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from translation_networks import recurrent

from brian2chip.cli import main
from brian2chip.errors import UserError
from brian2chip.learning import train as training
from brian2chip.learning.weight_grid import Grid, fit
from brian2chip.translation import bit_width as study
from brian2chip.translation.bit_width import with_bits

sys.path.append(str(Path(__file__).parents[1] / "learning"))
import tiny  # noqa: E402


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_weights_of_so_many_bits(bits):
    net = recurrent()[0]
    for before, after in zip(net.projections, with_bits(net, bits).projections):
        assert len(np.unique(after.weight)) <= 2**bits
        assert np.sqrt(np.mean((before.weight - after.weight) ** 2)) < before.weight.std() * 2.5 / 2**bits


def test_one_bit_is_the_mean_magnitude_with_the_sign():
    """Rastegari et al. 2016 (XNOR-Net, eq. 6): the best scale of binary weights is the mean of their magnitudes."""
    w = np.random.default_rng(2).normal(0.2, 1, 400)
    np.testing.assert_allclose(fit(w, 1).nearest(w), np.where(w >= 0, 1, -1) * np.abs(w).mean())


def test_a_weight_of_zero_stays_no_synapse():
    net = recurrent()[0]
    weight = net.projections[0].weight.copy()
    weight[2:5] = 0
    net = replace(net, projections=(replace(net.projections[0], weight=weight), *net.projections[1:]))
    assert np.array_equal(with_bits(net, 1).projections[0].weight == 0, weight == 0)


@settings(max_examples=60, deadline=None)
@given(bits=st.integers(2, 8), step=st.floats(1e-6, 1e6), seed=st.integers(0, 999))
def test_weights_on_a_grid_keep_their_values(bits, step, seed):
    g = Grid(step, bits)
    w = step * np.random.default_rng(seed).integers(g.low, g.high + 1, 300)
    w[0] = step * g.low
    np.testing.assert_allclose(fit(w, bits).nearest(w), w, rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(bits=st.integers(1, 8), seed=st.integers(0, 999))
def test_no_other_step_is_much_better(bits, seed):
    w = np.random.default_rng(seed).normal(0, 1, 200)
    error = lambda step: np.sum((Grid(step, bits).nearest(w) - w) ** 2)  # noqa: E731
    assert error(fit(w, bits).step) < 1.25 * min(map(error, np.geomspace(0.01, 4, 300))) + 1e-12


@pytest.mark.slow  # trains for a minute
def test_the_study_keeps_its_rows_and_refuses_another(tmp_path, monkeypatch, caplog):
    task = tiny.task(rule="eprop_events", optimiser="adam", rate=0.1, batch=8, c_reg=1.0, iterations=8)
    train = training.train
    for module in (study, training):
        monkeypatch.setattr(module, "task_of", lambda name: task)
    monkeypatch.setattr(training, "SAMPLES_A_START", 16)
    monkeypatch.setattr(training, "train", lambda task, **how: train(task, device="numpy", **how))
    fractions = []
    wanted = study.BitWidthStudy("tiny", (4, 1), (1,), trials=40, iterations=4)
    with caplog.at_level("INFO", "brian2chip.translation.bit_width"):
        first = study.run(replace(wanted, bits=(4,)), tmp_path / "out", fractions.append)
    assert first.bits.tolist() == [0, 4] and caplog.records[-1].getMessage().startswith("seed 1, 4 bits: rounded")
    assert fractions == sorted(fractions) and 0 < fractions[0] < 0.5 and fractions[-1] == 1
    trained = []
    monkeypatch.setattr(training, "train", lambda task, **how: trained.append(how["bits"]) or train(task, device="numpy", **how))
    table = study.run(wanted, tmp_path / "out")
    assert trained == [1] and table.bits.tolist() == [0, 1, 4]
    pd.testing.assert_frame_equal(table[table.bits != 1].reset_index(drop=True), first, check_dtype=False)
    ax = study.plot(table, Figure().subplots())
    assert len(ax.lines) == 5 and ax.get_xlabel() == "bits of a weight"
    for other in ({"trials": 41}, {"rule": "eprop_no_filter"}):
        with pytest.raises(UserError, match="holds the results of"):
            study.run(replace(wanted, **other), tmp_path / "out")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_text("")
    with pytest.raises(UserError, match="is not empty"):
        study.run(wanted, tmp_path / "other")


def test_the_study_trains_with_the_rule_that_it_is_given(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(training, "train", lambda task, **how: given.append(how["rule"]) or training.Trained(recurrent()[0], *4 * [None]))
    monkeypatch.setattr(study.SpikingNetwork, "load", lambda path, **how: recurrent()[0])
    monkeypatch.setattr(study, "accuracy", lambda network, samples: 0.5)
    task = tiny.task()
    monkeypatch.setattr(study, "task_of", lambda name: task)
    file = tmp_path / "mine.py"
    file.write_text("from dataclasses import replace\nfrom brian2chip.plasticity.eprop import EPROP\nMINE = replace(EPROP, name='mine')\n")
    study.run(study.BitWidthStudy("tiny", (3,), trials=4, rule=str(file)), tmp_path / "out")
    assert [rule.name for rule in given] == 3 * ["mine"]  # real-valued, for each row, as the stand-in keeps nothing; and 3 bits
    with pytest.raises(UserError, match="no learning rule 'eprp'"):
        study.run(study.BitWidthStudy("tiny", (3,), trials=4, rule="eprp"), tmp_path / "other")


@pytest.mark.parametrize(
    "options, sentence",
    [
        (["evidence_accumulation_lif", "--bits", "0", "3"], "two widths from 1 to 24"),
        (["evidence_accumulation_lif", "--bits", "4", "3"], "smaller width first"),
        (["evidence_accumulation_lif", "--trials", "0"], "at least 1"),
        (["pattern_generation"], "has targets"),
        (["evidence_acumulation"], "did you mean"),
    ],
)
def test_wrong_input(options, sentence, tmp_path, capsys):
    assert main(["bit-width", *options, "--out", str(tmp_path / "out")]) == 2
    assert sentence in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_the_picture_has_the_mean_over_seeds_in_percent():
    table = pd.DataFrame(
        [(1, 0, 0.9, 0.9), (2, 0, 0.7, 0.7), (1, 4, 0.6, 0.8), (2, 4, 0.8, 1.0), (1, 2, 0.1, 0.3), (2, 2, 0.2, 0.5)],
        columns=["seed", "bits", "rounded", "trained"],
    )
    ax = study.plot(table, Figure().subplots())
    found = {line.get_label(): line for line in ax.lines}
    assert list(found["real-valued"].get_ydata()) == pytest.approx([80, 80])
    # means of 10 and 20, of 60 and 80; of 30 and 50, of 80 and 100 %
    for label, mean in (("rounded after training", [15, 70]), ("trained on the grid", [40, 90])):
        assert list(found[label].get_xdata()) == [2, 4] and list(found[label].get_ydata()) == pytest.approx(mean)
    points = [list(line.get_ydata()) for line in ax.lines if line.get_marker() == "."]
    assert points == [pytest.approx([60, 80, 10, 20]), pytest.approx([80, 100, 30, 50])] and list(ax.get_xticks()) == [2, 4]
