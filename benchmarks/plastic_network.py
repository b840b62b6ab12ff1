"""A network of spike sources whose synapses all learn by pair-based STDP, in brian2chip, in plain Brian2 and in NEST.

All get the same spikes and the same pairs of neurons. What is timed is the run; a synaptic event is a spike at one end of a synapse.
"""

from __future__ import annotations

import statistics
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import yardstick

DT, RATE, REPEATS = 1e-4, 20.0, 5


def spikes(n: int, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the source and the step of every spike, sorted by step."""
    rng = np.random.default_rng(1)
    fired = rng.poisson(RATE * seconds, n)
    key = np.unique(np.repeat(np.arange(n), fired) + n * rng.integers(1, round(seconds / DT), fired.sum()))
    return key % n, key // n


def pairs(n: int, fan_in: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pre and post of every synapse."""
    return np.random.default_rng(2).integers(0, n, n * fan_in), np.repeat(np.arange(n), fan_in)


def _synapses(n: int, fan_in: int, seconds: float):
    """Return the source of spikes and the synapses as Brian2's objects, with the rule's parameters as shared variables."""
    from brian2 import SpikeGeneratorGroup, Synapses, second

    from brian2chip.core import registry
    from brian2chip.core.brian2_objects import declare

    rule = registry.get("rule", "stdp")
    i, step = spikes(n, seconds)
    source = SpikeGeneratorGroup(n, i, step * DT * second, name="source")
    model = rule.model + declare(rule.parameters)
    synapses = Synapses(source, source, model, on_pre=rule.on_pre, on_post=rule.on_post, name="plastic", namespace={})
    pre, post = pairs(n, fan_in)
    synapses.connect(i=pre, j=post)
    return rule, source, synapses, 2 * fan_in * len(i) / 1e6


def ours(n: int, fan_in: int, seconds: float) -> tuple[yardstick.Seconds, float]:
    """Return the times of our compiled program, its start included, and how many million events there are."""
    from brian2 import Network

    from brian2chip.engine.session import session

    with session("cpp_standalone", dt=DT) as s:
        rule, source, synapses, events = _synapses(n, fan_in, seconds)
        for name, value in rule.parameters.items():
            s.input(name, synapses, name, float(value))
        s.input("w", synapses, "w", 1.0)
        s.queue(Network(source, synapses), seconds)
        s.execute()
        return yardstick.median(s.execute, REPEATS), events


def brian2(target: str, n: int, fan_in: int, seconds: float) -> tuple[yardstick.Seconds, float]:
    """Return the same of plain Brian2; on Cython code is compiled in a shorter run before."""
    import brian2 as b2

    with TemporaryDirectory() as folder:
        if target == "cpp_standalone":
            b2.set_device(target, directory=folder, build_on_run=False)
        else:
            b2.prefs.codegen.target = target
        b2.defaultclock.dt = DT * b2.second
        rule, source, synapses, events = _synapses(n, fan_in, seconds)
        for name, value in rule.parameters.items():
            setattr(synapses, name, value)
        synapses.w = 1.0
        network = b2.Network(source, synapses)
        if target != "cpp_standalone":
            network.run(0 * b2.second)
            return yardstick.timed(lambda: network.run(seconds * b2.second)), events
        network.run(seconds * b2.second)
        b2.device.build(directory=folder, compile=True, run=False, with_output=False)
        return yardstick.median(lambda: b2.device.run(str(Path(folder)), with_output=False, run_args=[]), REPEATS), events


def nest(n: int, fan_in: int, seconds: float) -> tuple[yardstick.Seconds, float]:
    """Return the same of NEST: parrots that send the spikes, and its `stdp_synapse`; of three equal thirds the median, times three."""
    import nest

    nest.set_verbosity("M_ERROR")
    nest.set(resolution=0.1, local_num_threads=1)
    i, step = spikes(n, seconds)
    order = np.argsort(i, kind="stable")
    times = np.split(np.round(0.1 * step[order], 1), np.cumsum(np.bincount(i, minlength=n))[:-1])
    generators = nest.Create("spike_generator", n, params=[{"spike_times": each} for each in times])
    parrots = nest.Create("parrot_neuron", n)
    nest.Connect(generators, parrots, "one_to_one", {"delay": 0.1})
    pre, post = (np.array(parrots.tolist())[each] for each in pairs(n, fan_in))
    full = {"weight": np.full(len(pre), 1.0), "Wmax": np.full(len(pre), 100.0), "delay": np.full(len(pre), 1.0)}
    # On their second port parrots listen without repeating what they hear.
    nest.Connect(pre, post, "one_to_one", {"synapse_model": "stdp_synapse", "receptor_type": np.ones(len(pre), int), **full})
    nest.Prepare()
    steps = round(seconds / DT) // 3
    third = [yardstick.timed(lambda: nest.Run(1e3 * DT * steps)) for _ in range(3)]
    return yardstick.Seconds(*(3 * statistics.median(column) for column in zip(*third))), 2 * fan_in * len(i) / 1e6


PEERS = {
    "brian2chip": ours,
    "NEST": nest,
    "Brian2, C++": partial(brian2, "cpp_standalone"),
    "Brian2, Cython": partial(brian2, "cython"),
}
