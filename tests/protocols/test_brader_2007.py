"""Transition probabilities of SDSP against the oracle, the calcium windows, and what other rules do there."""

import numpy as np
import pytest

from brian2chip.core.rule import Rule
from brian2chip.plasticity.sdsp import SDSP
from brian2chip.protocols import brader_2007
from brian2chip.protocols import run as runner
from brian2chip.protocols.network_objects import si

RULE = {name: si(value) for name, value in SDSP.parameters.items()}


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_every_transition_is_the_one_the_oracle_finds(device):
    options = {"pre_rate_hz": 80.0, "max_rate_hz": 240.0, "rates": 4, "duration_s": 0.3}  # 80 Hz: more transitions
    table = runner.run("brader_2007", "sdsp", device=device, seed=7, replicas=60, **options)
    rng = np.random.default_rng(7)
    for row in table.to_dict("records"):
        trains = [brader_2007.stimulate(row, options, rng) for _ in range(60)]
        up = [SDSP.oracle(*pair, RULE, {"X": 0.0})["X"] > 0.5 for pair in trains]
        down = [SDSP.oracle(*pair, RULE, {"X": 1.0})["X"] <= 0.5 for pair in trains]
        assert (row["p_ltp"], row["p_ltd"]) == (np.mean(up), np.mean(down))
    assert table["p_ltp"].sum() > 0.2 and table["p_ltd"].sum() > 0.05
    assert table.attrs["run"]["device"] == device


def test_windows_of_the_mean_calcium():
    # rate * tau_C * J_C = threshold, with tau_C = 60 ms, J_C = 1 and thresholds 3, 4 and 13 (constants of the published ports)
    windows = brader_2007.calcium_windows()
    assert windows["ltp"] == pytest.approx((3 / 0.060, 13 / 0.060))
    assert windows["ltd"] == pytest.approx((3 / 0.060, 4 / 0.060))


def test_ltd_then_ltp_then_nothing():
    table = runner.run("brader_2007", "sdsp", seed=1)
    run = table.attrs["run"]
    low, high = brader_2007.calcium_windows()["ltp"]
    assert low < run["scores"]["ltp_peak_hz"] < high
    # The LTD window is 50 to 67 Hz; a dozen transitions place its peak to within 20 Hz.
    assert run["scores"]["ltd_peak_hz"] == pytest.approx(58, abs=20)
    ltd = table.set_index("rate_hz")["p_ltd"]
    assert ltd[ltd.index <= 20].max() == 0 and ltd[ltd.index > 140].max() == 0 and ltd.max() > 0
    ltp = table.set_index("rate_hz")["p_ltp"]
    assert ltp[ltp.index <= 40].max() == 0
    assert ltp[300.0] < 0.5 * ltp.max()  # learning stops at high rates
    scored, tolerance = brader_2007.BRADER_2007.expected["sdsp"]
    assert abs(run["scores"]["ltp_peak_hz"] - scored) < tolerance


def test_exchanged_calcium_windows_are_noticed():
    wrong = {"theta_up_high": 4.0, "theta_down_high": 13.0}
    table = runner.run("brader_2007", "sdsp", parameters=wrong, replicas=100, seed=1)
    right = runner.run("brader_2007", "sdsp", replicas=100, seed=1)
    assert table["p_ltp"].sum() < 0.2 * right["p_ltp"].sum() and table["p_ltd"].sum() > 5 * right["p_ltd"].sum()


def test_rules_that_read_spikes_only_run_too():
    mine = Rule(name="mine", source="test", model="w : 1", on_pre="w = w - 0.01", on_post="w = w + 0.01")
    table = runner.run("brader_2007", mine, seed=1, replicas=50)
    # The sign of (post spikes - pre spikes): certain LTD at 20 Hz post and 50 Hz pre, certain LTP at 300 Hz.
    assert table["p_ltd"].iloc[0] > 0.9 and table["p_ltp"].iloc[-1] == 1.0
    assert runner.run("brader_2007", "stdp", seed=1, replicas=5)["p_ltd"].between(0, 1).all()
