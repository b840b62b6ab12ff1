"""The devices cpp_standalone and cuda side by side: whether they agree, and what they take, on the processor and on an NVIDIA GPU.

python benchmarks/gpu.py            at most 8 minutes; without a GPU the half of the processor alone
python benchmarks/gpu.py --small    the same at small sizes

It needs, and asks nothing of a network: g++ and make; for the GPU a driver (nvidia-smi), a CUDA toolkit with nvcc, Thrust and cuRAND, to
which CUDA_PATH or PATH leads, and the wheels of `pip install 'brian2chip[cuda]'`.

Each part runs on each device in a process of its own, with an empty cache. When the time is over, the part that runs is stopped, and what
did not fit is named. Agreement is the largest difference of a result between the devices, as a part of the largest result; in double
precision 1e-9 is asked for, and the exit code is 1 where it is missed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from brian2 import Network, NeuronGroup, Synapses
from plastic_network import pairs

import brian2chip as bc
from brian2chip.core import registry
from brian2chip.core.brian2_objects import declare
from brian2chip.engine import cuda
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.initial_weights import random_weights
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, shape_of, state_of
from brian2chip.protocols import paired_synapses
from brian2chip.protocols.run_sets import checked_sets

DEVICES = ("cpp_standalone", "cuda")
#: Of the recurrent network.
NEURONS, SECONDS, RATE_HZ, DT = 10_000, 1.0, 10.0, 1e-4
AGREE = 1e-9
#: Synapses in one start of a sweep: a GPU takes long to start and little for each synapse.
ON_GPU = 1 << 23


def agreement(device: str, points: int) -> tuple[dict[str, Any], np.ndarray]:
    """Return times, and changes of weights by STDP in Bi & Poo's protocol."""
    clock, table = [time.perf_counter()], None
    for _ in range(2):  # the first compiles
        table = bc.run("bi_poo_1998", "stdp", device=device, pairs=5, rate_hz=4.0, points=points)
        clock.append(time.perf_counter())
    first, second = np.diff(clock)
    return {"compile": first - second, "run": second}, table["dw"].to_numpy()


def plastic(device: str, n_synapses: int) -> tuple[dict[str, Any], np.ndarray]:
    """Return times, and weights of a recurrent network of neurons that fire by a drive of their own and whose synapses learn by STDP.

    What arrives is summed and leaves the membrane alone: two devices see the same spikes, and their weights can be compared.
    """
    rule = registry.get("rule", "stdp")
    equations = "dv/dt = (drive - v)/(20*ms) : 1\ndI/dt = -I/(5*ms) : 1\ndrive : 1 (constant)"
    with session(device, dt=DT) as s:
        neurons = NeuronGroup(NEURONS, equations, threshold="v > 1", reset="v = 0", method="exact", name="neurons")
        model, on_pre = rule.model + declare(rule.parameters), f"{rule.on_pre}\nI_post += w"
        synapses = Synapses(neurons, neurons, model, on_pre=on_pre, on_post=rule.on_post, name="plastic", namespace={})
        pre, post = pairs(NEURONS, n_synapses // NEURONS)
        synapses.connect(i=pre, j=post)
        for name, value in rule.parameters.items():
            s.input(name, synapses, name, float(value))
        s.input("w", synapses, "w", 0.5)
        interval = np.random.default_rng(3).uniform(0.5, 1.5, NEURONS) / RATE_HZ
        s.input("drive", neurons, "drive", 1 / (1 - np.exp(-interval / 0.02)))
        s.result(synapses, "w")
        s.run(Network(neurons, synapses), SECONDS)
        return s.timings, s.read("plastic.w")


def eprop(device: str, batch: int) -> tuple[dict[str, Any], np.ndarray]:
    """Return times, and losses of a batch of evidence accumulation, its samples side by side, with the weights after the update."""
    task = registry.get("task", "evidence_accumulation")
    task = replace(task, training=replace(task.training, rule="eprop", batch=batch))
    shape, rng = shape_of(task, task.network, task.training, replicas=batch), np.random.default_rng(1)
    state = state_of(random_weights(task.n_in, task.network, task.n_out, rng))
    with session(device, dt=task.dt) as s:
        constants = constants_of(task, task.network, task.training, shape)
        found = Program(s, shape).run(task.generate(batch, rng), state, constants, samples_per_update=1)
        return s.timings, np.r_[found.loss, found.state["w_rec.w"]]


def sweep(device: str, n_sets: int) -> tuple[dict[str, Any], np.ndarray]:
    """Return times, and weights after Bi & Poo's protocol (56 conditions of 10 pairs) for sets of two parameters of STDP."""
    rule, protocol, rng = registry.get("rule", "stdp"), registry.get("protocol", "bi_poo_1998"), np.random.default_rng(1)
    options = {**protocol.options, "pairs": 10, "points": 11}
    stimuli = [protocol.stimulate(row, options, rng) for row in protocol.conditions(options).to_dict("records")]
    draws = {"tau_plus": rng.uniform(0.01, 0.03, n_sets), "A_plus": rng.uniform(0.005, 0.02, n_sets)}
    sets = checked_sets(rule, pd.DataFrame(draws))
    if device == "cuda":
        paired_synapses.MOST_AT_ONCE = ON_GPU
    how = {"duration": 10.5, "dt": protocol.dt, "device": device, "sets": n_sets}
    with paired_synapses.prepared(rule, stimuli, **how) as (evaluate, s):
        evaluate()  # compiles
        compiled, started = dict(s.timings), time.perf_counter()
        weights = evaluate(sets)["w_end"].to_numpy()
        return {**compiled, "run": time.perf_counter() - started}, weights


#: Each part with its function, its size, and that of --small.
PARTS: dict[str, tuple[Callable, int, int]] = {
    "STDP on Bi & Poo 1998, points": (agreement, 61, 11),
    "plastic network of 1e4 neurons, synapses": (plastic, 10**6, 10**4),
    "sweep of Bi & Poo 1998, parameter sets": (sweep, 10**5, 100),
    "e-prop, samples of a batch": (eprop, 256, 2),
    "larger plastic network, synapses": (plastic, 10**7, 10**5),
}


def one(part: str, device: str, size: int, file: str) -> None:
    """Run a part in this process and leave times and result in a file."""
    timings, result = PARTS[part][0](device, size)
    np.savez(file, result=result, **{name: float(timings.get(name, np.nan)) for name in ("compile", "run")})


def measured(part: str, device: str, size: int, seconds: float) -> dict[str, np.ndarray] | str:
    """Return what a process found, or why it found nothing, in a few words."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "found.npz")
        environment = {**os.environ, "BRIAN2CHIP_CACHE": folder}
        command = [sys.executable, __file__, "--one", part, device, str(size), str(file)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            said = process.communicate(timeout=seconds)[1]
        except subprocess.TimeoutExpired:
            process.terminate()  # it ends what it started and removes its folder
            process.communicate()
            return f"stopped after {seconds:.0f} s: no time left"
        if process.returncode or not file.exists():
            return f"failed: {(said.strip().splitlines() or ['it said nothing'])[-1][:300]}"
        with np.load(file) as found:
            return dict(found)


def difference(found: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    """Return the largest difference between two results, as a part of the largest."""
    a, b = found["result"], other["result"]
    return float(np.max(np.abs(a - b)) / np.max(np.abs(b))) if a.shape == b.shape else np.inf


def missing() -> str | None:
    """Return what the GPU's half lacks, None where it can run."""
    try:
        cuda.check_installed()
    except UserError as error:
        return str(error)
    return None


def main(small: bool, minutes: float) -> int:
    """Print the table; return 1 where the devices disagree."""
    end, lacks, worst = time.monotonic() + 60 * minutes, missing(), 0.0
    print(__doc__.split("\n\n")[2].replace("\n", " "))
    print(f"time: {minutes:g} minutes; GPU: {lacks or 'there'}\n")
    print(f"{'part':<44}{'size':>10}{'device':>16}{'compile s':>12}{'run s':>10}{'times faster':>14}{'difference':>12}", flush=True)
    for part, (_, full, little) in PARTS.items():
        size, first = little if small else full, None
        for device in DEVICES if lacks is None else DEVICES[:1]:
            left = end - time.monotonic()
            found = measured(part, device, size, left) if left > 5 else "not begun: no time left"
            head = f"{part:<44}{size:>10}{device:>16}"
            if isinstance(found, str):
                print(f"{head}  {found}", flush=True)
                continue
            row = f"{head}{found['compile']:>12.1f}{found['run']:>10.2f}"
            if first is not None:
                worst = max(worst, apart := difference(found, first))
                row += f"{first['run'] / found['run']:>14.2f}{apart:>12.1e}"
            first = found if device == DEVICES[0] else first
            print(row, flush=True)
    if lacks is None:
        print(f"\nlargest difference {worst:.1e}: {'the devices agree' if worst <= AGREE else f'above {AGREE:g}'}")
    return int(worst > AGREE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="small sizes")
    parser.add_argument(
        "--minutes", type=float, default=7.0, help="after which nothing goes on (default 7; the rest is for the start and the end)"
    )
    parser.add_argument("--one", nargs=4, metavar=("PART", "DEVICE", "SIZE", "FILE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        one(args.one[0], args.one[1], int(args.one[2]), args.one[3])
    else:
        sys.exit(main(args.small, args.minutes))
