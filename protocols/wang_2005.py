"""Wang, Gerkin, Nauen & Bi 2005: triplets and quadruplets in hippocampal culture, the 13 points of Pfister & Gerstner 2006."""

from pathlib import Path

import numpy as np

from brian2chip.analysis import plots, score
from brian2chip.core.csv_files import GAPS, REAL, TEXT, WHOLE, read_csv
from brian2chip.core.protocol import Protocol

DATA = Path(__file__).parent / "data" / "wang_2005.csv"
COLUMNS = {"protocol": TEXT, "dt1_ms_post1_minus_pre_or_T": WHOLE, "dt2_ms": GAPS, "dw": REAL, "sem": REAL}


def conditions(options):
    """Return the 13 points; dt1 and dt2 (ms) are t_post - t_pre, for quadruplets dt1_ms holds the distance T of the pairs."""
    data = read_csv(DATA, "data", COLUMNS)
    data.columns = ["pattern", "dt1_ms", "dt2_ms", "data_dw", "data_sem"]
    return data


def stimulate(condition, options, rng):
    """Return 60 repeats at 1 Hz of the pattern.

    pre-post-pre: dt1 = post - pre1 > 0, dt2 = post - pre2 < 0; post-pre-post: dt1 = post1 - pre < 0, dt2 = post2 - pre > 0;
    quadruplets: T < 0 is pre-post ... post-pre, T > 0 is post-pre ... pre-post, 5 ms within each pair.
    """
    a, b = condition["dt1_ms"], condition["dt2_ms"]
    if condition["pattern"] == "pair":
        pre, post = [0.0], [a]
    elif condition["pattern"] == "pre-post-pre":
        pre, post = [-a, -b], [0.0]
    elif condition["pattern"] == "post-pre-post":
        pre, post = [0.0], [a, b]
    else:
        # T is the distance of the centres of the two pairs.
        half = abs(a) / 2
        outer, inner = half + 2.5, half - 2.5
        pre, post = ([-outer, outer], [-inner, inner]) if a < 0 else ([-inner, inner], [-outer, outer])
    repeats = 0.2 + np.arange(60)[:, None]
    return (repeats + np.array(pre) * 1e-3).ravel(), (repeats + np.array(post) * 1e-3).ravel()


def scores(table):
    """Return the error E of Pfister & Gerstner over the 13 points."""
    return {"E": score.pfister_gerstner(table["dw"], table["data_dw"], table["data_sem"])}


def plot(table, ax=None):
    """Draw the 13 changes beside the published means and standard errors."""
    labels = [f"{row.pattern} {row.dt1_ms:g}" + ("" if np.isnan(row.dt2_ms) else f", {row.dt2_ms:g}") for row in table.itertuples()]
    return plots.points(table, labels, ax=ax)


WANG_2005 = Protocol(
    name="wang_2005",
    source="Wang, Gerkin, Nauen & Bi 2005, Nat Neurosci 8:187; values and error as in Pfister & Gerstner 2006",
    conditions=conditions,
    stimulate=stimulate,
    score=scores,
    plot=plot,
    measured="relative change of the EPSC amplitude (1)",
    tissue="hippocampus",
    # Recomputed from the published parameter sets; see tests/references.
    expected={
        "triplet:hippocampus_all_full": (2.83, 0.01),
        "triplet:hippocampus_all_minimal": (3.28, 0.01),
        "triplet:hippocampus_nearest_full": (2.73, 0.01),
        "triplet:hippocampus_nearest_minimal": (2.73, 0.01),
    },
    dt=5e-4,
)
