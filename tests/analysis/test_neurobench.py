"""NeuroBench's own metrics beside ours, on the same spiking network in snnTorch (both from the optional environment)."""

import numpy as np
import pytest

from brian2chip.analysis.energy import counts
from brian2chip.core.population import Population, Projection
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.translation.reference_simulator import float_run

torch = pytest.importorskip("torch", reason="compares with NeuroBench: pip install 'brian2chip[peers]'")
snntorch = pytest.importorskip("snntorch", reason="compares with NeuroBench: pip install 'brian2chip[peers]'")
pytest.importorskip("neurobench", reason="compares with NeuroBench: pip install 'brian2chip[peers]'")

SIZES, STEPS, N, BETA = (6, 8, 3), 25, 4, 0.9


def test_sparsity_operations_and_footprint_of_the_weights_agree():
    from neurobench.benchmarks import Benchmark
    from neurobench.metrics.static import ConnectionSparsity, Footprint
    from neurobench.metrics.workload import ActivationSparsity, SynapticOperations
    from neurobench.models import SNNTorchModel

    rng = np.random.default_rng(7)
    weights = [rng.normal(0.25, 0.25, size) * (rng.random(size) < 0.7) for size in zip(SIZES, SIZES[1:])]
    x = rng.random((N, STEPS, SIZES[0])) < 0.3

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = torch.nn.ModuleList([torch.nn.Linear(*w.shape, bias=False) for w in weights])
            self.lif = torch.nn.ModuleList(
                [snntorch.Leaky(beta=BETA, init_hidden=True, output=k == len(weights) - 1) for k in range(len(weights))]
            )
            for layer, w in zip(self.fc, weights):
                layer.weight.data = torch.tensor(w.T.copy(), dtype=torch.float32)

        def forward(self, spikes):
            for layer, lif in zip(self.fc, self.lif):
                spikes = lif(layer(spikes))
            return spikes

    model = SNNTorchModel(Net())
    data = torch.utils.data.TensorDataset(torch.tensor(x, dtype=torch.float32), torch.zeros(N))
    static, workload = [ConnectionSparsity, Footprint], [ActivationSparsity, SynapticOperations]
    theirs = Benchmark(model, torch.utils.data.DataLoader(data, batch_size=N), [], [], [static, workload]).run(quiet=True)

    # As in e-prop, the threshold is taken off a step after the spike, which is what snnTorch does too.
    neurons = {"tau_m": -1e-3 / np.log(BETA), "v_threshold": 1.0, "reset": "subtract"}
    names = [f"layer{k}" for k in range(len(SIZES))]
    network = SpikingNetwork(
        tuple(Population(n, "lif" if k else "input", size, neurons if k else {}) for k, (n, size) in enumerate(zip(names, SIZES))),
        tuple(Projection(a, b, w) for a, b, w in zip(names, names[1:], weights)),
        dt=1e-3,
    )
    samples = Samples.from_dense(x, np.ones(STEPS, bool), label=np.zeros(N, int))
    run = float_run(network, samples, device="numpy")
    found = counts(network, samples, run)
    assert 0 < found["activation_sparsity"] < 1
    assert theirs["ConnectionSparsity"] == pytest.approx(found["connection_sparsity"], abs=5e-5)  # they round to four digits
    assert theirs["ActivationSparsity"] == pytest.approx(found["activation_sparsity"], rel=1e-12)
    operations = theirs["SynapticOperations"]
    # Of a sample; activations are 0 and 1, so that all operations are accumulations.
    assert operations["Effective_ACs"] == pytest.approx(found["synaptic_operations"], rel=1e-12)
    assert operations["Dense"] == pytest.approx(found["dense_operations"], rel=1e-12)
    parameters = sum(p.numel() * p.element_size() for p in model.net.parameters())
    assert parameters == 4 * sum(w.size for w in weights) and theirs["Footprint"] >= parameters  # theirs has snnTorch's buffers too
