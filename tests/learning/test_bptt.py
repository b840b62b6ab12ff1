"""BPTT by snnTorch: the same forward pass as the package's, and gradients that agree where e-prop is exact."""

import numpy as np
import pytest
import tiny

torch = pytest.importorskip("torch")
pytest.importorskip("snntorch")

from brian2chip.core.network_config import NetworkConfig  # noqa: E402
from brian2chip.learning import bptt  # noqa: E402


def gradients(task, samples, w):
    leaves = {n: torch.tensor(w[n], dtype=torch.float32, requires_grad=True) for n in bptt.WEIGHTS}
    y, z = bptt.forward(task, leaves, bptt._input(samples))
    loss, _ = bptt.loss_of(task, y, z, samples)
    loss.backward()
    return float(loss.detach()), {n: t.grad.numpy() for n, t in leaves.items()}, z.detach().sum(0).numpy()


@pytest.mark.parametrize("surrogate", ["piecewise_linear", "arctan", "gamma*exp(-((v - A)/width)**2)"])
def test_without_recurrence_and_with_symmetric_broadcast_e_prop_is_the_gradient(surrogate):
    network = NetworkConfig(n_lif=7, v_th=0.4, refractory=2e-3, gamma=0.5, width=0.4, surrogate=surrogate)
    task = tiny.task(network=network, broadcast="symmetric")
    samples, w = tiny.generate(2, np.random.default_rng(11)), tiny.weights(7)
    w["w_rec"] = np.zeros((7, 7))
    w["B"] = w["w_out"]
    outcome, found = tiny.gradient(task, samples, w)
    _, exact, count = gradients(task, samples, w)
    np.testing.assert_array_equal(outcome.count, count)
    for name in ("w_in", "w_out"):
        np.testing.assert_allclose(found[name], exact[name], rtol=1e-3, atol=1e-5 * np.abs(exact[name]).max())


def test_what_backpropagation_keeps_grows_with_the_length_of_the_trial():
    task = tiny.task(network=NetworkConfig(n_lif=7, v_th=0.4))
    samples = tiny.generate(2, np.random.default_rng(3))
    half = type(samples).from_dense(samples.dense()[:, : tiny.T // 2], samples.mask[: tiny.T // 2], label=samples.label)
    assert bptt.bytes_kept(task, samples) == pytest.approx(2 * bptt.bytes_kept(task, half), rel=0.1)
