"""Xylo: recorded traces of xylosim, random chips against the oracle in plain Python, mutants, samples, wrong input."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xylo_oracle
from cuba_cases import xylo_case

from brian2chip.chips.xylo import emulator, neuron
from brian2chip.chips.xylo.files import configuration_of
from brian2chip.chips.xylo.replay import OUTPUTS, REPLAY, outputs
from brian2chip.cli import main
from brian2chip.errors import UserError

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "xylo").glob("*.npz"))


def expected(trace):
    found = xylo_oracle.run(configuration_of(trace, "a trace"), trace["stimulus"].tolist())
    return {f"out_{name}": np.array(values) for name, values in found.items()}


def differing(found, wanted):
    return [name for name in OUTPUTS if not np.array_equal(found[name], wanted[name])]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_recorded_traces_of_xylosim(path):
    """The file says which version computed it (tests/chips/cuba_peers.py record)."""
    trace = dict(np.load(path))
    assert str(trace["source"]).startswith("xylosim ")
    assert differing(expected(trace), trace) == [] and differing(outputs(trace), trace) == []


def test_the_traces_are_lively():
    traces = [dict(np.load(path)) for path in GOLDEN]
    assert len(traces) == 3 and sum(int(t["out_fired"].sum()) for t in traces) > 1000
    assert max(t["out_fired"][:, :6].max() for t in traces) > 10 and max(t["out_fired"][:, 6:].max() for t in traces) == 1
    assert min(t["out_v"].min() for t in traces) == -32768


@pytest.mark.parametrize("seed", range(10, 15))
def test_random_chips_are_like_the_oracle(seed):
    trace = xylo_case(seed, extreme=seed % 2 == 0)
    assert differing(outputs(trace), expected(trace)) == []


def test_compiled_code_gives_the_same():
    trace = xylo_case(1)
    configuration, counts = configuration_of(trace, "a trace"), trace["stimulus"][None]
    runs = [emulator.run(configuration, counts, tuple(range(8)), device) for device in ("numpy", "cpp_standalone")]
    assert all(np.array_equal(runs[0].states[name], runs[1].states[name]) for name in ("i_syn", "v", "fired"))
    assert runs[0].fired.sum() > 50 and np.array_equal(runs[0].fired, runs[1].fired)


def single(spikes=(0, 1, 0, 0, 15, 0, 0, 0), **changes):
    """One hidden neuron that an input of weight 100 reaches, and one output."""
    codes = {"weights_in": 100, "weights_rec": -20, "weights_out": 50, "dash_mem": 3, "dash_syn": 2, "threshold": 75, "bias": 0}
    codes |= {"dash_mem_out": 1, "dash_syn_out": 1, "threshold_out": 30, "bias_out": -2} | changes
    shifts = {f"weight_shift_{name}": np.int64(0) for name in ("in", "rec", "out")}
    arrays = {name: np.full((1, 1) if name.startswith("weights") else 1, code) for name, code in codes.items()}
    return {**shifts, **arrays, "stimulus": np.array(spikes)[:, None]}


#: Cases that tell the mutants apart: a membrane at its threshold (100 less 25 is 75), negative numbers, saturation.
CASES = [
    single(), single(weights_in=-100, bias=3), single(threshold=1), single(bias=1, dash_mem=6, threshold=1000, spikes=(0,) * 12),
    xylo_case(30), xylo_case(33, extreme=True), xylo_case(7, extreme=True),
]  # fmt: skip
MUTANTS = [
    ("fires above its threshold", "int(v >= th)", "int(v > th)"),
    ("one spike a step", "(v // th)", "1"),
    ("currents rounded toward zero", "i_syn = i_syn + 0 - asr(i_syn, dash_syn)", "i_syn = i_syn + 0 - towards_zero(i_syn, dash_syn)"),
    ("membranes rounded toward zero", "wrap(0 - asr(v, dash_mem)", "wrap(0 - towards_zero(v, dash_mem)"),
    ("currents stay", "int(i_syn > 0)*int(asr(i_syn, dash_syn) == 0)", "0"),
    ("membranes stay", "int(v > 0)*int(asr(v, dash_mem) == 0)", "0"),
    ("membranes below 0 rise by one", "int(v > 0)", "1"),
    ("the bias is not limited", "drive = saturate(drive + bias, 16)", "drive = drive + bias"),
    ("the current and the loss are not limited", "drive = saturate(i_syn + wrap", "drive = (i_syn + wrap"),
    ("membranes wrap round", "v = saturate(v + drive, 16)", "v = wrap(v + drive, 16)"),
    ("more than 31 spikes", "int(fired > most)*(fired - most)", "0"),
    ("reset to zero", "v = v - fired*th", "v = v*int(fired == 0)"),
]


@pytest.mark.parametrize("name, old, new", MUTANTS, ids=[m[0] for m in MUTANTS])
def test_mutants_are_noticed(name, old, new, monkeypatch):
    assert neuron.STEP.count(old) == 1
    step = neuron.STEP.replace(old, new)
    step = step.replace("== 0), 16), 16)", "== 0), 16))") if "drive = (" in new else step
    monkeypatch.setattr(emulator, "NEURON", replace(neuron.NEURON, step=step))
    assert any(differing(outputs(trace), expected(trace)) for trace in CASES)


@pytest.mark.parametrize(
    "arrive",
    [
        "i_syn_post = i_syn_post + fired_pre*w",
        "i_syn_post = wrap(i_syn_post + fired_pre*w, 16)",
        "i_syn_post = saturate(i_syn_post + w, 16)",
    ],
)
def test_mutants_of_what_arrives_are_noticed(arrive, monkeypatch):
    monkeypatch.setattr(emulator, "NEURON", replace(neuron.NEURON, arrive=arrive))
    assert any(differing(outputs(trace), expected(trace)) for trace in CASES)


def test_the_membrane_takes_the_decayed_current(monkeypatch):
    """The line of the current moved behind that of the membrane, and the order in which spikes arrive turned round."""
    lines = neuron.STEP.strip().split("\n")
    at = next(k for k, line in enumerate(lines) if line.startswith("v = saturate"))
    monkeypatch.setattr(
        emulator, "NEURON", replace(neuron.NEURON, step="\n".join(["", *lines[1 : at + 1], lines[0], *lines[at + 1 :], ""]))
    )
    assert differing(outputs(CASES[0]), expected(CASES[0]))


def test_the_cases_of_the_mutants_are_equal_without_them():
    assert all(differing(outputs(trace), expected(trace)) == [] for trace in CASES)


def test_decay_reaches_zero_from_both_sides():
    """1000 and -1000 under a shift of 4: the last steps are of one. xylosim: 100 leaves 88, 77, 68, -100 leaves -87 under a shift of 3."""
    for start in (1000, -1000):
        x, steps = start, 0
        while x:
            x, steps = x + xylo_oracle.decay(x, 4), steps + 1
        assert 30 < steps < 150
    assert [x + xylo_oracle.decay(x, 3) for x in (100, -100)] == [88, -87]
    assert outputs(single(spikes=(1, 0, 0), dash_syn=3, weights_rec=0))["out_i_syn"][:, 0].tolist() == [88, 77, 68]


def test_samples_start_from_rest():
    trace = xylo_case(1)
    configuration = configuration_of(trace, "a trace")
    alone = emulator.run(configuration, trace["stimulus"][None], tuple(range(8)), "numpy").states["v"][0]
    three = emulator.run(configuration, np.repeat(trace["stimulus"][None], 3, axis=0), tuple(range(8)), "numpy").states["v"]
    assert all(np.array_equal(each, alone) for each in three)


def test_saturation_is_said(caplog):
    outputs(xylo_case(33, extreme=True))
    assert "membranes of Xylo saturated" in caplog.text


def test_replay_from_the_command_line(tmp_path, capsys):
    assert main(["replay", "xylo_imu", str(GOLDEN[0])]) == 0
    trace = dict(np.load(GOLDEN[0]))
    trace["out_i_syn"] = trace["out_i_syn"] + (np.arange(trace["out_i_syn"].size) == 13).reshape(trace["out_i_syn"].shape)
    np.savez(tmp_path / "wrong.npz", **trace)
    assert main(["replay", "xylo_imu", str(tmp_path / "wrong.npz")]) == 1
    assert "first difference at step 1, neuron 5, i_syn, expected" in capsys.readouterr().out
    with REPLAY.open() as run, pytest.raises(UserError, match="the Xylo trace lacks threshold_out; it needs"):
        run({name: values for name, values in trace.items() if name != "threshold_out"})


def with_(**changes):
    return lambda c: replace(c, **changes)


WRONG = [
    (with_(weights_in=np.full((4, 6), 128)), "weight of Xylo was given as 128"),
    (with_(weights_in=np.zeros((4, 5), int)), "give inputs x hidden, hidden x hidden, hidden x outputs"),
    (with_(weights_in=np.zeros(6, int)), r"weights_in of Xylo has shape \(6,\); give a matrix"),
    (with_(weights_in=np.zeros((17, 6), int)), "17 inputs were given; Xylo has 16"),
    (with_(weight_shift_rec=9), r"weight_shift of Xylo \(weight_shift_rec\) was given as 9"),
    (lambda c: replace(c, hidden={**c.hidden, "bias": np.full(6, 32768)}), "bias of Xylo's hidden neurons was given as 32768"),
    (lambda c: replace(c, hidden={**c.hidden, "threshold": np.zeros(6, int)}), "threshold of Xylo's hidden neurons was given as 0"),
    (lambda c: replace(c, hidden={**c.hidden, "dash_syn": np.full(6, 16)}), "dash_syn of Xylo's hidden neurons was given as 16"),
    (lambda c: replace(c, outputs={**c.outputs, "bias": np.zeros(3, int)}), "bias of Xylo's output neurons has shape"),
    (lambda c: replace(c, outputs={"bias": np.zeros(2, int)}), "the output neurons of Xylo lack dash_mem, dash_syn, threshold"),
    (lambda c: replace(c, outputs={**c.outputs, "tau": np.zeros(2, int)}), "no field of Xylo's output neurons called 'tau'"),
    (with_(hidden=3), "the hidden neurons of Xylo were given as 3"),
]


@pytest.mark.parametrize("make, words", WRONG, ids=[w[1][:24] for w in WRONG])
def test_wrong_configurations(make, words):
    with pytest.raises(UserError, match=words):
        make(configuration_of(xylo_case(1), "a trace"))


def test_wrong_input_spikes():
    configuration = configuration_of(xylo_case(1), "a trace")
    for wrong, words in ((np.full((1, 3, 4), 16), "the input spikes of Xylo"), (np.zeros((1, 3, 5), int), "shape")):
        with pytest.raises(UserError, match=words):
            emulator.run(configuration, wrong)
