"""How far a model is from data: the error E of Pfister & Gerstner, RMSE and R2."""

import numpy as np
import pandas as pd

from brian2chip.errors import UserError


def _pairs(model, data, *more):
    """Return the arrays without the entries where there are no data."""
    arrays = [np.asarray(a, float) for a in (model, data, *more)]
    if len({a.shape for a in arrays}) > 1 or arrays[0].ndim != 1:
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise UserError(f"a score needs one number for each data point, but the shapes are {shapes}; give arrays of one length.")
    measured = ~np.isnan(arrays[1])
    if not measured.any():
        raise UserError("there are no data points to score against; give at least one that is not NaN.")
    return [a[measured] for a in arrays]


def pfister_gerstner(model, data, sem) -> float:
    """Return E, the mean squared residual in units of the standard error of each data point.

    Parameters
    ----------
    model, data, sem : array_like of shape (P,)
        In one unit. Entries with NaN in ``data`` are left out; a NaN of the model makes E NaN.

    Raises
    ------
    UserError
        For unequal lengths, no data, or a standard error that is not positive.

    Source: Pfister & Gerstner 2006, equation 6: E = 1/P sum(((dw_exp - dw_mod)/sem)^2).
    """
    model, data, sem = _pairs(model, data, sem)
    if not (sem > 0).all():
        raise UserError("the error E divides by the standard error of each point, and one of them is not positive; use rmse for such data.")
    return float(np.mean(((data - model) / sem) ** 2))


def rmse(model, data) -> float:
    """Return the root mean square residual, in the unit of the data; entries with NaN in ``data`` are left out.

    Raises
    ------
    UserError
        For unequal lengths or no data.
    """
    model, data = _pairs(model, data)
    return float(np.sqrt(np.mean((data - model) ** 2)))


def score_of_changes(table) -> dict[str, float]:
    """Return how far the changes ``dw`` of a protocol's table are from its data.

    The error E where every data point has a standard error, else the root mean square residual and R2; without data the mean change.
    """
    data = table["data_dw"] if "data_dw" in table else np.full(len(table), np.nan)
    used = table["data_used"].to_numpy(bool) if "data_used" in table else ~np.isnan(np.asarray(data, float))
    if not used.any():
        return {"mean change": float(table["dw"].mean())}
    rows = table[used]
    if "data_sem" in rows and rows["data_sem"].notna().all():
        return {"E": pfister_gerstner(rows["dw"], rows["data_dw"], rows["data_sem"])}
    return {"rmse": rmse(rows["dw"], rows["data_dw"]), "r2": r2(rows["dw"], rows["data_dw"])}


def scores_of_sets(table, changes: np.ndarray) -> dict[str, np.ndarray]:
    """Return the scores of many parameter sets, [sets] each: what :func:`score_of_changes` gives for each row of ``changes``.

    Parameters
    ----------
    table : DataFrame
        The conditions with their data.
    changes : array of shape (sets, conditions)
    """
    data = table["data_dw"].to_numpy(float) if "data_dw" in table else np.full(len(table), np.nan)
    used = table["data_used"].to_numpy(bool) if "data_used" in table else ~np.isnan(data)
    if not used.any():
        return {"mean change": pd.DataFrame(changes).mean(axis=1).to_numpy()}
    names = score_of_changes(table.assign(dw=changes[0]))  # refuses what it refuses
    kept = used & ~np.isnan(data)
    squared = (changes[:, kept] - data[kept]) ** 2
    if "E" in names:
        return {"E": np.mean(squared / table["data_sem"].to_numpy(float)[kept] ** 2, axis=1)}
    total = np.sum((data[kept] - data[kept].mean()) ** 2)
    return {
        "rmse": np.sqrt(squared.mean(axis=1)),
        "r2": 1 - squared.sum(axis=1) / total if total > 0 else np.full(len(changes), np.nan),
    }


def change_explained(table) -> float:
    """Return the share of the data's squared distance from "no change" that a rule takes away: 1 is perfect, 0 no better than no rule.

    Squares are divided by those of the standard errors where every data point has one, so that it follows the score E, and else the root
    mean square residual; it is comparable between experiments, which these are not. NaN without data.

    Parameters
    ----------
    table : DataFrame
        ``dw``, and where there are data ``data_dw``, ``data_sem``, ``data_used``, one row a condition.
    """
    rows = used_points(table)
    if not len(rows):
        return float("nan")
    weigh = "data_sem" in rows and rows["data_sem"].notna().all()
    sem = rows["data_sem"].to_numpy(float) if weigh else np.ones(len(rows))
    data, model = rows["data_dw"].to_numpy(float), rows["dw"].to_numpy(float)
    return float(1 - np.sum(((data - model) / sem) ** 2) / np.sum((data / sem) ** 2))


def used_points(table):
    """Return the rows of a protocol's table with a data point that scores and fits use."""
    if "data_dw" not in table:
        return table.iloc[:0]
    chosen = table["data_dw"].notna()
    return table[chosen & table["data_used"].astype(bool) if "data_used" in table else chosen]


def r2(model, data) -> float:
    """Return the fraction of the data's variance that the model explains; negative when the mean of the data would do better.

    Entries with NaN in ``data`` are left out; NaN when the data do not vary.

    Raises
    ------
    UserError
        For unequal lengths or no data.
    """
    model, data = _pairs(model, data)
    total = np.sum((data - data.mean()) ** 2)
    return float(1 - np.sum((data - model) ** 2) / total) if total > 0 else float("nan")
