"""NIR graphs stepped by the forward Euler rule in NumPy, node by node, as the specification of NIR has their equations.

What a simulator decides is decided so: the input of a step acts in that step, on the current first; a spike moves a neuron without leak by
``r`` times its weight; on a loop of neurons spikes arrive in the next step; a Delay gives zeros before anything has arrived; states start
at zero.
"""

import nir
import numpy as np
from scipy.sparse.csgraph import connected_components

NEURONS = (nir.LIF, nir.CubaLIF, nir.LI, nir.CubaLI, nir.IF)


def flat(graph, prefix=""):
    """Return nodes by name, ``graph.node`` for those of nested graphs, without their inputs and outputs, and edges."""
    nodes, edges = {}, []
    for name, node in graph.nodes.items():
        if isinstance(node, nir.NIRGraph):
            inner, between = flat(node, f"{prefix}{name}.")
            nodes |= inner
            edges += between
        else:
            nodes[prefix + name] = node
    nested = {name for name, node in graph.nodes.items() if isinstance(node, nir.NIRGraph)}
    for a, b in graph.edges:
        edges.append((prefix + a + (".output" if a in nested else ""), prefix + b + (".input" if b in nested else "")))
    for name in nested:
        for end in (f"{prefix}{name}.input", f"{prefix}{name}.output"):
            through = [(a, b) for a, m in edges if m == end for n, b in edges if n == end]
            edges = [edge for edge in edges if end not in edge] + through
            del nodes[end]
    return nodes, edges


def convolved(x, weight, stride, padding, dilation, groups):
    """Return a convolution in two dimensions, one number after the other."""
    c_out, c_in, kh, kw = weight.shape
    if padding == "same":
        whole = [d * (k - 1) for d, k in zip(dilation, (kh, kw))]
        sides = [(n // 2, n - n // 2) for n in whole]
    else:
        sides = [(int(p), int(p)) for p in ((0, 0) if padding == "valid" else padding)]
    x = np.pad(x, [(0, 0), *sides])
    height = (x.shape[1] - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    width = (x.shape[2] - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    out = np.zeros((c_out, height, width))
    for o, y, z in np.ndindex(out.shape):
        first = o // (c_out // groups) * c_in
        rows, columns = y * stride[0] + dilation[0] * np.arange(kh), z * stride[1] + dilation[1] * np.arange(kw)
        out[o, y, z] = np.sum(weight[o] * x[first : first + c_in][:, rows][:, :, columns])
    return out


def pair(value):
    value = np.atleast_1d(value)
    return tuple(int(n) for n in (np.repeat(value, 2) if value.size == 1 else value))


class Numpy:
    """The nodes in NumPy, in double precision; spikes reset to v_reset, or take the threshold off, at once."""

    def __init__(self, subtracts=False):
        self.subtracts = subtracts

    def linear(self, node, x):
        if isinstance(node, nir.Scale):
            return (node.scale.reshape(x.shape) if node.scale.size > 1 else node.scale) * x
        if isinstance(node, (nir.Linear, nir.Affine)):
            return node.weight @ x.ravel() + (node.bias if isinstance(node, nir.Affine) else 0)
        if isinstance(node, (nir.SumPool2d, nir.AvgPool2d)):
            size = pair(node.kernel_size)
            weight = np.ones((len(x), 1, *size)) / (1 if isinstance(node, nir.SumPool2d) else size[0] * size[1])
            return convolved(x, weight, pair(node.stride), pair(node.padding), (1, 1), len(x))
        if isinstance(node, nir.Conv1d):
            padding = node.padding if isinstance(node.padding, str) else (0, node.padding)
            y = convolved(x[:, None], node.weight[:, :, None], (1, node.stride), padding, (1, node.dilation), node.groups)[:, 0]
            return y + node.bias[:, None]
        return convolved(x, node.weight, node.stride, node.padding, node.dilation, node.groups) + node.bias[:, None, None]

    def start(self, node, shape, dt):
        return {"v": np.zeros(shape), "i": np.zeros(shape)}

    def step(self, node, state, x, dt):
        """Return what a neuron gives, its spikes or its membrane, and change its state."""
        if isinstance(node, (nir.CubaLIF, nir.CubaLI)):
            state["i"] = state["i"] + dt / node.tau_syn * (-state["i"] + node.w_in * x)
            state["v"] = state["v"] + dt / node.tau_mem * (node.v_leak - state["v"] + node.r * state["i"])
        elif isinstance(node, nir.IF):
            state["v"] = state["v"] + node.r * x
        else:
            state["v"] = state["v"] + dt / node.tau * (node.v_leak - state["v"] + node.r * x)
        if isinstance(node, (nir.LI, nir.CubaLI)):
            return state["v"]
        z = state["v"] > node.v_threshold
        state["v"] = np.where(z, state["v"] - node.v_threshold if self.subtracts else node.v_reset, state["v"])
        return z.astype(float)


def run(graph, x, dt, nodes_as=None):
    """Return what every neuron and output gave, {name: [steps, numbers]}, for input [steps, channels]."""
    way = Numpy() if nodes_as is None else nodes_as
    nodes, edges = flat(graph)
    names = list(nodes)
    place = {name: k for k, name in enumerate(names)}
    adjacency = np.zeros((len(names), len(names)), bool)
    for a, b in edges:
        adjacency[place[a], place[b]] = True
    _, part = connected_components(adjacency, directed=True, connection="strong")
    late = {(a, b) for a, b in edges if isinstance(nodes[a], NEURONS) and part[place[a]] == part[place[b]]}
    before = {name: [(a, (a, b) in late) for a, b in edges if b == name] for name in names}
    order, left = [], list(names)
    while left:
        ready = [n for n in left if all(a in order or waits for a, waits in before[n])]
        assert ready, "a loop without neurons"
        order += ready
        left = [n for n in left if n not in ready]
    shape = shapes(nodes, before, order, way)
    last = {name: np.zeros(shape[name]) for name in names}
    state = {name: way.start(node, shape[name], dt) for name, node in nodes.items() if isinstance(node, NEURONS)}
    lines = {name: [] for name, node in nodes.items() if isinstance(node, nir.Delay)}
    kept = {name: [] for name, node in nodes.items() if isinstance(node, (*NEURONS, nir.Output))}
    for row in np.asarray(x, float):
        now = {}
        for name in order:
            node = nodes[name]
            given = sum(((last if waits else now)[a].reshape(taken(node, shape, a, name)) for a, waits in before[name]), 0.0)
            if isinstance(node, nir.Input):
                now[name] = row.reshape(shape[name])
            elif isinstance(node, NEURONS):
                now[name] = way.step(node, state[name], given, dt)
            elif isinstance(node, nir.Delay):
                lines[name].append(given)
                steps = round(float(node.delay.flat[0]) / dt)
                now[name] = lines[name][-1 - steps] if len(lines[name]) > steps else np.zeros(shape[name])
            elif isinstance(node, (nir.Input, nir.Output, nir.Flatten)):
                now[name] = given
            else:
                now[name] = way.linear(node, given)
            now[name] = np.asarray(now[name], float).reshape(shape[name])
            if name in kept:
                kept[name].append(now[name].ravel())
        last = now
    return {name: np.array(rows) for name, rows in kept.items()}


def taken(node, shape, source, name):
    """Return the shape in which a node takes what another gives."""
    return (
        shape[source] if isinstance(node, (nir.Linear, nir.Affine, nir.Conv1d, nir.Conv2d, nir.SumPool2d, nir.AvgPool2d)) else shape[name]
    )


def shapes(nodes, before, order, way):
    """Return the shape of what every node gives, by trying it; around loops until all is known."""
    found = {}
    while left := [name for name in order if name not in found]:
        for name in left:
            node, got = nodes[name], next((found[a] for a, _ in before[name] if a in found), None)
            if isinstance(node, nir.Input):
                found[name] = tuple(int(n) for n in node.input_type["input"])
            elif isinstance(node, (nir.Linear, nir.Affine)):
                found[name] = node.weight.shape[:1]
            elif isinstance(node, NEURONS) and np.ndim(node.r):
                found[name] = np.shape(node.r)
            elif got is None:
                continue
            elif isinstance(node, nir.Flatten):
                found[name] = (int(np.prod(got)),)
            elif isinstance(node, (*NEURONS, nir.Delay, nir.Scale, nir.Output)):
                found[name] = got
            else:
                found[name] = np.shape(way.linear(node, np.zeros(got)))
    return found
