"""How many bits does it need, and how to win back what translation lost: quantised accuracy, and fine-tuning on ReckOn itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.chips.behaviour import decisions
from brian2chip.chips.float_run import float_run
from brian2chip.chips.reckon import presets
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.mapping import chip_of, chip_samples
from brian2chip.chips.scales import item, natural_lsb, weight_error
from brian2chip.chips.translate import Translation
from brian2chip.errors import UserError
from brian2chip.learning import Samples
from brian2chip.spiking_network import SpikingNetwork
from brian2chip.things import Field

#: Registers of the chip's learning, from its published setting; everything else stays as translated.
LEARNING = ("FP_LOC_TINP", "FP_LOC_TREC", "FP_LOC_TOUT", "LEARN_SIG_SCALE", "LR_P_WINP", "LR_P_WREC", "LR_P_WOUT",
            "SEED_INP", "SEED_REC", "SEED_OUT")  # fmt: skip


def with_bits(network: SpikingNetwork, bits: int) -> SpikingNetwork:
    """Return the network with signed weights of so many bits; each projection has the step of least squared error.

    Raises
    ------
    UserError
        For fewer than 2 bits: one bit holds no zero.
    """
    if bits < 2:
        raise UserError(f"weights of {bits} bits were asked for; signed weights need at least 2.")
    f = Field("weight", bits, signed=True)
    projections = []
    for c in network.projections:
        first = natural_lsb(c.weight, f, False)
        steps = first * 2.0 ** (np.arange(-32, 9) / 16)
        best = steps[np.argmin([weight_error(np.asarray(c.weight), f, step, False) for step in steps])]
        projections.append(replace(c, weight=item("weight", "", f, c.weight, best).realised))
    return replace(network, projections=tuple(projections))


def bits_table(
    network: SpikingNetwork, samples: Samples, bits: Sequence[int] = range(8, 1, -1), trained: Mapping[int, SpikingNetwork] | None = None
) -> pd.DataFrame:
    """Return accuracy against bits: weights rounded after training, and networks trained with that grid where given.

    Parameters
    ----------
    network : SpikingNetwork
        Trained with real-valued weights.
    samples : Samples
        Labelled, held out.
    bits : sequence of int
    trained : mapping of bits to SpikingNetwork, optional
        From ``brian2chip train TASK --bits N``.

    Returns
    -------
    DataFrame
        Columns ``bits``, ``rounded``, ``trained``; the first row, with bits 0, is the real-valued network.
    """
    if samples.label is None:
        raise UserError("accuracy needs labelled samples; these have targets.")
    score = lambda net: float(np.mean(decisions(net, float_run(net, samples), samples.mask) == samples.label))  # noqa: E731
    rows = [(0, score(network), np.nan)]
    rows += [(n, score(with_bits(network, n)), score(trained[n]) if trained and n in trained else np.nan) for n in bits]
    return pd.DataFrame(rows, columns=["bits", "rounded", "trained"])


def plot_bits(table: pd.DataFrame, ax):
    """Draw accuracy against bits and return the axes; the real-valued network is a line across."""
    ax.axhline(100 * table.rounded[0], color="0.7", lw=1, label="real-valued")
    for column, marker in (("rounded", "o"), ("trained", "s")):
        if table[column][1:].notna().any():
            ax.plot(table.bits[1:], 100 * table[column][1:], marker, ls="-", ms=4, label=f"{column} to the grid")
    ax.set(xlabel="bits of a weight", ylabel="accuracy (%)")
    ax.legend(frameon=False)
    return ax


def fine_tune(
    translation: Translation, train: Samples, *, epochs: int = 5, eprop: int = 4, registers: Mapping[str, int] | None = None
) -> tuple[Translation, pd.DataFrame]:
    """Go on learning on the emulated ReckOn, from the translated weights, with the chip's own e-prop.

    Parameters
    ----------
    translation : Translation
        Onto ``reckon``.
    train : Samples
        Labelled.
    epochs : int
    eprop : int
        Which memories learn, as DO_EPROP: 4 the readout; 7 all, which asks for weights scaled as in the chip's published setting.
    registers : mapping, optional
        Settings of the learning that differ from the published ones, e.g. ``{"LR_P_WOUT": 5}`` for smaller steps.

    Returns
    -------
    Translation
        With the learned weights in its configuration; items and realised network are those of the start.
    DataFrame
        ``epoch`` and ``right``, the share answered right while learning.

    Raises
    ------
    UserError
        For another chip or samples without labels.
    """
    if translation.chip.name != "reckon":
        raise UserError(f"fine-tuning on the chip is there for reckon, not {translation.chip.name}; train with its weight grid instead.")
    if train.label is None:
        raise UserError("the chip learns labels; these samples have targets.")
    config: dict[str, Any] = dict(translation.checked().config)
    chip, memory = chip_of(config)
    third = int(chip.thr[0]) // 3  # the published surrogate derivative is 1 above a third of the threshold
    learning = {name: presets.CUE_ACCUMULATION[name] for name in LEARNING} | {f"THR_H_{k}": third for k in range(4)} | {"H_4": 1}
    chip = chip.with_registers(**{**learning, **(registers or {})})
    given = chip_samples(train, 0, len(train))
    given = replace(given, eprop=np.full(len(train), eprop), label=np.asarray(train.label), target_valid=given.infer_acc)
    rows = []
    with Emulator() as emulator:
        for epoch in range(1, epochs + 1):
            result = emulator.run(chip, memory, given)
            memory = result.memory
            rows.append((epoch, float(np.mean(result.label == train.label))))
    for name in ("winp", "wrec", "wout"):
        config[name] = getattr(memory, name)[: config[name].shape[0], : config[name].shape[1]].astype(np.int8)
    return replace(translation, config=config), pd.DataFrame(rows, columns=["epoch", "right"])
