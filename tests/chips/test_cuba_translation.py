"""Recurrent CubaLIF networks with bias on Loihi and Xylo: spikes float against emulator, arrivals, folders, what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from brian2chip.chips import codec
from brian2chip.chips.cuba_family.arrival import latencies, waits
from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation import folder
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.translate import translate


def samples_of(counts):
    """Samples of bool [samples, steps, channels]."""
    n, steps, channels = counts.shape
    return Samples(*np.nonzero(counts), n, steps, channels, np.ones(steps, bool), label=np.zeros(n, int))


def stimulus(seed, n=2, steps=100, n_in=12):
    return samples_of(np.random.default_rng(seed).random((n, steps, n_in)) < 0.05)


def braille(reset, alpha, beta, hidden=38, bias=0.0, seed=1, n_in=12):
    """A network of the shape of the published Braille readers: 12 inputs, 38 recurrent CubaLIF neurons, 7 outputs, steps of 0.1 ms.

    ``alpha`` and ``beta`` are what a step leaves of currents and membranes.
    """
    rng, dt = np.random.default_rng(seed), 1e-4
    common = {"tau_m": -dt / np.log(beta), "tau_syn": -dt / np.log(alpha), "v_threshold": 1.0, "reset": reset}
    biased = {"bias": bias * rng.normal(size=hidden)} if bias else {}
    populations = (
        Population("input", "input", n_in),
        Population("rec", "lif", hidden, {**common, **biased}),
        Population("out", "lif", 7, common),
    )
    projections = (
        Projection("input", "rec", rng.normal(0.1, 0.2, (n_in, hidden))),
        Projection("rec", "rec", rng.normal(-0.02, 0.05, (hidden, hidden)), 1),
        Projection("rec", "out", rng.normal(0.05, 0.1, (hidden, 7))),
    )
    return SpikingNetwork(populations, projections, dt)


def table(run, name, network):
    """Spikes as bool [samples, steps, neurons]."""
    found = np.zeros((run.n_samples, run.n_steps, network.population(name).size), bool)
    found[run.spikes[name]] = True
    return found


def correlation(network, one, other, name):
    """Correlation of spike counts in bins of five steps."""
    counts = [table(run, name, network).reshape(run.n_samples, -1, 5, network.population(name).size).sum(axis=2) for run in (one, other)]
    return np.corrcoef(counts[0].ravel(), counts[1].ravel())[0, 1]


CASES = [
    ("loihi", "zero", 0.55, 0.9, 0.01),
    ("xylo_audio2", "subtract_at_once", 0.75, 0.875, 0.0),
    ("xylo_imu", "subtract_at_once", 0.5, 0.75, 0.02),
]


@pytest.mark.parametrize("chip, reset, alpha, beta, bias", CASES, ids=[c[0] for c in CASES])
def test_a_recurrent_network_does_the_same_on_the_chip(chip, reset, alpha, beta, bias):
    network, x = braille(reset, alpha, beta, bias=bias), stimulus(2)
    translation = translate(network, chip, calibration=stimulus(3)).checked()
    weights = [one for one in translation.parameters if one.parameter == "weight"]
    rms = [np.sqrt(np.mean(one.absolute_error**2) / np.mean(one.requested**2)) for one in weights]
    assert len(weights) == 3 and max(rms) < 0.02
    assert max(one.clipped.mean() for one in translation.parameters) < 0.01
    before, after = float_run(network, x, device="numpy"), translation.emulate(x)
    for name in ("rec", "out"):
        a, b = len(before.spikes[name][0]), len(after.spikes[name][0])
        assert a > 20 and abs(a - b) < 0.2 * a, (name, a, b)
        assert correlation(network, before, after, name) > 0.8


def test_numbers_that_loihi_holds_are_exact():
    """Decays, weights, thresholds and biases on the grid: every spike in float is a spike on the chip, in its step."""
    dt, rng = 1e-3, np.random.default_rng(4)
    tau = lambda left: -dt / np.log(left)  # noqa: E731
    own = {"tau_m": tau(0.5), "tau_syn": tau(0.5), "v_threshold": 1000.5, "reset": "zero", "fires": ">", "refractory": 1e-3}
    populations = (Population("input", "input", 6), Population("rec", "lif", 5, own), Population("out", "lif", 3, own))
    projections = (
        Projection("input", "rec", rng.integers(-100, 128, (6, 5)) * 8.0),
        Projection("rec", "rec", rng.integers(-60, 60, (5, 5)) * 8.0, 3),
        Projection("rec", "out", rng.integers(-20, 128, (5, 3)) * 8.0),
    )
    network = SpikingNetwork(populations, projections, dt)
    x = samples_of(rng.random((3, 60, 6)) < 0.4)
    translation = translate(network, "loihi").checked()
    assert all(np.allclose(one.absolute_error, 0) for one in translation.parameters if one.parameter in ("weight", "tau_m", "tau_syn"))
    before, after = float_run(network, x, device="numpy"), translation.emulate(x)
    for name in ("rec", "out"):
        a, b = table(before, name, network), table(after, name, network)
        assert a.sum() > 50 and np.count_nonzero(a != b) <= 0.02 * a.sum(), (name, a.sum(), np.count_nonzero(a != b))


@pytest.mark.parametrize("chip, reset", [("loihi", "zero"), ("xylo_imu", "subtract_at_once")])
def test_the_chip_is_the_realised_network(chip, reset):
    """What is placed comes back as the realised network: the same codes when it is placed again."""
    network = braille(reset, 0.5, 0.875, bias=0.02)
    first = translate(network, chip).checked()
    again = translate(first.realised, chip).checked()
    assert np.allclose(first.realised.population("rec").parameters["bias"], network.population("rec").parameters["bias"], atol=2e-3)
    for one, other in zip(first.parameters, again.parameters):
        assert np.allclose(one.realised, other.realised, atol=0.02 * np.abs(one.realised).max()), one.parameter


def test_the_bias_reaches_the_membrane_as_through_the_current():
    """A bias of b before a current that keeps 0.75 adds 4 b to the membrane; without a current it adds b."""
    for tau_syn, times in ((-1e-3 / np.log(0.75), 4), (None, 1)):
        own = {"tau_m": 20e-3, "v_threshold": 1.0, "reset": "zero", "bias": 0.01} | ({"tau_syn": tau_syn} if tau_syn else {})
        network = SpikingNetwork(
            (Population("input", "input", 1), Population("rec", "lif", 1, own)), (Projection("input", "rec", np.ones((1, 1))),), 1e-3
        )
        translation = translate(network, "loihi").checked()
        c, scale = translation.configuration.chip, translation.configuration.scale["rec"]
        assert (c.bias_mantissa[0] << c.bias_exponent[0]) * scale == pytest.approx(0.01 * times, rel=1e-2)
        assert ("settled" in " ".join(translation.notes)) == (tau_syn is not None)


def chain(*delays, loop=None):
    """input -> a -> b -> ..., with these delays, and a projection back from the last to the first."""
    names = "abcdef"[: len(delays)]
    own = {"tau_m": 5e-3, "tau_syn": 2e-3, "v_threshold": 1.0, "reset": "zero"}
    populations = [Population("input", "input", 2), *(Population(name, "lif", 2, own) for name in names)]
    ends = zip(["input", *names], names)
    projections = [Projection(s, t, np.full((2, 2), 0.9), d) for (s, t), d in zip(ends, delays)]
    if loop is not None:
        projections.append(Projection(names[-1], names[0], np.full((2, 2), -0.2), loop))
    return SpikingNetwork(tuple(populations), tuple(projections), 1e-3)


def test_when_populations_act():
    """A neuron's spike takes a step on the chip: with delays of 0 each population of a chain is a step later, with 1 none is."""
    assert latencies(chain(0, 0, 0)) == {"input": 0, "a": 0, "b": 1, "c": 2} and waits(chain(0, 0, 0), latencies(chain(0, 0, 0))) == [
        0,
        0,
        0,
    ]
    assert latencies(chain(0, 1, 1)) == {"input": 0, "a": 0, "b": 0, "c": 0}
    assert latencies(chain(2, 1)) == {"input": 0, "a": -2, "b": -2}  # nothing must wait
    looped = chain(0, 0, loop=1)
    assert waits(looped, latencies(looped)) == [0, 0, -1]  # comes a step too late
    assert waits(chain(0, 1, loop=3), latencies(chain(0, 1, loop=3))) == [0, 0, 2]


@pytest.mark.parametrize("network", [chain(0, 0, 0), chain(0, 1, loop=3), chain(2, 0, loop=4)], ids=["forward", "loop", "late input"])
def test_spikes_come_in_the_steps_of_the_network(network):
    x = samples_of(np.random.default_rng(5).random((2, 50, 2)) < 0.3)
    translation = translate(network, "loihi").checked()
    before, after = float_run(network, x, device="numpy"), translation.emulate(x)
    assert not any("act" in note and "step" in note for note in translation.notes)
    for p in network.populations[1:]:
        a, b = table(before, p.name, network), table(after, p.name, network)
        assert a.sum() > 10 and np.count_nonzero(a != b) <= 0.1 * a.sum(), p.name


def test_what_comes_too_late_is_said():
    notes = translate(chain(0, 0, loop=1), "loihi").checked().notes
    assert "spikes 'b' -> 'a' act 1 step(s) later on loihi than in the network." in notes
    network = chain(0, 0)
    both = replace(network, projections=(*network.projections, Projection("input", "b", np.ones((2, 2)))))
    both = replace(
        both,
        populations=tuple(
            replace(p, parameters={**p.parameters, "reset": "subtract_at_once"} if p.parameters else {}) for p in both.populations
        ),
    )
    assert "spikes 'input' -> 'b' act 1 step(s) earlier on xylo_imu than in the network." in translate(both, "xylo_imu").checked().notes


def test_a_readout_is_its_membrane():
    """A leaky readout on Loihi: a compartment that never fires."""
    network = braille("zero", 0.5, 0.9)
    out = Population("out", "li", 7, {"tau_m": 2e-3, "tau_syn": 0.2e-3})
    network = replace(network, populations=(*network.populations[:2], out))
    x = stimulus(6)
    translation = translate(network, "loihi", calibration=x).checked()
    before, after = float_run(network, x, device="numpy").readout["out"], translation.emulate(x).readout["out"]
    assert before.shape == after.shape and np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.9
    assert "out" not in translation.emulate(x).spikes


@pytest.mark.parametrize("chip, reset", [("loihi", "zero"), ("xylo_audio3", "subtract")])
def test_folders_come_back(chip, reset, tmp_path):
    network, x = braille(reset, 0.5, 0.875, bias=0.02), stimulus(7, steps=40)
    translation = translate(network, chip).checked()
    translation.write(tmp_path / "out", x)
    stored = folder.load(tmp_path / "out")
    before, after = translation.emulate(x), stored.emulate(x)
    assert all(np.array_equal(a, b) for name in ("rec", "out") for a, b in zip(before.spikes[name], after.spikes[name]))
    configuration, given = get("chip", chip).backend.read(tmp_path / "out" / "chip")
    assert given["n_steps"] == 41 and np.array_equal(given["input"], x.i) and np.array_equal(given["step"], x.t)
    wanted = translation.configuration.chip
    if chip == "loihi":
        assert all(np.array_equal(a.weight, b.weight) for a, b in zip(configuration.synapses, wanted.synapses))
        assert np.array_equal(configuration.bias_mantissa, wanted.bias_mantissa)
    else:
        assert np.array_equal(configuration.weights_rec, wanted.weights_rec) and configuration.weight_shift_out == wanted.weight_shift_out
        assert np.array_equal(configuration.hidden["bias"], wanted.hidden["bias"])
    name = chip.split("_")[0]
    (tmp_path / "out" / "chip" / f"{name}.npz").unlink()
    with pytest.raises(UserError, match=f"has no {name}.npz; a folder for"):
        get("chip", chip).backend.read(tmp_path / "out" / "chip")


def changed(network, name, kind="lif", **parameters):
    """A network with another kind and other parameters of one population; None leaves one out."""
    p = network.population(name)
    kept = {k: v for k, v in {**p.parameters, **parameters}.items() if v is not None}
    return replace(network, populations=tuple(replace(q, kind=kind, parameters=kept) if q is p else q for q in network.populations))


ZERO, SUBTRACT = braille("zero", 0.5, 0.875), braille("subtract_at_once", 0.5, 0.875)
REFUSED = [
    ("loihi", SUBTRACT, "'rec' resets by 'subtract_at_once', loihi by 'zero'"),
    ("xylo_imu", ZERO, "'rec' resets by 'zero', xylo_imu by 'subtract_at_once' or 'subtract'"),
    ("loihi", changed(ZERO, "rec", "alif", tau_a=0.1, beta=0.1), "is of kind 'cuba-alif', loihi has cuba"),
    ("xylo_imu", changed(SUBTRACT, "rec", tau_syn=None), "is of kind 'lif', xylo_imu has cuba"),
    ("xylo_imu", changed(SUBTRACT, "out", "li", v_threshold=None, reset=None), "is of kind 'cuba-li', xylo_imu has cuba"),
    ("xylo_audio2", braille("subtract_at_once", 0.5, 0.875, hidden=70), "needs 70 synapses from one hidden neuron to hidden ones"),
    ("xylo_audio3", braille("subtract_at_once", 0.5, 0.875, hidden=130), "needs 130 hidden neurons that inputs reach, xylo_audio3 has 128"),
    ("xylo_imu", braille("subtract_at_once", 0.5, 0.875, n_in=17), "needs 17 input channels, xylo_imu has 16"),
    ("loihi", braille("zero", 0.5, 0.875, n_in=4090), "needs 4128 synapses onto one neuron, loihi has 4096"),
    ("loihi", changed(ZERO, "rec", refractory=65e-4), "refractory for 65 steps, loihi has at most 64"),
    ("reckon", ZERO, "is of kind 'cuba', reckon has lif"),
]  # fmt: skip


@pytest.mark.parametrize("chip, network, words", REFUSED, ids=[f"{r[0]} {r[2][:18]}" for r in REFUSED])
def test_refusals(chip, network, words):
    refusals = translate(network, chip).refusals
    assert any(words in sentence for sentence in refusals) and all(sentence.endswith(".") for sentence in refusals)


def test_a_bias_beyond_the_largest_is_said():
    """With a bias of 1,000 thresholds the scale is the bias's, and every weight that becomes nothing is counted."""
    translation = translate(changed(SUBTRACT, "rec", bias=1000.0), "xylo_imu").checked()
    one = next(p for p in translation.parameters if p.parameter == "bias")
    assert not one.clipped.any() and one.code.max() == get("chip", "xylo_imu").field("bias").maximum
    assert any("become zero" in text for text, _ in translation.problems())


def test_leak_laws_give_the_factors_of_the_chips():
    """Loihi: a code of 2047 leaves half of a current (2048 of 4096), of 2048 half of a membrane. Xylo: a shift of 3 leaves 7/8."""
    loihi, xylo = get("chip", "loihi"), get("chip", "xylo_imu")
    code = lambda chip, law, factor: int(codec.quantise(chip.field(law.field), law.value(factor)))  # noqa: E731
    assert (
        code(loihi, loihi.current_leak, 0.5) == 2047
        and code(loihi, loihi.leak, 0.5) == 2048
        and code(loihi, loihi.current_leak, 0.0) == 4095
    )
    assert code(xylo, xylo.leak, 0.875) == code(xylo, xylo.current_leak, 0.875) == 3
