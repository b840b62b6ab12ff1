"""Speed of the protocols, end to end: cold and warm start, one network against one run a condition, synaptic events a second.

Run: python benchmarks/protocols.py   (about three minutes; prints medians and ratios)
"""

import os
import tempfile

import plastic_network
import yardstick

REPEATS = 5


def command(*arguments, cache):
    """Return the seconds of a whole process."""
    return yardstick.process(["-m", "brian2chip", *arguments], 1, env=dict(os.environ, BRIAN2CHIP_CACHE=cache))


def row(what, seconds, more=""):
    """Print a row of the table."""
    print(f"{what:<47}{seconds.processor:>9.2f} s{seconds.wall:>9.2f} s   {more}".rstrip(), flush=True)


def startup():
    """Time what a user waits for before anything runs."""
    brian, package = (yardstick.process(["-c", f"import {name}"], REPEATS) for name in ("brian2", "brian2chip.protocols.run"))
    row("import brian2", brian)
    row("import brian2chip with everything that runs", package, f"({package.processor - brian.processor:+.2f} s)")
    for argument in ("--help", "list"):
        row(f"brian2chip {argument}", yardstick.process(["-m", "brian2chip", argument], REPEATS))


def bi_poo():
    """Time `brian2chip run bi_poo_1998 --rule stdp` (61 points of the curve and 45 of the data), cold and warm."""
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = [], []
        for k in range(3):
            cache = os.path.join(folder, f"cache{k}")
            out = lambda name, k=k: ["--out", os.path.join(folder, f"{name}{k}")]  # noqa: E731
            cold.append(command("run", "bi_poo_1998", "--rule", "stdp", *out("cold"), cache=cache))
            warm.append(command("run", "bi_poo_1998", "--rule", "stdp", *out("warm"), cache=cache))
    row("run bi_poo_1998 --rule stdp, empty cache", yardstick.medians(cold))
    row("run bi_poo_1998 --rule stdp, warm", yardstick.medians(warm))


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

    def run(groups):
        for group in groups:
            with paired_synapses.prepared(rule, group, **settings) as (evaluate, _):
                evaluate()

    single = [[s] for s in stimuli]
    run([stimuli]), run(single[:1])  # compile both programs beforehand: the ratio is of running, not of compiling
    together, apart = yardstick.median(lambda: run([stimuli]), 3), yardstick.timed(lambda: run(single))
    row(f"{len(rows)} conditions in one network", together)
    row(f"{len(rows)} conditions, a run each (both compiled)", apart, f"(ratio {apart.processor / together.processor:.0f})")


def events():
    """Count synaptic events a second of 1,000 neurons with 100,000 plastic synapses for 10 s at 0.1 ms."""
    seconds, count = plastic_network.ours(1000, 100, 10.0)
    rate = f"({count / seconds.processor:.0f} million synaptic events a second of processor time)"
    row("1,000 neurons, 100,000 plastic synapses, 10 s", seconds, rate)


if __name__ == "__main__":
    yardstick.heading("protocols: processor time, wall time (medians)")
    for benchmark in (startup, bi_poo, one_network, events):
        benchmark()
