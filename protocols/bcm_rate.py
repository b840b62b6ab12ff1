"""Poisson rates: the change against the postsynaptic rate; is the rule BCM-like, and where is its threshold?"""

import numpy as np
import pandas as pd

from brian2chip.analysis import bcm, plots
from brian2chip.core.protocol import Protocol
from brian2chip.protocols.spike_trains import poisson


def conditions(options):
    """Return the postsynaptic rates; there are no data points, the threshold and the change of sign are the prediction."""
    # Denser at low rates, where the thresholds of the published sets lie.
    rates = options["max_rate_hz"] * (np.arange(1, int(options["rates"]) + 1) / options["rates"]) ** 2
    return pd.DataFrame({"pre_rate_hz": float(options["pre_rate_hz"]), "rate_hz": rates, "data_dw": np.nan, "data_sem": np.nan})


def stimulate(condition, options, rng):
    """Return independent Poisson trains of the two neurons.

    Presynaptic spikes lie on the even steps of the grid and postsynaptic ones on the odd: intervals of both signs are then drawn
    alike. With equal times allowed, pairs of zero interval would count as potentiation only, and shift the threshold by 1.5 %.
    """
    grid, seconds = BCM_RATE.dt, options["duration_s"]
    pre, post = (poisson(condition[key], seconds - grid, rng, dt=2 * grid) for key in ("pre_rate_hz", "rate_hz"))
    return pre, post + grid


def reduce(conditions, measured, options):
    """Return the mean change a second over the replicas, and its standard error."""
    rate = (measured["w_end"] - measured["w_start"]) / options["duration_s"]
    grouped = rate.groupby(measured["condition"])
    return conditions.assign(dw=grouped.mean(), dw_sem=grouped.sem())


def scores(table):
    """Return the threshold (Hz, NaN when there is none), its standard error, and whether the curve is BCM-like (1 or 0)."""
    found = bcm.threshold(table["rate_hz"], table["dw"], table["dw_sem"])
    return {"threshold_hz": found.rate_hz, "threshold_sem_hz": found.sem_hz, "bcm_like": float(found.bcm_like)}


def plot(table, ax=None):
    """Draw the change a second against the postsynaptic rate, with standard errors and the threshold."""
    return plots.rate_curve(table, ax=ax)


BCM_RATE = Protocol(
    name="bcm_rate",
    source="Pfister & Gerstner 2006, figure 5 and equation 5; Bienenstock, Cooper & Munro 1982",
    conditions=conditions,
    stimulate=stimulate,
    reduce=reduce,
    score=scores,
    plot=plot,
    measured="change of the weight a second (1/s)",
    # Closed form of the minimal triplet model, theta = (A2- tau- - A2+ tau+)/(A3+ tau+ tau_y), from the published sets.
    expected={"triplet:visual_cortex_all_minimal": (19.2, 0.58), "triplet:hippocampus_all_minimal": (5.4, 0.16)},
    options={"pre_rate_hz": 10.0, "max_rate_hz": 50.0, "rates": 10, "duration_s": 10.0},
    option_help={
        "pre_rate_hz": "presynaptic rate",
        "max_rate_hz": "largest postsynaptic rate",
        "rates": "number of postsynaptic rates",
        "duration_s": "seconds of stimulation",
    },
    dt=1e-4,
    replicas=2000,
)
