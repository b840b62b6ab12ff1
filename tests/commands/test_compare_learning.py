"""The command that trains rules side by side."""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from brian2chip.cli import main

ARGUMENTS = ["compare-learning", "pattern_generation", "--broadcasts", "random", "--iterations", "1"]


def test_rules_start_alike_on_the_same_samples_and_learn_differently(tmp_path, capsys):
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
