import numpy as np
import pandas as pd
import pytest

from brian2chip.analysis import score
from brian2chip.errors import UserError


def test_error_of_pfister_gerstner_by_hand():
    # By hand: residuals 1 and -2 standard errors, mean of 1 and 4.
    assert score.pfister_gerstner([0.0, 0.5], [0.1, 0.1], [0.1, 0.2]) == pytest.approx(2.5)


def test_error_of_a_published_table():
    # FACTS, section 2: model values of HC/nearest/minimal printed to three digits, E = 2.73; data and sem: Wang et al. 2005, 13 points.
    model = [0.379, 0.217, 0.105, 0.357, 0.050, 0.018, -0.042, 0.090, 0.052, 0.102, 0.191, 0.152, -0.134]
    data = [0.33, 0.34, 0.22, 0.29, -0.01, 0.03, 0.01, 0.24, -0.003, 0.06, 0.21, 0.25, -0.17]
    sem = [0.04, 0.04, 0.08, 0.05, 0.04, 0.04, 0.03, 0.06, 0.03, 0.04, 0.04, 0.05, 0.05]
    assert score.pfister_gerstner(model, data, sem) == pytest.approx(2.73, abs=0.02)


def test_points_without_data_are_left_out_but_a_model_without_value_is_not():
    assert score.rmse([1.0, 5.0], [3.0, np.nan]) == 2.0
    assert np.isnan(score.pfister_gerstner([np.nan, 1.0], [1.0, 1.0], [1.0, 1.0]))


def test_r2_is_one_for_the_data_zero_for_their_mean_negative_below():
    data = [1.0, 2.0, 3.0]
    assert score.r2(data, data) == 1.0
    assert score.r2([2.0] * 3, data) == 0.0
    assert score.r2([3.0, 2.0, 1.0], data) == -3.0  # by hand: 1 - 8/2


@pytest.mark.parametrize("sem", [0.0, -0.1, np.nan])
def test_a_standard_error_must_be_positive(sem):
    with pytest.raises(UserError, match="standard error"):
        score.pfister_gerstner([0.0], [1.0], [sem])


def test_unequal_lengths_and_no_data_are_refused():
    with pytest.raises(UserError, match="shapes"):
        score.rmse([1.0, 2.0], [1.0])
    with pytest.raises(UserError, match="no data"):
        score.rmse([1.0], [np.nan])


@pytest.mark.parametrize(
    "columns", [{}, {"data_dw": [0.1, np.nan, 0.3, 0.2]}, {"data_dw": [0.1, 0.2, 0.2, 0.4], "data_sem": [0.1, 0.2, 0.1, 0.3]}]
)
@pytest.mark.parametrize("used", [None, [True, True, False, True], [False] * 4])
def test_scores_of_many_sets_are_those_of_each(columns, used):
    table = pd.DataFrame({"k": range(4), **columns, **({} if used is None else {"data_used": used})})
    if used is not None and "data_dw" not in columns:
        table["data_dw"] = 0.1
    changes = np.random.default_rng(1).normal(0.1, 0.2, (5, 4))
    found = score.scores_of_sets(table, changes)
    for k, row in enumerate(changes):
        assert {name: value[k] for name, value in found.items()} == pytest.approx(score.score_of_changes(table.assign(dw=row)), rel=1e-12)
