"""What the replays of Loihi and Xylo share: what a trace must hold, and the words for a first difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from brian2chip.errors import UserError


def lacking(trace: Mapping[str, np.ndarray], needed: tuple[str, ...], chip: str) -> None:
    """Raise ``UserError`` when a trace lacks an input."""
    if missing := [name for name in needed if name not in trace]:
        raise UserError(f"the {chip} trace lacks {', '.join(missing)}; it needs {', '.join(needed)}.")


def describe(neuron: str) -> Callable[..., str | None]:
    """Return the chip's words for the first difference of an array [steps, neurons]."""

    def words(name: str, index: tuple[int, ...], expected: np.ndarray, got: np.ndarray, trace: Mapping[str, np.ndarray]) -> str | None:
        if len(index) != 2:
            return None
        values = f"expected {expected[index]}, got {got[index]}"
        return f"first difference at step {index[0]}, {neuron} {index[1]}, {name.removeprefix('out_')}, {values}"

    return words
