"""Loihi: recorded traces of its emulators, random chips against the oracle in plain Python, mutants, samples, wrong input."""

from dataclasses import replace
from pathlib import Path

import loihi_oracle
import numpy as np
import pytest
from cuba_cases import loihi_case

from brian2chip.chips.loihi import emulator, neuron
from brian2chip.chips.loihi.configuration import Configuration, SynapseGroup
from brian2chip.chips.loihi.neuron import weight_value
from brian2chip.chips.loihi.replay import OUTPUTS, REPLAY, given, outputs
from brian2chip.cli import main
from brian2chip.errors import UserError

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "loihi").glob("*.npz"))


def expected(trace):
    configuration, counts = given(trace)
    return {f"out_{name}": np.array(values) for name, values in loihi_oracle.run(configuration, counts[0].tolist()).items()}


def differing(found, wanted):
    return [name for name in OUTPUTS if not np.array_equal(found[name], wanted[name])]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_recorded_traces_of_the_emulators(path):
    """The file says which package and version computed it (tests/chips/cuba_peers.py record)."""
    trace = dict(np.load(path))
    assert str(trace["source"]).split()[0] in ("nengo-loihi", "brian2-loihi")
    assert differing(expected(trace), trace) == [] and differing(outputs(trace), trace) == []


def test_the_traces_are_lively():
    traces = [dict(np.load(path)) for path in GOLDEN]
    assert len(traces) == 5 and sum(int(t["out_fired"].sum()) for t in traces) > 150
    assert max(np.abs(t["out_v"]).max() for t in traces) == 2**23 - 1  # a membrane at its bound


@pytest.mark.parametrize("seed", range(10, 16))
def test_random_chips_are_like_the_oracle(seed):
    trace = loihi_case(seed, extreme=seed % 3 == 0, mixed=seed % 2 == 0)
    assert differing(outputs(trace), expected(trace)) == []


def test_compiled_code_gives_the_same():
    configuration, counts = given(loihi_case(2))
    runs = [emulator.run(configuration, counts, tuple(range(8)), device) for device in ("numpy", "cpp_standalone")]
    assert all(np.array_equal(runs[0].states[name], runs[1].states[name]) for name in ("u", "v", "fired"))
    assert len(runs[0].step) > 10 and np.array_equal(runs[0].step, runs[1].step)


def single(**changes):
    """One compartment that an input of weight 100 x 64 reaches and that reaches itself, without decay of the membrane."""
    codes = {"vth": 100, "decay_v": 0, "decay_u": 4095, "bias_mantissa": 0, "bias_exponent": 0, "refractory": 1} | changes
    stimulus = np.array([[0], [1], [1], [0], [1], [1], [1], [0], [0]])
    matrices = {"weights_in": np.array([[100]]), "weights_rec": np.array([[-30]]), "exponents": np.array([0, 0]), "mixed": np.int64(1)}
    return {**{name: np.array([code]) for name, code in codes.items()}, **matrices, "stimulus": stimulus}


#: Cases that tell the mutants apart: a membrane at its threshold, signs of both kinds, refractoriness, numbers out of range.
CASES = [single(), single(refractory=3), single(bias_mantissa=-77, decay_v=300), loihi_case(30), loihi_case(31, extreme=True)]
MUTANTS = [
    ("fires at its threshold", "v > 64*vth", "v >= 64*vth"),
    ("rounds currents down", "u = towards_zero(u*(4095 - decay_u), 12)", "u = asr(u*(4095 - decay_u), 12)"),
    ("rounds membranes down", "v = towards_zero(v*(4096 - decay_v), 12)", "v = asr(v*(4096 - decay_v), 12)"),
    ("one code less of decay", "4095 - decay_u", "4096 - decay_u"),
    ("one code more of decay", "4096 - decay_v", "4095 - decay_v"),
    ("a step longer refractory", "fired*(n_ref - 1)", "fired*n_ref"),
    ("integrates while refractory", "*int(wait == 0)", ""),
    ("currents stop at their bounds", f"u = wrap(u, {neuron.CURRENT})", f"u = saturate(u, {neuron.CURRENT})"),
    ("arrivals are not limited", f"arrived = wrap(arrived, {neuron.ARRIVED})", "arrived = arrived"),
    ("membranes wrap round", f"v = bounded(v, {neuron.MEMBRANE})", f"v = wrap(v, {neuron.MEMBRANE})"),
    ("no reset", "v = v*(1 - fired)", "v = v"),
]


@pytest.mark.parametrize("name, old, new", MUTANTS, ids=[m[0] for m in MUTANTS])
def test_mutants_are_noticed(name, old, new, monkeypatch):
    assert neuron.STEP.count(old) == 1
    monkeypatch.setattr(emulator, "COMPARTMENT", replace(neuron.COMPARTMENT, step=neuron.STEP.replace(old, new)))
    assert any(differing(outputs(trace), expected(trace)) for trace in CASES)


def test_the_membrane_takes_the_current_of_its_own_step(monkeypatch):
    """The line of the current moved behind that of the membrane."""
    first, *lines = neuron.STEP.strip().split("\n")
    current = [line for line in lines if line.startswith("u = ") or "wrap(u" in line]
    membrane = next(k for k, line in enumerate(lines) if line.startswith("v = towards_zero"))
    rest = [line for line in lines[: membrane + 1] if line not in current]
    swapped = "\n".join(["", first, *rest, *current, *lines[membrane + 1 :], ""])
    monkeypatch.setattr(emulator, "COMPARTMENT", replace(neuron.COMPARTMENT, step=swapped))
    assert all(differing(outputs(trace), expected(trace)) for trace in CASES[:3])


def test_the_cases_of_the_mutants_are_equal_without_them():
    assert all(differing(outputs(trace), expected(trace)) == [] for trace in CASES)


# Decay of 2^21 by the code 410, and impulse responses of a current of 8192 to decays of 2047 (current) and 2048 (membrane under a current
# of decay 0): brian2-loihi and nengo-loihi.
DECAY_410 = [2097152, 1887232, 1698324, 1528325, 1375343, 1237674, 1113785, 1002297]
CURRENT_2047 = [8192, 4096, 2048, 1024, 512, 256, 128, 64]
MEMBRANE_2048 = [8192, 12286, 14331, 15351, 15859, 16111, 16235, 16295]


def response(weight, exponent, **codes):
    """Current and membrane after one input spike."""
    zero = np.zeros(1, np.int64)
    all_codes = {"vth": 131071, "decay_v": 0, "decay_u": 4095, "refractory": 1, **codes}
    group = SynapseGroup(True, (0, 1), (0, 1), np.array([[weight]]), exponent)
    constants = {name: zero + code for name, code in all_codes.items()}
    configuration = Configuration(1, **constants, bias_mantissa=zero, bias_exponent=zero, synapses=(group,))
    states = emulator.run(configuration, (np.arange(8) == 0).astype(int)[None, :, None], (0,), "numpy").states
    return states["u"][0, :, 0].tolist(), states["v"][0, :, 0].tolist()


def test_impulse_responses():
    assert response(128, 0, decay_u=2047)[0] == CURRENT_2047
    assert response(128, 0, decay_u=0, decay_v=2048)[1] == MEMBRANE_2048
    half, negative = response(128, 7, decay_v=410)[1], response(-128, 7, decay_v=410)[1]  # 2^20, less than what a step may bring
    assert half[1] == -negative[1] == 2**20 * (4096 - 410) // 4096
    assert [loihi_oracle.decayed(a, 410) for a in DECAY_410[:-1]] == DECAY_410[1:]


def test_weights_are_multiples_of_64():
    """Values of brian2-loihi: -167 in mixed sign mode with exponent -3 is -1344, 101 is 6400 mixed and 6464 otherwise."""
    values = weight_value(np.arange(-256, 256), exponent=-3)
    assert np.all(values % 64 == 0)
    assert weight_value(-167, -3) == -1344 and weight_value(101) == 6400 and weight_value(101, mixed=False) == 6464
    for exponent in range(-8, 8):
        for mixed in (True, False):
            wanted = [loihi_oracle.weight(m, exponent, mixed) for m in range(-256, 256)]
            assert weight_value(np.arange(-256, 256), exponent, mixed).tolist() == wanted


def test_samples_start_from_rest_and_spikes_wait():
    """A spike in the last step leaves nothing for the next sample; a wait of 3 steps brings it 3 steps later."""
    configuration, counts = given(single())
    waiting = replace(configuration, synapses=tuple(replace(g, wait=3) for g in configuration.synapses))
    alone = emulator.run(waiting, counts, (0,), "numpy").states["u"][0]
    three = emulator.run(waiting, np.repeat(counts, 3, axis=0), (0,), "numpy").states["u"]
    assert all(np.array_equal(each, alone) for each in three) and np.any(alone)
    assert alone[:, 0].tolist()[4:6] == [6400, 6400]  # the spikes of steps 1 and 2


def test_numbers_that_leave_their_range_are_said(caplog):
    outputs(loihi_case(31, extreme=True))
    assert "left their range" in caplog.text and "currents wrap round" in caplog.text


def test_replay_from_the_command_line(tmp_path, capsys):
    assert main(["replay", "loihi", str(GOLDEN[0])]) == 0
    trace = dict(np.load(GOLDEN[-1]))
    trace["out_v"] = trace["out_v"] + (np.arange(trace["out_v"].size) == 13).reshape(trace["out_v"].shape)
    np.savez(tmp_path / "wrong.npz", **trace)
    assert main(["replay", "loihi", str(tmp_path / "wrong.npz")]) == 1
    assert "first difference at step 1, compartment 5, v, expected" in capsys.readouterr().out
    with REPLAY.open() as run, pytest.raises(UserError, match="the Loihi trace lacks vth, stimulus; it needs"):
        run({name: values for name, values in trace.items() if name not in ("vth", "stimulus")})


WRONG = [
    (lambda c: c.with_codes(bias_mantissa=4096), "bias_mantissa of Loihi was given as 4096 at index"),
    (lambda c: c.with_codes(bias_exponent=8), "bias_exponent of Loihi was given as 8"),
    (lambda c: c.with_codes(decay_u=4096), "decay_u of Loihi was given as 4096"),
    (lambda c: c.with_codes(refractory=0), "refractory of Loihi was given as 0"),
    (lambda c: c.with_codes(vth=0.5), "vth of Loihi takes integers"),
    (lambda c: replace(c, vth=np.ones(3, int)), "decay_v of Loihi has shape"),
    (lambda c: replace(c, vth=np.zeros(131073, int)), "131073 compartments were given; Loihi has 131072"),
    (lambda c: replace(c, n_inputs=0), "Loihi was given 0 inputs"),
    (lambda c: replace(c, n_inputs=2), "joins .0, 5. with .0, 8.; there are 2 inputs and 8 compartments"),
    (lambda c: replace(c.synapses[0], weight=np.full((5, 8), 256)), "mantissa of Loihi was given as 256"),
    (lambda c: replace(c.synapses[0], weight=np.ones((2, 8), int)), r"weights of shape \(2, 8\); give \(5, 8\)"),
    (lambda c: replace(c.synapses[0], mixed=False), "not mixed holds both signs"),
    (lambda c: replace(c.synapses[0], exponent=8), "weight_exponent of Loihi was given as 8"),
    (lambda c: replace(c.synapses[0], wait=63), "delay of Loihi was given as 63"),
    (lambda c: replace(c.synapses[0], source=(3, 3)), "joins places"),
]


@pytest.mark.parametrize("make, words", WRONG, ids=[w[1][:24] for w in WRONG])
def test_wrong_configurations(make, words):
    with pytest.raises(UserError, match=words):
        make(given(loihi_case(1))[0])


def test_wrong_input_spikes():
    configuration, counts = given(loihi_case(1))
    for wrong, words in ((counts * 2, "the input spikes of Loihi"), (counts[:, :, :3], "shape"), (counts * 0.5, "whole numbers")):
        with pytest.raises(UserError, match=words):
            emulator.run(configuration, wrong)
