"""The window of pair and triplet STDP at every rate of the pairings: what a pair rule cannot say."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from brian2chip.analysis.demo_page import Curves, Section, moving
from brian2chip.core import pairings
from brian2chip.core.protocol import Protocol
from brian2chip.protocols.run import run

RULES = {"pair STDP": "stdp", "triplet STDP": "triplet:visual_cortex_all_full"}
#: Rates whose intervals are whole steps of 0.1 ms, and times from a presynaptic to a postsynaptic spike; 60 pairs each.
RATES_HZ, START = np.array([0.5, 1, 2, 4, 5, 8, 10, 12.5, 16, 20, 25, 40]), 6
DT_MS = np.array([-24, -20, -16, -12, -9, -6, -4, -2, -1, 1, 2, 4, 6, 9, 12, 16, 20, 24.0])
PAIRS = 60


def _table(options) -> pd.DataFrame:
    rate, dt = (axis.ravel() for axis in np.meshgrid(RATES_HZ, DT_MS, indexing="ij"))
    return pd.DataFrame({"rate_hz": rate, "dt_ms": dt, "pairs": PAIRS, "trains": 1})


WINDOWS = Protocol(
    name="windows_at_rates",
    source="60 pairs at each rate and timing, no data",
    measured="relative change of the weight",
    conditions=_table,
    stimulate=partial(pairings.stimulate, 1e-4),
    dt=1e-4,
)


def section(seed: int) -> tuple[Section, dict[str, pd.DataFrame]]:
    """Return the section and its tables."""
    tables = {name: run(WINDOWS, rule, seed=seed) for name, rule in RULES.items()}
    changes = {name: 100 * table["dw"].to_numpy().reshape(len(RATES_HZ), -1) for name, table in tables.items()}
    curves = Curves("pairs a second", "Hz", RATES_HZ, DT_MS, "postsynaptic minus presynaptic spike (ms)", "change (%)", changes)
    late = np.flatnonzero(DT_MS == -9)[0]
    low, high = changes["triplet STDP"][[1, -1], late]
    section = Section(
        "What a pair rule cannot say",
        f"At -9 ms the triplet rule goes from {low:+.0f} % at {RATES_HZ[1]:g} Hz to {high:+.0f} % at {RATES_HZ[-1]:g} Hz.",
        f"{PAIRS} pairs of spikes at {len(RATES_HZ)} rates and {len(DT_MS)} times between the spikes, one synapse each, one run a rule. "
        "Move the rate: in the cortex, fast pairings potentiate whatever the order of the spikes.",
        (moving(curves, START, "change of the weight against the time between the spikes, of pair and triplet STDP, at one rate"),),
    )
    return section, {f"window__{name.split()[0]}": table for name, table in tables.items()}
