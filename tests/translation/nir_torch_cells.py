"""The nodes of NIR graphs as PyTorch's layers, and their neurons as the cells of Norse and of snnTorch, in double precision."""

import nir
import nir_euler
import norse.torch as norse
import numpy as np
import snntorch
import torch
from norse.torch.functional.iaf import IAFFeedForwardState
from norse.torch.functional.leaky_integrator_box import LIBoxState
from norse.torch.functional.lif_box import LIFBoxFeedForwardState

torch.set_num_threads(1)


def tensor(a):
    return torch.as_tensor(np.asarray(a, float))


class Layers:
    """Linear nodes by PyTorch, as the importers of both make them."""

    def linear(self, node, x):
        f, x = torch.nn.functional, tensor(x)
        if isinstance(node, nir.Scale):
            return (tensor(node.scale.reshape(x.shape) if node.scale.size > 1 else node.scale) * x).numpy()
        if isinstance(node, (nir.Linear, nir.Affine)):
            return f.linear(x.ravel(), tensor(node.weight), tensor(node.bias) if isinstance(node, nir.Affine) else None).numpy()
        if isinstance(node, nir.AvgPool2d):
            return f.avg_pool2d(x[None], *(nir_euler.pair(v) for v in (node.kernel_size, node.stride, node.padding)))[0].numpy()
        if isinstance(node, nir.SumPool2d):  # Norse: LPPool2d of norm 1
            return f.lp_pool2d(x[None], 1.0, nir_euler.pair(node.kernel_size), nir_euler.pair(node.stride))[0].numpy()
        conv = f.conv1d if isinstance(node, nir.Conv1d) else f.conv2d
        how = dict(stride=node.stride, padding=node.padding, dilation=node.dilation, groups=int(node.groups))
        return conv(x[None], tensor(node.weight), tensor(node.bias), **how)[0].numpy()


class Norse(Layers):
    """LIFBoxCell, LIBoxCell (for currents too, as Norse's importer does) and IAFCell; states start at 0, not at v_leak."""

    def start(self, node, shape, dt):
        reads = isinstance(node, (nir.LI, nir.CubaLI))
        made = {}
        if isinstance(node, (nir.CubaLIF, nir.CubaLI)):
            made["current"] = norse.LIBoxCell(norse.LIBoxParameters(tau_mem_inv=1 / tensor(node.tau_syn), v_leak=tensor(0.0)), dt=dt)
            made["i"] = LIBoxState(v=torch.zeros(shape, dtype=float))
        zero = torch.zeros(shape, dtype=float)
        if isinstance(node, nir.IF):
            cell = norse.IAFCell(norse.IAFParameters(v_th=tensor(node.v_threshold), v_reset=tensor(node.v_reset)))
            return {"cell": cell, "v": IAFFeedForwardState(v=zero)}
        tau = {"tau_mem_inv": 1 / tensor(node.tau_mem if "current" in made else node.tau), "v_leak": tensor(node.v_leak)}
        if reads:
            return {**made, "cell": norse.LIBoxCell(norse.LIBoxParameters(**tau), dt=dt), "v": LIBoxState(v=zero)}
        parameters = norse.LIFBoxParameters(**tau, v_th=tensor(node.v_threshold), v_reset=tensor(node.v_reset))
        return {**made, "cell": norse.LIFBoxCell(parameters, dt=dt), "v": LIFBoxFeedForwardState(v=zero)}

    def step(self, node, state, x, dt):
        with torch.no_grad():
            x = tensor(x)
            if "current" in state:
                x, state["i"] = state["current"](tensor(node.w_in) * x, state["i"])
            z, state["v"] = state["cell"](tensor(node.r) * x, state["v"])
        return z.numpy()


class SnnTorch(Layers):
    """Leaky and Synaptic, which reset in the step of the spike: to zero, or by subtraction."""

    def __init__(self, reset="zero"):
        self.reset = reset

    def start(self, node, shape, dt):
        zero = torch.zeros(shape, dtype=float)
        how = dict(threshold=tensor(node.v_threshold), reset_mechanism=self.reset, reset_delay=False)
        if isinstance(node, nir.LIF):
            return {"cell": snntorch.Leaky(beta=1 - dt / tensor(node.tau), **how), "states": (zero,)}
        cell = snntorch.Synaptic(alpha=1 - dt / tensor(node.tau_syn), beta=1 - dt / tensor(node.tau_mem), **how)
        return {"cell": cell, "states": (zero, zero)}

    def step(self, node, state, x, dt):
        gain = node.r * dt / node.tau if isinstance(node, nir.LIF) else node.r * dt / node.tau_mem * node.w_in * dt / node.tau_syn
        with torch.no_grad():
            z, *state["states"] = state["cell"](tensor(gain * np.asarray(x)), *state["states"])
        return z.numpy()
