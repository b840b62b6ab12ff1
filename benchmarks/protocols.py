"""Speed of the protocols, end to end: cold and warm start, one network against one run a condition, synaptic events a second.

Run: python benchmarks/protocols.py   (about three minutes; prints medians and ratios)
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

REPEATS = 5


def command(*arguments, cache):
    """Return the seconds of a whole process."""
    environment = dict(os.environ, BRIAN2CHIP_CACHE=cache)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "brian2chip", *arguments], check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def python(code):
    """Return the seconds of a Python process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


def startup():
    """Time what a user waits for before anything runs."""
    median = lambda code: statistics.median(python(code) for _ in range(REPEATS))  # noqa: E731
    brian = median("import brian2")
    package = median("import brian2chip.protocols.run")
    print(f"import brian2                                  {brian:6.2f} s")
    print(f"import brian2chip with everything that runs    {package:6.2f} s   ({package - brian:+.2f} s)")
    for argument in ("--help", "list"):
        seconds = statistics.median(command(argument, cache="unused") for _ in range(REPEATS))
        print(f"brian2chip {argument:<36}{seconds:6.2f} s")


def bi_poo():
    """Time `brian2chip run bi_poo_1998 --rule stdp` (61 points of the curve and 45 of the data), cold and warm."""
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = [], []
        for k in range(3):
            cache = os.path.join(folder, f"cache{k}")
            out = lambda name, k=k: ["--out", os.path.join(folder, f"{name}{k}")]  # noqa: E731
            cold.append(command("run", "bi_poo_1998", "--rule", "stdp", *out("cold"), cache=cache))
            warm.append(command("run", "bi_poo_1998", "--rule", "stdp", *out("warm"), cache=cache))
    print(f"run bi_poo_1998 --rule stdp, empty cache       {statistics.median(cold):6.2f} s")
    print(f"run bi_poo_1998 --rule stdp, warm              {statistics.median(warm):6.2f} s")


def one_network():
    """Compare all conditions in one network with one run a condition, both in one process on the same device."""
    from brian2chip.core import registry
    from brian2chip.protocols import paired_synapses

    rule = registry.get("rule", "stdp")
    protocol = registry.get("protocol", "bi_poo_1998")
    options = dict(protocol.options)
    rows = protocol.conditions(options).to_dict("records")
    stimuli = [protocol.stimulate(row, options, None) for row in rows]
    settings = {"duration": 59.5, "dt": protocol.dt, "device": "cpp_standalone"}

    def seconds(groups):
        start = time.perf_counter()
        for group in groups:
            with paired_synapses.prepared(rule, group, **settings) as (evaluate, _):
                evaluate()
        return time.perf_counter() - start

    single = [[s] for s in stimuli]
    seconds([stimuli]), seconds(single[:1])  # compile both programs beforehand: the ratio is of running, not of compiling
    together = statistics.median(seconds([stimuli]) for _ in range(3))
    apart = seconds(single)
    print(f"{len(rows)} conditions in one network                  {together:6.2f} s")
    print(f"{len(rows)} conditions, a run each (both compiled)     {apart:6.2f} s   (ratio {apart / together:.0f})")


def events():
    """Count synaptic events a second of 1,000 neurons with 100,000 plastic synapses for 10 s at 0.1 ms."""
    from brian2 import Network, SpikeMonitor, Synapses

    from brian2chip.core import registry
    from brian2chip.core.brian2_objects import declare
    from brian2chip.engine.session import session
    from brian2chip.protocols import spike_trains
    from brian2chip.protocols.network_objects import si

    rule = registry.get("rule", "stdp")
    n, fan_in, dt, duration = 1000, 100, 1e-4, 10.0
    rng = np.random.default_rng(1)
    trains = [spike_trains.poisson(20.0, duration, rng, dt) for _ in range(n)]
    with session("cpp_standalone", dt=dt) as s:
        from brian2 import SpikeGeneratorGroup, second

        i = np.repeat(np.arange(n), [len(t) for t in trains])
        group = SpikeGeneratorGroup(n, i, np.concatenate(trains) * second, name="group")
        plastic = Synapses(
            group, group, rule.model + declare(rule.parameters), on_pre=rule.on_pre, on_post=rule.on_post, name="plastic", namespace={}
        )
        plastic.connect(i=rng.integers(0, n, n * fan_in), j=np.repeat(np.arange(n), fan_in))
        for name, value in rule.parameters.items():
            s.input(name, plastic, name, si(value))
        s.input("w", plastic, "w", 1.0)
        spikes = SpikeMonitor(group, record=False, name="spikes")
        s.queue(Network(group, plastic, spikes), duration)
        s.execute()
        times = []
        for _ in range(REPEATS):
            s.execute()
            times.append(s.timings["run"])
        count = 2 * fan_in * int(spikes.num_spikes)  # each spike is a presynaptic and a postsynaptic event of 100 synapses on average
    seconds = statistics.median(times)
    rate = count / seconds / 1e6
    print(f"1,000 neurons, 100,000 plastic synapses, 10 s  {seconds:6.2f} s   ({rate:.0f} million synaptic events a second)")


if __name__ == "__main__":
    for benchmark in (startup, bi_poo, one_network, events):
        benchmark()
