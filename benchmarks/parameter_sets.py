"""Parameter sets as synapses: processor time of 1,000 sets, of fits, and of protocols with up to 10,000 conditions; memory.

Run: python benchmarks/parameter_sets.py [--starts]   (some three minutes after the programs are compiled; --starts adds the joint fits
from 20 far-off starts, some ten more)
"""

import os
import resource
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pandas as pd
from brian2 import second

import brian2chip as bc
from brian2chip.core.protocol import Protocol

AMPLITUDES = ["A2_plus", "A3_plus", "A2_minus", "A3_minus"]


def seconds():
    """Return processor seconds of this process and the programs that it started."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def measured(what, function):
    """Print processor and wall time of a call, and return what it returned."""
    start, clock = seconds(), time.perf_counter()
    result = function()
    print(f"{what:<66}{seconds() - start:8.2f} s   ({time.perf_counter() - clock:.1f} s on the clock)", flush=True)
    return result


def yardstick():
    """Print how long the machine takes to import Brian2."""
    command = [sys.executable, "-c", "import time; t = time.process_time(); import brian2; print(time.process_time() - t)"]
    print(f"import brian2 {float(subprocess.run(command, capture_output=True, text=True, check=True).stdout):.2f} s on this machine")


def sets():
    """1,000 sets of bi_poo_1998."""
    rng, n = np.random.default_rng(1), 1000
    ranges = {"tau_plus": (0.01, 0.03), "A_plus": (0.005, 0.02), "A_minus": (0.001, 0.01)}
    draws = pd.DataFrame({name: rng.uniform(*ends, n) for name, ends in ranges.items()})
    bc.run("bi_poo_1998", "stdp", device="cpp_standalone")
    found = measured("1,000 parameter sets of bi_poo_1998 (106 conditions each)", lambda: bc.run_sets("bi_poo_1998", "stdp", draws))
    one = dict(draws.iloc[7]) | {"tau_plus": draws.tau_plus[7] * second}
    single = bc.run("bi_poo_1998", "stdp", parameters=one).attrs["run"]["scores"]["rmse"]
    print(f"    difference of a score from that of a single run {abs(single - found.rmse[7]):.1e}")


def fits():
    """Fits of the triplet rule to Wang et al., six parameters, with three kinds of intervals."""
    free = [*AMPLITUDES, "tau_x", "tau_y"]
    bc.run("wang_2005", "triplet", device="cpp_standalone")
    for intervals in ("jacobian", "profile", "bootstrap"):
        one = measured(
            f"fit of wang_2005, 6 parameters, {intervals}", lambda how=intervals: bc.fit("wang_2005", "triplet", free=free, intervals=how)
        )
        print(f"    chi2 {one.chi2:.5g}, {one.n_evaluations} evaluations in {one.n_calls} starts of the program")


def far_starts():
    """Joint fits of Sjöström and Wang from 20 far-off starts: amplitudes from 1e-5 to 0.1, time constants from 1 ms to 10 s."""
    rng, found = np.random.default_rng(0), []
    names = ["sjostrom_2001", "wang_2005"]
    how = {"free": [*AMPLITUDES, "tau_x", "tau_y"], "separate": AMPLITUDES, "starts": 16}
    for _ in range(20):
        start = {f"{a}[{name}]": 10 ** rng.uniform(-5, -1) for a in AMPLITUDES for name in names}
        start |= {tau: 10 ** rng.uniform(-3, 1) * second for tau in ("tau_x", "tau_y")}
        found.append(measured("joint fit from a far-off start", partial(bc.fit, names, "triplet", **how, parameters=start)))
        print(
            f"    chi2 {found[-1].chi2:.6g}, {found[-1].n_evaluations} evaluations in {found[-1].n_calls} starts of the program", flush=True
        )
    chi2 = np.array([one.chi2 for one in found])
    print(f"    {np.sum(chi2 <= 1.01 * chi2.min())} of 20 within 1 % of the lowest, {chi2.min():.6g}")
    shared = measured(
        "the same with all parameters shared", lambda: bc.fit(names, "triplet", free=[*AMPLITUDES, "tau_x", "tau_y"], starts=16)
    )
    print(f"    shared {shared.criteria()}\n    separate {found[int(chi2.argmin())].criteria()}")


def conditions():
    """Protocols of 100 to 10,000 conditions, each in a process of its own: time and memory a condition, and the exponent of growth."""
    sizes, times = (1000, 3000, 10_000), []
    for n in sizes:
        for _ in range(2):  # the first time it may be compiled
            command = [sys.executable, __file__, "--conditions", str(n)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        took, memory, program, memory_of_program = map(float, done.stdout.split())
        times.append(took)
        print(
            f"{n:6d} conditions in one program: {1e6 * took / n:6.0f} us a condition ({took:.2f} s, of which the program {program:.2f} s), "
            f"{memory:.0f} MB in Python, {memory_of_program:.0f} MB in the program",
            flush=True,
        )
    print(f"growth with conditions: exponent {np.polyfit(np.log(sizes), np.log(times), 1)[0]:.2f}")


def one_protocol(n):
    """Run a protocol of n conditions and print processor seconds, and memory in MB, of the process and of the program."""
    many = Protocol(
        name="many",
        source="60 pairings at 1 Hz with differences from -100 to 100 ms",
        conditions=lambda options: pd.DataFrame({"dt_ms": np.round(np.linspace(-100, 100, n), 1)}),
        stimulate=lambda c, options, rng: (0.2 + np.arange(60.0), 0.2 + np.arange(60.0) + c["dt_ms"] * 1e-3),
        score=lambda table: {"mean": table["dw"].mean()},
        dt=1e-4,
    )
    own, child = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    before, child_before = seconds(), sum(resource.getrusage(child)[:2])
    bc.run(many, "stdp", device="cpp_standalone")
    sizes = [resource.getrusage(who).ru_maxrss / 1024 for who in (own, child)]
    print(seconds() - before, sizes[0], sum(resource.getrusage(child)[:2]) - child_before, sizes[1])


if __name__ == "__main__":
    if "--conditions" in sys.argv:
        one_protocol(int(sys.argv[2]))
    else:
        yardstick()
        for benchmark in (sets, fits, conditions, *([far_starts] if "--starts" in sys.argv else [])):
            benchmark()
