"""The observation: which points, which errors, and the density of the data."""

import numpy as np
import paired
import pytest
from scipy import stats

from brian2chip.core import registry
from brian2chip.errors import UserError
from brian2chip.inference.observation import observation
from brian2chip.protocols.joint import joint
from brian2chip.protocols.prepare import conditions_of


def of(protocol, sigma=None):
    return observation(protocol, conditions_of(protocol, dict(protocol.options)), sigma)


def test_all_published_points_of_two_experiments():
    found = of(joint([registry.get("protocol", name) for name in ("sjostrom_2001", "wang_2005")]))
    assert len(found) == 23 and found.labels[9:11] == ("sjostrom_2001 9", "wang_2005 0")
    assert found.data[[0, 22]].tolist() == [-0.04, -0.17] and found.sem[[0, 22]].tolist() == [
        0.05,
        0.05,
    ]  # first and last rows of the tables


def test_points_that_scores_leave_out_are_left_out():
    found = of(registry.get("protocol", "bi_poo_1998"), sigma=0.2)
    table = conditions_of(registry.get("protocol", "bi_poo_1998"), dict(registry.get("protocol", "bi_poo_1998").options))
    assert found.index.tolist() == np.flatnonzero(table["data_used"]).tolist() and (found.sem == 0.2).all()


def test_sigma_is_for_points_without_an_error():
    assert of(paired.experiment(data_sem=[0.02, np.nan, 0.03]), sigma=0.1).sem.tolist() == [0.02, 0.1, 0.03]


def test_the_density_of_the_data():
    found, changes = of(paired.experiment()), np.array([[0.1, 0.0, 0.2], [0.0, 0.0, 0.0]])
    assert np.allclose(found.log_likelihood(changes), stats.norm(changes, 0.02).logpdf(found.data).sum(axis=1))
    assert np.allclose(found.squares(changes), (((found.data - changes) / 0.02) ** 2).sum(axis=1))


def test_drawn_errors_are_as_large_as_published():
    drawn = of(paired.experiment(data_sem=[0.01, 0.1, 1.0])).noisy(np.ones((20_000, 3)), np.random.default_rng(2))
    assert drawn.mean(axis=0) == pytest.approx([1, 1, 1], abs=0.03) and drawn.std(axis=0) == pytest.approx([0.01, 0.1, 1.0], rel=0.03)


@pytest.mark.parametrize(
    "columns, sigma, said",
    [
        ({"data_sem": None}, None, "3 of the 3 data points of 'own' have no standard error; say what it is with sigma"),
        ({"data_sem": [0.1, np.nan, 0.1]}, None, "1 of the 3 data points"),
        ({}, 0.1, "sigma is for data points without a standard error"),
        ({"data_sem": None}, 0.0, "give a positive number"),
        ({"data_sem": None}, True, "give a positive number"),
        ({"data_sem": None}, np.inf, "give a positive number"),
        ({"data_sem": [0.1, 0.0, 0.1]}, None, "it must be positive"),
        ({"data_dw": None, "data_sem": None}, 0.1, "has no data points"),
        ({"data_dw": [np.nan] * 3}, None, "has no data points"),
    ],
)
def test_what_is_no_observation(columns, sigma, said):
    with pytest.raises(UserError, match=said):
        of(paired.experiment(**columns), sigma)
