"""Weights to and from NumPy and state dicts: names, shapes and dynamics are kept; what cannot be said is one sentence."""

import numpy as np
import pytest
from brian2 import ms

from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation.reference_simulator import float_run

RNG = np.random.default_rng(5)
W = {"fc1.weight": RNG.normal(size=(4, 3)), "fc2.weight": RNG.normal(size=(2, 4))}


def snntorch(**changes):
    """A state dict of snnTorch 1.0: nn.Linear, RLeaky, nn.Linear, Leaky, with the buffers that its neurons register."""
    found = {
        "fc1.weight": W["fc1.weight"],
        "fc1.bias": np.array([0.0, 0.1, 0.0, -0.2]),
        "lif1.threshold": np.array(0.8),
        "lif1.graded_spikes_factor": np.array(1.0),
        "lif1.reset_mechanism_val": np.array(0),
        "lif1.beta": np.array(0.9),
        "lif1.recurrent.weight": RNG.normal(size=(4, 4)),
        "lif1.recurrent.bias": np.full(4, 0.1),
        "fc2.weight": W["fc2.weight"],
        "lif2.threshold": np.array(1.0),
        "lif2.graded_spikes_factor": np.array(1.0),
        "lif2.reset_mechanism_val": np.array(2),
        "lif2.beta": np.array(0.5),
    }
    return {name: value for name, value in (found | changes).items() if value is not None}


def run(given, x):
    """snnTorch's own lines (RLeaky._base_sub, Leaky without reset), written out."""
    beta, threshold = given["lif1.beta"], given["lif1.threshold"]
    mem, spk, out, spikes, ys = np.zeros(4), np.zeros(4), np.zeros(2), [], []
    for now in x:
        recurrent = given["lif1.recurrent.weight"] @ spk + given["lif1.recurrent.bias"]
        mem = beta * mem + given["fc1.weight"] @ now + given["fc1.bias"] + recurrent - spk * threshold
        spk = (mem > threshold).astype(float)
        out = given["lif2.beta"] * out + given["fc2.weight"] @ spk
        spikes.append(spk)
        ys.append(out)
    return np.array(spikes), np.array(ys)


def test_a_network_of_snntorch_runs_as_there():
    given, x = snntorch(), RNG.random((30, 3)) < 0.5
    network = SpikingNetwork.from_state_dict(given, dt=1 * ms)
    assert [(p.name, p.kind, p.size) for p in network.populations] == [("input", "input", 3), ("rec", "lif", 4), ("out", "li", 2)]
    found = float_run(network, Samples.from_dense(x[None], np.ones(30, bool), label=[0]), device="numpy")
    spikes, readout = run(given, x)
    raster = np.zeros((30, 4))
    raster[found.spikes["rec"][1], found.spikes["rec"][2]] = 1
    assert spikes.sum() > 10
    np.testing.assert_array_equal(raster, spikes)
    np.testing.assert_allclose(found.readout["out"][0], readout, atol=1e-12)


def test_there_and_back():
    given = snntorch(**{"lif1.recurrent.bias": None})
    back = SpikingNetwork.from_state_dict(given, dt=1e-3).state_dict()
    assert set(back) == set(given)
    for name, value in given.items():
        np.testing.assert_allclose(back[name], value, rtol=1e-12, err_msg=name)
    assert list(back)[0] == "fc1.weight"


class Tensor:
    """What a tensor of PyTorch with a gradient is: NumPy reads it when it is detached and on the CPU."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def detach(self):
        return self

    def cpu(self):
        return self.array


def test_norse_s_names_tensors_and_parameters_from_elsewhere():
    given = {"0.input_weights": Tensor(W["fc1.weight"]), "0.recurrent_weights": Tensor(np.eye(4)), "1.weight": Tensor(W["fc2.weight"])}
    network = SpikingNetwork.from_state_dict(given, dt=1e-3, neurons={"tau_m": 0.02, "v_threshold": 1.0}, readout={"tau_m": 0.01})
    assert network.population("rec").parameters == {"tau_m": 0.02, "v_threshold": 1.0}
    assert network.population("out").kind == "lif"  # the threshold is that of all layers
    np.testing.assert_array_equal(network.weight("rec", "out"), W["fc2.weight"].T)
    back = network.state_dict("norse")
    assert list(back) == ["1.input_weights", "1.recurrent_weights", "2.input_weights"]
    np.testing.assert_array_equal(back["1.input_weights"], W["fc1.weight"])


def test_files(tmp_path):
    np.savez(tmp_path / "net.npz", **W)
    how = {"dt": 1e-3, "neurons": {"v_threshold": 1.0}}
    network = SpikingNetwork.from_state_dict(tmp_path / "net.npz", **how)
    assert network.population("rec").kind == "if" and network.population("out").kind == "li"
    deep = {**W, "fc3.weight": np.ones((5, 2))}
    assert [p.name for p in SpikingNetwork.from_state_dict(deep, **how).populations] == ["input", "hidden1", "hidden2", "out"]
    for name, words in (("net.pt", "weights_only=True"), ("nothing.npz", "there is no weight file")):
        with pytest.raises(UserError, match=words):
            SpikingNetwork.from_state_dict(tmp_path / name, **how)
    numpy = pytest.importorskip("safetensors.numpy")
    numpy.save_file(W, tmp_path / "net.safetensors")
    np.testing.assert_array_equal(
        SpikingNetwork.from_state_dict(tmp_path / "net.safetensors", **how).weight("input", "rec"), W["fc1.weight"].T
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([1, 2], "given as list"),
        ({}, "give a mapping"),
        ({"conv1.weight": np.ones((2, 3, 3, 3))}, "no convolution"),
        (snntorch(**{"fc1.weight": np.ones((4, 3)), "fc2.weight": np.ones((2, 5))}), "'fc2' takes 5 numbers and 'rec' gives 4"),
        (snntorch(**{"bn.running_mean": np.ones(3)}), "'bn.running_mean' is no name of"),
        (snntorch(**{"lif1.recurrent.weight": np.ones((3, 3))}), r"recurrent weights after 'fc1' have shape \(3, 3\), not \(4, 4\)"),
        (snntorch(**{"lif1.reset_mechanism_val": np.array(1)}), "'fc1' have 1 as what resets"),
        (snntorch(**{"lif1.graded_spikes_factor": np.array(2.0)}), "resets or scales"),
        (snntorch(**{"lif1.beta": np.array([0.9, 1.0, 0.9, 0.9])}), "some do not"),
        (snntorch(**{"lif1.beta": np.array([0.9, 0.8])}), r"beta of 'fc1' has shape \(2,\)"),
        (snntorch(**{"lif1.threshold": None}), "without a threshold"),
        (snntorch(**{"fc1.bias": np.ones(3), "lif1.recurrent.bias": None}), "bias of 'fc1' has shape"),
        (snntorch(**{"lif1.beta": "0.9"}), "'lif1.beta'"),
        ({"lif1.beta": np.array(1.0), **W}, "no matrix before it"),
        (snntorch(**{"fc1.weight": np.full((4, 3), np.nan)}), "not finite"),
    ],
)
def test_state_dicts_that_are_no_network(given, words):
    with pytest.raises(UserError, match=words) as error:
        SpikingNetwork.from_state_dict(given, dt=1e-3)
    assert "\n" not in str(error.value)


def test_an_order_may_be_given():
    mixed = dict(sorted(snntorch().items(), reverse=True))
    with pytest.raises(UserError, match="no matrix before it"):
        SpikingNetwork.from_state_dict(mixed, dt=1e-3)
    network = SpikingNetwork.from_state_dict(mixed, dt=1e-3, order=["fc1", "lif1", "fc2", "lif2"])
    np.testing.assert_array_equal(network.weight("input", "rec"), W["fc1.weight"].T)
    with pytest.raises(UserError, match="differ in lif2"):
        SpikingNetwork.from_state_dict(mixed, dt=1e-3, order=["fc1", "lif1", "fc2"])


LIF = {"tau_m": 0.02, "v_threshold": 1.0}


def network(*more, lif=LIF, kind="lif", gain=1.0):
    populations = (
        Population("input", "input", 3),
        Population("rec", kind, 4, lif),
        Population("out", "li", 2, {"tau_m": 0.01, "gain": gain}),
    )
    return SpikingNetwork(
        populations, (Projection("input", "rec", W["fc1.weight"].T), Projection("rec", "out", W["fc2.weight"].T), *more), 1e-3
    )


def test_what_a_state_dict_cannot_hold():
    np.testing.assert_array_equal(network(gain=0.5).state_dict()["fc2.weight"], 0.5 * W["fc2.weight"])
    assert network().state_dict()["lif2.reset_mechanism_val"] == 2  # a readout
    for wrong, words in (
        (network(Projection("input", "out", np.ones((3, 2)))), "no chain"),
        (network(Projection("rec", "rec", np.ones((4, 4)), 2)), "a delay or a twin"),
        (network(Projection("input", "rec", np.ones((3, 4)))), "a delay or a twin"),
        (network(lif={**LIF, "refractory": 0.002}), "is refractory"),
        (network(lif={**LIF, "reset": "zero"}), "resets at once"),
        (network(lif={**LIF, "tau_a": 1.0, "beta": 0.1}, kind="alif"), "adapts"),
    ):
        with pytest.raises(UserError, match=words):
            wrong.state_dict()
    with pytest.raises(UserError, match="did you mean 'snntorch'"):
        network().state_dict("snntorc")
    with pytest.raises(UserError, match="has a bias"):
        network(lif={**LIF, "bias": 0.1}).state_dict("norse")


def test_weights_as_arrays():
    one = network(Projection("rec", "rec", np.ones((4, 4)), 1), Projection("rec", "rec", np.full((4, 4), 2.0), 3))
    weights = one.weights()
    assert list(weights) == ["input->rec", "rec->out", "rec->rec", "rec->rec#2"]
    weights["rec->rec#2"] *= 3
    changed = one.with_weights({name: w.tolist() for name, w in weights.items()})
    assert (changed.projections[3].weight == 6).all() and changed.projections[3].delay_steps == 3
    assert (one.projections[3].weight == 2).all()
    for wrong, words in (
        ({"input->rec": 1}, "without rec->out, rec->rec, rec->rec#2"),
        ({**weights, "input->out": 1}, "there is no projection called 'input->out'"),
        ({**weights, "rec->out": np.ones((2, 4))}, r"have shape \(2, 4\); the populations need \(4, 2\)"),
    ):
        with pytest.raises(UserError, match=words):
            one.with_weights(wrong)
