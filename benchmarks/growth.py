"""How time and memory grow: with conditions, simulated seconds, input events of a chip, and its ticks; exponents, and bytes of each.

python benchmarks/growth.py [--events N]      N: the most input events of ODIN, 1,000,000 by default

Each point is measured in a process of its own whose program is compiled already: processor time of the run (of events one run, of the rest
the median of 3 or 5), and peak memory of the process and of its program, which begins as a copy of the process and is not seen below that.
The exponent is the slope of the logarithms between the two largest sizes, where the start matters least.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import yardstick

SIZES = {
    "conditions": [512, 2048, 8192],
    "seconds": [400, 1600, 6400],
    "events": [10_000, 100_000, 1_000_000],
    "ticks": [22_500, 90_000, 360_000],
}


def conditions(n: int) -> yardstick.Seconds:
    """Run n pairings of pair-based STDP, 60 pairs each."""
    from brian2chip.core import registry
    from brian2chip.protocols import paired_synapses

    times = np.arange(60) + 0.1
    stimuli = [(times, times + 1e-3 * (1 + k % 50)) for k in range(n)]
    with paired_synapses.prepared(registry.get("rule", "stdp"), stimuli, duration=60.5, dt=1e-3, device="cpp_standalone") as (evaluate, _):
        evaluate()
        return yardstick.median(evaluate, 3)


def seconds(n: int) -> yardstick.Seconds:
    """Run 20 neurons with 100 plastic synapses and spikes of 20 Hz for n seconds."""
    import plastic_network

    return plastic_network.ours(20, 5, float(n))[0]


def events(n: int) -> yardstick.Seconds:
    """Run n spike events onto the 256 neurons of ODIN, SDSP on."""
    import odin

    with odin.emulator() as chip:
        chip.run(*odin.workload(1))
        return yardstick.timed(partial(chip.run, *odin.workload(n)))


def ticks(n: int) -> yardstick.Seconds:
    """Run n ticks of ReckOn, in samples of 2,250 with learning."""
    import reckon

    reckon.N_SAMPLES = n // 2250
    with reckon.Emulator() as chip:
        configuration = reckon.presets.configuration(40, 100, 2)
        memory = reckon.Memory.of(configuration, **reckon.presets.initial_weights(40, 100, 2, np.random.default_rng(2)))
        samples = reckon.cue_accumulation(7)
        chip.run(configuration, memory, samples)
        return yardstick.median(lambda: chip.run(configuration, memory, samples), 3)


POINTS = {"conditions": conditions, "seconds": seconds, "events": events, "ticks": ticks}


def point(what: str, n: int) -> None:
    """Print processor seconds, and the peak memory in bytes of this process and of its largest program."""
    took = POINTS[what](n)
    peak = [1024 * resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps([took.processor, *peak]))


def measured(what: str, n: int) -> list[float]:
    """Return what :func:`point` prints; the first of two processes compiles the program."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    for _ in range(2):
        command = [sys.executable, __file__, "point", what, str(n)]
        said = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}).stdout
    return json.loads(said.splitlines()[-1])


def slope(n: list[int], value: np.ndarray) -> float:
    """Return the exponent between the last two sizes."""
    return float(np.log(value[-1] / value[-2]) / np.log(n[-1] / n[-2]))


def main(most_events: int) -> None:
    """Print a table for each kind of growth."""
    for what, sizes in SIZES.items():
        if what == "events":
            sizes = [n for n in (10**k for k in range(4, 9)) if n <= most_events]
        yardstick.heading(f"growth with {what}")
        print(f"{what:>12}{'processor s':>14}{'process MB':>13}{'program MB':>13}")
        rows = []
        for n in sizes:
            rows.append(measured(what, n))
            print(f"{n:>12,}{rows[-1][0]:>14.3f}{rows[-1][1] / 1e6:>13.0f}{rows[-1][2] / 1e6:>13.0f}", flush=True)
        table = np.array(rows)
        each = (table[-1, 1:] - table[0, 1:]) / (sizes[-1] - sizes[0])
        print(
            f"exponent of time {slope(sizes, table[:, 0]):.2f}; bytes of each: {each[0]:.0f} in the process, {each[1]:.0f} in the program"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["point"]:
        point(sys.argv[2], int(sys.argv[3]))
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--events", type=int, default=1_000_000)
        main(parser.parse_args().events)
