"""Networks that are broken on purpose, one way each: the diagnosis names it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from translation_networks import samples_of

from brian2chip.chips.constraints import refusals
from brian2chip.cli import main
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.registry import get
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation import layer_numbers
from brian2chip.translation.diagnose import diagnose
from brian2chip.translation.spike_files import save_samples
from brian2chip.translation.translate import translate

RNG = np.random.default_rng(5)
#: One spike a step at most, so that no order matters where a test is not about it.
ONE = np.zeros((3, 60, 10), bool)
ONE[np.arange(3)[:, None], np.arange(60), RNG.integers(0, 10, (3, 60))] = True
CODES_A, CODES_B = RNG.integers(3, 8, (10, 6)), RNG.integers(3, 8, (6, 4))
CODES_A[0, 0] = CODES_B[0, 0] = 7


def network(a=1.0, b=1.0, kind="if", tau=20e-3, codes=CODES_A, thresholds=(14.0, 9.0)):
    """Return a 10-6-4 network whose weights are codes of 4 bits, times a and b."""

    def neurons(name, size, threshold):
        leak = {"tau_m": tau} if kind == "lif" else {}
        return Population(name, kind, size, {"v_threshold": threshold, "reset": "zero", **leak})

    populations = (Population("input", "input", 10), neurons("a", 6, thresholds[0]), neurons("b", 4, thresholds[1]))
    return SpikingNetwork(populations, (Projection("input", "a", a * codes), Projection("a", "b", b * CODES_B)), 1e-3)


def named(found):
    return [(f.layer, f.cause) for f in found.findings]


def diagnosed(net, x=ONE, chip="tinyodin", **how):
    return diagnose(net, samples_of(x), chip, device="numpy", **how)


def test_a_sound_network_has_none():
    for chip in (None, "brainscales2"):
        found = diagnosed(network(thresholds=(14.0, 30.0)), chip=chip)
        assert named(found) == [] and found.sentences()[0].startswith("No cause found")
    assert found.table["layer"].tolist() == ["a", "b"] and found.where == "its values in floating point"
    assert (found.table["silent"] == 0).all() and (found.table["drive"] > 1).all() and (found.table["weights_lost"] == 0).all()


def test_no_input():
    assert named(diagnosed(network(), 0 * ONE, None)) == [("a", "no input"), ("b", "no input")]
    some = ONE.copy()
    some[:, :, 2:] = False
    assert named(diagnosed(network(a=3.0), some, None))[0] == ("a", "no input")


def test_weak_and_strong_drive():
    found = diagnosed(network(kind="lif", a=0.02), chip=None)
    assert named(found) == [("a", "weak drive"), ("b", "no input")] and "Mend 'a' first" in found.sentences()[2]
    assert named(diagnosed(network(a=30.0, b=30.0), chip=None)) == [("a", "strong drive"), ("b", "strong drive")]


def test_weights_lost():
    """The weights onto one neuron of six set the scale of the others, which are a hundredth of them."""
    spread = CODES_A.astype(float)
    spread[:, 1:] /= 100.0
    found = diagnosed(network(codes=spread))
    assert ("a", "weights lost") in named(found) and found.table["weights_lost"][0] == pytest.approx(5 / 6)  # tinyODIN's 4 bits


def test_weights_clipped():
    """Thresholds so low that the scale which suits them ends below the weights."""
    found = diagnosed(network(a=50.0, thresholds=(1.0, 9.0)))
    assert ("a", "weights clipped") in named(found)


def test_a_leak_that_the_chip_has_not():
    """Xylo's leak shifts by whole bits: 1/(1 - exp(-1/tau)) is a power of two; 48 steps lie between 32 and 64."""
    net = SpikingNetwork(
        (Population("input", "input", 2), Population("a", "lif", 2, {"tau_m": 45e-3, "v_threshold": 9.0, "reset": "subtract"})),
        (Projection("input", "a", np.full((2, 2), 5.0)),),
        1e-3,
    )
    if refusals(net, get("chip", "xylo_audio2")):
        pytest.skip("Xylo's constraints refuse this network")
    x = RNG.random((2, 60, 2)) < 0.3
    assert named(diagnosed(net, x, "xylo_audio2")) == [("a", "leak")]
    assert diagnosed(net, x, "xylo_audio2").table["leak_error"][0] > 0.2


def test_order_of_the_spikes_of_a_step():
    """An inhibitory and an excitatory spike in each step cancel in the sum; one by one the excitatory one comes first and fires."""
    net = SpikingNetwork(
        (Population("input", "input", 2), Population("a", "if", 1, {"v_threshold": 5.0, "reset": "zero"})),
        (Projection("input", "a", np.array([[7.0], [-7.0]])),),
        1e-3,
    )
    x = np.ones((2, 20, 2), bool)
    found = diagnosed(net, x)
    assert ("a", "order") in named(found) and found.table["out_of_order"][0] == 1
    alternating = x.copy()
    alternating[:, ::2, 0] = alternating[:, 1::2, 1] = False
    assert "order" not in [cause for _, cause in named(diagnosed(net, alternating))]


def test_a_layer_behind_another_order_is_not_blamed():
    """Two neurons of a fire in every step, the third on the chip alone; then b gets 2 + 2 + 7 > 10 at once, where the network has 2 + 2."""
    net = SpikingNetwork(
        (
            Population("input", "input", 2),
            Population("a", "if", 3, {"v_threshold": 5.0, "reset": "zero"}),
            Population("b", "if", 1, {"v_threshold": 10.0, "reset": "zero"}),
        ),
        (Projection("input", "a", np.array([[7.0, 7, 7], [0, 0, -7]])), Projection("a", "b", np.array([[2.0], [2], [7]]))),
        1e-3,
    )
    found = diagnosed(net, np.ones((2, 20, 2), bool))
    assert [layer for layer, cause in named(found) if cause == "order"] == ["a"] and found.table["out_of_order"].tolist() == [1 / 3, 0]


def test_a_full_queue_is_said():
    """200 neurons fire at once, and the queue of tinyODIN has 128 places (chips/tinyodin/network.py)."""
    net = SpikingNetwork(
        (
            Population("input", "input", 1),
            Population("a", "if", 200, {"v_threshold": 7.0, "reset": "zero"}),
            Population("b", "if", 2, {"v_threshold": 700.0, "reset": "zero"}),
        ),
        (Projection("input", "a", np.full((1, 200), 7.0)), Projection("a", "b", np.full((200, 2), 7.0))),
        1e-3,
    )
    x = np.zeros((1, 8, 1), bool)
    x[0, ::4] = True
    found = diagnosed(net, x)
    queue = next(f for f in found.findings if f.cause == "queue")
    assert "lost" in queue.what and "128 waited at most" in queue.what


def test_a_network_that_does_not_fit_is_looked_at_as_it_is():
    found = diagnosed(network(kind="lif", a=0.02), chip="speck2f")
    assert named(found)[0] == ("all", "refused") and ("a", "weak drive") in named(found) and found.where == "no chip"


def test_of_a_folder_and_by_the_command(tmp_path, capsys):
    spread = CODES_A.astype(float)
    spread[:, 1:] /= 100.0
    net, samples = network(codes=spread), samples_of(ONE)
    translate(net, "tinyodin", calibration=samples).write(tmp_path / "chip")
    net.save(tmp_path / "n.npz")
    save_samples(samples, tmp_path / "x.npz")
    by_folder, by_network = diagnose(tmp_path / "chip", samples, device="numpy"), diagnosed(net)
    assert named(by_folder) == named(by_network) and by_folder.table.equals(by_network.table)
    assert "<table" in by_folder._repr_html_()
    given = ["--input", str(tmp_path / "x.npz"), "--device", "numpy"]
    assert main(["diagnose", str(tmp_path / "chip"), *given]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("tinyodin: the emulated chip") and "83%" in shown and "a: 83% of the weights onto it become 0." in shown
    assert main(["diagnose", str(tmp_path / "n.npz"), "--chip", "tinyodin", "--json", *given]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["layers"][0]["weights_lost"] == pytest.approx(5 / 6) and "weights lost" in {f["cause"] for f in document["findings"]}
    for how, sentence in (
        ([str(tmp_path / "chip"), "--chip", "odin"], "written for the chip 'tinyodin', not 'odin'"),
        ([str(tmp_path / "chip"), "--dt", "1ms"], "translated already; leave it out"),
        ([str(tmp_path / "none")], "no network file"),
    ):
        assert main(["diagnose", *how, *given]) == 2
        assert sentence in capsys.readouterr().err
    with pytest.raises(UserError, match="9 channels and the network 10 inputs"):
        diagnosed(net, ONE[:, :, 1:])


def test_the_chip_of_a_cut_network_does_not_hold_it():
    """The weights of one layer vanish beside its thresholds: the verdict does not say that the network is held."""
    net = network(b=1e-4)
    assert translate(net, "tinyodin").verdict().startswith("tinyodin cuts this network: no weight of a -> b survives; ")
    assert ("b", "weights lost") in named(diagnosed(net))


def test_spikes_that_do_not_fit_are_told_in_gibibytes(monkeypatch):
    net = network()
    samples = samples_of(ONE)
    run = NetworkRun({}, {}, {}, n_samples=3, n_steps=60)
    monkeypatch.setattr(layer_numbers, "LARGEST", 3 * 60 * 10)
    assert list(layer_numbers.spike_tables(net, run, samples)) == ["input"]  # as much as may be
    np.testing.assert_array_equal(layer_numbers.spike_tables(net, run, samples)["input"], ONE)
    with pytest.raises(UserError, match=r"the spikes of 'input' would take 5\.0 GiB"):
        layer_numbers.spike_tables(net, replace(run, n_samples=2**28, n_steps=2), samples)  # 2^29 steps of 10 inputs


def test_each_input_has_its_own_channels():
    """Two inputs of two and three channels: 0 and 1, and 2 to 4."""
    sizes = {"a": 2, "b": 3}
    net = SpikingNetwork(tuple(Population(name, "input", size) for name, size in sizes.items()), (), 1e-3)
    x = np.random.default_rng(1).random((2, 7, 5)) < 0.5
    found = layer_numbers.spike_tables(net, NetworkRun({}, {}, {}, n_samples=2, n_steps=7), samples_of(x))
    np.testing.assert_array_equal(found["a"], x[:, :, :2])
    np.testing.assert_array_equal(found["b"], x[:, :, 2:])
