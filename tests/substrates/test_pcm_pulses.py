"""Pulses on phase-change memory: the reference's trajectory and moments, and the code of training against a loop over devices."""

from pathlib import Path

import brian2
import numpy as np
import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.engine.functions.normal_numbers import normal_number
from brian2chip.engine.session import session
from brian2chip.substrates.pcm_pulses import MOST, PULSED_PAIRS, constants, pulse_moments, pulsed, read, reset, start

TABLE = pd.read_csv(Path(__file__).parents[1] / "references" / "pcm_pulses.csv", comment="#")
P = bc.substrate("pcm").with_parameters(step=0.0625, G_unit=23.65 * brian2.uS).numbers()
N = 100_000


def test_pulses_without_noise_are_the_trajectory_of_the_reference():
    g = 0.1
    for row in TABLE.itertuples():
        assert g == pytest.approx(row.G_before_noisefree, rel=1e-9)
        mean, sd = pulse_moments(g, row.pulse)
        assert mean == pytest.approx(row.mean_dG, rel=2e-9) and sd == pytest.approx(row.sd_dG, rel=2e-9)  # ten digits in the table
        g += mean
    assert g == pytest.approx(9.3803162, abs=1e-7)


@pytest.mark.parametrize("g_max", [12, 20])
def test_many_devices_have_the_moments_of_the_reference(g_max):
    """Against 400,000 devices simulated elsewhere: 4 standard errors of a difference; those of the deviation twice a normal one's."""
    rng, g = np.random.default_rng(g_max), np.full(N, 0.1)
    for row in TABLE.itertuples():
        g = pulsed(g, np.full(N, row.pulse), g_max, rng)
        mean, sd = getattr(row, f"MC_mean_Gmax{g_max}"), getattr(row, f"MC_std_Gmax{g_max}")
        error = sd * np.sqrt(1 / N + 1 / 400_000)
        assert abs(g.mean() - mean) < 4 * error + 5e-5  # digits of the table
        assert abs(g.std() - sd) < 4 * error + 5e-5


def test_a_reading_drifts_and_scatters():
    """0.04 as the drift exponent, a deviation of 0.03 G + 0.13 uS (srnn-pcm); RESET leaves 0.1 +- 0.01 uS."""
    rng = np.random.default_rng(3)
    seen = read(np.full(N, 6.0), np.full(N, 100.0), 12, rng)
    drifted = 6 * 100**-0.04
    assert abs(seen.mean() - drifted) < 4 * (0.03 * drifted + 0.13) / np.sqrt(N)
    assert abs(seen.std() - (0.03 * drifted + 0.13)) < 4 * (0.03 * drifted + 0.13) / np.sqrt(2 * N)
    g = reset((N,), rng)
    assert abs(g.mean() - 0.1) < 4 * 0.01 / np.sqrt(N) and abs(g.std() - 0.01) < 4 * 0.01 / np.sqrt(2 * N)


def one_update(s, change, update, i, p, learn):
    """Move one pair (a dict) by a change, device by device and pulse by pulse; return the weight that is read."""
    normal = lambda stream: float(normal_number(s["key"], stream, update, i))  # noqa: E731
    clip = lambda x, low=0.1: min(max(x, low), p["G_limit"])  # noqa: E731
    s["chi"] += change
    if learn:
        s["age_plus"] += 1
        s["age_minus"] += 1
        if max(s["G_plus"], s["G_minus"]) > p["refresh_above"] and abs(s["G_plus"] - s["G_minus"]) < p["refresh_below"]:
            s["chi"] += (s["G_plus"] - s["G_minus"]) / p["G_unit"]
            for side, stream in (("plus", 0), ("minus", 1)):
                s[f"G_{side}"], s[f"n_{side}"], s[f"age_{side}"] = clip(0.1 + 0.01 * normal(stream), 0.01), 0, 1
        pulses = min(int(abs(s["chi"]) / p["step"]), MOST)
        side, sign = ("plus", 1) if s["chi"] > 0 else ("minus", -1)
        for k in range(pulses):
            s["chi"] -= sign * p["step"]
            s[f"n_{side}"] += 1
            left, g = np.exp(-s[f"n_{side}"] / 2.6), s[f"G_{side}"]
            s[f"G_{side}"] = clip(g - 0.084 * g + 0.880 + 1.40 * left + (0.091 * g + 0.260 + 2.15 * left) * normal(4 + k))
            s[f"age_{side}"] = 1
    seen = []
    for side, stream in (("plus", 2), ("minus", 3)):
        drifted = s[f"G_{side}"] * s[f"age_{side}"] ** -0.04
        seen.append(clip(drifted + (0.03 * drifted + 0.13) * normal(stream)))
    return (seen[0] - seen[1]) / p["G_unit"]


@pytest.mark.parametrize("learn", [True, False])
@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_the_code_is_a_loop_over_devices(device, learn):
    """40 pairs, 12 updates, changes of up to 6 steps; due only at every second step; some pairs are refreshed and some limited."""
    n, steps, rng = 40, 24, np.random.default_rng(8)
    changes = rng.uniform(-6, 6, (steps // 2, n)) * P["step"] * (rng.random((steps // 2, n)) < 0.6)
    begun = start(rng.normal(0, 0.15, n), P, rng)
    begun["G_plus"][:3], begun["G_minus"][:3] = 7, 6.5  # to be refreshed at once, where anything is learned
    values = constants(P, learn)
    with session(device, dt=1e-3) as s:
        extra = "w : 1\ndue = int(t_in_timesteps % 2) : 1 (shared)\nupdates : 1 (shared)\n"
        functions = dict(PULSED_PAIRS.functions) | {"changes": brian2.TimedArray(np.repeat(changes, 2, axis=0), dt=brian2.ms)}
        group = brian2.NeuronGroup(n, PULSED_PAIRS.model + extra, namespace=functions, name="store")
        group.run_regularly("updates += due\nwanted = due*changes(t, i)\n" + PULSED_PAIRS.code)
        for name, value in {**begun, **values}.items():
            s.input(name, group, name, value)
        for name in ("w", *PULSED_PAIRS.kept):
            s.result(group, name)
        s.run(brian2.Network(group), steps * 1e-3)
        found = {name: np.asarray(s.read(f"store.{name}")) for name in ("w", *PULSED_PAIRS.kept)}
    micro = {name: 1e6 * P[name] for name in ("G_unit", "G_limit", "refresh_above", "refresh_below")} | {"step": P["step"]}
    refreshed = limited = 0
    for i in range(n):
        pair = {name: begun[name][i] for name in PULSED_PAIRS.kept}
        for update in range(1, steps // 2 + 1):
            before = pair["n_plus"] + pair["n_minus"]
            w = one_update(pair, changes[update - 1, i], update, i, micro, learn)
            refreshed += pair["n_plus"] + pair["n_minus"] < before
            limited += abs(pair["chi"]) >= P["step"]
        assert found["w"][i] == pytest.approx(w, rel=1e-9, abs=1e-12)
        for name in PULSED_PAIRS.kept:
            assert found[name][i] == pytest.approx(pair[name], rel=1e-9, abs=1e-12), name
    assert (refreshed > 3 and limited > 3) if learn else (found["n_plus"] == begun["n_plus"]).all()


def test_pairs_begin_as_they_were_programmed():
    """One pulse a step of 0.0625; what the reading lacks of the weight is in the accumulator."""
    weights = np.array([0.0, 0.03, -0.04, 0.3, -0.3])
    s = start(weights, P, np.random.default_rng(1))
    assert s["n_plus"].tolist() == [0, 0, 0, 5, 0] and s["n_minus"].tolist() == [0, 0, 1, 0, 5]
    np.testing.assert_allclose(s["w"] + s["chi"], weights, atol=1e-15)
    assert (s["G_plus"][:3] < 0.2).all() and s["G_plus"][3] > 1 and s["G_minus"][4] > 1
    many = start(np.full(N, 0.3), P, np.random.default_rng(2))["G_plus"]
    expected = TABLE[TABLE.pulse == 5].iloc[0]
    assert many.mean() == pytest.approx(expected.MC_mean_Gmax12, abs=0.04)  # begins at 0.1 +- 0.01 instead of 0.1
