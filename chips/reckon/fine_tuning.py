"""Go on learning on the emulated ReckOn with its own e-prop, from the weights of a placed network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.mapped_run import chip_samples
from brian2chip.chips.reckon.placed_network import PlacedNetwork
from brian2chip.chips.reckon.presets import CUE_ACCUMULATION
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError

#: Registers of the chip's learning, from its published setting; everything else stays as placed.
LEARNING = (
    *("FP_LOC_TINP", "FP_LOC_TREC", "FP_LOC_TOUT", "LEARN_SIG_SCALE", "LR_P_WINP", "LR_P_WREC", "LR_P_WOUT"),
    *("SEED_INP", "SEED_REC", "SEED_OUT"),
)


def fine_tune(
    placed: PlacedNetwork, samples: Samples, *, epochs: int = 5, eprop: int = 4, registers: Mapping[str, int] | None = None
) -> tuple[PlacedNetwork, pd.DataFrame]:
    """Return the network with the weights that the chip learned, and the history.

    Parameters
    ----------
    placed : PlacedNetwork
        Not changed; of the result only the weights differ from it.
    samples : Samples
        Labelled.
    epochs : int
    eprop : int
        Which memories learn, as DO_EPROP: 4 the readout; 7 all, which asks for weights scaled as in the chip's published setting.
    registers : mapping, optional
        Settings of the learning that differ from the published ones, e.g. ``{"LR_P_WOUT": 5}`` for smaller steps.

    Returns
    -------
    PlacedNetwork
    DataFrame
        ``epoch`` and ``right``, the share answered right while learning.

    Raises
    ------
    UserError
        For samples without labels, or less than one epoch.
    """
    if samples.label is None:
        raise UserError("ReckOn learns labels here; these samples have targets, so give samples with a label each.")
    if epochs < 1:
        raise UserError(f"{epochs} epochs were asked for; give at least one.")
    third = int(placed.configuration.thr[0]) // 3  # the published surrogate derivative is 1 above a third of the threshold
    learning = {name: CUE_ACCUMULATION[name] for name in LEARNING} | {f"THR_H_{k}": third for k in range(4)} | {"H_4": 1}
    configuration = placed.configuration.with_registers(**{**learning, **(registers or {})})
    given = chip_samples(samples, 0, len(samples))
    given = replace(given, eprop=np.full(len(samples), eprop), target_valid=given.infer_acc)
    memory, rows = placed.memory, []
    with Emulator() as chip:
        for epoch in range(1, epochs + 1):
            result = chip.run(configuration, memory, given)
            memory = result.memory
            rows.append((epoch, float(np.mean(result.label == samples.label))))
    return replace(placed, **memory.in_use(configuration)), pd.DataFrame(rows, columns=["epoch", "right"])
