"""Bi & Poo 1998: the STDP window, 60 pairings at 1 Hz in hippocampal culture, with the 45 digitised points."""

from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip.analysis import plots
from brian2chip.core.csv_files import REAL, TEXT, read_csv
from brian2chip.core.protocol import Protocol

DATA = Path(__file__).parent / "data" / "bi_poo_1998.csv"
COLUMNS = {"dt_ms_post_minus_pre": REAL, "delta_epsc_percent": REAL, "source": TEXT}
# Two outliers at -1.6 and -3 ms; the two digitisations differ by 1.3 ms near 0, so the sign is unreliable closer than 3 ms.
UNRELIABLE_MS = 3.0


def conditions(options):
    """Return the time differences of the curve and those of the data (rounded to the 0.1 ms grid), with the data."""
    half = int(options["points"]) // 2
    curve = np.linspace(-options["dt_max_ms"], options["dt_max_ms"], 2 * half + 1)
    data = read_csv(DATA, "data", COLUMNS)
    data = data[data["source"] == "digitisation A"]
    table = pd.concat(
        [
            pd.DataFrame({"kind": "curve", "dt_ms": np.round(curve, 1), "data_dw": np.nan, "data_sem": np.nan}),
            pd.DataFrame(
                {
                    "kind": "data",
                    "dt_ms": np.round(data["dt_ms_post_minus_pre"], 1),
                    "data_dw": data["delta_epsc_percent"] / 100,
                    "data_sem": np.nan,
                }
            ),
        ],
        ignore_index=True,
    )
    return table.assign(data_used=(table["kind"] == "data") & (table["dt_ms"].abs() >= UNRELIABLE_MS))


def stimulate(condition, options, rng):
    """Return 60 presynaptic spikes a second apart, at the nearest steps of the grid, and the postsynaptic spikes dt_ms after them."""
    pre = np.round((0.2 + np.arange(options["pairs"]) / options["rate_hz"]) / BI_POO_1998.dt) * BI_POO_1998.dt
    return pre, pre + condition["dt_ms"] * 1e-3


def plot(table, ax=None):
    """Draw the window of the rule over the published points."""
    return plots.window(table, ax=ax)


BI_POO_1998 = Protocol(
    name="bi_poo_1998",
    source="Bi & Poo 1998, J Neurosci 18:10464, figure 7 (points digitised from the figure)",
    conditions=conditions,
    stimulate=stimulate,
    plot=plot,
    measured="relative change of the EPSC amplitude (1)",
    tissue="hippocampus",
    options={"pairs": 60, "rate_hz": 1.0, "points": 61, "dt_max_ms": 90.0},
    option_help={
        "pairs": "number of pairings",
        "rate_hz": "pairings a second",
        "points": "points of the curve between -dt_max_ms and dt_max_ms",
        "dt_max_ms": "largest time difference of the curve in ms",
    },
    dt=1e-4,
)
