"""Loihi in plain Python integers, from docs/loihi.md: the oracle that the Brian2 program is compared with."""

from __future__ import annotations

import math
from collections import defaultdict


def wrapped(x: int, bits: int) -> int:
    """Return x in two's complement of that many bits."""
    x &= (1 << bits) - 1
    return x - (1 << bits) if x >> (bits - 1) else x


def decayed(x: int, lost: int) -> int:
    """Return what is left of x after a loss of ``lost`` 4096ths, rounded toward zero."""
    left = abs(x) * (4096 - lost) // 4096
    return left if x >= 0 else -left


def weight(mantissa: int, exponent: int, mixed: bool) -> int:
    """Return what a synapse adds to the current."""
    if mixed and mantissa % 2:
        mantissa += 1 if mantissa < 0 else -1
    return 64 * math.floor(mantissa * 2.0**exponent)


class Compartment:
    """One neuron."""

    def __init__(self, vth, decay_v, decay_u, bias, refractory):
        self.threshold, self.decay_v, self.decay_u, self.bias, self.refractory = 64 * vth, decay_v, decay_u, bias, refractory
        self.u = self.v = self.resting = self.fired = 0

    def step(self, arrived: int):
        self.u = wrapped(decayed(self.u, self.decay_u + 1) + wrapped(arrived, 22), 24)
        self.fired = 0
        if self.resting:
            self.resting -= 1
            return
        self.v = max(-(2**23) + 1, min(2**23 - 1, decayed(self.v, self.decay_v) + self.u + self.bias))
        if self.v > self.threshold:
            self.v, self.fired, self.resting = 0, 1, self.refractory - 1


def run(configuration, counts):
    """Return ``u``, ``v``, ``fired`` [steps][compartments] for spikes [steps][inputs] of a sample."""
    c = configuration
    bias = [int(m) << int(e) for m, e in zip(c.bias_mantissa, c.bias_exponent)]
    constants = zip(c.vth.tolist(), c.decay_v.tolist(), c.decay_u.tolist(), bias, c.refractory.tolist())
    compartments = [Compartment(*each) for each in constants]
    arriving = defaultdict(int)  # (step, compartment)
    found = {"u": [], "v": [], "fired": []}

    def send(from_inputs: bool, source: int, step: int):
        for g in c.synapses:
            if g.from_inputs == from_inputs and g.source[0] <= source < g.source[1]:
                for k, mantissa in enumerate(g.weight[source - g.source[0]]):
                    arriving[step + g.wait, g.target[0] + k] += weight(int(mantissa), g.exponent, g.mixed)

    for t, row in enumerate(counts):
        for source, spikes in enumerate(row):
            if spikes:
                send(True, source, t)
        for k, n in enumerate(compartments):
            n.step(arriving[t, k])
        for k, n in enumerate(compartments):
            if n.fired:
                send(False, k, t + 1)
        for name, values in found.items():
            values.append([getattr(n, name) for n in compartments])
    return found
