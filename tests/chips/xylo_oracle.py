"""Xylo in plain Python integers, from docs/xylo.md: the oracle that the Brian2 program is compared with."""

from __future__ import annotations


def saturated(x: int) -> int:
    """Return x within 16 bits."""
    return max(-32768, min(32767, x))


def decay(x: int, dash: int) -> int:
    """Return minus x / 2^dash rounded down, at least 1 less for a positive x."""
    return -max(x >> dash, 1) if x > 0 else -(x >> dash)


class Neuron:
    """A hidden neuron, or with ``most=1`` an output neuron."""

    def __init__(self, dash_mem, dash_syn, threshold, bias, most):
        self.dash_mem, self.dash_syn, self.threshold, self.bias, self.most = dash_mem, dash_syn, threshold, bias, most
        self.i_syn = self.v = self.fired = 0

    def receive(self, spikes: int, weight: int):
        for _ in range(spikes):
            self.i_syn = saturated(self.i_syn + weight)

    def step(self):
        self.i_syn += decay(self.i_syn, self.dash_syn)
        back = decay(self.v, self.dash_mem)
        change = saturated(self.i_syn + (-32768 if back == 32768 else back))  # 16 bits hold no 32768
        self.v = saturated(self.v + saturated(change + self.bias))
        self.fired = 0
        while self.v >= self.threshold and self.fired < self.most:
            self.v -= self.threshold
            self.fired += 1


def run(configuration, counts):
    """Return ``i_syn``, ``v``, ``fired`` [steps][neurons], outputs last, for spikes [steps][inputs] of a sample."""
    neurons = [
        Neuron(*(int(side[name][k]) for name in ("dash_mem", "dash_syn", "threshold", "bias")), most)
        for side, most in ((configuration.hidden, 31), (configuration.outputs, 1))
        for k in range(len(side["bias"]))
    ]
    n_hidden = len(configuration.hidden["bias"])
    w_in, w_rec, w_out = (
        [[int(w) << shift for w in row] for row in weights]
        for weights, shift in (
            (configuration.weights_in, configuration.weight_shift_in),
            (configuration.weights_rec, configuration.weight_shift_rec),
            (configuration.weights_out, configuration.weight_shift_out),
        )
    )
    found = {"i_syn": [], "v": [], "fired": []}
    for row in counts:
        before = [n.fired for n in neurons[:n_hidden]]
        for spikes, weights in [*zip(map(int, row), w_in), *zip(before, w_rec)]:
            for n, w in zip(neurons[:n_hidden], weights):
                n.receive(spikes, w)
        for spikes, weights in zip(before, w_out):
            for n, w in zip(neurons[n_hidden:], weights):
                n.receive(spikes, w)
        for n in neurons:
            n.step()
        for name, values in found.items():
            values.append([getattr(n, name) for n in neurons])
    return found
