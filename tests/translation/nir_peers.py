"""Run in an environment with PyTorch: write networks of snnTorch and Norse as NIR with their spikes; run ours in both.

usage: python nir_peers.py FOLDER    (reads input.npy [steps, channels] and ours_*_PEER.nir; writes NAME.nir, NAME.npy)
"""

import sys
from pathlib import Path

import nir
import norse.torch
import numpy as np
import snntorch as snn
import snntorch.utils
import torch
from snntorch.export_nir import export_to_nir
from snntorch.import_nir import import_from_nir


def spikes(net, x, carries_state):
    """Return the output [steps, neurons] of a network that keeps its state inside, or hands it back."""
    state, out = None, []
    for step in torch.tensor(x, dtype=torch.float32):
        answer = net(step, state) if carries_state else net(step)
        z, state = answer if isinstance(answer, tuple) else (answer, None)
        out.append(z.detach().numpy().ravel())
    return np.array(out)


def snntorch_network(n_in, recurrent):
    # One value a neuron: the exporter's type check refuses scalars.
    first = dict(beta=torch.full((12,), 0.9), threshold=torch.full((12,), 1.0), init_hidden=True)
    second = dict(beta=torch.full((4,), 0.8), threshold=torch.full((4,), 0.5), init_hidden=True)
    hidden = snn.RLeaky(linear_features=12, **first) if recurrent else snn.Leaky(**first)
    return torch.nn.Sequential(torch.nn.Linear(n_in, 12), hidden, torch.nn.Linear(12, 4), snn.Leaky(**second))


def norse_network(n_in):
    box = norse.torch.LIFBoxParameters(
        tau_mem_inv=torch.full((12,), 100.0), v_th=torch.full((12,), 0.3), v_leak=torch.zeros(12), v_reset=torch.zeros(12)
    )
    cuba = norse.torch.LIFParameters(
        tau_mem_inv=torch.full((4,), 100.0),
        tau_syn_inv=torch.full((4,), 200.0),
        v_th=torch.full((4,), 0.2),
        v_leak=torch.zeros(4),
        v_reset=torch.zeros(4),
    )
    return norse.torch.SequentialState(
        torch.nn.Linear(n_in, 12), norse.torch.LIFBoxCell(p=box), torch.nn.Linear(12, 4), norse.torch.LIFCell(p=cuba)
    )


def norse_without_leak(n_in, head):
    """Return integrate-and-fire neurons, then others or a linear head."""
    first = norse.torch.IAFCell(norse.torch.IAFParameters(v_th=torch.full((12,), 1.0)))
    second = norse.torch.IAFCell(norse.torch.IAFParameters(v_th=torch.full((4,), 1.0)))
    layers = [torch.nn.Linear(n_in, 12), first, torch.nn.Linear(12, 4), *([] if head else [second])]
    return norse.torch.SequentialState(*layers)


def snntorch_with_head(n_in):
    hidden = snn.Leaky(beta=torch.full((12,), 0.9), threshold=torch.full((12,), 1.0), init_hidden=True)
    return torch.nn.Sequential(torch.nn.Linear(n_in, 12), hidden, torch.nn.Linear(12, 4))


def parallel(x):
    """Return a graph with two linear nodes side by side before each of two populations, and what Norse's cells do then.

    The cells are called one by one: the importers follow one path only.
    """
    shapes = {"a": (12, x.shape[1]), "b": (12, x.shape[1]), "c": (4, 12), "d": (4, 12)}
    w = {name: torch.rand(shape) - 0.3 for name, shape in shapes.items()}
    n, tau = {"h": 12, "o": 4}, 5e-3
    cells = {
        name: norse.torch.LIFBoxCell(p=norse.torch.LIFBoxParameters(tau_mem_inv=torch.tensor(1 / tau), v_th=torch.tensor(0.3)))
        for name in n
    }
    state, out = {"h": None, "o": None}, []
    for step in torch.tensor(x, dtype=torch.float32):
        z, state["h"] = cells["h"](w["a"] @ step + w["b"] @ step, state["h"])
        z, state["o"] = cells["o"](w["c"] @ z + w["d"] @ z, state["o"])
        out.append(z.numpy())
    one = lambda size: dict(r=np.ones(size), v_leak=np.zeros(size), v_threshold=np.full(size, 0.3))  # noqa: E731
    nodes = {name: nir.Linear(weight.numpy()) for name, weight in w.items()}
    nodes |= {name: nir.LIF(tau=np.full(size, tau), **one(size)) for name, size in n.items()}
    nodes |= {"input": nir.Input({"input": np.array([x.shape[1]])}), "output": nir.Output({"output": np.array([4])})}
    edges = [("input", "a"), ("input", "b"), ("a", "h"), ("b", "h"), ("h", "c"), ("h", "d"), ("c", "o"), ("d", "o"), ("o", "output")]
    return nir.NIRGraph(nodes, edges, type_check=False), np.array(out)


def main(folder):
    x = np.load(folder / "input.npy")
    n_in = x.shape[1]
    torch.manual_seed(1)
    with torch.no_grad():
        for name, net, carries in (
            ("snntorch", snntorch_network(n_in, False), False),
            ("snntorch_recurrent", snntorch_network(n_in, True), False),
            ("norse", norse_network(n_in), True),
            ("norse_if", norse_without_leak(n_in, False), True),
            ("norse_head", norse_without_leak(n_in, True), True),
            ("snntorch_head", snntorch_with_head(n_in), False),
        ):
            for k, parameter in enumerate([*net[0].parameters(), *net[2].parameters()]):
                parameter.copy_((torch.rand_like(parameter) - 0.4) * (1 if k % 2 == 0 else 0.1))
            sample = torch.zeros(n_in)
            graph = norse.torch.to_nir(net, sample) if carries else export_to_nir(net, sample)
            nir.write(folder / f"{name}.nir", graph)

            if not carries:
                snntorch.utils.reset(net)
            np.save(folder / f"{name}.npy", spikes(net, x, carries))
        graph, out = parallel(x)
        nir.write(folder / "norse_parallel.nir", graph)
        np.save(folder / "norse_parallel.npy", out)
        for path in folder.glob("ours_*.nir"):
            read = import_from_nir if "snntorch" in path.stem else norse.torch.from_nir
            ours = read(nir.read(path, type_check=False))
            np.save(path.with_suffix(".npy"), spikes(ours, x, True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
