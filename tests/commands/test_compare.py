"""brian2chip compare --task: learning rules side by side, and the options that belong to one kind of comparison alone."""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from brian2chip.cli import main
from brian2chip.learning import evaluate

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
