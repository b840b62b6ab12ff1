"""Brader, Senn & Fusi 2007: probability of a lasting change in one presentation, against the postsynaptic rate."""

import numpy as np
import pandas as pd

from brian2chip.core.protocol import Protocol
from brian2chip.models.brader import BRADER
from brian2chip.plasticity.sdsp import SDSP
from brian2chip.protocols.spike_trains import poisson

# Postsynaptic spikes are this far apart at least; a neuron that is made to fire cannot do so in two steps running.
DEAD_TIME = 1e-3


def calcium_windows() -> dict[str, tuple[float, float]]:
    """Return the rates (Hz) at which the mean calcium, rate*tau_C*J_C, lies between the thresholds of SDSP's published constants."""
    hertz = 1 / float(BRADER.parameters["tau_C"] * BRADER.parameters["J_C"])
    p = SDSP.parameters
    return {
        "ltp": (p["theta_up_low"] * hertz, p["theta_up_high"] * hertz),
        "ltd": (p["theta_down_low"] * hertz, p["theta_down_high"] * hertz),
    }


def conditions(options):
    """Return the postsynaptic rates; the published curve could not be verified, so there are no data points."""
    rates = np.linspace(0, options["max_rate_hz"], int(options["rates"]) + 1)[1:]
    return pd.DataFrame({"pre_rate_hz": float(options["pre_rate_hz"]), "rate_hz": rates, "data_dw": np.nan, "data_sem": np.nan})


def stimulate(condition, options, rng):
    """Return independent Poisson trains of the two neurons for one presentation."""
    seconds, dt = options["duration_s"], BRADER_2007.dt
    return poisson(condition["pre_rate_hz"], seconds, rng, dt), poisson(condition["rate_hz"], seconds, rng, dt, DEAD_TIME)


def reduce(conditions, measured, options):
    """Return ``p_ltp`` (share of synapses that end stronger), ``p_ltd`` (weaker), their standard errors, and ``dw``, the difference.

    A rule with several starting states is measured from the weakest for LTP and from the strongest for LTD.
    """
    table = conditions.copy()
    for name, moved, start in (
        ("p_ltp", measured["w_end"] > measured["w_start"], measured["w_start"].min()),
        ("p_ltd", measured["w_end"] < measured["w_start"], measured["w_start"].max()),
    ):
        chosen = measured["w_start"] == start
        groups = moved[chosen].groupby(measured["condition"][chosen])
        p = groups.mean()
        table[name], table[f"{name}_sem"] = p, np.sqrt(p * (1 - p) / groups.size())
    return table.assign(dw=table["p_ltp"] - table["p_ltd"])


def _peak(rate, p):
    """Return the mean rate of the upper half of a peak, weighted by height; NaN where nothing changed."""
    upper = p.where(p >= p.max() / 2, 0.0)
    return float((upper * rate).sum() / upper.sum()) if upper.any() else np.nan


def scores(table):
    """Return the rates at which changes up and down are most probable (Hz, NaN where there are none), and these probabilities."""
    return {
        "ltp_peak_hz": _peak(table["rate_hz"], table["p_ltp"]),
        "ltd_peak_hz": _peak(table["rate_hz"], table["p_ltd"]),
        "p_ltp_max": float(table["p_ltp"].max()),
        "p_ltd_max": float(table["p_ltd"].max()),
    }


def plot(table, ax=None):
    """Draw both probabilities with standard errors against the postsynaptic rate."""
    if ax is None:
        from matplotlib import pyplot as plt  # not needed to run

        ax = plt.gca()
    for name, label, colour in (("p_ltp", "LTP", "tab:red"), ("p_ltd", "LTD", "tab:blue")):
        ax.errorbar(table["rate_hz"], table[name], table[f"{name}_sem"], fmt="o-", ms=3, color=colour, label=label)
    ax.axvspan(*calcium_windows()["ltp"], color="tab:red", alpha=0.1, lw=0, label="mean calcium of SDSP allows LTP")
    ax.axvspan(*calcium_windows()["ltd"], color="tab:blue", alpha=0.2, lw=0, label="LTD and LTP")
    ax.set(xlabel="postsynaptic rate (Hz)", ylabel="probability of a change", ylim=(0, None))
    ax.legend(fontsize="small")
    return ax


_low, _high = calcium_windows()["ltp"]

BRADER_2007 = Protocol(
    name="brader_2007",
    source="Brader, Senn & Fusi 2007, Neural Comput 19:2881 (one presentation of 300 ms, presynaptic rate 50 Hz)",
    conditions=conditions,
    stimulate=stimulate,
    reduce=reduce,
    score=scores,
    plot=plot,
    measured="probability of ending stronger less that of ending weaker (1)",
    # The peak lies where the mean calcium allows LTP. How high it is depends on how often the membrane is above theta_V when a spike
    # arrives: here for the last 3 ms before each postsynaptic spike (models/brader.py), which is our choice and not the paper's.
    expected={"sdsp": ((_low + _high) / 2, (_high - _low) / 2)},
    options={"pre_rate_hz": 50.0, "max_rate_hz": 300.0, "rates": 15, "duration_s": 0.3},
    option_help={
        "pre_rate_hz": "presynaptic rate",
        "max_rate_hz": "largest postsynaptic rate",
        "rates": "number of postsynaptic rates",
        "duration_s": "seconds of a presentation",
    },
    dt=1e-4,
    replicas=1000,
)
