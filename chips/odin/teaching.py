"""On-line learning on ODIN: SDSP with a teacher that never looks at the outputs, everything done by input events.

The spikes of a sample arrive and add up on the membranes. Then the teacher lifts the target neuron by a little and the others by more.
A neuron that reaches the threshold spikes and its membrane falls to zero. So a target that was close to the threshold (confident)
spikes, its calcium leaves the window, and it learns nothing; one that was not stays high with calcium in the window and is potentiated.
The others are depressed if they spiked, hence were too strong, and left alone if not: their calcium is zero. A few of the sample's
spikes are then sent again, and at these SDSP changes the weights by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from brian2chip.chips.odin import events as ev
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin.mapping import MAPPED, mapped
from brian2chip.chips.odin.replay import outputs
from brian2chip.chips.odin_family.placed import PlacedNetwork
from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError

LEAK = 20
RESET = 13  # time references that take every membrane and calcium to zero
THRESHOLD = 255
NEURON = {"lif": 1, "thr": THRESHOLD, "leak_en": 1, "leak_str": LEAK, "ca_leak": 1, "theta1": 1, "theta2": 2, "theta3": 2, "thetamem": 112}
#: Largest sum of weights that a sample shall bring to a membrane, so that no neuron spikes before the teacher comes.
LARGEST = 230


def lesson(inputs: np.ndarray, again: np.ndarray, label: int, neurons: np.ndarray, lift: int, lift_others: int) -> np.ndarray:
    """Return the input events by which the chip learns one sample.

    Parameters
    ----------
    inputs : int array
        Input addresses in the order in which they spike.
    again : int array
        Those that are sent again, at which weights change.
    label : int
        Address of the target neuron.
    neurons : int array
        Addresses of all output neurons.
    lift, lift_others : int
        What the teacher adds to the target and to the others, rounded down to whole steps of 7.
    """
    lifts = [ev.virtual(np.repeat(n, (lift + LEAK if n == label else lift_others) // 7), 7) for n in neurons]
    return np.concatenate([
        ev.virtual(np.repeat(label, 74), 7),  # two spikes: the target's calcium, 2, is above its window while the sample comes
        ev.spike(inputs),
        [ev.time_reference(label)],  # now it is 1, in the window
        *lifts,
        ev.spike(again),
        np.full(RESET, ev.time_reference()),
    ])  # fmt: skip


def learn(chip, start: Configuration, neurons: np.ndarray, lessons: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Give the lessons to an open emulator, with the output neurons set for learning; return what the chip did, ``syn_final`` included."""
    learning = start.with_neurons(neurons, **NEURON, ca_en=1)
    return outputs(chip, learning, ev.checked(np.concatenate(lessons)), np.zeros(0, int))


def fine_tune(
    placed: PlacedNetwork[Configuration], train: Samples, *, margin: int = 0, seed: int = 0, block: int | None = None, passes: int = 1
) -> tuple[PlacedNetwork[Configuration], pd.DataFrame]:
    """Go on learning on the emulated ODIN by SDSP, a lesson a sample.

    The target is potentiated where the sample brings it less than the level plus the margin, the others are depressed where it brings
    them more than the level minus the margin; the level lies in the middle between target and best other in the network as it is.

    Lessons on samples that the chip answers right already do a good network harm. With ``block`` only those are taught that it answers
    wrong, and weights that leave fewer answers right are written back as they were.

    Parameters
    ----------
    placed : PlacedNetwork
        Inputs that excite, and output neurons that they reach directly.
    train : Samples
        Labelled.
    margin : int
        How far from the level the teacher teaches still; a negative margin leaves more weights as they are.
    seed : int
        Of the order of the samples and of the spikes that are sent again.
    block : int, optional
        Samples after which the weights are read: those of the next block that they answer wrong are taught, and a block's lessons stay
        where they raise the right answers to all samples. Without it every sample is taught, and all lessons stay.
    passes : int
        Over the samples.

    Returns
    -------
    PlacedNetwork
        With the learned synapses; those that end at a weight of 0 are unmapped.
    DataFrame
        One row: ``lessons``, ``changed`` (synapses).

    Raises
    ------
    UserError
        For a network of another shape, samples without labels, or a block or passes below 1.
    """
    for name, value in (("block", block), ("passes", passes)):
        if value is not None and not (is_whole(value) and value >= 1):
            raise UserError(f"{name} of fine-tuning was given as {value!r:.40}; give a whole number of at least 1.")
    start, neurons, kept = _checked(placed, train)
    level = _level(_brought(start, neurons, kept), train.label)
    lifts = THRESHOLD - level - margin, THRESHOLD - level + margin
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(len(train)) for _ in range(passes)])
    learned, right, given = start, _right(start, neurons, kept, train.label), 0
    with emulator() as chip:
        for part in np.split(order, range(block or len(order), len(order), block or len(order))):
            taught = part if block is None else part[~right[part]]
            if not len(taught):
                continue
            again = [rng.permutation(kept[k])[:1] for k in taught]
            lessons = [lesson(kept[k], spike, neurons[train.label[k]], neurons, *lifts) for k, spike in zip(taught, again)]
            after = replace(start, synapses=learn(chip, learned, neurons, lessons)["syn_final"])
            given += len(lessons)
            now = _right(after, neurons, kept, train.label)
            if block is None or now.sum() > right.sum():
                learned, right = after, now
    weight = learned.synapses & (MAPPED - 1)
    changed = int(np.count_nonzero(weight != placed.chip.synapses & (MAPPED - 1)))
    result = replace(placed, chip=replace(placed.chip, synapses=mapped(weight)))
    return result, pd.DataFrame({"lessons": [given], "changed": [changed]})


def _checked(placed, train: Samples) -> tuple[Configuration, np.ndarray, list[np.ndarray]]:
    """Return the chip before the lessons, the outputs' addresses, and each sample's spikes, no more than leave all outputs silent."""
    start = placed.chip
    if train.label is None:
        raise UserError("the chip learns labels; these samples have targets.")
    if len(placed.neurons) != 1 or not start.registers["open_loop"] or np.any(start.syn_sign):
        raise UserError("SDSP on ODIN trains inputs that excite one population of outputs; this network is recurrent, deep or inhibits.")
    neurons = np.arange(*next(iter(placed.neurons.values())))
    if train.n_in > 256 or np.max(train.label) >= len(neurons):
        raise UserError(f"the samples have {train.n_in} inputs and labels up to {np.max(train.label)}; there are {len(neurons)} outputs.")
    weight = (start.synapses & 7).astype(int)[: train.n_in, neurons]
    first = np.searchsorted(train.sample, np.arange(len(train) + 1))
    spikes = [np.asarray(train.i[a:b]) for a, b in zip(first, first[1:])]
    sums = [np.cumsum(weight[i], axis=0).max(axis=1) for i in spikes]
    kept = [i[: int(np.searchsorted(s, LARGEST, side="right"))] for i, s in zip(spikes, sums)]
    synapses = start.synapses.copy()
    synapses[: train.n_in, neurons] |= MAPPED  # weights of 0 can grow too
    return replace(start, synapses=synapses), neurons, kept


def _brought(chip: Configuration, neurons: np.ndarray, kept: list[np.ndarray]) -> np.ndarray:
    """Return what each sample brings to the outputs' membranes [samples, outputs]."""
    weight = (chip.synapses & (MAPPED - 1)).astype(int)[:, neurons]
    return np.array([weight[i].sum(axis=0) for i in kept])


def _right(chip: Configuration, neurons: np.ndarray, kept: list[np.ndarray], label: np.ndarray) -> np.ndarray:
    """Return which samples bring their target the most; of equals the chip's first answers, that of the lowest address."""
    return _brought(chip, neurons, kept).argmax(axis=1) == label


def _level(brought: np.ndarray, label: np.ndarray) -> int:
    target = np.take_along_axis(brought, label[:, None], 1)[:, 0]
    others = np.where(np.arange(brought.shape[1]) == label[:, None], -1, brought).max(axis=1)
    return int(np.median((target + others) / 2))
