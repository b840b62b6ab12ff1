"""Clopath et al. 2010: five pairs at 10 to 50 Hz, 10 ms before or after, fifteen times, against Sjostrom et al. 2001."""

from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip.analysis import plots, score
from brian2chip.core.csv_files import REAL, WHOLE, read_csv
from brian2chip.core.protocol import Protocol
from brian2chip.protocols.prepare import relative_change

DATA = Path(__file__).parent / "data" / "sjostrom_2001.csv"
COLUMNS = {"rho_hz": REAL, "dt_ms": WHOLE, "dw": REAL, "sem": REAL, "n_sjostrom": WHOLE}
RATES = (10.0, 20.0, 30.0, 40.0, 50.0)


def conditions(options):
    """Return frequency (Hz) and dt (ms); at 30 Hz nothing was measured."""
    measured = read_csv(DATA, "data", COLUMNS).set_index(["rho_hz", "dt_ms"])
    table = pd.DataFrame([(rate, dt) for dt in (10, -10) for rate in RATES], columns=["rate_hz", "dt_ms"])
    data = measured.reindex(pd.MultiIndex.from_frame(table))
    return table.assign(data_dw=data["dw"].to_numpy(), data_sem=data["sem"].to_numpy())


def stimulate(condition, options, rng):
    """Return one train of five pairs, after 100 ms."""
    pre = np.round(0.1 + np.arange(5) / condition["rate_hz"], 4)
    return pre, pre + condition["dt_ms"] * 1e-3


def reduce(conditions, measured, options):
    """Return the relative change of one train times the trains, between which everything but the weight comes to rest."""
    table = relative_change(conditions, measured, options)
    more = options["trains"] - 1
    table["w_end"] += more * (table["w_end"] - table["w_start"])
    return table.assign(**{name: options["trains"] * table[name] for name in ("dw", "dw_sem") if name in table})


def scores(table):
    """Return the error E of Pfister & Gerstner over the eight measured points."""
    known = table[table["data_dw"].notna()]
    return {"E": score.pfister_gerstner(known["dw"], known["data_dw"], known["data_sem"])}


def plot(table, ax=None):
    """Draw change against frequency for both timings, over the published means and standard errors."""
    return plots.frequency(table, ax=ax)


CLOPATH_2010 = Protocol(
    name="clopath_2010",
    source="Clopath, Busing, Vasilaki & Gerstner 2010, Nat Neurosci 13:344 (trains as in NEST's example of it); data: Sjostrom et al. 2001",
    conditions=conditions,
    stimulate=stimulate,
    reduce=reduce,
    score=scores,
    plot=plot,
    measured="relative change of the EPSP amplitude (1)",
    options={"trains": 15},
    option_help={"trains": "trains of five pairs; one is run and its change multiplied"},
    dt=1e-4,
)
