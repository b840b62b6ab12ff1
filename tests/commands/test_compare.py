"""brian2chip compare --task: learning rules side by side, and the options that belong to one kind of comparison alone."""

import importlib.util
import json

import numpy as np
import pandas as pd
import pytest

from brian2chip.cli import main
from brian2chip.errors import UserError
from brian2chip.learning import comparison, evaluate

ARGUMENTS = ["compare", "--task", "pattern_generation", "--broadcasts", "random", "--iterations", "2"]


def test_rules_start_alike_on_the_same_samples_and_learn_differently(tmp_path, capsys, monkeypatch):
    all_of = evaluate.samples_of
    monkeypatch.setattr(evaluate, "samples_of", lambda task, n, *args, **how: all_of(task, min(n, 16), *args, **how))  # of 512
    assert main([*ARGUMENTS, "--rules", "eprop_events", "eprop_no_filter", "--out", str(tmp_path)]) == 0
    with_filter, without = (pd.read_csv(tmp_path / f"history_{rule}_random.csv") for rule in ("eprop_events", "eprop_no_filter"))
    assert with_filter.loss[0] == pytest.approx(without.loss[0], rel=1e-12)
    assert not np.allclose(with_filter.loss[1:], without.loss[1:], rtol=1e-6)
    table = pd.read_csv(tmp_path / "comparison.csv").set_index("rule")
    assert (table.growth == "O(N^2)").all()  # the eligibilities of both are the synapses'
    assert table.bytes_of_learning["eprop_events"] > table.bytes_of_learning["eprop_no_filter"]  # one filter less
    assert (tmp_path / "comparison.png").stat().st_size > 0
    assert "eprop_no_filter" in capsys.readouterr().out


SIDES = """
import numpy as np
from brian2chip import LayeredTask, StaticSamples
from brian2chip.core.layered_config import LayeredConfig

def load(data=None):
    x = np.random.default_rng(1).random((42, 4))
    every = StaticSamples(x, (x[:, 0] > x[:, 1]).astype(int))
    return {"train": every.take(np.arange(32)), "test": every.take(np.arange(32, 42))}

SIDES = LayeredTask("two_sides", "a test", "classification", 4, 2, load, network=LayeredConfig((5,)))
"""


def layered(tmp_path, *arguments):
    (tmp_path / "sides.py").write_text(SIDES)
    task = ["--task", str(tmp_path / "sides.py"), "--device", "numpy", "--epochs", "2", "--out", str(tmp_path / "out")]
    return main(["compare", *task, *arguments])


def test_layered_rules_from_several_seeds_have_means_deviations_and_run_json(tmp_path, capsys):
    assert layered(tmp_path, "--rules", "bp", "drtp", "--seed", "1", "2", "--rate", "0.02", "--batch", "16", "--hidden", "7") == 0
    out = tmp_path / "out"
    table, history = pd.read_csv(out / "comparison.csv").set_index("rule"), pd.read_csv(out / "history_bp.csv")
    last = history[history.epoch == 2]
    assert last.seed.tolist() == [1, 2] and (last.samples == 64).all()  # two epochs of two batches of 16
    assert table.test_loss["bp"] == pytest.approx(last.test_loss.mean())
    assert table.test_loss_sd["bp"] == pytest.approx(abs(np.diff(last.test_loss)[0]) / np.sqrt(2))
    run = json.loads((out / "run.json").read_text())
    settings = {name: run[name] for name in ("seeds", "rate", "batch", "epochs", "optimiser", "hidden", "samples")}
    assert settings == {
        "seeds": [1, 2],
        "rate": 0.02,
        "batch": 16,
        "epochs": 2,
        "optimiser": "adam_pytorch",
        "hidden": [7],
        "samples": {"train": 32, "test": 10},
    }
    page = (out / "index.html").read_text()
    assert "Seeds 1, 2; adam_pytorch, rate 0.02, batches of 16, 2 epochs; 7 hidden units; 32 samples" in page
    assert run["versions"]["brian2"] and f"{100 * run['chance']:.1f} %" in page and "test accuracy sd" in page


def test_a_second_comparison_into_a_folder_is_refused_and_with_force_replaces_all(tmp_path, capsys):
    assert layered(tmp_path, "--rules", "bp", "dfa") == 0
    before = (tmp_path / "out" / "comparison.csv").read_text()
    capsys.readouterr()
    assert layered(tmp_path, "--rules", "fa") == 2
    said = capsys.readouterr().err
    assert "holds a finished run; give another --out, or --force to replace it" in said and said.count("\n") == 1
    assert (tmp_path / "out" / "comparison.csv").read_text() == before
    assert layered(tmp_path, "--rules", "fa", "--force") == 0
    assert {path.name for path in (tmp_path / "out").glob("history_*")} == {"history_fa.csv"}


def test_a_comparison_that_ends_early_keeps_what_was_trained_and_is_not_taken_for_a_finished_one(tmp_path, monkeypatch, capsys):
    from brian2chip.learning.layered import compare

    def only_one(task, rule, **how):
        if rule.name == "drtp":
            raise UserError("training diverged.")
        return trained(task, rule=rule, **how)

    trained = compare.train
    monkeypatch.setattr(compare, "train", only_one)
    assert layered(tmp_path, "--rules", "bp", "drtp") == 2
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"comparison.csv", "comparison.png", "history_bp.csv", "index.html"}
    assert layered(tmp_path, "--rules", "bp") == 2 and "no finished run" in capsys.readouterr().err


def test_recurrent_rules_take_seeds_rate_batch_and_hidden(tmp_path, monkeypatch):
    all_of = evaluate.samples_of
    monkeypatch.setattr(evaluate, "samples_of", lambda task, n, *args, **how: all_of(task, min(n, 4), *args, **how))
    sizes = ["--seed", "1", "2", "--rate", "0.001", "--batch", "2", "--hidden", "8", "--device", "numpy"]
    assert main([*ARGUMENTS, "--rules", "eprop_events", *sizes, "--out", str(tmp_path / "out")]) == 0
    row, run = pd.read_csv(tmp_path / "out" / "comparison.csv").iloc[0], json.loads((tmp_path / "out" / "run.json").read_text())
    assert (run["seeds"], run["rate"], run["batch"], run["n_lif"] + run["n_alif"]) == ([1, 2], 0.001, 2, 8)
    history = pd.read_csv(tmp_path / "out" / "history_eprop_events_random.csv")
    losses = history.groupby("seed").loss.mean()
    assert row.samples == 4 and row.loss == pytest.approx(losses.mean(), abs=1e-4) and row.loss_sd > 0


@pytest.mark.parametrize(
    ("given", "sentence"), [([], "no seed"), ([1, 1], "seed 1 was given twice"), ("one", "whole number"), (-1, "seed")]
)
def test_wrong_seeds_are_one_sentence(given, sentence):
    with pytest.raises(UserError, match=sentence):
        comparison.seeds_of(given)


@pytest.mark.skipif(importlib.util.find_spec("snntorch") is not None, reason="snnTorch is installed")
def test_bptt_without_its_extra_is_one_sentence(capsys):
    assert main([*ARGUMENTS, "--rules", "bptt"]) == 2
    assert "brian2chip[bptt]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rules", "stdp", "--iterations", "3", "--out", "OUT"], ["--iterations", "--task"]),
        (["--rules", "stdp", "--broadcasts", "random", "--out", "OUT"], ["--broadcasts", "--task"]),
        (["--rules", "stdp"], ["--out"]),
        (["--rules", "stdp", "--rate", "0.1", "--out", "OUT"], ["--rate", "--task"]),
        (["--rules", "stdp", "--seed", "1", "2", "--out", "OUT"], ["2 seeds were given", "takes one"]),
        (["--task", "digits", "--rules", "bp", "bp", "--out", "OUT"], ["two of the rules are called 'bp'"]),
        (["--task", "digits", "--rules", "bp", "--hidden", "0", "--out", "OUT"], ["each needs at least one unit"]),
        (["--task", "pattern_generation", "--protocols", "wang_2005"], ["--protocols and --task"]),
        (["--task", "pattern_generaton"], ["did you mean 'pattern_generation'"]),
        (["--task", "pattern_generation", "--rules", "eprop_event", "--out", "OUT"], ["did you mean", "'eprop_events'"]),
    ],
)
def test_options_that_do_not_go_together_and_wrong_names_are_one_sentence(arguments, words, tmp_path, capsys):
    arguments = [str(tmp_path / "out") if a == "OUT" else a for a in arguments]
    assert main(["compare", *arguments]) == 2
    message = capsys.readouterr().err.strip()
    assert message.count("\n") == 0
    for word in words:
        assert word in message
    assert not (tmp_path / "out").exists()
