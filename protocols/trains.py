"""Spike trains of independent synapses: laid end to end, and checked against the grid of steps before anything is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from brian2chip.core.protocol import Stimulus
from brian2chip.errors import UserError

#: Part of a step by which a spike may miss the grid: far above the rounding of a time, far below any interval.
OFF_GRID = 1e-6
SIDES = ("presynaptic", "postsynaptic")
#: Nanoseconds; shorter steps are not suggested.
SHORTEST_STEP = 1000


def laid_out(stimuli: Sequence[tuple], n: int, duration: float) -> Stimulus:
    """Return the spikes of ``n`` synapses, which take the stimuli in turn."""
    every = [stimuli[k % len(stimuli)] for k in range(n)]
    index = [np.repeat(np.arange(n), [np.size(pair[side]) for pair in every]) for side in (0, 1)]
    times = [np.concatenate([np.asarray(pair[side], float).ravel() for pair in every]) for side in (0, 1)]
    return Stimulus(index[0], times[0], index[1], times[1], duration)


def check(stimulus: Stimulus, dt: float, described: Callable[[int], str], first: float = 0.0) -> None:
    """Refuse spikes that the network would move, drop or merge.

    Parameters
    ----------
    stimulus : Stimulus
    dt : float
        Seconds of a step.
    described : callable
        Says in words what the synapse of a number stands for.
    first : float
        Earliest time of a postsynaptic spike, s.

    Raises
    ------
    UserError
        For a spike that is not a number, before the start, after the end, off the grid, or in one step with another of its train.
    """
    for side, i, t, earliest in (
        ("presynaptic", stimulus.pre_i, stimulus.pre_t, 0.0),
        ("postsynaptic", stimulus.post_i, stimulus.post_t, first),
    ):
        if not len(t):
            continue
        _refuse_first(~np.isfinite(t), i, t, described, side, "is not a finite time")
        _refuse_first(
            t < earliest - OFF_GRID * dt, i, t, described, side, f"lies before {earliest:g} s, where it cannot be made; let it start later"
        )
        late = f"lies after the end at {stimulus.duration:g} s and would be lost; let it last longer (duration_s)"
        _refuse_first(t > stimulus.duration - dt / 2, i, t, described, side, late)
        steps = np.rint(t / dt)
        off = np.abs(t / dt - steps) > OFF_GRID + np.finfo(float).eps * steps
        if off.any():
            _refuse_first(off, i, t, described, side, f"lies off the grid of dt = {dt * 1e3:g} ms; {holding(t, dt)}")
        order = np.lexsort((steps, i))
        double = np.zeros(len(t), bool)
        double[order[1:]] = (np.diff(i[order]) == 0) & (np.diff(steps[order]) == 0)
        _refuse_first(double, i, t, described, side, "is given twice; a neuron spikes once in a step")


def _refuse_first(bad: np.ndarray, i: np.ndarray, t: np.ndarray, described: Callable[[int], str], side: str, why: str) -> None:
    if bad.any():
        k = int(np.argmax(bad))
        raise UserError(f"{described(int(i[k]))} has a {side} spike at {1e3 * t[k]:.9g} ms, which {why}.")


def holding(times: np.ndarray, dt: float) -> str:
    """Return in words which step, a whole part of ``dt``, holds all of the times."""
    nanoseconds = np.rint(np.asarray(times) * 1e9).astype(np.int64)
    common = int(np.gcd.reduce(np.r_[nanoseconds, round(dt * 1e9)]))
    if np.abs(np.asarray(times) * 1e9 - nanoseconds).max() > 1e-3 or common < SHORTEST_STEP:
        return f"no step of {SHORTEST_STEP / 1e3:g} us or more holds every spike, so round the times to the grid"
    step = f"{common / 1e6:g}"
    return f"dt = {step} ms holds every spike: give dt={step}*ms, on the command line --dt {step}ms, or round the times"
