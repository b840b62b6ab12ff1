"""Graupner & Brunel 2012: populations of bistable synapses in pairs of spikes: against time differences, rates, and at 5 Hz."""

import numpy as np
import pandas as pd

from brian2chip.analysis.calcium import pairing
from brian2chip.core.protocol import Protocol
from brian2chip.core.quantities import parse_value
from brian2chip.errors import UserError, unknown

#: Time differences in ms, as in the table of the paper's solution that the tests hold.
WINDOW = (-100, -60, -40, -30, -20, -15, -10, -5, -2, 0, 2, 5, 10, 15, 20, 25, 30, 40, 60, 100)
#: For each experiment (pairs, their rates in Hz, time differences in ms).
EXPERIMENTS = {
    "window": (60, (1.0,), WINDOW),
    "rates": (75, (1.0, 20.0, 30.0, 40.0, 50.0), (-10, -5, 0, 5, 10)),
    "five_hertz": (200, (5.0,), (-80, -60, -40, -20, -10, 0, 10, 20, 40, 60, 80)),
}
#: Seconds before the first pair, in which presynaptic calcium may come late and postsynaptic spikes early.
LEAD = 0.2


def conditions(options):
    """Return the pairs of an experiment; the paper's points are those of its model, so there are no data."""
    if options["experiment"] not in EXPERIMENTS:
        raise unknown("experiment of graupner_brunel_2012 called", options["experiment"], EXPERIMENTS)
    pairs, rates, differences = EXPERIMENTS[options["experiment"]]
    return pd.DataFrame(
        [
            {"pairs": pairs, "rate_hz": rate, "dt_ms": float(dt), "data_dw": np.nan, "data_sem": np.nan}
            for rate in rates
            for dt in differences
        ]
    )


def stimulate(condition, options, rng):
    """Return pairs at a rate; presynaptic spikes lie on the nearest steps of the grid."""
    pre = np.round((LEAD + np.arange(condition["pairs"]) / condition["rate_hz"]) / GRAUPNER_BRUNEL_2012.dt) * GRAUPNER_BRUNEL_2012.dt
    return pre, pre + condition["dt_ms"] * 1e-3


def scores(table):
    """Return the largest and the smallest relative change."""
    return {"largest_change": float(table["dw"].max()), "smallest_change": float(table["dw"].min())}


def in_closed_form(about, table):
    """Return the paper's solution for each condition; None for rules of other parameters.

    Parameters
    ----------
    about : mapping
        What a run says of itself, ``table.attrs["run"]``.
    table : DataFrame
        Conditions.
    """
    try:
        p = {name: float(np.asarray(parse_value(text))) for name, text in about["parameters"].items()}
        low = np.mean([value < 0.5 for value in np.atleast_1d(parse_numbers(about["initial"]["rho"]))])
        return np.array([pairing(p, row.dt_ms * 1e-3, row.rate_hz, row.pairs, low).ratio - 1 for row in table.itertuples()])
    except (KeyError, UserError):
        return None


def parse_numbers(text):
    """Return the numbers of a list as a run writes it, ``[0.0, 1.0]``."""
    return [float(each) for each in text.strip("[]() ").split(",") if each.strip()]


def plot(table, ax=None):
    """Draw the changes with their standard errors, and the paper's solution where the rule is the paper's."""
    if ax is None:
        from matplotlib import pyplot as plt  # not needed to run

        ax = plt.gca()
    solved = in_closed_form(table.attrs.get("run", {}), table)
    for k, (rate, of_rate) in enumerate(table.groupby("rate_hz")):
        line = ax.errorbar(of_rate["dt_ms"], of_rate["dw"], of_rate.get("dw_sem"), fmt="o", ms=3, color=f"C{k}", label=f"{rate:g} Hz")
        if solved is not None:
            ax.plot(of_rate["dt_ms"], solved[of_rate.index], color=line[0].get_color(), lw=1, label=None if k else "closed form")
    ax.axhline(0, color="0.8", lw=0.8, zorder=0)
    ax.set(xlabel="$t_{post} - t_{pre}$ (ms)", ylabel="relative change of the efficacy")
    ax.legend(fontsize="small")
    return ax


GRAUPNER_BRUNEL_2012 = Protocol(
    name="graupner_brunel_2012",
    source="Graupner & Brunel 2012, PNAS 109:3991: 60 pairs at 1 Hz (figure 2), 75 pairs at five rates (figure 4B), 200 pairs at 5 Hz",
    conditions=conditions,
    stimulate=stimulate,
    score=scores,
    plot=plot,
    measured="relative change of the mean efficacy of a population (1)",
    # The paper's solution at 5 ms, with four binomial standard errors of 1,000 synapses.
    expected={"graupner_brunel:DP": (0.2405, 0.06)},
    options={"experiment": "window"},
    option_help={"experiment": "window (60 pairs at 1 Hz), rates (75 pairs at 1 to 50 Hz) or five_hertz (200 pairs)"},
    dt=1e-4,
    # Of each start: a thousand synapses of a rule with two states.
    replicas=500,
)
