"""A posterior as it is returned: draws, what they predict, the checks, and words for all of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from brian2chip.analysis import posterior_plots
from brian2chip.analysis.identifiability import Identifiability, identifiability
from brian2chip.core import output
from brian2chip.inference import simulations
from brian2chip.inference.coverage import DRAWS, Coverage, coverage
from brian2chip.inference.estimator import Estimator
from brian2chip.inference.problem import Problem

#: The probability below which data are said not to be described.
UNLIKELY = 0.01
#: Draws that the weights must be worth.
ENOUGH = 400


@dataclass(frozen=True)
class Posterior:
    """What data say of a rule's parameters.

    Attributes
    ----------
    problem : Problem
    share : array [draws, parameters]
        Draws that weigh the same, as shares of the prior's ranges.
    changes : array [draws, points]
        The rule's changes at the draws.
    effective : float
        Independent draws that the weighted ones are worth, of :attr:`proposed`.
    proposed : int
        Draws of the estimator that were weighted by the exact likelihood.
    held_out : float
        Mean log density of the estimator, on the scale of shares, at simulations it was not trained on.
    check : Coverage
        The estimator on synthetic data.
    estimator : Estimator
    settings : mapping
        What is needed to repeat it, as JSON.
    """

    problem: Problem
    share: np.ndarray
    changes: np.ndarray
    effective: float
    proposed: int
    held_out: float
    check: Coverage
    estimator: Estimator
    settings: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The free parameters."""
        return self.problem.prior.names

    @property
    def samples(self) -> pd.DataFrame:
        """Draws in SI, a column for each parameter."""
        return pd.DataFrame(self.problem.prior.values(self.share), columns=list(self.names))

    @property
    def identifiability(self) -> Identifiability:
        """Which parameters the data determine."""
        return identifiability(self.names, self.share)

    def table(self) -> pd.DataFrame:
        """Return one row a parameter: median, ends of the central 95 %, and the width of the posterior divided by the prior's."""
        low, median, high = np.quantile(self.samples.to_numpy(), [0.025, 0.5, 0.975], axis=0)
        found = self.identifiability
        wide = [name not in found.undetermined for name in self.names]
        columns = {"parameter": self.names, "median": median, "low": low, "high": high, "width": found.width, "determined": wide}
        return pd.DataFrame(columns)

    def predictive(self) -> pd.DataFrame:
        """Return one row a data point: the data, and the central 95 % of the rule's change, without and with the data's errors."""
        observed = self.problem.observation
        low, median, high = np.quantile(self.changes, [0.025, 0.5, 0.975], axis=0)
        drawn = observed.noisy(self.changes, np.random.default_rng(self.problem.settings["seed"]))
        data_low, data_high = np.quantile(drawn, [0.025, 0.975], axis=0)
        columns = {"point": observed.labels, "data_dw": observed.data, "data_sem": observed.sem, "low": low, "median": median, "high": high}
        return pd.DataFrame({**columns, "data_low": data_low, "data_high": data_high})

    def misfit(self) -> tuple[float, float]:
        """Return the mean chi-square of the draws, and the probability that data of these draws lie as far from them.

        Source: Gelman, Meng & Stern 1996 (posterior predictive p-value with a discrepancy).
        """
        squares = self.problem.observation.squares(self.changes)
        return float(squares.mean()), float(stats.chi2.sf(squares, len(self.problem.observation)).mean())

    @property
    def statement(self) -> str:
        """What the data determine and what not, whether the rule describes them, and whether to believe the draws."""
        chi2, p = self.misfit()
        sentences = [self.identifiability.statement()]
        if p < UNLIKELY:
            sentences.append(
                f"The rule does not describe the data: a mean chi-square of {chi2:.3g} for {len(self.problem.observation)} points, "
                f"of which data of these draws reach as much with probability {p:.2g}."
            )
        if self.effective < ENOUGH:
            sentences.append(
                f"The {self.proposed} draws are worth {self.effective:.0f} independent ones; give more simulations or a narrower prior."
            )
        return " ".join(sentences)

    def coverage(self, n: int, seed: int) -> Coverage:
        """Return where the truth lies in the posteriors of ``n`` new synthetic data sets, whose parameters are drawn from the prior."""
        rng = np.random.default_rng(seed)
        truth = rng.random((n, len(self.names)))
        data = self.problem.observation.noisy(simulations.changes(self.problem, truth), rng)
        return coverage(self.estimator, self.names, truth, data, seed)

    def plot_corner(self, truth: Any = None, figure: Any = None):
        """Draw every parameter and every pair over the prior's ranges; see :func:`brian2chip.analysis.posterior_plots.corner`."""
        return posterior_plots.corner(self.samples, [(s.low, s.high, s.log) for s in self.problem.prior.spans], truth, figure)

    def plot_predictive(self, ax: Any = None):
        """Draw predictions over the data; see :func:`brian2chip.analysis.posterior_plots.predictive`."""
        return posterior_plots.predictive(self.predictive(), ax)

    def plot_ranks(self, figure: Any = None):
        """Draw the rank histograms; see :func:`brian2chip.analysis.posterior_plots.rank_histograms`."""
        return posterior_plots.rank_histograms(self.check.ranks, DRAWS, self.names, figure=figure)

    def summary(self) -> dict[str, Any]:
        """Return all numbers but the draws, as JSON."""
        chi2, p = self.misfit()
        found = self.identifiability
        return {
            **self.settings,
            "statement": self.statement,
            "parameters": self.table().to_dict("records"),
            "correlation": found.correlation.tolist(),
            "chi2": chi2,
            "p": p,
            "effective": self.effective,
            "proposed": self.proposed,
            "held_out_log_density": self.held_out,
            "coverage": self.check.summary(),
        }

    def write(self, out: str | os.PathLike) -> None:
        """Write draws, predictions, checks, figures and, last, ``posterior.json`` into a folder."""
        from matplotlib.figure import Figure  # slow, and who does not draw does without it

        folder = output.check_writable(out)
        folder.mkdir(parents=True, exist_ok=True)
        output.write_table(folder / "samples.csv", self.samples)
        output.write_table(folder / "predictive.csv", self.predictive())
        output.write_table(folder / "checks.csv", self.check.table())
        n = len(self.names)
        sizes = {"corner": (1.9 * n + 0.6, 1.9 * n + 0.4), "ranks": (2.2 * n + 0.4, 2.3)}
        for name, draw in (("corner", self.plot_corner), ("ranks", self.plot_ranks)):
            with output.drawing(name):
                figure = Figure(figsize=sizes[name], layout="constrained")
                draw(figure=figure)
                figure.savefig(folder / f"{name}.png", dpi=120)
        with output.drawing("predictive"):
            figure = Figure(figsize=(max(5.0, 0.32 * len(self.problem.observation) + 1), 4.0), layout="constrained")
            self.plot_predictive(figure.subplots())
            figure.savefig(folder / "predictive.png", dpi=120)
        output.write_json(folder / "posterior.json", self.summary())
