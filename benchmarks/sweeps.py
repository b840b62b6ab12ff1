"""Sweeps beside single runs: 200 points of a protocol from the command line, trainings on two workers, what a job costs besides.

python benchmarks/sweeps.py [--trainings N] [--points N]      100 trainings and 200 jobs by default

Wall time, and processor time: of the calling process with all that it started, of the workers by themselves (Linux). On a machine that is
shared the speed-up of two workers is the processor time of one process over that of the slower worker, as if each had a core of its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import brian2chip as bc
from brian2chip.core import local_workers

TICK = os.sysconf("SC_CLK_TCK")
COMMAND = [sys.executable, "-m", "brian2chip"]
JOBS = """
import pandas as pd
from brian2chip.core.protocol import Protocol

def simulate(rule, conditions, options, settings):
    return conditions.assign(dw=float(rule.parameters["A_plus"]))

NOTHING = Protocol(name="nothing", source="this benchmark", conditions=lambda options: pd.DataFrame({"k": [0]}), stimulate=None, plot=None,
                   simulate=simulate, score=lambda table: {"dw": table["dw"][0]})
"""


def of_children(command: list[str]) -> tuple[float, float]:
    """Return wall and processor time of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Watched:
    """Processor times of the workers that a sweep starts, each with what it started itself, looked at again and again."""

    def __init__(self) -> None:
        self.seconds: dict[int, float] = {}
        self.going = True
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watched:
        self.real = local_workers.LocalWorkers._start
        started = self.seconds

        def start(local):
            process = self.real(local)
            started[process.pid] = 0.0
            return process

        local_workers.LocalWorkers._start = start
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        local_workers.LocalWorkers._start, self.going = self.real, False
        self.thread.join()

    def _watch(self) -> None:
        while self.going:
            for process in list(self.seconds):
                try:
                    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                    self.seconds[process] = sum(map(int, words[11:15])) / TICK  # utime, stime, and those of children
                except OSError:
                    continue
            time.sleep(0.02)


def measured(what, rule, workers: int, **more) -> tuple[float, float, list[float]]:
    """Return wall time, processor time of this process with its children, and that of each worker."""
    clock = lambda: sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # noqa: E731
    with Watched() as workers_seen:
        start, before = time.perf_counter(), clock()
        bc.sweep(what, rule, workers=workers, most=1e9, **more)
        return time.perf_counter() - start, clock() - before, list(workers_seen.seconds.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trainings", type=int, default=100)
    parser.add_argument("--points", type=int, default=200)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grid = ["--vary", "tau_plus=10ms:30ms:20", "--vary", "A_plus=0.005:0.02:10"]
        for k in range(2):  # the first one compiles
            one = of_children([*COMMAND, "run", "bi_poo_1998", "--rule", "stdp"])
            many = of_children([*COMMAND, "sweep", "bi_poo_1998", "stdp", *grid, "--out", str(folder / f"{k}.parquet")])
        print(f"{'':44}{'wall (s)':>10}{'processor (s)':>15}")
        print(f"{'a warm run of bi_poo_1998':44}{one[0]:10.2f}{one[1]:15.2f}")
        print(f"{'a sweep of 200 points of it':44}{many[0]:10.2f}{many[1]:15.2f}   {many[1] / one[1]:.2f} times")
        (folder / "nothing.py").write_text(JOBS)
        values = [k / args.points for k in range(args.points)]
        wall, used, _ = measured(str(folder / "nothing.py"), "stdp", 1, A_plus=values)
        print(
            f"{f'{args.points} jobs that do nothing, in the process':44}{wall:10.2f}{used:15.2f}   {1e3 * used / args.points:.1f} ms each"
        )
    short, long = (measured_jobs(n) for n in (2, args.points))
    each = [1e3 * (b - a) / (args.points - 2) for a, b in zip(short, long)]
    said = f"{args.points} jobs that do nothing, on two workers"
    print(f"{said:44}{long[0]:10.2f}{long[1]:15.2f}   {each[1]:.1f} ms each, without the start")
    training = {"how": {"n_test": 8}, "iterations": 8, "batch": 8}
    measured("evidence_accumulation_lif", None, 1, seeds=1, **training)  # compiles
    wall_1, used_1, _ = measured("evidence_accumulation_lif", None, 1, seeds=args.trainings, **training)
    wall_2, used_2, each = measured("evidence_accumulation_lif", None, 2, seeds=args.trainings, **training)
    print(f"{f'{args.trainings} trainings in one process':44}{wall_1:10.2f}{used_1:15.2f}")
    print(f"{f'{args.trainings} trainings on two workers':44}{wall_2:10.2f}{used_2:15.2f}   workers {', '.join(f'{s:.2f}' for s in each)}")
    print(f"two workers: {wall_1 / wall_2:.2f} times in wall time, {used_1 / max(each):.2f} times in processor time")


def measured_jobs(n: int) -> tuple[float, float]:
    """Return wall and processor time of so many jobs that do nothing on two workers."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "nothing.py").write_text(JOBS)
        return measured(f"{name}/nothing.py", "stdp", 2, A_plus=[k / n for k in range(n)])[:2]


if __name__ == "__main__":
    main()
