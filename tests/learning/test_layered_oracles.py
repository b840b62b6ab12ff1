"""Layered networks against recorded numbers of the published code of DRTP: all rules, optimisers, losses, with and without convolution."""

import numpy as np
import pytest

from brian2chip.cli import main
from brian2chip.core import registry
from brian2chip.core.layered_config import Convolution, LayeredConfig
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.layered import verify
from brian2chip.learning.layered.program import DT, Program
from brian2chip.learning.layered.spec import LayeredSpec, layers_of
from brian2chip.learning.layered.start import initial_state

MLP, REGRESSION, CONVOLUTION = (verify.DATA / name for name in verify.FILES)


def some_of(file, wanted, path):
    """Write a file with the losses of some (mode, optimiser) alone."""
    z = dict(np.load(file))
    kept = {name: array for name, array in z.items() if not name.startswith("loss_") or name.removeprefix("loss_") in wanted}
    np.savez(path, **kept)
    return path


@pytest.mark.parametrize(
    "file, wanted",
    [
        (MLP, ("BP_SGD0", "FA_NAG", "DFA_Adam", "sDFA_NAG", "DRTP_Adam", "shallow_SGD0")),
        (REGRESSION, ("DFA_SGD0", "DRTP_SGD0")),
        (CONVOLUTION, ("BP_Adam", "FA_SGD0", "DRTP_Adam")),
    ],
    ids=["mlp", "regression", "convolution"],
)
def test_recorded_numbers_are_met(file, wanted, tmp_path):
    found = verify.verify(some_of(file, wanted, tmp_path / "some.npz"))
    assert {f"{row.mode}_{row.optimiser}" for row in found.itertuples()} == set(wanted)
    assert found[list(verify.COMPARED)].to_numpy().max() < 1e-10  # the tolerance


def test_another_number_is_noticed(tmp_path, capsys):
    z = dict(np.load(some_of(MLP, ("DRTP_SGD0",), tmp_path / "one.npz")))
    z["loss_DRTP_SGD0"][3] += 1e-9
    np.savez(tmp_path / "one.npz", **z)
    assert main(["verify", "drtp", "--file", str(tmp_path / "one.npz"), "--rate", "0.05"]) == 1
    assert "1.0e-09" in capsys.readouterr().out


@pytest.mark.slow
def test_all_recorded_numbers_are_met():
    assert main(["verify", "drtp"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("file", [MLP, CONVOLUTION], ids=["mlp", "convolution"])
def test_compiled_programs_meet_them_too(file, tmp_path):
    found = verify.verify(some_of(file, ("FA_SGD0", "sDFA_SGD0"), tmp_path / "some.npz"), "cpp_standalone")
    assert found[list(verify.COMPARED)].to_numpy().max() < 1e-10


def numpy_oracle(X, T, state, image):
    """Return the loss and the gradients of a convolution, pooling, one hidden layer and a softmax, by loops and sums from the paper."""
    n, padding = len(X), 1
    w, y = state["w0"].reshape(-1, 1, 3, 3), np.zeros((n, len(state["w0"]), *image[1:]))
    around = np.pad(X.reshape(n, *image), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    for r in range(image[1]):
        for c in range(image[2]):
            y[:, :, r, c] = np.tanh(np.einsum("ncij,fcij->nf", around[:, :, r : r + 3, c : c + 3], w) + state["b0"])
    high, wide = image[1] // 2, image[2] // 2
    pooled = np.array([[[[y[s, f, 2 * r : 2 * r + 2, 2 * c : 2 * c + 2].max() for c in range(wide)] for r in range(high)]
                        for f in range(y.shape[1])] for s in range(n)])  # fmt: skip
    hidden = np.tanh(pooled.reshape(n, -1) @ state["w1"].T + state["b1"])
    drive = hidden @ state["w2"].T + state["b2"]
    p = np.exp(drive) / np.exp(drive).sum(1, keepdims=True)
    error = p - T
    dz0 = (error @ state["B0"]).reshape(y.shape) * (1 - y**2)
    dz1 = (error @ state["B1"]) * (1 - hidden**2)
    gradient = {"w2": error.T @ hidden / n, "b2": error.sum(0) / n, "w1": dz1.T @ pooled.reshape(n, -1), "b1": dz1.sum(0)}
    gradient["b0"] = dz0.sum((0, 2, 3))
    gradient["w0"] = np.array([[sum(dz0[s, f, r, c] * around[s, 0, r + i, c + j] for s in range(n) for r in range(image[1])
                               for c in range(image[2])) for i in range(3) for j in range(3)] for f in range(y.shape[1])])  # fmt: skip
    return -(T * np.log(p)).sum() / n, gradient


def test_odd_images_softmax_and_direct_feedback_by_brute_force():
    """An image of 5 x 7 leaves a row and a column that no pooled unit sees; DFA hears of the softmax's error."""
    rng, image, n = np.random.default_rng(3), (1, 5, 7), 4
    network = LayeredConfig((6,), "tanh", "linear", "cross_entropy", Convolution(2, 3, 1))
    rule = registry.get("layered_rule", "dfa")
    spec = LayeredSpec(35, layers_of(network, 35, 3, image), network.loss, rule, "gradient_descent", n, network.convolution)
    state = initial_state(spec, 5)
    X, T = rng.random((n, 35)), np.eye(3)[rng.integers(0, 3, n)]
    with session("numpy", dt=DT) as s:
        found = Program(s, spec).run(StaticSamples(X, target=T), np.arange(n)[None], np.ones(1, bool), state, 0.1)
    loss, gradient = numpy_oracle(X, T, state, image)
    assert found.loss[0] == pytest.approx(loss, abs=1e-12)
    for name, expected in gradient.items():
        np.testing.assert_allclose(found.gradient[name], expected.reshape(found.gradient[name].shape), atol=1e-12)
        np.testing.assert_allclose(found.state[name], state[name] - 0.1 * found.gradient[name], atol=1e-12)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"B_direct1": np.zeros((10, 15))}, "the feedback matrix B1 has shape (10, 15); the network needs (10, 16)"),
        ({"loss_DRTP_SGD0": np.zeros(6)}, "is that of no known output"),
        ({"b1": None}, "lacks the array 'b1'"),
    ],
)
def test_files_of_another_layout_are_one_sentence(change, sentence, tmp_path):
    z = {**np.load(some_of(MLP, ("DRTP_SGD0",), tmp_path / "one.npz")), **change}
    np.savez(tmp_path / "one.npz", **{name: array for name, array in z.items() if array is not None})
    with pytest.raises(UserError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        verify.verify(tmp_path / "one.npz")
