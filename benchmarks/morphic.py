"""Synaptic operations a second of our MorphIC's emulator, without and with stochastic SDSP, beside those of ODIN's.

Run: python benchmarks/morphic.py
"""

from __future__ import annotations

import resource
from dataclasses import replace

import numpy as np
import odin
import yardstick

from brian2chip.chips.morphic import events as ev
from brian2chip.chips.morphic.configuration import SHAPE, Configuration
from brian2chip.chips.morphic.emulator import emulator
from brian2chip.plasticity.sdsp_stochastic import probability

N_EVENTS = 10_000
REPEATS = 5


def workload(n: int, learn: bool) -> tuple[Configuration, np.ndarray]:
    """Return a chip with random synapses of both signs whose neurons fire now and then, and n spikes on random rows of its cores."""
    rng = np.random.default_rng(1)
    chip = replace(Configuration.blank(), synapses=rng.integers(0, 2, SHAPE).astype(np.uint8))
    chip = chip.with_neurons(slice(None), thr=30, disable=0).with_cores(bipolar=1)
    if learn:
        k = {"k_up": probability(0.01).k, "k_down": probability(0.01).k}
        chip = chip.with_cores(learn=1, ca_en=1, theta1=0, theta2=7, theta3=7, thetamem=0, **k)
    return chip, ev.spike(1 << rng.integers(0, 4, n), rng.integers(0, 1024, n))


def seconds(chip, configuration, events) -> tuple[float, float]:
    """Return wall and processor seconds of the compiled program, its start and its files included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    chip.run(configuration, events)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return chip.session.timings["run"], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def speed(learn: bool) -> tuple[float, float]:
    """Return million synaptic operations a second, by the wall's clock and by processor time, the start of the program left out."""
    with emulator() as chip:
        chip.run(*workload(1, learn))
        best = {n: np.min([seconds(chip, *workload(n, learn)) for _ in range(REPEATS)], axis=0) for n in (N_EVENTS, 10 * N_EVENTS)}
    return tuple(512e-6 * 9 * N_EVENTS / (best[10 * N_EVENTS] - best[N_EVENTS]))


def main() -> None:
    """Print the figures and their ratio to ODIN's."""
    yardstick.heading(f"MorphIC: best of {REPEATS}")
    of_odin = odin.speed()
    for what, learn in (("SDSP off", False), ("stochastic SDSP on", True)):
        wall, processor = speed(learn)
        print(f"{what}: {wall:.0f} million synaptic operations a second ({processor:.0f} by processor time)", end="; ")
        print(
            f"ODIN's emulator with SDSP: {of_odin[0]:.0f} ({of_odin[1]:.0f}); ratio {wall / of_odin[0]:.1f} ({processor / of_odin[1]:.1f})"
        )


if __name__ == "__main__":
    main()
