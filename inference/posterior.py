"""The posterior of a rule's parameters given published data: simulate, train, draw, correct by the exact likelihood, check."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from brian2chip.analysis import importance
from brian2chip.core import output
from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.progress import Progress, callback, part
from brian2chip.core.protocol import Protocol
from brian2chip.core.provenance import provenance
from brian2chip.core.rule import Rule
from brian2chip.core.units import Quantity
from brian2chip.errors import UserError
from brian2chip.inference.coverage import coverage
from brian2chip.inference.estimator import Estimator, check_sbi, trained
from brian2chip.inference.problem import Problem, problem
from brian2chip.inference.result import Posterior
from brian2chip.inference.simulations import changes, simulated
from brian2chip.sweeps.table_files import check_format

#: Simulations, which are at least enough to train on and at most what memory holds beside a flow.
FEWEST, MOST = 1_000, 1_000_000
#: Draws of the estimator for each draw of the posterior.
PROPOSED = 4


def posterior(
    protocols: Protocol | str | Sequence[Protocol | str],
    rule: Rule | str,
    prior: Mapping[str, Any],
    *,
    parameters: Mapping[str, Any] | None = None,
    sigma: float | None = None,
    simulations: int = 20_000,
    samples: int = 4_000,
    checks: int = 500,
    device: str = "auto",
    seed: int = 1,
    dt: Quantity | float | None = None,
    out: str | os.PathLike | None = None,
    progress: Progress = None,
    **options: Any,
) -> Posterior:
    """Return the posterior of a rule's parameters given the data of one or several protocols, with its checks.

    The observation is the vector of all published mean changes. Each is taken as the rule's change plus an independent Gaussian error with
    the published standard error. A normalising flow of sbi is trained on simulations from the prior (neural posterior estimation); its
    draws for the data are weighted by the exact likelihood, so that the flow's own error goes into the number of draws and not into them.

    Parameters
    ----------
    protocols : Protocol or str, or several
        Several are taken together; they take no options.
    rule, device, dt, progress, options
        As in :func:`brian2chip.run`.
    prior : mapping of str to (low, high) or (low, high, "log")
        Ranges with units within which every value, or every logarithm, is as probable: ``{"A3_plus": (0, 0.02)}``. A parameter that has
        a value for each protocol is named with it: ``"A3_plus[wang_2005]"``.
    parameters : mapping, optional
        Values of parameters that are held, also of one protocol's: ``{"A2_plus[wang_2005]": 5e-3}``.
    sigma : float, optional
        The standard error of data points that have none; without it such data are refused.
    simulations : int
        Draws of the prior that the flow is trained on.
    samples : int
        Draws of the posterior to return.
    checks : int
        Further simulations, as data whose truth is known.
    seed : int
        Of everything that is drawn.
    out : path, optional
        A folder: ``simulations.parquet``, which the same call goes on with, ``samples.csv``, ``predictive.csv``, ``checks.csv``,
        ``corner.png``, ``predictive.png``, ``ranks.png``, ``posterior.json``.

    Raises
    ------
    UserError
        Before any work: without sbi, for unknown names, wrong units, empty ranges, data without standard errors, rules that draw random
        numbers, and a folder of another posterior; after the simulations where the rule gives no finite change.
    """
    counts = _checked_counts(simulations, samples, checks)
    asked = problem(
        protocols, rule, prior, parameters=parameters, sigma=sigma, device=device, seed=seed, dt=dt, options=options
    )  # fmt: skip
    check_sbi()
    folder = None if out is None else output.check_writable(out)
    table = None if folder is None else folder / "simulations.parquet"
    if table is not None:
        check_format(table)
    with callback(progress, f"posterior of {asked.rule.name}") as report:
        share, found = simulated(asked, simulations + checks, table, part(report, 0, 2))
        rng = np.random.default_rng([asked.settings["seed"], 1])
        data = asked.observation.noisy(found, rng)
        estimator = trained(share[:simulations], data[:simulations], asked.observation.sem, asked.settings["seed"])
        report(0.9)
        result = corrected(asked, estimator, samples, (share[simulations:], data[simulations:]), counts)
    if folder is not None:
        result.write(folder)
    return result


def corrected(asked: Problem, estimator: Estimator, n: int, held_out: tuple[np.ndarray, np.ndarray], counts: dict) -> Posterior:
    """Return draws of the flow for the data as draws of the posterior, with the checks on held-out simulations."""
    observed, seed = asked.observation, asked.settings["seed"]
    drawn, density = (one[0] for one in estimator.sample(observed.data, PROPOSED * n, seed))
    found = changes(asked, drawn)
    # Of shares the prior's density is 1.
    weight = importance.weights(observed.log_likelihood(found), density)
    chosen = importance.resampled(weight, n, np.random.default_rng([seed, 2]))
    truth, data = held_out
    settings = {
        "protocols": list(dict.fromkeys(asked.of)),
        "rule": asked.rule.name,
        "prior": asked.prior.described(),
        "held": dict(asked.held),
        **counts,
        **asked.settings,
        **provenance(),
    }
    return Posterior(
        problem=asked,
        share=drawn[chosen],
        changes=found[chosen],
        effective=importance.effective(weight),
        proposed=len(weight),
        held_out=float(estimator.log_density(truth[:, None, :], data).mean()),
        check=coverage(estimator, asked.prior.names, truth, data, seed),
        estimator=estimator,
        settings=output.plain(settings),
    )


def _checked_counts(simulations: Any, samples: Any, checks: Any) -> dict[str, int]:
    """Return how many of each are drawn."""
    given = {"simulations": (simulations, FEWEST, MOST), "samples": (samples, 100, 100_000), "checks": (checks, 100, 10_000)}
    for name, (n, low, high) in given.items():
        if not is_whole(n) or not low <= n <= high:
            raise UserError(f"{name} was given as {n!r:.40}; give a whole number from {low} to {high}.")
    return {name: int(n) for name, (n, _, _) in given.items()}
