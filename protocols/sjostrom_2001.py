"""Sjöström, Turrigiano & Nelson 2001: frequency x timing of pairings in visual cortex, as Pfister & Gerstner 2006 fitted it."""

from pathlib import Path

import numpy as np

from brian2chip.analysis import plots, score
from brian2chip.core.csv_files import REAL, WHOLE, read_csv
from brian2chip.core.protocol import Protocol
from brian2chip.errors import unknown

DATA = Path(__file__).parent / "data" / "sjostrom_2001.csv"
COLUMNS = {"rho_hz": REAL, "dt_ms": WHOLE, "dw": REAL, "sem": REAL, "n_sjostrom": WHOLE}


def conditions(options):
    """Return the ten published points: pairing frequency (Hz) and dt (ms), with mean and standard error."""
    if options["train"] not in ("continuous", "bursts"):
        raise unknown("train", options["train"], ("continuous", "bursts"))
    data = read_csv(DATA, "data", COLUMNS)
    return data.rename(columns={"rho_hz": "rate_hz", "dw": "data_dw", "sem": "data_sem", "n_sjostrom": "data_n"})


def stimulate(condition, options, rng):
    """Return the pairings: 60 in one continuous train, or the laboratory's bursts.

    ``train="bursts"``: 15 bursts of five pairs, one burst every 10 s; at 0.1 Hz 50 single pairs.
    """
    rate = condition["rate_hz"]
    if options["train"] == "continuous":
        pre = np.arange(60) / rate
    elif rate < 1:
        pre = np.arange(50) / rate
    else:
        pre = (10.0 * np.arange(15)[:, None] + np.arange(5) / rate).ravel()
    pre = 0.1 + pre
    return pre, pre + condition["dt_ms"] * 1e-3


def scores(table):
    """Return the error E of Pfister & Gerstner over the ten points."""
    return {"E": score.pfister_gerstner(table["dw"], table["data_dw"], table["data_sem"])}


def plot(table, ax=None):
    """Draw change against frequency for both timings, over the published means and standard errors."""
    return plots.frequency(table, ax=ax)


SJOSTROM_2001 = Protocol(
    name="sjostrom_2001",
    source="Sjostrom, Turrigiano & Nelson 2001, Neuron 32:1149; values and error as in Pfister & Gerstner 2006",
    conditions=conditions,
    stimulate=stimulate,
    score=scores,
    plot=plot,
    measured="relative change of the EPSP amplitude (1)",
    tissue="visual cortex",
    # Recomputed from the published parameter sets with 60 pairs in one train; see tests/references.
    expected={
        "triplet:visual_cortex_all_full": (0.342, 0.01),
        "triplet:visual_cortex_all_minimal": (0.356, 0.01),
        "triplet:visual_cortex_nearest_full": (0.232, 0.01),
        "triplet:visual_cortex_nearest_minimal": (0.348, 0.01),
    },
    options={"train": "continuous"},
    option_help={"train": "continuous: 60 pairs in one train (the paper's numbers); bursts: the laboratory's 15 bursts of 5 pairs"},
    dt=1e-3,
)
