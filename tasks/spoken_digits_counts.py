"""Spoken digits as static samples: the spikes of a cochlea counted in 32 groups of channels and 8 parts of the time."""

from __future__ import annotations

import os

import numpy as np

from brian2chip.core.layered_config import LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError
from brian2chip.tasks.spoken_digits import N_IN, N_OUT, N_STEPS, recordings

GROUPS, PARTS = 32, 8


def counted(spikes: np.ndarray) -> np.ndarray:
    """Return the share of the possible spikes in each part and group, [samples, PARTS*GROUPS], of spikes [samples, N_STEPS, N_IN]."""
    return spikes.reshape(-1, PARTS, N_STEPS // PARTS, GROUPS, N_IN // GROUPS).mean((2, 4)).reshape(len(spikes), -1)


def load(data: str | os.PathLike | None = None) -> dict[str, StaticSamples]:
    """Return the training recordings and the customary 300 test recordings.

    Raises
    ------
    UserError
        Without a directory of recordings, and for one that holds none.
    """
    if data is None:
        raise UserError("the task 'spoken_digits_counts' reads recordings; give their directory with --data.")
    sets = {split: recordings(str(data), split) for split in ("train", "test")}
    return {split: StaticSamples(counted(spikes), digits) for split, (spikes, digits) in sets.items()}


SPOKEN_DIGITS_COUNTS = LayeredTask(
    name="spoken_digits_counts",
    source="Free Spoken Digit Dataset (Jackson et al., CC BY-SA 4.0), through the cochlea of the task spoken_digits",
    kind="classification",
    n_in=PARTS * GROUPS,
    n_out=N_OUT,
    load=load,
    image=(1, PARTS, GROUPS),
    network=LayeredConfig(hidden=(200,)),
    training=LayeredTraining(rule="bp", optimiser="adam_pytorch", rate=1e-3, batch=50, epochs=40),
)
