"""Random NIR graphs from fixed seeds: every node that is read, in chains, side by side, on loops, nested, and in planes."""

import nir
import numpy as np

STEPS = 40


class Builder:
    """A graph that grows: nodes, edges, and names that are free."""

    def __init__(self, rng, dt, plain):
        self.rng, self.dt, self.plain, self.nodes, self.edges = rng, dt, plain, {}, []

    def add(self, kind, node, *sources):
        name = f"{kind}{len(self.nodes)}"
        self.nodes[name] = node
        self.edges += [(source, name) for source in sources]
        return name

    def maybe(self, share):
        return self.rng.random() < share

    def weight(self, n_out, n_in):
        return self.rng.normal(0.4, 0.7, (n_out, n_in)) / np.sqrt(n_in)

    def linear(self, source, n_in, n_out):
        if self.maybe(0.5):
            return self.add("affine", nir.Affine(self.weight(n_out, n_in), self.rng.normal(0, 0.1, n_out)), source)
        return self.add("linear", nir.Linear(self.weight(n_out, n_in)), source)

    def path(self, source, n_in, n_out):
        """Add one to three linear nodes, a Scale or a Delay among them, and return the last."""
        if n_in == n_out and self.maybe(0.1):
            return source
        middle = int(self.rng.integers(2, 6))
        if self.maybe(0.3):
            source, n_in = self.linear(source, n_in, middle), middle
        if self.maybe(0.25):
            scale = self.rng.normal(1, 0.3, n_in) if self.maybe(0.7) else np.array(1.3)
            source = self.add("scale", nir.Scale(scale), source)
        if self.maybe(0.25):
            source = self.add("delay", nir.Delay(np.full(n_in, self.rng.integers(1, 4) * self.dt)), source)
        source = self.linear(source, n_in, n_out)
        return self.add("flatten", nir.Flatten({"input": np.array([n_out])}, 0, -1), source) if self.maybe(0.1) else source

    def values(self, shape, low, high):
        return self.rng.uniform(low, high, shape)

    def neuron(self, shape, spikes=True):
        """Return a neuron with one value a neuron or, sometimes, one for all; a spike of weight 1 moves it by about 1."""
        rng, shape = self.rng, () if self.maybe(0.15) else shape
        kinds = ["LIF", "CubaLIF"] if self.plain else ["LIF", "CubaLIF", "IF"]
        kind = str(rng.choice(kinds if spikes else ["LI", "CubaLI"]))
        own = {"r": np.asarray(self.values(shape, 0.5, 1.5))}
        if kind != "IF":
            tau, tau_syn = (np.asarray(self.values(shape, *range_)) * self.dt for range_ in ((3, 15), (1.5, 6)))
            leak = 0.0 if self.plain or self.maybe(0.7) else self.values(shape, -0.3, 0.3)
            own = {"r": own["r"] * tau / self.dt, "v_leak": np.broadcast_to(leak, shape).copy()}
            own |= {"tau_mem": tau, "tau_syn": tau_syn, "w_in": tau_syn / self.dt * 0.7} if "Cuba" in kind else {"tau": tau}
        if spikes:
            own["v_threshold"] = np.asarray(self.values(shape, 0.5, 1.5))
            own["v_reset"] = np.zeros(shape) if self.plain or self.maybe(0.7) else np.asarray(self.values(shape, -0.5, 0.3))
        return getattr(nir, kind)(**own)

    def layer(self, sources, n, spikes=True, shape=None):
        """Add neurons, with a loop of their own or nested in a graph; return their name and whether they were nested."""
        shape, neuron = shape or (n,), self.neuron(shape or (n,), spikes)
        loop = spikes and self.maybe(0.4)
        if self.maybe(0.25):
            ends = {"input": nir.Input({"input": np.array(shape)}), "output": nir.Output({"output": np.array(shape)})}
            inner = {**ends, "neuron": neuron}
            edges = [("input", "neuron"), ("neuron", "output")]
            if loop:
                inner["w"] = nir.Affine(self.weight(n, n), self.rng.normal(0, 0.1, n))
                edges += [("neuron", "w"), ("w", "neuron")]
            return self.add("graph", nir.NIRGraph(inner, edges, type_check=False), *sources)
        name = self.add("neuron", neuron, *sources)
        if loop:
            self.edges.append((self.linear(name, n, n), name))
        return name


def in_planes(b):
    """Start with a convolution in one or two dimensions, and perhaps pooling; return the input's shape and the last node's size."""
    rng, axes = b.rng, int(b.rng.integers(1, 3))
    shape = (int(rng.integers(1, 3)) * 2, *(int(n) for n in rng.integers(5, 8, axes)))
    groups = int(rng.choice([1, 2]))
    weight = rng.normal(0.3, 0.5, (2 * groups, shape[0] // groups, *(int(n) for n in rng.integers(2, 4, axes))))
    one = (lambda a: int(a[0])) if axes == 1 else (lambda a: tuple(int(n) for n in a))
    stride, dilation = rng.integers(1, 3, axes), rng.integers(1, 3, axes)
    padding = "same" if np.all(stride == 1) and b.maybe(0.5) else one(rng.integers(0, 3, axes))
    common = dict(weight=weight, stride=one(stride), padding=padding, dilation=one(dilation), groups=groups)
    side = one(shape[1:]) if b.maybe(0.5) else None
    conv = (nir.Conv1d if axes == 1 else nir.Conv2d)(input_shape=side, bias=rng.normal(0, 0.1, 2 * groups), **common)
    last = b.add("conv", conv, "input")
    whole = padding == "same"
    after = [n if whole else (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in zip(
        shape[1:], (0,) * axes if whole else np.atleast_1d(padding), dilation, weight.shape[2:], stride)]  # fmt: skip
    after = (2 * groups, *(int(n) for n in after))
    if min(after) < 1:
        return None
    last = b.layer([last], int(np.prod(after)), shape=after)
    if axes == 2 and min(after[1:]) >= 2 and b.maybe(0.7):
        kind = nir.SumPool2d if b.maybe(0.5) else nir.AvgPool2d
        last = b.add("pool", kind(np.array([2, 2]), np.array([2, 1]), np.array([0, 0])), last)
        after = (after[0], (after[1] - 2) // 2 + 1, after[2] - 1)
    last = b.add("flatten", nir.Flatten({"input": np.array(after)}, 0, -1), last)
    return shape, last, int(np.prod(after))


def random_graph(seed, plain=False):
    """Return a NIR graph, its step in seconds, and input bool [steps, channels].

    Parameters
    ----------
    seed : int
    plain : bool
        Only what snnTorch has: LIF and CubaLIF that rest and reset at 0, steps of 0.1 ms.
    """
    rng = np.random.default_rng([18, seed, int(plain)])
    dt = 1e-4 if plain else float(rng.choice([1e-4, 1e-3, 2.5e-3]))
    b = Builder(rng, dt, plain)
    b.nodes["input"] = None
    started = in_planes(b) if b.maybe(0.25) else None
    if started is None:
        b.nodes, b.edges = {"input": None}, []
        shape = (int(rng.integers(2, 7)),)
        started = shape, "input", shape[0]
    shape, last, n = started
    b.nodes["input"] = nir.Input({"input": np.array(shape)})
    earlier = [("input", int(np.prod(shape)))]
    for k in range(int(rng.integers(1, 4))):
        size, final = int(rng.integers(2, 7)), k > 0 and not plain and b.maybe(0.2)
        sources = [b.path(last, n, size)]
        if b.maybe(0.3):
            sources.append(b.path(last, n, size))
        if b.maybe(0.3):
            sources.append(b.path(*earlier[rng.integers(len(earlier))], size))
        name = b.layer(list(dict.fromkeys(sources)), size, spikes=not final)
        if k > 0 and not final and b.maybe(0.2) and not isinstance(b.nodes[last], nir.Flatten):
            b.edges.append((b.linear(name, size, n), last))  # a loop through two populations
        earlier.append((name, size))
        last, n = name, size
        if final:
            break
    else:
        if b.maybe(0.2):
            last, n = b.linear(last, n, 3), 3
    b.nodes["output"] = nir.Output({"output": np.array([n])})
    b.edges.append((last, "output"))
    metadata = {"dt": dt} if b.maybe(0.5) else {}
    graph = nir.NIRGraph(b.nodes, b.edges, metadata=metadata, type_check=False)
    return graph, dt, rng.random((STEPS, int(np.prod(shape)))) < 0.35
