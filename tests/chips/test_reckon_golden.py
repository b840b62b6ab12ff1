"""ReckOn against traces recorded from cycle-accurate simulation of its open-source RTL: every array equal, no tolerance."""

import json
from pathlib import Path

import numpy as np
import pytest
import reckon_oracle

from brian2chip.chips.reckon.replay import INPUTS, OUTPUTS, describe, open_replay, replay
from brian2chip.cli import main

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "reckon").glob("*.npz"))


@pytest.fixture(scope="module")
def replayed():
    """All recorded traces and their replays from the inputs alone."""
    traces = [dict(np.load(path)) for path in GOLDEN]
    inputs = [{name: trace[name] for name in (*INPUTS, "target", "mem_idx") if name in trace} for trace in traces]
    with open_replay() as run:
        return {path.stem: (trace, run(given)) for path, trace, given in zip(GOLDEN, traces, inputs)}


def differences(trace, result):
    wrong = []
    for name in OUTPUTS:
        if name not in trace:
            assert name.startswith("exp_trace"), name
            continue
        expected, got = trace[name], result[name]
        if name == "lfsr_final_json":
            equal = json.loads(str(expected)) == json.loads(str(got))
        elif name == "tick_cycles":
            valid = trace["tick_cycles_valid"] == 1
            equal = expected.shape == got.shape and np.array_equal(expected[valid], got[valid])
        else:
            equal = expected.dtype == got.dtype and np.array_equal(expected, got)
        if not equal:
            wrong.append(name)
    return wrong


def test_there_are_all_traces():
    assert len(GOLDEN) == 22


@pytest.mark.parametrize("name", [path.stem for path in GOLDEN])
def test_replay_is_exact(replayed, name):
    assert differences(*replayed[name]) == []


@pytest.mark.parametrize("name", ["corner", "everything", "infer_stoch", "noise_train", "regression_act", "regul_mode1", "train_wout"])
def test_oracle_is_exact(name):
    """The independent oracle of the other tests stands on the same recordings."""
    trace = dict(np.load(next(path for path in GOLDEN if path.stem == name)))
    chip = reckon_oracle.run(trace)
    result = reckon_oracle.outputs(chip, trace["mem_idx"])
    valid = trace["tick_cycles_valid"] == 1
    for key, got in result.items():
        mask = valid if key == "tick_cycles" else slice(None)
        assert np.array_equal(trace[key][mask], got[mask]), key
    assert {k: r.content() for k, r in chip.lfsr.items()} == json.loads(str(trace["lfsr_final_json"]))


@pytest.mark.parametrize("device", ["numpy", pytest.param("cython", marks=pytest.mark.slow)])
def test_other_targets_are_exact(device):
    """The same equations in another target: the first ticks of a trace with learning, noise and rounding."""
    trace = dict(np.load(next(path for path in GOLDEN if path.stem == "noise_train")))
    n = 14
    cut = {name: trace[name] for name in INPUTS} | {"mem_idx": trace["mem_idx"]}
    kept = (trace["ev_sample"] == 0) & (trace["ev_t"] < n)
    cut.update({name: trace[name][kept] for name in ("ev_sample", "ev_t", "ev_i")})
    cut.update({name: trace[name][:1] for name in ("sample_do_eprop", "sample_label")}, sample_T=np.array([n]))
    cut.update(target_valid=np.ones(n, int), infer_acc=np.ones(n, int))
    result, oracle = replay(cut, device=device), reckon_oracle.run(cut)
    for key, got in reckon_oracle.outputs(oracle, trace["mem_idx"]).items():
        assert np.array_equal(result[key], got), key


def test_command_replays_and_finds_a_difference(tmp_path, capsys):
    trace = dict(np.load(next(path for path in GOLDEN if path.stem == "train_wout")))
    np.savez(tmp_path / "same.npz", **trace)
    trace["exp_vout"] = trace["exp_vout"] + (np.arange(trace["exp_vout"].size).reshape(trace["exp_vout"].shape) == 40)
    np.savez(tmp_path / "other.npz", **trace)
    assert main(["replay", "reckon", str(tmp_path / "same.npz"), "--out", str(tmp_path / "result.npz")]) == 0
    assert set(np.load(tmp_path / "result.npz").files) == set(OUTPUTS)
    assert main(["replay", "reckon", str(tmp_path / "other.npz")]) == 1
    assert "exp_vout" in capsys.readouterr().out


def test_a_wrong_cycle_count_is_a_difference(replayed):
    trace, result = replayed["train_wout"]
    changed = result["tick_cycles"] + (np.arange(len(result["tick_cycles"])) == 5)
    assert describe("tick_cycles", (5,), trace["tick_cycles"], changed, trace) != "exact"
    assert describe("tick_cycles", (59,), trace["tick_cycles"], result["tick_cycles"], trace) == "exact"
