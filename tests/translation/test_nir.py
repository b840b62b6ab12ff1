"""NIR: round trips spike for spike, files of snnTorch and Norse, ours in both, and refusals by name."""

import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from translation_networks import recurrent, samples_of

from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork, step_factor
from brian2chip.errors import UserError
from brian2chip.translation.reference_simulator import float_run

nir = pytest.importorskip("nir", reason="the extra [nir] is not installed")
from brian2chip.translation.nir_read import from_nir  # noqa: E402
from brian2chip.translation.nir_write import to_nir  # noqa: E402


@pytest.mark.parametrize(
    "case", [{}, {"reset": "zero", "delay": 2}, {"tau_syn": 5e-3, "bias": np.linspace(0, 0.1, 12)}, {"fires": ">"}, {"refractory": 1}]
)
def test_round_trip_spike_for_spike(case, tmp_path):
    net, samples = recurrent(**case)
    to_nir(net, tmp_path / "net.nir")
    back = from_nir(tmp_path / "net.nir")
    a, b = float_run(net, samples, device="numpy"), float_run(back, samples, device="numpy")
    assert len(a.spikes["hidden"][0]) > 100
    assert all(np.array_equal(x, y) for x, y in zip(a.spikes["hidden"], b.spikes["hidden"]))
    np.testing.assert_allclose(a.readout["out"], b.readout["out"], atol=1e-10)
    assert back.dt == net.dt and {(c.source, c.target, c.delay_steps) for c in back.projections} == {
        (c.source, c.target, c.delay_steps) for c in net.projections
    }


def test_neurons_without_leak_round_trip(tmp_path):
    net, samples = recurrent()
    hidden = Population("hidden", "if", 12, {"v_threshold": 3.0, "reset": "subtract"})
    net = replace(net, populations=(net.populations[0], hidden, net.populations[2]))
    to_nir(net, tmp_path / "net.nir")
    a, b = float_run(net, samples, device="numpy"), float_run(from_nir(tmp_path / "net.nir"), samples, device="numpy")
    assert all(np.array_equal(x, y) for x, y in zip(a.spikes["hidden"], b.spikes["hidden"]))


def test_gains_come_back_in_the_weights():
    net, samples = recurrent(gain=0.7, reset="subtract_at_once")
    back = from_nir(to_nir(net))
    np.testing.assert_allclose(back.projections[0].weight, 0.7 * net.projections[0].weight, rtol=1e-12)
    a, b = float_run(net, samples, device="numpy"), float_run(back, samples, device="numpy")
    assert len(a.spikes["hidden"][0]) > 50
    assert all(np.array_equal(x, y) for x, y in zip(a.spikes["hidden"], b.spikes["hidden"]))


def graph(**nodes):
    names = ["input", *nodes, "output"]
    ends = {"input": nir.Input({"input": np.array([4])}), "output": nir.Output({"output": np.array([4])})}
    return nir.NIRGraph({**ends, **nodes}, list(zip(names, names[1:])), type_check=False)


def test_unsupported_nodes_are_named_together():
    with pytest.raises(UserError, match=r"a \(I\), b \(Threshold\)"):
        from_nir(graph(a=nir.I(np.ones(4)), b=nir.Threshold(np.ones(4))))


def test_what_nir_cannot_say_is_named():
    net, _ = recurrent(refractory=3)
    alif = Population("a", "alif", 3, {"tau_m": 0.02, "v_threshold": 1.0, "tau_a": 1.0, "beta": 0.1})
    net = replace(net, populations=(*net.populations, alif))
    with pytest.raises(UserError, match="'hidden' is refractory; 'a' is of kind 'alif'"):
        to_nir(net)
    current = Population("a", "if", 3, {"v_threshold": 1.0, "tau_syn": 5e-3})
    with pytest.raises(UserError, match="'a' is of kind 'if' with a synaptic current"):
        to_nir(SpikingNetwork((current,), (), 1e-3))


def test_short_constants_are_refused():
    lif = dict(r=np.ones(4), v_threshold=np.ones(4))
    linear = nir.Linear(np.ones((4, 4)))
    whole_step = from_nir(graph(w=linear, n=nir.LIF(tau=np.full(4, 1e-3), v_leak=np.zeros(4), **lif)))
    assert np.all(step_factor(whole_step.population("n"), whole_step.dt) < 1e-290)  # Euler's factor is 0
    with pytest.raises(UserError, match="shorter than the step"):
        from_nir(graph(w=linear, n=nir.LIF(tau=np.full(4, 1e-5), v_leak=np.zeros(4), **lif)))


def test_foreign_files(tmp_path):
    (tmp_path / "a.nir").write_text("no")
    with pytest.raises(UserError, match="not a readable NIR file"):
        from_nir(tmp_path / "a.nir")
    with pytest.raises(UserError, match="no NIR file"):
        from_nir(tmp_path / "b.nir")
    with pytest.raises(UserError, match="convention"):
        from_nir(tmp_path / "a.nir", convention="snntorc")


def torch_python():
    """Return a Python that has snnTorch and Norse: this one, or ``$BRIAN2CHIP_TORCH_PYTHON``."""
    if all(importlib.util.find_spec(name) for name in ("torch", "snntorch", "norse")):
        return sys.executable
    return os.environ.get("BRIAN2CHIP_TORCH_PYTHON")


def ours(kind, dt):
    """Return a network with the reset (to zero) and the comparison (>) that both peers have."""
    rng = np.random.default_rng(3)
    neuron = {"v_threshold": 1.0, "reset": "zero", "fires": ">"}
    taus = ({}, {}) if kind == "if" else ({"tau_m": 20 * dt}, {"tau_m": 10 * dt})
    bias = {"bias": np.linspace(0, 0.1, 12)} if kind == "bias" else {}
    kind = "if" if kind == "if" else "lif"
    hidden = Projection("input", "hidden", rng.normal(0.2, 0.3, (8, 12)), 0)
    return SpikingNetwork(
        (
            Population("input", "input", 8),
            Population("hidden", kind, 12, {**taus[0], **neuron, **bias}),
            Population("output", kind, 4, {**taus[1], **neuron}),
        ),
        (hidden, Projection("hidden", "output", rng.normal(0.2, 0.3, (12, 4)), 0)),
        dt,
    )


OURS = {f"ours_{kind}_{peer}": (kind, dt) for kind, peer, dt in (
    ("lif", "norse", 1e-3), ("lif", "snntorch", 1e-4), ("if", "norse", 1e-3), ("bias", "norse", 1e-3), ("bias", "snntorch", 1e-4),
)}  # fmt: skip


def ask_peers(python, folder):
    """Fill a folder with files of the peers, with ours, and with what the peers do with both."""
    np.save(folder / "input.npy", np.random.default_rng(0).random((100, 8)) < 0.3)
    for name, (kind, dt) in OURS.items():
        to_nir(ours(kind, dt), folder / f"{name}.nir")
    subprocess.run([python, str(Path(__file__).with_name("nir_peers.py")), str(folder)], check=True, capture_output=True)


@pytest.fixture(scope="module", params=["stored", "live"])
def peers(request, tmp_path_factory):
    """Return a folder of the peers' files and spikes: as stored (Norse 1.1.0, snnTorch 1.0.0, PyTorch 2.14.1), or made now."""
    if request.param == "stored":
        return Path(__file__).with_name("peers")
    python = torch_python()
    if python is None:
        pytest.skip("needs snntorch and norse here, or BRIAN2CHIP_TORCH_PYTHON naming a Python that has them")
    folder = tmp_path_factory.mktemp("peers")
    ask_peers(python, folder)
    return folder


def answer(net, folder):
    """Return what the last population does with the peers' input, [steps, neurons]: spikes, or the membranes of a readout."""
    x = np.load(folder / "input.npy")
    run = float_run(net, samples_of(x[None]), device="numpy")
    last = net.populations[-1]
    if last.kind == "li":
        return run.readout[last.name][0]
    z = np.zeros((len(x), last.size))
    z[run.spikes[last.name][1:]] = 1
    return z


@pytest.mark.parametrize("name", ["snntorch", "snntorch_recurrent", "norse", "norse_if"])
def test_files_of_others_run_with_the_same_spikes(peers, name):
    expected = np.load(peers / f"{name}.npy")
    assert 10 < expected.sum() < expected.size
    assert np.array_equal(answer(from_nir(peers / f"{name}.nir", convention=name.split("_")[0]), peers), expected)


@pytest.mark.parametrize("name", ["snntorch_head", "norse_head"])
def test_a_linear_head_is_a_readout_without_memory(peers, name):
    expected = np.load(peers / f"{name}.npy")
    net = from_nir(peers / f"{name}.nir", convention=name.split("_")[0])
    assert net.populations[-1].name == "output" and np.ptp(expected) > 1
    np.testing.assert_allclose(answer(net, peers), expected, atol=1e-6)  # theirs are single precision


@pytest.mark.parametrize("name", OURS)
def test_ours_runs_there_with_the_same_spikes(peers, name):
    expected = np.load(peers / f"{name}.npy")
    assert 10 < expected.sum() < expected.size
    assert np.array_equal(answer(ours(*OURS[name]), peers), expected)


def test_two_paths_between_one_pair_add_up_as_in_norse(peers):
    expected = np.load(peers / "norse_parallel.npy")
    net = from_nir(peers / "norse_parallel.nir")
    assert len(net.projections) == 2 and 10 < expected.sum() < expected.size
    assert np.array_equal(answer(net, peers), expected)
