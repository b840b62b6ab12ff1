"""Speed and memory of e-prop: milliseconds a sample, the ratio to BPTT in snnTorch, and the memory of learning as the network grows.

    python benchmarks/eprop.py speed            one table; snnTorch is added where it is installed (extra brian2chip[bptt])
    python benchmarks/eprop.py memory           peak memory of the compiled program with and without learning, 100 to 4,000 neurons
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from dataclasses import replace

import numpy as np

from brian2chip import registry
from brian2chip.engine import session
from brian2chip.learning import Samples, Task
from brian2chip.learning_settings import Neurons, Training
from brian2chip.plasticity.eprop_program import Program
from brian2chip.plasticity.eprop_setup import constants_of, random_weights, shape_of, state_of

REPEATS = 5


def per_sample(rule: str, batch: int) -> tuple[float, float]:
    """Return milliseconds a sample inside the program and of wall time: the best of a few starts with ``batch`` samples and one update."""
    task = registry.get("protocol", "evidence_accumulation")
    task = replace(task, training=replace(task.training, rule=rule, batch=batch))
    shape = shape_of(task, task.network, task.training, trials=batch)
    rng = np.random.default_rng(1)
    state, inside, wall = state_of(random_weights(task.n_in, task.network, task.n_out, rng)), [], []
    with session("cpp_standalone", dt=task.dt) as s:
        program = Program(s, shape)
        constants = constants_of(task, task.network, task.training, shape)
        program.run(task.generate(batch, rng), state, constants, trials_per_update=batch)  # compiles
        for _ in range(REPEATS):
            start = time.perf_counter()
            program.run(task.generate(batch, rng), state, constants, trials_per_update=batch)
            wall.append(time.perf_counter() - start)
            inside.append(s.timings["run"])
    return 1e3 * min(inside) / batch, 1e3 * min(wall) / batch


def speed() -> None:
    """Print the table of speeds."""
    print("evidence accumulation: 40 inputs, 50 LIF + 50 ALIF, 2 outputs, 2,250 steps, one core, float64, best of", REPEATS)
    print(f"{'method':<28}{'batch':>6}{'program ms/sample':>20}{'wall ms/sample':>17}")
    times = {}
    for rule in ("eprop", "eprop_events"):
        for batch in (1, 32):
            inside, times[rule, batch] = per_sample(rule, batch)
            print(f"{rule:<28}{batch:>6}{inside:>20.1f}{times[rule, batch]:>17.1f}", flush=True)
    try:
        from brian2chip import bptt
    except ImportError:
        print("snnTorch BPTT: not installed (pip install brian2chip[bptt])")
        return
    for batch in (1, 32):
        wall = 1e3 * bptt.seconds_per_sample(registry.get("protocol", "evidence_accumulation"), batch, repeats=REPEATS)
        ratio = ", ".join(f"{wall / times[rule, batch]:.1f} x {rule}" for rule in ("eprop", "eprop_events"))
        print(f"{'snnTorch BPTT, float32':<28}{batch:>6}{'':>20}{wall:>17.1f}   ({ratio})", flush=True)


def peak_memory(rule: str | None, n: int) -> int:
    """Return the peak resident kB of the compiled program for n recurrent neurons; rule None is the network without learning."""
    steps = 20
    training = Training(rule=rule or "eprop_factorised", optimiser="gradient_descent", batch=1)
    if rule == "eprop":
        training = replace(training, optimiser="adam")
    network = Neurons(n_lif=n)
    mask = np.ones(steps, bool)
    task = Task("memory", "this benchmark", "classification", 1, 2, steps, 1e-3, mask, lambda *_, **__: None, network, training)
    shape = shape_of(task, network, training)
    if rule is None:
        shape = replace(shape, rule=replace(shape.rule, regular=(("w = w", "dt"),), model=shape.rule.model))
    rng = np.random.default_rng(1)
    samples = Samples.from_dense(rng.random((1, steps, 1)) < 0.1, mask, label=np.zeros(1, int))
    state = state_of(random_weights(1, network, 2, rng))
    with session("cpp_standalone", dt=1e-3) as s:
        program = Program(s, shape)
        program.run(samples, state, constants_of(task, network, training, shape), trials_per_update=1)
        results = s.directory / "results"
        command = [str(s._program), "--results_dir", f"{results}{os.sep}"]
        process = subprocess.Popen(command, cwd=s.directory, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
    return usage.ru_maxrss


def memory(sizes) -> None:
    """Print the memory of learning: what the program with the rule takes more than the network itself."""
    print(f"{'neurons':>8}{'network MB':>12}{'+ eprop MB':>12}{'+ O(N) rule MB':>16}")
    for n in sizes:
        network, full, factorised = (peak_memory(rule, n) for rule in (None, "eprop", "eprop_factorised"))
        print(f"{n:>8}{network / 1e3:>12.1f}{(full - network) / 1e3:>12.1f}{(factorised - network) / 1e3:>16.2f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "memory"])
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 200, 500, 1000, 2000, 4000])
    args = parser.parse_args()
    speed() if args.what == "speed" else memory(args.sizes)
