"""What a network did, in floating point or on a chip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from brian2chip.core import html


@dataclass(frozen=True)
class NetworkRun:
    """What a network did, in floating point or on a chip.

    Attributes
    ----------
    spikes : dict of population to (sample, step, neuron) int arrays
        Sorted by sample, step, neuron.
    readout : dict of population to float array [samples, steps, neurons]
        Membranes of the non-spiking populations.
    visited : dict of population to {"v_min", "v_max", "v_mean"} arrays [neurons]
        Range of the membrane before reset, and mean of its positive values.
    n_samples, n_steps : int
    label : int array [samples] or None
        The class that the chip itself answers.
    cycles : int array [samples] or None
        Clock cycles of the chip.
    queue : (int, int) or None
        Most spikes that waited in the chip's queue at once, and how many a full one lost.
    """

    spikes: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]
    readout: dict[str, np.ndarray]
    visited: dict[str, dict[str, np.ndarray]]
    n_samples: int
    n_steps: int
    label: np.ndarray | None = None
    cycles: np.ndarray | None = None
    queue: tuple[int, int] | None = None

    def _repr_html_(self) -> str:
        rows = [{"population": name, "spikes": len(sample)} for name, (sample, _, _) in self.spikes.items()]
        read = [f"{name} is read: {html.words(values)}" for name, values in self.readout.items()]
        return html.result(f"a run of {self.n_samples} samples of {self.n_steps} steps", pd.DataFrame(rows), *read)
