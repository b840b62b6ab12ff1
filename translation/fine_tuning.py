"""Win back what translation lost: the emulated chip goes on learning by itself, ReckOn by e-prop, ODIN by SDSP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.chips.odin.mapping import MAPPED, configuration
from brian2chip.chips.odin.teaching import taught
from brian2chip.chips.reckon import presets
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.mapping import chip_of, chip_samples
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError
from brian2chip.translation.translate import Translation

#: Registers of the chip's learning, from its published setting; everything else stays as translated.
LEARNING = ("FP_LOC_TINP", "FP_LOC_TREC", "FP_LOC_TOUT", "LEARN_SIG_SCALE", "LR_P_WINP", "LR_P_WREC", "LR_P_WOUT",
            "SEED_INP", "SEED_REC", "SEED_OUT")  # fmt: skip


def fine_tune_odin(translation: Translation, train: Samples, *, margin: int = 0, seed: int = 0) -> Translation:
    """Go on learning on the emulated ODIN, from the translated weights, with SDSP and a teacher: one lesson a sample.

    Parameters
    ----------
    translation : Translation
        Onto ``odin``, of inputs that excite one population of outputs.
    train : Samples
        Labelled.
    margin : int
        How far from the level the teacher teaches still, see :func:`brian2chip.chips.odin.teaching.taught`; a negative margin leaves
        more weights as they were translated.
    seed : int

    Returns
    -------
    Translation
        With the learned weights in its configuration; items and realised network are those of the start.

    Raises
    ------
    UserError
        For another chip, a network of another shape, or samples without labels.
    """
    _check(translation, "odin")
    config = dict(translation.checked().config)
    weight = taught(config, train, configuration(config), margin=margin, seed=seed) & (MAPPED - 1)
    config["synapses"] = (weight + MAPPED * (weight != 0)).astype(np.uint8)
    return replace(translation, config=config)


def _check(translation: Translation, chip: str) -> None:
    if translation.chip.name != chip:
        raise UserError(
            f"this fine-tuning is for a translation onto {chip}, not {translation.chip.name}; reckon and odin learn on the chip, "
            "for others train with their weight grid (brian2chip train --bits)."
        )


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
    _check(translation, "reckon")
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
