"""Translation against what it promises: exact where the network is on the chip's grid, measured where not, refused in sentences."""

import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from translation_networks import integrators, recurrent, samples_of

from brian2chip.chips.codec import unpack
from brian2chip.chips.field import Field
from brian2chip.chips.odin.configuration import codes_of
from brian2chip.chips.odin_family.leak import leaks, period
from brian2chip.chips.quantised import quantised
from brian2chip.chips.scaling import natural_lsb
from brian2chip.chips.tinyodin.fields import NEURON as TINYODIN_NEURON
from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork, step_factor
from brian2chip.errors import UserError
from brian2chip.learning.train import Trained
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.translate import translate


def same(a, b, name):
    return all(np.array_equal(x, y) for x, y in zip(a.spikes[name], b.spikes[name]))


@pytest.mark.parametrize("chip, low", [("odin", 0), ("tinyodin", -8)])
def test_a_network_on_the_grid_runs_spike_for_spike(chip, low):
    net, samples = integrators(low=low)
    translation = translate(net, chip)
    assert np.array_equal(translation.realised.projections[0].weight, net.projections[0].weight)
    run, float_ = translation.emulate(samples), float_run(net, samples, device="numpy")
    assert len(run.spikes["out"][0]) > 20
    assert same(run, float_, "out")
    assert np.all(run.cycles > 0)


def test_signs_of_odin_after_the_split():
    net, samples = integrators(low=-4, high=5)
    refused = translate(net, "odin").refusals
    assert len(refused) == 1 and "split_signs" in refused[0]
    translation = translate(net, "odin", split_signs=True)
    assert np.array_equal(translation.realised.projections[0].weight, net.projections[0].weight)
    assert translation.configuration.chip.syn_sign.sum() > 0 and len(translation.channels) > 20
    assert len(translation.emulate(samples).spikes["out"][0]) > 0


def on_reckon(seed=0):
    """Return a network without leak on a dyadic grid: floor and rounding of the chip cannot act on it."""
    rng = np.random.default_rng(seed)
    hidden = Population("hidden", "if", 10, {"v_threshold": 8.0, "reset": "subtract"})
    net = SpikingNetwork(
        (Population("input", "input", 6), hidden, Population("out", "li", 2, {"tau_m": 20e-3})),
        (
            Projection("input", "hidden", rng.integers(-3, 6, (6, 10)).astype(float), 0),
            Projection("hidden", "hidden", rng.integers(-3, 3, (10, 10)).astype(float), 1),
            Projection("hidden", "out", rng.integers(-100, 100, (10, 2)).astype(float), 0),
        ),
        1e-3,
    )
    return net, samples_of(rng.random((3, 80, 6)) < 0.3)


def test_reckon_without_leak_runs_spike_for_spike_and_in_step():
    net, samples = on_reckon()
    translation = translate(net, "reckon", calibration=samples)
    run, float_ = translation.emulate(samples), float_run(net, samples, device="numpy")
    assert len(run.spikes["hidden"][0]) > 100
    assert same(run, float_, "hidden")
    # The readout leaks by KAPPA, 7 bits, and floors: near the float one and in step with it.
    kappa = float_run(translation.realised, samples, device="numpy").readout["out"]
    scale = translation.configuration.readout_scale
    assert np.abs(run.readout["out"] - kappa).max() < 30 * scale
    assert run.label.shape == (3,) and np.all(run.cycles > 80 * 10)


def test_the_network_is_not_changed():
    net, samples = recurrent()
    before = copy.deepcopy(net)
    translate(net, "reckon", calibration=samples)
    for a, b in zip(net.projections, before.projections):
        assert np.array_equal(a.weight, b.weight)
    assert [p.parameters for p in net.populations] == [p.parameters for p in before.populations]


def test_realised_values_are_codes_times_scale_within_half_a_code():
    net, samples = recurrent()
    translation = translate(net, "reckon", calibration=samples)
    for one in translation.parameters:
        if one.parameter == "weight":
            inside = ~one.clipped
            lsb = np.median(one.realised[one.code != 0] / one.code[one.code != 0])
            assert np.abs(one.absolute_error[inside]).max() <= 0.5 * lsb * (1 + 1e-9)
    table = translation.table()
    assert set(table.parameter) == {"weight", "v_threshold", "tau_m"} and (table.rms_error >= 0).all()


def test_what_train_returns_is_translated_as_its_network():
    net, _ = integrators(low=-8)
    trained = Trained(net, pd.DataFrame(), 0.0, 0.0, {})
    assert translate(trained, "loihi").network is net
    assert np.array_equal(translate(trained, "loihi").parameters[0].code, translate(net, "loihi").parameters[0].code)
    with pytest.raises(UserError, match="translate was given dict; give a SpikingNetwork"):
        translate({}, "loihi")


def test_pairs_of_hidden_neurons_come_back_as_the_neurons_of_the_network():
    """Recurrent neurons of both signs: each is two on the chip, and the spikes of the second are those of the first."""
    rng = np.random.default_rng(3)
    x = samples_of(rng.random((2, 40, 6)) < 0.3)
    hidden = Population("hidden", "if", 5, {"v_threshold": 1.0, "reset": "zero"})
    projections = (
        Projection("input", "hidden", rng.integers(0, 8, (6, 5)) / 8),
        Projection("hidden", "hidden", rng.normal(0, 0.2, (5, 5)), 1),
    )
    net = SpikingNetwork((Population("input", "input", 6), hidden), projections, 1e-3)
    translation = translate(net, "odin", split_signs=True).checked()
    (first, end) = translation.configuration.neurons["hidden"]
    assert end - first > 5 and np.array_equal(translation.channels, np.arange(6))
    found = translation.evaluate(x, device="numpy")
    assert found.runs["chip"].spikes["hidden"][2].max() == 4 and len(found.spikes) == 1


def test_all_refusals_at_once():
    net, _ = recurrent("zero", refractory=4, delay=3)
    filtered = [p if p.kind == "input" else replace(p, parameters={**p.parameters, "tau_syn": 5e-3}) for p in net.populations]
    net = replace(net, populations=tuple(filtered))
    wide = SpikingNetwork(
        (Population("input", "input", 300), Population("h", "alif", 300, {"tau_m": 0.02, "v_threshold": 1.0, "tau_a": 1.0, "beta": 0.1})),
        (Projection("input", "h", np.ones((300, 300)), 2),),
        1e-3,
    )
    assert len(translate(net, "xylo_audio3").refusals) >= 4  # reset, refractoriness, delay, readout
    sentences = translate(wide, "odin").refusals
    assert len(sentences) >= 3 and all(s.endswith((".", "all.")) for s in sentences)
    with pytest.raises(UserError) as error:
        translate(wide, "odin").checked()
    assert all(s in str(error.value) for s in sentences)


@pytest.mark.parametrize("chip", ["spoon", "spinnaker2"])
def test_chips_known_by_their_abstract_are_described_only(chip):
    assert "abstract" in translate(integrators()[0], chip).refusals[0]


def test_chips_without_emulator_say_so():
    net, samples = integrators(low=-8)
    with pytest.raises(UserError, match="no emulator"):
        translate(net, "speck2f").emulate(samples)


@pytest.mark.parametrize("chip", ["loihi", "brainscales2", "dynapse2"])
def test_describe_and_quantise(chip):
    net, _ = integrators(low=-4, high=5)
    translation = translate(net, chip, split_signs=True)
    assert not translation.refusals or chip == "dynapse2"  # dynapse2 has no neurons without leak
    for one in translation.parameters:
        assert one.low <= one.code.min() and one.code.max() <= one.high


def test_bad_input():
    net, samples = recurrent()
    silent = Samples(*(np.zeros(0, int),) * 3, 2, 5, 8, np.ones(5, bool), label=np.zeros(2, int))
    with pytest.raises(UserError, match="no input spikes"):
        translate(net, "reckon", calibration=silent)
    with pytest.raises(UserError, match="rounding"):
        translate(net, "reckon", rounding="up")
    with pytest.raises(UserError, match="no chip 'odinn'"):
        translate(net, "odinn")


def test_rounding_modes():
    f = Field("w", 8, signed=True)
    values = np.full(4000, 0.3)
    floor, stochastic = replace(f, rounding="floor"), replace(f, rounding="stochastic")
    assert np.all(quantised("weight", "a", floor, values).code == 0)
    assert np.all(quantised("weight", "a", floor, -values).code == -1)
    assert np.all(quantised("weight", "a", f, values).code == 0)
    drawn = quantised("weight", "a", stochastic, values, rng=np.random.default_rng(0)).code
    assert set(drawn) == {0, 1} and abs(drawn.mean() - 0.3) < 0.03


def test_clipped_zeroed_and_used_range():
    one = quantised("weight", "a", Field("w", 4, signed=True), np.array([0.0, 0.2, -20.0, 7.4, 7.6]))
    assert one.code.tolist() == [0, 0, -8, 7, 7]
    assert one.clipped.tolist() == [False, False, True, False, True]
    assert one.zeroed.tolist() == [False, True, False, False, False]
    assert one.used == 1.0


def test_natural_step():
    f = Field("w", 4, signed=True)
    assert natural_lsb(np.array([-0.8, 0.3, 0.1]), f, False) == pytest.approx(0.1)
    assert natural_lsb(np.array([-0.9, 0.3, 0.1]), f, False) == pytest.approx(0.9 / 7)  # -9 is not a code


def test_linear_leak_is_the_least_squares_one():
    chip, v = get("chip", "tinyodin"), np.random.default_rng(0).uniform(0, 40, 5000)
    net = SpikingNetwork(
        (Population("input", "input", 1), Population("out", "lif", 1, {"tau_m": 20e-3, "v_threshold": 50.0, "reset": "zero"})),
        (Projection("input", "out", np.ones((1, 1))),),
        1e-3,
    )
    lost = (1 - step_factor(net.populations[1], 1e-3)) * v
    grid = np.linspace(0, 2, 2001)
    best = grid[np.argmin([np.sum((lost - c) ** 2) for c in grid])]

    visited = {"out": {"v_mean": np.array([v.mean()])}}
    parameters, codes, steps = leaks(net, chip, {"out": (0, 1)}, {"out": 1.0}, visited, np.random.default_rng(0))
    assert codes[0] / steps == pytest.approx(best, rel=0.11)
    assert parameters[0].exact[0] / steps == pytest.approx(best, abs=1e-3)


def test_period_resolves_small_leaks():
    assert period(np.array([3.0]), 127) == 1
    assert period(np.array([0.25]), 127) == 4


def test_decision_and_behaviour():
    net, samples = integrators(low=-8)
    found = translate(net, "tinyodin", test=samples, device="numpy").behaviour
    assert found.agreement == 1.0 and found.spikes.same_samples[0] == 3 and found.spikes.van_rossum_20ms[0] == 0
    assert np.array_equal(decisions(net, found.runs["chip"], samples.mask), found.decisions["float"])
    assert found.operations == pytest.approx((samples.i.size * 4 - np.sum(net.projections[0].weight[samples.i] == 0)) / 3)


def leaky(low, seed=0):
    """Return leaky neurons whose linear leak is a whole number of weight steps, and one input spike a step at most."""
    net, samples = integrators(seed, low=low)
    out = Population("out", "lif", 4, {"tau_m": 30e-3, "v_threshold": 5.0, "reset": "zero"})
    return SpikingNetwork((net.populations[0], out), net.projections, net.dt), samples


@pytest.mark.parametrize("chip, low", [("odin", 0), ("tinyodin", -8)])
def test_leaky_neurons_against_a_loop_in_integers(chip, low):
    net, samples = leaky(low)
    translation = translate(net, chip, calibration=samples)
    placed, x = translation.configuration, samples.dense()
    codes = codes_of(placed.chip.words) if chip == "odin" else unpack(TINYODIN_NEURON, placed.chip.words)
    leak, threshold = (codes[k][:4].astype(int) for k in ("leak_str" if chip == "odin" else "leak", "thr"))
    weight = next(one.code for one in translation.parameters if one.parameter == "weight")
    found = []
    for n in range(len(x)):
        v = np.zeros(4, int)
        for t in range(x.shape[1]):
            if t and t % placed.period == 0:  # the time reference comes before the spikes of its step
                v = np.sign(v) * np.maximum(np.abs(v) - leak, 0)
            for i in np.flatnonzero(x[n, t]):
                v = v + weight[i]
                v = np.maximum(v, 0) if chip == "odin" else v
                fired = np.flatnonzero(v >= threshold)
                found += [(n, t, k) for k in fired]
                v[fired] = 0
    run = translation.emulate(samples)
    assert len(found) > 10 and list(zip(*(a.tolist() for a in run.spikes["out"]))) == found


def test_reckon_sorts_neurons_into_pairs():
    net, samples = on_reckon()
    threshold = np.array([8.0, 16.0] * 5)
    hidden = Population("hidden", "if", 10, {"v_threshold": threshold, "reset": "subtract"})
    net = SpikingNetwork((net.populations[0], hidden, net.populations[2]), net.projections, net.dt)
    translation = translate(net, "reckon", calibration=samples)
    # Five of each: four pairs agree and one pair shares the mean.
    assert any("2 neurons share" in note for note in translation.notes)
    shared = next(one for one in translation.parameters if one.parameter == "v_threshold").realised
    assert sorted(shared.tolist()) == [8.0] * 4 + [12.0] * 2 + [16.0] * 4
    run, float_ = translation.emulate(samples), float_run(translation.realised, samples, device="numpy")
    assert same(run, float_, "hidden") and len(run.spikes["hidden"][0]) > 50


def test_notes_tell_what_the_chip_does_otherwise():
    inhibited, samples = integrators(low=-4, high=5)
    notes = translate(inhibited, "odin", split_signs=True, calibration=samples).notes
    assert any("goes below 0" in note for note in notes) and any("one after the other" in note for note in notes)
    excited, samples = integrators()
    assert not any("goes below 0" in note for note in translate(excited, "odin", calibration=samples).notes)
    signed, samples = integrators(low=-4, high=5)
    weight = np.abs(signed.projections[0].weight)
    weight[0] = -1.0  # inhibition by a channel that is silent: the membranes never go down
    silent = samples.dense()
    silent[:, :, 0] = False
    quiet = replace(signed, projections=(replace(signed.projections[0], weight=weight),))
    assert not any("goes below 0" in note for note in translate(quiet, "odin", calibration=samples_of(silent)).notes)
    inhibited, samples = integrators(low=-8)  # tinyODIN's membranes are signed
    assert not any("goes below 0" in note for note in translate(inhibited, "tinyodin", calibration=samples).notes)
    slow, samples = leaky(0)
    assert any("once in" in note for note in translate(slow, "odin", calibration=samples).notes)
