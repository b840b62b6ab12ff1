"""What was observed: the published mean changes as one vector, with Gaussian errors of the published size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.score import used_points
from brian2chip.core.protocol import Protocol
from brian2chip.errors import UserError
from brian2chip.protocols.joint import ROW, WHOSE


@dataclass(frozen=True)
class Observation:
    """A vector of mean changes; each is the rule's change plus a Gaussian error of known size, independent of the others.

    Attributes
    ----------
    index : int array [points]
        The conditions.
    data, sem : array [points]
        Published means and the standard deviations of their errors.
    labels : tuple of str
        Protocol and number of each condition.
    """

    index: np.ndarray
    data: np.ndarray
    sem: np.ndarray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.data)

    def noisy(self, changes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return changes of the rule [..., points] as they would be published: with drawn errors."""
        return changes + self.sem * rng.standard_normal(changes.shape)

    def squares(self, changes: np.ndarray) -> np.ndarray:
        """Return the sum of squared residuals in standard errors [...] of changes of the rule [..., points]."""
        return (((changes - self.data) / self.sem) ** 2).sum(axis=-1)

    def log_likelihood(self, changes: np.ndarray) -> np.ndarray:
        """Return the logarithm of the data's probability density [...] under changes of the rule [..., points]."""
        return -0.5 * self.squares(changes) - np.log(self.sem * np.sqrt(2 * np.pi)).sum()


def observation(protocol: Protocol, conditions: pd.DataFrame, sigma: float | None) -> Observation:
    """Return the observation of a protocol's conditions; ``sigma`` is the standard error of points that have none.

    Raises
    ------
    UserError
        For no data, no standard error and no ``sigma``, a ``sigma`` that nothing needs, and errors that are not positive.
    """
    rows = used_points(conditions)
    if protocol.simulate is not None or not len(rows):
        raise UserError(f"protocol {protocol.name!r} has no data points, and a posterior is one of data; use one that has, e.g. wang_2005.")
    sem = rows["data_sem"].to_numpy(float) if "data_sem" in rows else np.full(len(rows), np.nan)
    without, size = np.isnan(sem), _checked(sigma)
    if without.any() and size is None:
        raise UserError(
            f"{without.sum()} of the {len(rows)} data points of {protocol.name!r} have no standard error; say what it is with sigma "
            "(--sigma), e.g. 0.2 for a relative change."
        )
    if size is not None and not without.any():
        raise UserError(f"sigma is for data points without a standard error, and all of {protocol.name!r} have one; leave it out.")
    sem = np.where(without, size, sem).astype(float)
    if not ((sem > 0) & np.isfinite(sem)).all():
        wrong = sem[~((sem > 0) & np.isfinite(sem))][0]
        raise UserError(f"the standard error (data_sem) of a data point of {protocol.name!r} is {wrong:g}; it must be positive.")
    whose = rows[WHOSE] if WHOSE in rows else pd.Series(protocol.name, rows.index)
    number = rows[ROW] if WHOSE in rows else pd.Series(rows.index, rows.index)
    labels = tuple(f"{name} {k}" for name, k in zip(whose, number))
    return Observation(rows.index.to_numpy(), rows["data_dw"].to_numpy(float), sem, labels)


def _checked(sigma: Any) -> float | None:
    if sigma is None:
        return None
    if isinstance(sigma, bool) or not isinstance(sigma, int | float | np.number) or not (np.isfinite(sigma) and sigma > 0):
        raise UserError(f"sigma was given as {sigma!r:.40}; give a positive number, the standard error of a relative change.")
    return float(sigma)
