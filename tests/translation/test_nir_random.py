"""Random NIR graphs spike for spike: against NumPy, which steps them node by node, and against the cells of Norse and snnTorch."""

import functools
from pathlib import Path

import numpy as np
import pytest
from translation_networks import samples_of

from brian2chip.translation.reference_simulator import float_run

nir = pytest.importorskip("nir", reason="the extra [nir] is not installed")
import nir_euler  # noqa: E402
from nir_random import random_graph  # noqa: E402

from brian2chip.translation.nir_read import from_nir  # noqa: E402

#: Recorded with tests/translation/record_nir_peers.py.
STORED = Path(__file__).parents[1] / "references" / "nir_random_peers.npz"
SEEDS = [seed if seed < 20 else pytest.param(seed, marks=pytest.mark.slow) for seed in range(200)]
FEW = [seed if seed < 8 else pytest.param(seed, marks=pytest.mark.slow) for seed in range(200)]


@functools.cache
def ours(seed, plain=False):
    """Return what our reader and simulator make of a graph, as :func:`nir_euler.run` does."""
    graph, dt, x = random_graph(seed, plain)
    net = from_nir(graph, dt=None if "dt" in graph.metadata else dt)
    run = float_run(net, samples_of(x[None]), device="numpy")
    out = {name: v[0] for name, v in run.readout.items()}
    for name, (_, t, i) in run.spikes.items():
        out[name] = np.zeros((len(x), net.population(name).size))
        out[name][t, i] = 1
    return out


def spiking(graph):
    """Return the names of the spiking neurons of a graph, sorted."""
    return sorted(name for name, node in nir_euler.flat(graph)[0].items() if isinstance(node, (nir.LIF, nir.CubaLIF, nir.IF)))


def check(seed, plain, expected):
    """Compare spikes exactly and readouts closely."""
    graph, got = random_graph(seed, plain)[0], ours(seed, plain)
    names = spiking(graph)
    assert sum(int(np.sum(got[name] != expected[name])) for name in names) == 0  # neurons times steps
    for name in set(got) & set(expected) - set(names):
        np.testing.assert_allclose(got[name], expected[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seeds, most", [(range(12), 1), pytest.param(range(200), 20, marks=pytest.mark.slow)])
def test_few_graphs_are_silent(seeds, most):
    silent = 0
    for seed in seeds:
        graph, dt, x = random_graph(seed)
        given = nir_euler.run(graph, x, dt)
        silent += not any(given[name].any() for name in spiking(graph))
    assert silent <= most


@pytest.mark.parametrize("seed", SEEDS)
def test_every_spike_of_the_specification(seed):
    graph, dt, x = random_graph(seed)
    check(seed, False, nir_euler.run(graph, x, dt))


@pytest.mark.parametrize("peer, plain", [("norse", False), ("snntorch", True)])
def test_every_spike_that_the_peers_gave(peer, plain):
    """As recorded with Norse 1.1.0, snnTorch 1.0.0 and PyTorch 2.13.0."""
    with np.load(STORED) as stored:
        seeds = [int(name.split("_")[1]) for name in stored if name.startswith(peer)]
        assert len(seeds) >= 5
        for seed in seeds:
            graph, got = random_graph(seed, plain)[0], ours(seed, plain)
            z = np.concatenate([got[name].ravel() for name in spiking(graph)])
            assert np.array_equal(np.packbits(z > 0), stored[f"{peer}_{seed}"]), seed


@pytest.mark.parametrize("seed", FEW)
@pytest.mark.parametrize("peer, plain", [("Norse", False), ("SnnTorch", True)])
def test_every_spike_of_the_peers_run_now(peer, plain, seed):
    for package in ("torch", "norse", "snntorch"):
        pytest.importorskip(package, reason=f"{package} is not installed here; recorded spikes stand for it")
    import nir_torch_cells

    graph, dt, x = random_graph(seed, plain)
    check(seed, plain, nir_euler.run(graph, x, dt, getattr(nir_torch_cells, peer)()))


def test_the_graphs_hold_every_node_and_every_form():
    kinds, resting, scalar, nested = set(), 0, 0, 0
    for seed in range(200):
        graph = random_graph(seed)[0]
        nodes = nir_euler.flat(graph)[0].values()
        kinds |= {type(node).__name__ for node in nodes}
        resting += any(np.any(getattr(node, "v_leak", 0) != 0) for node in nodes)
        scalar += any(np.ndim(getattr(node, "r", 1.0)) == 0 for node in nodes if isinstance(node, nir_euler.NEURONS))
        nested += any(isinstance(node, nir.NIRGraph) for node in graph.nodes.values())
    read = "Input Output Linear Affine Scale Delay Flatten LIF CubaLIF LI CubaLI IF Conv1d Conv2d SumPool2d AvgPool2d"
    assert kinds == set(read.split()) and min(resting, scalar, nested) > 20
