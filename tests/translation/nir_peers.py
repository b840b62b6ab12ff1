"""Run in an environment with PyTorch: write networks of snnTorch and Norse as NIR with their spikes; run ours in both.

usage: python nir_peers.py FOLDER    (reads input.npy [steps, channels] and ours_for_PEER.nir; writes NAME.nir, NAME.npy)
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


def main(folder):
    x = np.load(folder / "input.npy")
    torch.manual_seed(1)
    with torch.no_grad():
        for name, net, carries in (
            ("snntorch", snntorch_network(x.shape[1], False), False),
            ("snntorch_recurrent", snntorch_network(x.shape[1], True), False),
            ("norse", norse_network(x.shape[1]), True),
        ):
            for k, parameter in enumerate([*net[0].parameters(), *net[2].parameters()]):
                parameter.copy_((torch.rand_like(parameter) - 0.4) * (1 if k % 2 == 0 else 0.1))
            sample = torch.zeros(x.shape[1])
            graph = norse.torch.to_nir(net, sample) if carries else export_to_nir(net, sample)
            nir.write(folder / f"{name}.nir", graph)

            if not carries:
                snntorch.utils.reset(net)
            np.save(folder / f"{name}.npy", spikes(net, x, carries))
        for name, read in (("norse", norse.torch.from_nir), ("snntorch", import_from_nir)):
            if (folder / f"ours_for_{name}.nir").exists():
                ours = read(nir.read(folder / f"ours_for_{name}.nir", type_check=False))
                np.save(folder / f"ours_for_{name}.npy", spikes(ours, x, True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
