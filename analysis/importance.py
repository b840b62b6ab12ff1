"""Draws of one density made draws of another by weights, and how many independent draws they are worth."""

from __future__ import annotations

import numpy as np

from brian2chip.errors import UserError


def weights(log_target: np.ndarray, log_proposal: np.ndarray) -> np.ndarray:
    """Return weights that sum to 1 from log densities at the draws of the proposal; the target's need not be normalised.

    Raises
    ------
    UserError
        Where the target has no density at any of the draws.
    """
    log = np.asarray(log_target, float) - np.asarray(log_proposal, float)
    log = np.where(np.isnan(log), -np.inf, log)
    if not np.isfinite(log.max()):
        raise UserError("none of the proposed draws is possible under the data; widen the prior, or give more simulations.")
    weight = np.exp(log - log.max())
    return weight / weight.sum()


def effective(weight: np.ndarray) -> float:
    """Return how many independent draws of the target weighted ones are worth.

    Source: Kong 1992, A note on importance sampling using standardized weights: (sum w)^2 / sum w^2.
    """
    return float(np.sum(weight) ** 2 / np.sum(weight**2))


def resampled(weight: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the numbers of ``n`` draws that weigh the same, each as often as its weight says (to within one: systematic resampling)."""
    edges = np.cumsum(weight) / np.sum(weight)
    found = np.searchsorted(edges, (rng.random() + np.arange(n)) / n, side="right")
    return np.minimum(found, len(weight) - 1)
