"""The closed form of calcium-based plasticity against the authors' values, and against calcium stepped through by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from brian2chip.analysis.calcium import pairing, share_above
from brian2chip.core import registry
from brian2chip.protocols.network_objects import si

VALUES = pd.read_csv(Path(__file__).parents[1] / "references" / "graupner_brunel_2012.csv", comment="#")


def parameters(name):
    """Return a published set in SI; the delay of the cortical one is 4.6098 ms in the authors' program and rounded in ours."""
    rule = registry.get("rule", "graupner_brunel:" + {"cortical": "cortical_slices"}.get(name, name))
    found = {key: si(value) for key, value in rule.parameters.items()}
    return found | ({"D": 4.6098e-3} if name == "cortical" else {})


@pytest.mark.parametrize("name", sorted(set(VALUES["parameter_set"])))
def test_shares_of_time_and_changes_are_the_authors(name):
    p, rows = parameters(name), VALUES[VALUES["parameter_set"] == name]
    for row in rows.itertuples():
        events = [p["D"], row.dt_ms * 1e-3], [p["Cpre"], p["Cpost"]], 1 / row.rate_Hz, p["tau_Ca"]
        assert share_above(p["theta_p"], *events) == pytest.approx(row.alpha_P, abs=1e-9)
        assert share_above(p["theta_d"], *events) == pytest.approx(row.alpha_D, abs=1e-9)
        assert pairing(p, row.dt_ms * 1e-3, row.rate_Hz, row.n_pairs).ratio == pytest.approx(row.change, abs=1e-9)
    assert np.ptp(rows["change"]) > 0.2


def test_calcium_of_several_jumps_a_period_stepped_through():
    """Two jumps at one time, one that wraps around, and a threshold that is crossed between: steps of 1 us."""
    times, sizes, period, tau, dt = [0.01, 0.01, 0.13], [0.5, 0.7, 0.9], 0.1, 0.03, 1e-6
    c, above, at = 0.0, 0, {round((t % period) / dt): 0.0 for t in times}
    for t, size in zip(times, sizes):
        at[round((t % period) / dt)] += size
    for k in range(10):
        for step in range(round(period / dt)):
            c = c * np.exp(-dt / tau) + at.get(step, 0.0)
            above += (c > 1.0) if k == 9 else 0
    assert share_above(1.0, times, sizes, period, tau) == pytest.approx(above * dt / period, abs=5e-5)
    assert share_above(50.0, times, sizes, period, tau) == 0.0 and share_above(0.01, times, sizes, period, tau) == 1.0


def test_extremes():
    p = parameters("DP")
    none = pairing(p | {"theta_p": 1e3, "theta_d": 1e3}, 0.01, 1.0, 60)
    assert (none.up, none.down, none.ratio) == (0, 0, 1)  # nothing happened
    up = pairing(p | {"gamma_d": 0.0, "sigma": 0.0, "gamma_p": 1e6}, 0.01, 1.0, 60)
    assert (up.up, up.down) == (1, 0) and up.ratio == pytest.approx(5 / 3)  # by hand: b = 5 after (1 + 5)/2
    down = pairing(p | {"gamma_p": 0.0, "sigma": 0.0, "gamma_d": 1e6}, 0.01, 1.0, 60, low=0.7)
    assert down.ratio == pytest.approx(1 / (0.7 + 0.3 * 5))
    assert up.standard_error(500, 500) == 0


def test_the_standard_error_of_a_population():
    """By hand: half of 400 synapses of either start change; each changes the ratio by (5 - 1)/2/3 of its start's share."""
    both = replace(pairing(parameters("DP"), 0.01, 1.0, 60), up=0.5, down=0.5)
    assert both.standard_error(200, 200) == pytest.approx(np.sqrt(2 * (4 / 6) ** 2 * 0.25 / 200))
    assert both.standard_error(200, 0) == pytest.approx(np.sqrt((4 / 6) ** 2 * 0.25 / 200))


@pytest.mark.parametrize(
    ("goal", "left", "up", "down"),
    [
        (0.8, 0.25, 1, 0),  # from 0 to 0.8*0.75 = 0.6, from 1 to 0.8 + 0.2*0.25 = 0.85
        (0.8, 0.5, 0, 0),  # from 0 to 0.4, from 1 to 0.9
        (0.2, 0.25, 0, 1),  # from 0 to 0.15, from 1 to 0.2 + 0.8*0.25 = 0.4
        (0.2, 0.5, 0, 0),  # from 0 to 0.1, from 1 to 0.6
    ],
)
def test_without_noise_a_synapse_ends_in_the_basin_where_its_mean_ends(goal, left, up, down):
    """Calcium is always above both thresholds, so the drives are gamma_p and gamma_d; tau is such that ``left`` remains of the start."""
    total, pairs, rate = 500.0, 60, 50.0
    drives = {"gamma_p": goal * total, "gamma_d": (1 - goal) * total, "tau": -pairs / rate * total / np.log(left)}
    found = pairing(parameters("DP") | {"theta_p": 1e-9, "theta_d": 1e-9, "sigma": 0.0} | drives, 0.01, rate, pairs)
    assert (found.up, found.down) == (up, down)


def test_a_start_that_is_forgotten_makes_no_difference():
    """Both starts end at 0.5 exactly, in one and the same state: what went up from one is what did not go down from the other."""
    known = {"theta_p": 1e-9, "theta_d": 1e-9, "gamma_p": 1e6, "gamma_d": 1e6}
    for sigma in (0.0, parameters("DP")["sigma"]):
        found = pairing(parameters("DP") | known | {"sigma": sigma}, 0.01, 50.0, 60)
        assert found.up == pytest.approx(1 - found.down)
