"""Clopath et al. 2010: one presynaptic spike and a burst of postsynaptic ones, by number, frequency and timing; curves without data."""

import numpy as np
import pandas as pd

from brian2chip.core.protocol import Protocol
from brian2chip.protocols.prepare import relative_change

#: What is varied, and the bursts as (postsynaptic spikes, their rate in Hz, first postsynaptic minus presynaptic spike in ms).
BURSTS = {
    "spikes": [(n, 50.0, dt) for dt in (10.0, -10.0) for n in (1, 2, 3)],
    "rate_hz": [(3, rate, dt) for dt in (10.0, -10.0) for rate in (20.0, 40.0, 60.0, 80.0, 100.0)],
    "dt_ms": [(3, 50.0, dt) for dt in np.arange(-100.0, 61.0, 10.0)],
}


def conditions(options):
    """Return the bursts; what the paper compares them with could not be verified, so there are no data points."""
    rows = [(what, *burst) for what, bursts in BURSTS.items() for burst in bursts]
    return pd.DataFrame(rows, columns=["varied", "spikes", "rate_hz", "dt_ms"]).assign(data_dw=np.nan, data_sem=np.nan)


def stimulate(condition, options, rng):
    """Return one pairing, the presynaptic spike 200 ms after the beginning."""
    burst = 0.2 + condition["dt_ms"] * 1e-3 + np.arange(condition["spikes"]) / condition["rate_hz"]
    return [0.2], np.round(burst, 4)


def reduce(conditions, measured, options):
    """Return the relative change of one pairing times their number, between which everything but the weight comes to rest."""
    table = relative_change(conditions, measured, options)
    more = options["pairings"] - 1
    table["w_end"] += more * (table["w_end"] - table["w_start"])
    return table.assign(**{name: options["pairings"] * table[name] for name in ("dw", "dw_sem") if name in table})


def scores(table):
    """Return what three postsynaptic spikes at 50 Hz change more than one does, 10 ms after and 10 ms before the presynaptic one."""
    row = table[table["varied"] == "spikes"].set_index(["spikes", "dt_ms"])["dw"]
    return {f"burst_at_{name}10ms": float(row[3, dt] - row[1, dt]) for name, dt in (("+", 10.0), ("-", -10.0))}


def plot(table, ax=None):
    """Draw the change against the lag of the burst, and at +-10 ms for other numbers and frequencies."""
    if ax is None:
        from matplotlib import pyplot as plt  # not needed to run

        ax = plt.gca()
    lags = table[table["varied"] == "dt_ms"]
    ax.axhline(0, color="0.8", lw=0.8)
    ax.plot(lags["dt_ms"], 100 * lags["dw"], "o-", ms=3, label="3 spikes, 50 Hz")
    for what, label, marker in (("spikes", "1, 2, 3 spikes, 50 Hz", "s"), ("rate_hz", "3 spikes, 20 to 100 Hz", "x")):
        rows = table[table["varied"] == what]
        ax.plot(rows["dt_ms"], 100 * rows["dw"], marker, ms=4, label=label)
    ax.set(xlabel="first postsynaptic minus presynaptic spike (ms)", ylabel="change (%)")
    ax.legend(frameon=False, fontsize="small")
    return ax


CLOPATH_2010_BURSTS = Protocol(
    name="clopath_2010_bursts",
    source="Clopath, Busing, Vasilaki & Gerstner 2010, Nat Neurosci 13:344, figure 3, as Larisch 2019 (ReScience) describes it",
    conditions=conditions,
    stimulate=stimulate,
    reduce=reduce,
    score=scores,
    plot=plot,
    measured="relative change of the weight (1)",
    options={"pairings": 60},
    option_help={"pairings": "pairings; one is run and its change multiplied (their number is ours)"},
    dt=1e-4,
)
