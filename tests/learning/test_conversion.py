"""Soft-LIF networks trained and converted: gradients by differences, and spikes against a NumPy simulation, one for one."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.core import registry
from brian2chip.core.layered_config import Convolution, LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.soft_lif_config import SoftLif
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.conversion import convert as conversion
from brian2chip.learning.layered.program import DT, Program
from brian2chip.learning.layered.settings import spec_of, with_neurons, with_rule
from brian2chip.learning.layered.start import initial_state
from brian2chip.tasks.spoken_digits_counts import counted
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.reference_simulator import float_run

IMAGE = (1, 5, 7)  # odd, so that pooling leaves a row and a column out


def load(data=None):
    """Three classes of images of 8 levels."""
    rng = np.random.default_rng(1)
    every = StaticSamples(rng.integers(0, 9, (43, 35)) / 8, rng.integers(0, 3, 43))
    return {"train": every.take(np.arange(32)), "test": every.take(np.arange(32, 43))}


TASK = LayeredTask(
    name="levels",
    source="this test",
    kind="classification",
    n_in=35,
    n_out=3,
    load=load,
    image=IMAGE,
    network=LayeredConfig((6, 5)),
    training=LayeredTraining(rate=0.05, batch=8, epochs=6),
)
CONVOLUTION = Convolution(2, 3, padding=1, pooling="average")
HOW = {"device": "numpy", "seed": 3, "neurons": "soft_lif"}


@pytest.fixture(scope="module")
def trained():
    """A network whose layers all fire: its labels teach nothing, so its weights are drawn."""
    found, rng = bc.train(TASK, **HOW, epochs=1), np.random.default_rng(2)
    shapes = {f"w{k}": layer.weights for k, layer in enumerate(found.spec.layers)}
    drawn = {name: rng.normal(0.3, 1.5, shape) / np.sqrt(shape[1]) for name, shape in shapes.items()}
    drawn |= {f"b{k}": rng.normal(0.2, 0.5, layer.units) for k, layer in enumerate(found.spec.layers)}
    return replace(found, state={**found.state, **drawn})


@pytest.fixture(scope="module")
def convolved():
    return bc.train(TASK, **HOW, network={"convolution": CONVOLUTION, "hidden": (4,)}, epochs=2)


@pytest.mark.slow
def test_gradients_of_convolution_average_pooling_and_soft_lif_are_those_of_the_loss():
    task = replace(with_neurons(TASK, SoftLif(smoothing=0.3)), training=replace(TASK.training, rule="bp", batch=4))
    task = with_rule(replace(task, network=replace(task.network, convolution=CONVOLUTION, hidden=(4,))), "numpy")
    spec, train, order = spec_of(task), load()["train"], np.arange(4)[None, :]
    state, step = initial_state(spec, 5), 1e-6
    with session("numpy", dt=DT) as s:
        program = Program(s, spec)
        loss = lambda state: program.run(train, order, np.zeros(1, bool), state, 0.0).loss[0]  # noqa: E731
        gradient = program.run(train, order, np.zeros(1, bool), state, 0.0).gradient
        for name, shape in ((name, np.shape(state[name])) for name in ("w0", "b0", "w1", "b2")):
            for place in (tuple(n // 2 for n in shape), tuple(n - 1 for n in shape)):
                shifted = [dict(state), dict(state)]
                for sign, each in zip((1, -1), shifted):
                    each[name] = state[name].copy()
                    each[name][place] += sign * step
                expected = (loss(shifted[0]) - loss(shifted[1])) / (2 * step)
                assert gradient[name][place] == pytest.approx(expected, rel=1e-6, abs=1e-10), name


def filtered(spikes, tau, dt):
    """Spikes [steps, neurons] behind an alpha synapse, in Hz: a sum over kernels (n + 1) kept^n."""
    steps, kept = len(spikes), np.exp(-dt / tau)
    kernel = (np.arange(steps) + 1) * kept ** np.arange(steps) * (1 - kept) ** 2 / dt
    return np.stack([np.convolve(each, kernel)[:steps] for each in spikes.T], 1)


def lif(J, units, dt):
    """Spikes of hard LIF neurons by their events, for input J [steps, neurons] that is constant in each step."""
    fired = np.zeros(J.shape)
    for k in range(J.shape[1]):
        v, ready = 0.0, 0.0
        for t, j in enumerate(J[:, k]):
            begin, end = max(t * dt, ready), (t + 1) * dt
            if begin >= end:
                continue
            crossing = begin + units.tau_rc * np.log((j - v) / (j - 1)) if j > 1 else np.inf
            if crossing < end:
                fired[t, k], v, ready = 1, 0.0, crossing + units.tau_ref
            else:
                v = max(0.0, j + (v - j) * np.exp((begin - end) / units.tau_rc))
    return fired


def simulated(trained, x, steps, dt=1e-3):
    """Return the spikes [steps, neurons] of each hidden layer, and the readout [steps, outputs], for one sample."""
    units, w = trained.task.network.soft_lif, trained.state
    z, layers = np.tile(w["w0"] @ x + w["b0"], (steps, 1)), []
    for k in range(1, len(trained.spec.layers)):
        layers.append(lif(1 + units.gain * z, units, dt))
        bias = w[f"b{k}"] * np.ones((steps, 1))
        if k == len(trained.spec.layers) - 1:  # the readout's bias comes through the synapse
            bias = filtered(np.ones((steps, 1)), units.tau_syn, dt) * dt * w[f"b{k}"]
        z = filtered(layers[-1], units.tau_syn, dt) @ (units.amplitude * w[f"w{k}"]).T + bias
    return layers, z


def test_the_spiking_network_does_what_numpy_does_spike_for_spike(trained):
    converted, test, steps = bc.convert(trained), load()["test"], 120
    network, samples = converted.network(test), converted.samples(test, 30 * ms, steps * ms)
    run = float_run(network, samples, device="numpy")
    found = [np.zeros((len(test), steps, 6)), np.zeros((len(test), steps, 5))]
    for each, name in zip(found, ("hidden1", "hidden2")):
        each[run.spikes[name]] = 1
    assert found[1].sum() > 50
    evaluated = converted.evaluate(test, 0.03, 0.12, device="numpy")
    for k in range(len(test)):
        layers, readout = simulated(trained, test.x[k], steps)
        for one, other, counts in zip(layers, found, evaluated.counts):
            np.testing.assert_array_equal(other[k], one)
            np.testing.assert_array_equal(counts[k], one.sum(0))
        np.testing.assert_allclose(run.readout["out"][k], readout, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(evaluated.readout[k], readout[30:].mean(0), rtol=1e-9)
    np.testing.assert_array_equal(decisions(network, run, samples.mask), evaluated.readout.argmax(1))
    assert evaluated.error == np.mean(evaluated.readout.argmax(1) != test.label)
    assert evaluated.layers.rate_hz.tolist() == pytest.approx([c.mean() / 0.12 for c in evaluated.counts])


def test_a_long_reading_comes_to_the_rate_network(trained):
    """Units of one hidden layer have a constant input, so their counts are their rates, but for a spike at each end of the reading."""
    units, first, last = SoftLif(smoothing=1e-4), 0.2, 2.2  # hardly softened
    layers = (trained.spec.layers[0], trained.spec.layers[2]._replace(below=6, weights=(3, 6)))
    state = {"w0": trained.state["w0"], "b0": trained.state["b0"], "w1": trained.state["w2"] @ np.ones((5, 6)), "b1": trained.state["b2"]}
    config = replace(trained.task.network, hidden=(6,), soft_lif=units)
    one = replace(
        trained, task=replace(trained.task, network=config), spec=replace(trained.spec, layers=layers, soft_lif=units), state=state
    )
    test = load()["test"].take(np.arange(8))
    with session("numpy", dt=DT) as s:
        y = Program(s, one.spec).run(test, np.arange(8)[None, :], np.zeros(1, bool), state, 0.0).y[0]
    spiking = bc.convert(one).evaluate(test, first, last, device="numpy").readout
    allowed = units.amplitude * np.abs(state["w1"]).sum(1).max() / (last - first)
    assert np.abs(spiking - y).max() < allowed < 0.1 * np.ptp(y)


def test_a_convolution_is_the_same_as_a_matrix_and_as_it_is(convolved):
    converted, test = bc.convert(convolved), load()["test"]
    network, samples = converted.network(test), converted.samples(test)
    run = float_run(network, samples, device="numpy")
    evaluated = converted.evaluate(test, device="numpy")
    for name, counts in zip(("hidden1", "hidden2"), evaluated.counts):
        found = np.zeros(counts.shape)
        np.add.at(found, (run.spikes[name][0], run.spikes[name][2]), 1)
        np.testing.assert_array_equal(found, counts)
    np.testing.assert_allclose(run.readout["out"][:, samples.mask].mean(1), evaluated.readout, rtol=1e-9, atol=1e-12)
    filters, x = convolved.state["w0"].reshape(2, 3, 3), np.pad(test.x[0].reshape(5, 7), 1)  # the matrix, summed by hand
    z = [[[np.sum(f * x[r : r + 3, c : c + 3]) for c in range(7)] for r in range(5)] for f in filters]
    spikes = samples.take([0])
    found = network.weight("input", "hidden1")[spikes.i].sum(0)
    np.testing.assert_allclose(found, np.ravel(z), rtol=1e-12, atol=1e-12)
    assert evaluated.efficiency.flops == 2 * (9 * 70 + 12 * 4 + 4 * 3) + 70 + 4


@pytest.mark.slow
def test_the_compiled_programs_do_the_same(convolved, trained):
    for each in (convolved, trained):
        one, other = (bc.convert(each).evaluate(load()["test"], device=device) for device in ("numpy", "cpp_standalone"))
        np.testing.assert_allclose(one.readout, other.readout, rtol=1e-9)
        for a, b in zip(one.counts, other.counts):
            np.testing.assert_array_equal(a, b)
    for network in ({"convolution": CONVOLUTION, "hidden": (4,)}, {}):
        one, other = (bc.train(TASK, **{**HOW, "device": device}, network=network, epochs=2) for device in ("numpy", "cpp_standalone"))
        for name in ("w0", "b0", "w1", "b1"):
            np.testing.assert_allclose(one.state[name], other.state[name], rtol=1e-9, atol=1e-12)


def test_noise_is_drawn_while_learning_alone_and_anew_in_every_start(monkeypatch):
    noisy = {**HOW, "neurons": SoftLif(noise="gaussian")}
    one, same, clean = bc.train(TASK, **noisy), bc.train(TASK, **noisy), bc.train(TASK, **HOW)
    np.testing.assert_array_equal(one.state["w0"], same.state["w0"])
    assert not np.allclose(one.state["w0"], clean.state["w0"])
    still, calm = bc.train(TASK, **noisy, rate=0.0, epochs=2), bc.train(TASK, **HOW, rate=0.0, epochs=2)
    assert still.test_loss == pytest.approx(calm.test_loss, rel=1e-12)  # the held-out samples are answered without noise
    assert still.history.loss.nunique() == 2 and calm.history.loss.std() < 1e-12
    monkeypatch.setattr("brian2chip.learning.layered.train.PRESENTATIONS_A_START", 1)  # an epoch a start of the program
    starts = bc.train(TASK, **noisy, rate=0.0, epochs=3, batch=32)
    assert starts.history.loss.nunique() == 3


def test_the_rate_is_halved_after_epochs_however_many_run_at_once():
    whole = bc.train(TASK, **HOW, optimiser="gradient_descent", halve_after=2, epochs=3, rate=0.2)
    two = bc.train(TASK, **HOW, optimiser="gradient_descent", epochs=2, rate=0.2)
    quiet = bc.train(TASK, **HOW, optimiser="gradient_descent", epochs=3, rate=0.2)
    moved = [np.abs(each.state["b2"] - two.state["b2"]).max() for each in (whole, quiet)]
    assert moved[0] == pytest.approx(moved[1] / 2, rel=0.2)
    with pytest.raises(UserError, match="halve_after of a training was given as -1"):
        LayeredTraining(halve_after=-1)


def test_the_network_is_an_ordinary_one(trained, tmp_path):
    network = bc.convert(trained).network(load()["test"])
    again = SpikingNetwork.load(network.save(tmp_path / "n.npz"))
    assert [p.kind for p in again.populations] == ["input", "lif_exact", "lif_exact", "li"]
    np.testing.assert_array_equal(again.weight("hidden1", "hidden2"), network.weight("hidden1", "hidden2"))
    with pytest.raises(UserError, match="is of kind 'lif_exact', reckon has"):
        bc.translate(network, "reckon").checked()
    with pytest.raises(UserError, match="which PyTorch's modules do not"):
        network.state_dict()


def test_nir_says_what_it_has_not(trained):
    pytest.importorskip("nir")
    from brian2chip.translation.nir_write import to_nir

    with pytest.raises(UserError, match="'hidden1' is of kind 'lif_exact' with a synaptic current"):
        to_nir(bc.convert(trained).network(load()["test"]))


def test_what_cannot_be_converted_or_read_is_one_sentence(trained, monkeypatch):
    converted, test = bc.convert(trained), load()["test"]
    with pytest.raises(UserError, match="from 20 to 20 ms in steps of 1 ms, which leaves no step"):
        converted.evaluate(test, 20 * ms, 20 * ms)
    with pytest.raises(UserError, match="which are 200000 steps; at most 100000"):
        converted.evaluate(test, 0, 200.0)
    with pytest.raises(UserError, match="t_p was given as"):
        converted.evaluate(test, 0, -0.1)
    with pytest.raises(UserError, match="at least one"):
        converted.evaluate(test.take(np.arange(0)))
    with pytest.raises(UserError, match="no whole numbers over n"):
        converted.network(StaticSamples(np.full((1, 35), 1 / np.pi), np.zeros(1, int)))
    with pytest.raises(UserError, match="no whole numbers over 8, as those are"):
        converted.samples(StaticSamples(np.full((1, 35), 1 / 3), np.zeros(1, int)), like=test)
    with pytest.raises(UserError, match="takes inputs from 0 to 1"):
        converted.network(StaticSamples(np.full((1, 35), -0.5), np.zeros(1, int)))
    with pytest.raises(UserError, match="only 'soft_lif' with 'linear' is converted"):
        bc.convert(bc.train(TASK, device="numpy", rule="bp", epochs=1))
    with pytest.raises(UserError, match="spikes cannot be pooled by their maximum"):
        bc.convert(bc.train(TASK, **HOW, epochs=1, network={"convolution": Convolution(2, 3)}))
    with pytest.raises(UserError, match="give what train returned"):
        bc.convert("network.npz")
    monkeypatch.setattr("brian2chip.learning.conversion.network.LARGEST", 100)
    with pytest.raises(UserError, match="evaluate\\(\\) runs it"):
        converted.network(test)
    with pytest.raises(UserError, match="constants of soft-LIF units were given for units of the activation 'tanh'"):
        LayeredConfig(soft_lif=SoftLif(gain=2.0))
    with pytest.raises(UserError, match="pooling of a convolution called 'mean'"):
        Convolution(2, 3, pooling="mean")


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["train", "digits", "--neurons", "softlif"], "did you mean 'soft_lif'"),
        (["train", "digits", "--neurons", "soft_lif", "--rule", "eprop"], "'eprop' is a rule for recurrent networks"),
        (["train", "digits", "--neurons", "soft_lif", "--noise", "white"], "noise of soft-LIF units called 'white'"),
        (["train", "digits", "--neurons", "soft_lif", "--window", "60ms", "20ms"], "which leaves no step"),
        (["train", "digits", "--noise", "gaussian"], "--noise goes with --neurons soft_lif"),
        (["train", "store_recall", "--neurons", "soft_lif"], "--neurons is for layered networks"),
        (["train", "spoken_digits_counts", "--neurons", "soft_lif"], "reads recordings; give their directory"),
    ],
)
def test_wrong_options_are_one_sentence(arguments, sentence, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_the_command_trains_converts_and_writes_the_network(tmp_path, capsys):
    pytest.importorskip("sklearn")
    how = ["--hidden", "20", "--epochs", "1", "--device", "numpy", "--rate", "0.01", "--window", "10ms", "20ms", "--quiet"]
    assert main(["train", "digits", "--neurons", "soft_lif", "--noise", "gaussian", "--out", str(tmp_path), *how]) == 0
    said = capsys.readouterr().out
    assert "LIF neurons, read from 10 to 20 ms: held-out error" in said and (tmp_path / "spiking.npz").exists()


def test_spoken_digits_become_shares_of_spikes():
    spikes = np.zeros((2, 64, 128), bool)
    spikes[1, 8:16, 4:8] = True  # all of the second part in the second group
    x = counted(spikes).reshape(2, 8, 32)
    assert x[1, 1, 1] == 1 and x.sum() == 1
    assert registry.get("layered_task", "spoken_digits_counts").n_in == 256
    with pytest.raises(UserError, match="neurons are chosen for layered networks"):
        bc.train("store_recall", neurons="soft_lif")
    assert conversion.check_window(0.02, 0.06) == (20, 60)
