"""Win back what translation lost: the emulated chip goes on learning by itself, each by its own rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from brian2chip.core.samples import Samples
from brian2chip.errors import UserError
from brian2chip.translation.translation import Translation


def fine_tune(translation: Translation, train: Samples, **options: Any) -> tuple[Translation, pd.DataFrame]:
    """Go on learning on the emulated chip, from the translated weights.

    Parameters
    ----------
    translation : Translation
        Onto a chip that learns: ``reckon`` by e-prop, ``odin`` by SDSP with a teacher.
    train : Samples
        Labelled.
    **options
        Of the chip's ``fine_tune``: ``epochs``, ``eprop``, ``registers`` of ReckOn, ``margin``, ``seed`` of ODIN.

    Returns
    -------
    Translation
        With the learned weights in its configuration; parameters and realised network are those of the start.
    DataFrame
        What the chip tells of its learning.

    Raises
    ------
    UserError
        For a chip that does not learn, a network of another shape than it learns, or samples without labels.
    """
    backend = translation.chip.backend
    if backend is None or backend.fine_tune is None:
        raise UserError(
            f"{translation.chip.name} does not learn by itself, so this network cannot be fine-tuned on it; train with the chip's weight "
            "grid (brian2chip train --bits), or translate onto reckon or odin."
        )
    configuration, history = backend.fine_tune(translation.checked().configuration, train, **options)
    return replace(translation, configuration=configuration, test=None, behaviour=None), history
