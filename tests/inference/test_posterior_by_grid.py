"""Posteriors against the exact likelihood on a grid, whose changes come from sums over pairs and not from Brian2."""

import numpy as np
import paired
import pytest

import brian2chip as bc
from brian2chip.inference import posterior as posteriors
from brian2chip.inference.problem import problem


class Even:
    """In the place of a trained flow: draws from the prior."""

    def sample(self, data, n, seed):
        share = np.random.default_rng(seed).random((len(np.atleast_2d(data)), n, 2))
        return share, np.zeros(share.shape[:2])

    def log_density(self, share, data):
        return np.zeros(share.shape[:2])


@pytest.fixture(scope="module")
def grid():
    """Mean, standard deviation and correlation of shares, by the exact posterior on 400 x 400 points."""
    share = (np.arange(400) + 0.5) / 400
    both = np.stack(np.meshgrid(share, share, indexing="ij"), axis=-1).reshape(-1, 2)
    values = np.stack([0.3 * both[:, 0], 5e-3 * 20 ** both[:, 1]], axis=1)  # the prior of paired.PRIOR, written out
    data = paired.changes(np.array([[0.1, 0.02]]))
    log = -0.5 * (((paired.changes(values) - data) / 0.02) ** 2).sum(axis=1)
    weight = np.exp(log - log.max()) / np.exp(log - log.max()).sum()
    mean = weight @ both
    covariance = (weight[:, None] * (both - mean)).T @ (both - mean)
    sd = np.sqrt(np.diag(covariance))
    return mean, sd, covariance[0, 1] / np.prod(sd)


def agrees(found, grid, tolerance):
    mean, sd, correlation = grid
    assert np.abs(found.share.mean(axis=0) - mean).max() < tolerance * sd.min()
    assert found.share.std(axis=0) == pytest.approx(sd, rel=tolerance)
    assert np.corrcoef(found.share.T)[0, 1] == pytest.approx(correlation, abs=tolerance)


def asked(**more):
    given = {"parameters": None, "sigma": None, "device": "numpy", "seed": 1, "dt": None, "options": {}} | more
    return problem(paired.experiment(), paired.RULE, paired.PRIOR, **given)


def test_the_exact_likelihood_makes_the_prior_the_posterior(grid):
    """Everything but the flow: simulations, likelihood, weights, draws."""
    truth = np.random.default_rng(0).random((100, 2))
    found = posteriors.corrected(asked(), Even(), 10_000, (truth, np.zeros((100, 3))), {})
    agrees(found, grid, 0.1)
    assert found.proposed == 40_000 and 1_000 < found.effective < 20_000
    assert found.changes == pytest.approx(paired.changes(found.samples.to_numpy()), rel=1e-9)


def test_with_sbi(grid, tmp_path):
    pytest.importorskip("sbi", reason="sbi is not installed (pip install 'brian2chip[posterior]')")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (pip install 'brian2chip[posterior]')")
    how = {"simulations": 2_000, "checks": 100, "samples": 2_000, "device": "numpy", "out": tmp_path / "p"}
    found = bc.posterior(paired.experiment(), paired.RULE, paired.PRIOR, **how)
    agrees(found, grid, 0.15)
    assert found.effective > 1_000
    assert found.identifiability.undetermined == () and found.misfit()[1] > 0.05  # the data are the rule's own
    assert found.check.summary()["inside_95"] > 0.85  # of 100: chance gives 0.88 or less once in 200
    files = {"simulations.parquet", "samples.csv", "predictive.csv", "checks.csv", "corner.png", "predictive.png", "ranks.png"}
    assert {path.name for path in how["out"].iterdir()} == files | {"posterior.json"}
