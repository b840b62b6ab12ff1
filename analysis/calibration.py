"""Whether posteriors of synthetic data hold the truth as often as they say: ranks, joint regions, and what chance allows."""

from __future__ import annotations

import numpy as np
from scipy import stats


def ranks(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return how many draws lie below the truth, [data sets, parameters]; of a right posterior each number from 0 to n is as likely.

    Parameters
    ----------
    draws : array [data sets, n, parameters]
    truth : array [data sets, parameters]

    Source: Talts et al. 2018, Validating Bayesian inference algorithms with simulation-based calibration.
    """
    return (draws < truth[:, None, :]).sum(axis=1)


def levels(density: np.ndarray, density_of_truth: np.ndarray) -> np.ndarray:
    """Return the content of the smallest region of highest density that reaches the truth [data sets], evenly distributed if right.

    The truth lies inside the joint region of content c where its level is below c.

    Parameters
    ----------
    density : array [data sets, n]
        (Log) density of the posterior at its own draws.
    density_of_truth : array [data sets]

    Source: Hyndman 1996 (region of highest density from draws); Hermans et al. 2022 (expected coverage).
    """
    return (density > density_of_truth[:, None]).mean(axis=1)


def inside(level: np.ndarray, content: float) -> np.ndarray:
    """Return which truths lie inside the joint region of a content."""
    return level < content


def histogram(rank: np.ndarray, n: int, bins: int) -> np.ndarray:
    """Return how many ranks from 0 to ``n`` fall into each of ``bins`` bins, which are as wide as whole ranks allow."""
    return np.histogram(rank, np.arange(bins + 1) * (n + 1) / bins - 0.5)[0]


def band(count: int, bins: int, confidence: float = 0.99) -> tuple[float, float]:
    """Return between which numbers a bin's count lies, of ``count`` even ranks in ``bins`` bins, with some probability."""
    low, high = stats.binom.interval(confidence, count, 1 / bins)
    return float(low), float(high)


def evenness(rank: np.ndarray, n: int, bins: int) -> float:
    """Return the probability that even ranks were as uneven as these (chi-square test over the bins)."""
    return float(stats.chisquare(histogram(rank, n, bins)).pvalue)
