"""On-line learning on MorphIC: stochastic SDSP with a teacher that never looks at the outputs, everything done by input events.

As on ODIN: the spikes of a sample add up on the membranes, then the teacher lifts the target and the others. A target that was close
to the threshold (confident) spikes, its calcium leaves the window and it learns nothing; one that was not stays high with calcium in the
window, so that the sample's spikes, sent again, set its synapses with probability p_up. Others that spike were too strong: they fall
low with calcium in the window, and the sample's spikes clear their synapses with p_down. Others that do not spike have no calcium.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from brian2chip.chips.morphic import events as ev
from brian2chip.chips.morphic.configuration import Configuration
from brian2chip.chips.morphic.emulator import Outcome, emulator
from brian2chip.chips.morphic.fields import NEURONS
from brian2chip.chips.morphic.placed import PlacedNetwork
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError
from brian2chip.plasticity.sdsp_stochastic import probability

THRESHOLD, THETAMEM = 2000, 700
NEURON = {"thr": THRESHOLD, "leak": 0}
WINDOWS = {"theta1": 1, "theta2": 2, "theta3": 2, "thetamem": THETAMEM, "ca_leak": 1, "ca_en": 1, "learn": 1}
#: Spikes of a sample, so that no membrane crosses a threshold while the sample is sent again.
MOST = (THRESHOLD - THETAMEM - 1) // 4


def lesson(cores: np.ndarray, rows: np.ndarray, neurons: np.ndarray, is_target: np.ndarray, level: int, margin: int) -> np.ndarray:
    """Return the input events by which the chip learns one sample.

    Parameters
    ----------
    cores, rows : int array [spikes]
        Of the sample's spikes, in their order.
    neurons : int array
        Places of all output neurons, 512 a core.
    is_target : bool array [neurons]
    level, margin : int
        A target learns where the sample brings it less than level + margin, another neuron where it brings at least level - margin.
    """
    core, number = neurons // NEURONS, neurons % NEURONS
    sample = ev.spike(cores, rows)
    lifts = THRESHOLD - np.where(is_target, level + margin, level - margin)
    fire = ev.virtual(core, number, ev.LARGEST)
    return np.concatenate([
        fire[is_target], fire[is_target],  # calcium of 2: above the windows while the sample comes
        sample,
        ev.time_reference(1 << core[is_target], number[is_target]),  # now it is 1
        ev.virtual(core, number, lifts),
        ev.virtual(core, number, -len(sample) - 1),
        sample,
        fire, fire,  # every membrane to 0
        np.repeat(ev.time_reference(int(np.bitwise_or.reduce(1 << core))), 7, axis=0),  # and every calcium
    ])  # fmt: skip


def prepared(start: Configuration, neurons: np.ndarray, p_up: float, p_down: float) -> Configuration:
    """Return the chip ready to learn: the outputs' thresholds and the windows of their cores; ``UserError`` for no probabilities."""
    k = {"k_up": probability(p_up).k, "k_down": probability(p_down).k}
    return start.with_neurons(neurons, **NEURON).with_cores(np.unique(neurons // NEURONS), **WINDOWS, **k)


def learn(chip, start: Configuration, lessons: Sequence[np.ndarray]) -> Outcome:
    """Give the lessons to an open emulator."""
    return chip.run(start, np.concatenate(lessons))


def fine_tune(
    placed: PlacedNetwork, train: Samples, *, p_up: float = 0.02, p_down: float = 0.02, margin: int = 0, passes: int = 1, seed: int = 0
) -> tuple[PlacedNetwork, pd.DataFrame]:
    """Go on learning on the emulated chip by stochastic SDSP: one lesson a sample.

    Parameters
    ----------
    placed : PlacedNetwork
        Inputs that reach one population of outputs.
    train : Samples
        Labelled.
    p_up, p_down : float
        Probabilities of a flip; the history says what the shift register realises.
    margin : int
        How far from the level the teacher teaches still. The level lies in the middle between target and best other as they are.
    passes, seed : int
        Over the samples; of their order.

    Returns
    -------
    PlacedNetwork
        With the learned synapses.
    DataFrame
        One row: ``lessons``, ``changed`` (synapses), the probabilities asked and realised.

    Raises
    ------
    UserError
        For a network of another shape, samples without labels or with too many spikes, and probabilities that are none.
    """
    p = {"p_up": probability(p_up), "p_down": probability(p_down)}
    neurons, spikes = _checked(placed, train)
    learning = prepared(placed.chip, neurons, p_up, p_down)
    level = _level(placed, train, neurons, spikes)
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(len(train)) for _ in range(passes)])
    lessons = [
        lesson(placed.input_cores[i], placed.input_rows[i], neurons, np.arange(len(neurons)) == train.label[k], level, margin)
        for k in order
        for i in [spikes[k]]
    ]
    with emulator() as chip:
        out = learn(chip, learning, lessons)
    cores = {**placed.chip.cores, "lfsr": out.contents.cores["lfsr"]}
    learned = replace(placed, chip=replace(placed.chip, synapses=out.contents.synapses, cores=cores))
    row = {"lessons": len(lessons), "changed": int(np.count_nonzero(out.contents.synapses != placed.chip.synapses))}
    for name, one in p.items():
        row |= {f"{name}_asked": one.asked, f"{name}_realised": one.realised}
    return learned, pd.DataFrame([row])


def _checked(placed: PlacedNetwork, train: Samples) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the places of the outputs and the inputs of each sample in their order."""
    if train.label is None:
        raise UserError("the chip learns labels; these samples have targets.")
    if len(placed.neurons) != 1 or np.any(placed.chip.neurons["star"]) or np.any(placed.chip.neurons["crossbar"]):
        raise UserError("stochastic SDSP on MorphIC trains inputs that reach one population of outputs; this network is recurrent or deep.")
    neurons = np.arange(*next(iter(placed.neurons.values())))
    if train.n_in != len(placed.input_rows) or np.max(train.label, initial=0) >= len(neurons):
        raise UserError(
            f"the samples have {train.n_in} inputs and labels up to {np.max(train.label, initial=0)}; the chip has "
            f"{len(placed.input_rows)} inputs and {len(neurons)} outputs."
        )
    first = np.searchsorted(train.sample, np.arange(len(train) + 1))
    spikes = [np.asarray(train.i[a:b]) for a, b in zip(first, first[1:])]
    if (most := max((len(i) for i in spikes), default=0)) > MOST:
        raise UserError(f"a sample has {most} spikes; a lesson of MorphIC takes {MOST}; give fewer, for example one of each input.")
    return neurons, spikes


def _level(placed: PlacedNetwork, train: Samples, neurons: np.ndarray, spikes: list[np.ndarray]) -> int:
    """Return the median of the middles between what a sample brings to its target and to the best other."""
    bits = placed.chip.synapses.astype(int)
    core, number = neurons // NEURONS, neurons % NEURONS
    weight = bits[core[None], placed.input_rows[:, None], number[None]]
    weight = weight * (1 + placed.chip.cores["bipolar"][core]) - placed.chip.cores["bipolar"][core]
    brought = np.array([weight[i].sum(axis=0) for i in spikes]).reshape(-1, len(neurons))
    target = np.take_along_axis(brought, train.label[:, None], 1)[:, 0]
    others = np.where(np.arange(len(neurons)) == train.label[:, None], -(10**6), brought).max(axis=1)
    return int(np.median((target + others) / 2)) if len(neurons) > 1 else int(np.median(target))
