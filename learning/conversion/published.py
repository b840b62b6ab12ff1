"""The published numbers of soft-LIF networks: tables that come with the package, and their efficiencies recomputed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from brian2chip.analysis.spiking_efficiency import efficiency

DATA = Path(__file__).parents[1] / "data"


def table(name: str) -> pd.DataFrame:
    """Return the table ``learning/data/soft_lif_NAME.csv``: rates, units, noise, layers, efficiency or errors."""
    return pd.read_csv(DATA / f"soft_lif_{name}.csv", comment="#")


def efficiencies() -> pd.DataFrame:
    """Return the published efficiencies beside those that the formula gives for the published layers and rates."""
    layers, found = table("layers"), table("efficiency")
    recomputed = []
    for row in found.itertuples():
        of = layers[layers.dataset == row.dataset]
        hidden = of.dropna()
        recomputed.append(efficiency(list(of.synapses), list(hidden.neurons), list(hidden.rate_hz), row.t_p_s).ratio)
    return found.assign(recomputed=recomputed)
