"""Speed and memory of e-prop: milliseconds a sample, the ratio to BPTT in snnTorch, and the memory of learning as the network grows.

python benchmarks/eprop.py speed            one table; snnTorch is added where it is installed (extra brian2chip[bptt])
python benchmarks/eprop.py memory           peak memory of the compiled program with and without learning, 100 to 4,000 neurons
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from dataclasses import replace
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import yardstick

from brian2chip.analysis import locality
from brian2chip.core import registry
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.engine.session import session
from brian2chip.learning.initial_weights import random_weights
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, shape_of, state_of

REPEATS = 5


def per_sample(rule: str, batch: int) -> tuple[float, float, float]:
    """Return milliseconds a sample inside the program, of wall time and of processor time: medians of a few starts."""
    task = registry.get("task", "evidence_accumulation")
    task = replace(task, training=replace(task.training, rule=rule, batch=batch))
    shape = shape_of(task, task.network, task.training, samples=batch)
    rng = np.random.default_rng(1)
    state, inside, times = state_of(random_weights(task.n_in, task.network, task.n_out, rng)), [], []
    with session("cpp_standalone", dt=task.dt) as s:
        program = Program(s, shape)
        constants = constants_of(task, task.network, task.training, shape)
        program.run(task.generate(batch, rng), state, constants, samples_per_update=batch)  # compiles
        for _ in range(REPEATS):
            samples = task.generate(batch, rng)
            times.append(yardstick.timed(partial(program.run, samples, state, constants, samples_per_update=batch)))
            inside.append(s.timings["run"])
    return tuple(1e3 * each / batch for each in (statistics.median(inside), *yardstick.medians(times)))


def speed() -> None:
    """Print the table of speeds."""
    title = "evidence accumulation: 40 inputs, 50 LIF + 50 ALIF, 2 outputs, 2,250 steps, one core, float64"
    yardstick.heading(f"{title}, medians of {REPEATS}")
    print(f"{'method':<28}{'batch':>6}{'program ms/sample':>20}{'wall ms/sample':>17}{'processor ms/sample':>22}")
    times = {}
    for rule in ("eprop", "eprop_events"):
        for batch in (1, 32):
            inside, wall, times[rule, batch] = per_sample(rule, batch)
            print(f"{rule:<28}{batch:>6}{inside:>20.1f}{wall:>17.1f}{times[rule, batch]:>22.1f}", flush=True)
    try:
        from brian2chip.learning import bptt
    except ImportError:
        print("snnTorch BPTT: not installed (pip install brian2chip[bptt])")
        return
    for batch in (1, 32):
        wall, busy = (1e3 * t for t in bptt.seconds_per_sample(registry.get("task", "evidence_accumulation"), batch, repeats=REPEATS))
        ratio = ", ".join(f"{busy / times[rule, batch]:.1f} times {rule}" for rule in ("eprop", "eprop_events"))
        print(f"{'snnTorch BPTT, float32':<28}{batch:>6}{'':>20}{wall:>17.1f}{busy:>22.1f}   ({ratio})", flush=True)


def peak_memory(rule: str | None, n: int) -> int:
    """Return the peak resident kB of the compiled program for n recurrent neurons; rule None is the network without learning."""
    steps = 20
    training = TrainingConfig(rule=rule or "eprop_factorised", optimiser="gradient_descent", batch=1)
    network = NetworkConfig(n_lif=n)
    mask = np.ones(steps, bool)
    task = Task("memory", "this benchmark", "classification", 1, 2, steps, 1e-3, mask, lambda *_, **__: None, network, training)
    shape = shape_of(task, network, training)
    if rule is None:  # the on-line rule with a rate that nothing multiplies
        shape = replace(shape, rule=replace(shape.rule, code="w -= 0*rate"))
    rng = np.random.default_rng(1)
    samples = Samples.from_dense(rng.random((1, steps, 1)) < 0.1, mask, label=np.zeros(1, int))
    state = state_of(random_weights(1, network, 2, rng))
    with session("cpp_standalone", dt=1e-3, compile_args=["-O0"]) as s:  # memory is asked for, not speed
        program = Program(s, shape)
        program.run(samples, state, constants_of(task, network, training, shape), samples_per_update=1)
        results = s.directory / "results"
        command = [str(s.program), "--results_dir", f"{results}{os.sep}"]
        # Started from a small process: the kernel counts the memory of the process that starts it to a program's peak.
        small = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        small += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        return int(subprocess.check_output([sys.executable, "-S", "-c", small, *command], cwd=s.directory))


def from_equations(rule: str, n: int) -> float:
    """Return the MB that the rule's equations store beside the weights, for a full network of n neurons."""
    account = locality.account(registry.get("learning_rule", rule).as_rule(), n_neurons=n)
    return (account.bytes_float64 - 8 * account.n_synapses) / 1e6


def memory(sizes, out: str | None) -> None:
    """Print, and draw, the memory of learning: what the program with the rule takes more than the network itself."""
    rules = ("eprop_online", "eprop_factorised")
    print(f"{'neurons':>8}{'network MB':>12}" + "".join(f"{f'+ {rule} MB':>22}{'from its equations':>20}" for rule in rules))
    rows = []
    for n in sizes:
        network = peak_memory(None, n)
        measured = [(peak_memory(rule, n) - network) / 1e3 for rule in rules]
        rows.append([*measured, *(from_equations(rule, n) for rule in rules)])
        shown = "".join(f"{a:>22.2f}{b:>20.3f}" for a, b in zip(rows[-1][:2], rows[-1][2:]))
        print(f"{n:>8}{network / 1e3:>12.1f}{shown}", flush=True)
    if out is not None:
        figure, axes = plt.subplots(layout="constrained")
        table = np.array(rows)
        for k, rule in enumerate(rules):
            axes.loglog(sizes, table[:, 2 + k], color=f"C{k}", label=f"{rule}, from its equations")
            axes.loglog(sizes, np.where(table[:, k] > 0, table[:, k], np.nan), "o", color=f"C{k}", label=f"{rule}, measured")
        axes.set(xlabel="neurons", ylabel="memory of learning beside the weights (MB)")
        axes.legend(frameon=False)
        figure.savefig(out, dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "memory"])
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 200, 500, 1000, 2000, 4000])
    parser.add_argument("--out", help="file of the figure of memory")
    args = parser.parse_args()
    speed() if args.what == "speed" else memory(args.sizes, args.out)
