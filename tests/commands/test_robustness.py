"""The command robustness: a rule and a network, what it prints and writes, and what it refuses."""

import json

import numpy as np
import pandas as pd

from brian2chip.cli import main
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation.spike_files import save_samples

RULE = ["robustness", "--protocol", "sjostrom_2001", "--rule", "triplet:visual_cortex_all_full", "--substrate", "analogue_mismatch"]


def test_a_rule(tmp_path, capsys):
    out = tmp_path / "rule"
    assert main([*RULE, "--chips", "4", "--set", "spread=0.2", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "ideal: E = 0.3416" in said and "retuned" in said and "not of a circuit" in said
    assert len(pd.read_csv(out / "robustness.csv")) == 8
    assert main([*RULE, "--chips", "2", "--gain", "LTP=A2_plus,A3_plus", "--vary", "A3_plus", "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert about["gains"] == {"LTP": ["A2_plus", "A3_plus"]} and about["vary"] == ["A3_plus"]


def test_a_network(tmp_path, capsys):
    rng = np.random.default_rng(1)
    net = SpikingNetwork(
        (Population("input", "input", 3), Population("out", "li", 2, {"tau_m": 0.02})),
        (Projection("input", "out", rng.normal(0, 1, (3, 2))),),
        1e-3,
    )
    net.save(tmp_path / "net.npz")
    samples = Samples.from_dense(rng.random((5, 8, 3)) < 0.4, np.ones(8, bool), label=rng.integers(2, size=5))
    save_samples(samples, tmp_path / "test.npz")
    words = ["robustness", str(tmp_path / "net.npz"), "--substrate", "gaussian_mismatch", "--chips", "3", "--device", "numpy"]
    assert main([*words, "--test", str(tmp_path / "test.npz")]) == 0
    assert "accuracy" in capsys.readouterr().out
    for wrong, sentence in (
        (words, "a network is judged on samples"),
        (
            [*words, "--test", str(tmp_path / "test.npz"), "--set", "spread=-0.1"],
            "parameter spread of 'gaussian_mismatch' was given as -0.1",
        ),
        ([*words, "--protocol", "sjostrom_2001"], "give either a network file, or --protocol"),
        (RULE[:3] + RULE[5:], "--protocol and --rule belong together"),
        ([*RULE[:-1], "nothing_known"], "there is no substrate 'nothing_known'"),
    ):
        assert main(wrong) == 2
        assert sentence in capsys.readouterr().err
