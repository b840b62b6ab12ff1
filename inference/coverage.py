"""Synthetic data whose truth is known: where it lies in the posteriors that the estimator gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from brian2chip.analysis import calibration
from brian2chip.inference.estimator import Estimator

#: Draws of each posterior: ranks from 0 to 199 make bins of equal numbers of ranks.
DRAWS = 199
#: Draws of each posterior by which a joint region is judged; its edge is then known to about 0.7 %.
REGION = 999
#: Contents of joint regions that are reported.
CONTENTS = (0.5, 0.8, 0.95)
#: Bins of rank histograms.
BINS = 10


@dataclass(frozen=True)
class Coverage:
    """Where the truth of synthetic data lies.

    Attributes
    ----------
    names : tuple of str
    truth : array [data sets, parameters]
        Shares of the prior's ranges.
    ranks : int array [data sets, parameters]
        Among :data:`DRAWS` draws.
    levels : array [data sets]
        Content of the smallest joint region that reaches the truth.
    """

    names: tuple[str, ...]
    truth: np.ndarray
    ranks: np.ndarray
    levels: np.ndarray

    def table(self) -> pd.DataFrame:
        """Return one row a data set: the rank of each parameter, and the content of the region."""
        return pd.DataFrame(self.ranks, columns=[f"rank_{name}" for name in self.names]).assign(region=self.levels)

    def summary(self) -> dict[str, float]:
        """Return the share of truths in joint regions, and how probable ranks as uneven as these are, by parameter."""
        inside = {f"inside_{round(100 * content)}": float(calibration.inside(self.levels, content).mean()) for content in CONTENTS}
        p = {f"even_{name}": calibration.evenness(self.ranks[:, k], DRAWS, BINS) for k, name in enumerate(self.names)}
        return {"data_sets": len(self.levels), **inside, **p}


def coverage(estimator: Estimator, names: tuple[str, ...], truth: np.ndarray, data: np.ndarray, seed: int) -> Coverage:
    """Return where truths, as shares of the prior [data sets, parameters], lie in the posteriors of their data [data sets, points]."""
    drawn, density = estimator.sample(data, REGION, seed)
    of_truth = estimator.log_density(truth[:, None, :], data)[:, 0]
    return Coverage(names, truth, calibration.ranks(drawn[:, :DRAWS], truth), calibration.levels(density, of_truth))
