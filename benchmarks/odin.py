"""Synaptic operations a second of the ODIN emulator with SDSP on, and the time of one whole replay call.

Run: python benchmarks/odin.py [TRACE.npz]
"""

from __future__ import annotations

import resource
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import yardstick

from brian2chip.chips.odin import events as ev
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.emulator import emulator

N_EVENTS = 4000
REPEATS = 7
#: E. g. 2 cycles a synaptic operation at 75 MHz: section 7 of the specification and the clock of the published chip.
CHIP = 75e6 / 2


def workload(n: int) -> tuple[Configuration, np.ndarray]:
    """Return a chip with 256 LIF neurons, plastic random synapses, and n spike events from random neurons."""
    rng = np.random.default_rng(1)
    chip = Configuration.blank(update_unmapped_syn=1, propagate_unmapped_syn=1).with_neurons(
        np.arange(256), lif=1, thr=200, leak_str=30, leak_en=1, ca_en=1, thetamem=100, theta1=0, theta2=7, theta3=7, ca_leak=2
    )
    chip = replace(chip, synapses=rng.integers(0, 16, (256, 256)).astype(np.uint8), syn_sign=(rng.random(256) < 0.4).astype(np.uint8))
    return chip, ev.checked(ev.spike(rng.integers(0, 256, n)), np.zeros(n, int))


def seconds(chip, configuration, events) -> tuple[float, float]:
    """Return wall and processor seconds of the compiled program, its start and its files included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    chip.run(configuration, events)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return chip.session.timings["run"], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def speed() -> tuple[float, float, float]:
    """Return million synaptic operations a second: by the wall's clock, by processor time, and of a short program with its start."""
    with emulator() as chip:
        chip.run(*workload(1))
        best = {n: np.min([seconds(chip, *workload(n)) for _ in range(REPEATS)], axis=0) for n in (N_EVENTS, 10 * N_EVENTS)}
    # The difference of two runs leaves out the start of the program and its files.
    return (*(256e-6 * 9 * N_EVENTS / (best[10 * N_EVENTS] - best[N_EVENTS])), 256e-6 * N_EVENTS / best[N_EVENTS][0])


def main() -> None:
    """Print both figures."""
    yardstick.heading(f"ODIN: best of {REPEATS}")
    wall, processor, whole = speed()
    print(f"spike events onto 256 neurons, SDSP on: {wall:.0f} million synaptic operations a second ({processor:.0f} by processor time)")
    print(f"a program of {N_EVENTS} events, start and files included: {whole:.0f} million a second; the chip at 75 MHz: {CHIP / 1e6:.1f}")
    trace = sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).parents[1] / "tests/golden/odin/sdsp_crossbar_poisson.npz")
    took = yardstick.process(["-m", "brian2chip", "replay", "odin", trace])
    shown = f"{took.processor:.2f} s of processor time, {took.wall:.2f} s of wall time (medians)"
    print(f"replay of {Path(trace).name}, process start included, program cached: {shown}")


if __name__ == "__main__":
    main()
