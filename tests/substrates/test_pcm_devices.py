"""Devices of phase-change memory: formulas against tables made elsewhere and written out anew, moments of what is drawn."""

from math import log, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from brian2chip.errors import UserError
from brian2chip.substrates.pcm_devices import HERMES, HERMES_ONE, PCM_LIKE

TABLE = pd.read_csv(Path(__file__).parents[1] / "references" / "pcm_like.csv", comment="#")
TIMES = [0, 1, 25, 3600, 86400, 2592000, 31536000]
N = 100_000


def close(found, expected):
    """Within 1e-9 and the twelve digits that the table has."""
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_pcm_like_is_the_table():
    g = TABLE.g_uS.to_numpy()
    close(PCM_LIKE.sigma_prog(g), TABLE.sigma_prog_uS)
    close(PCM_LIKE.nu_mean(g / 25), TABLE.nu_mean)
    close(PCM_LIKE.nu_sd(g / 25), TABLE.nu_std)
    close(PCM_LIKE.q_s(g / 25), TABLE.Q_s)
    for t in TIMES:
        close(PCM_LIKE.drifted(np.ones(len(g)), TABLE.nu_mean, t), TABLE[f"drift_factor_t{t}s"])
        close(PCM_LIKE.relative_read_sd(g, t), TABLE[f"sigma_read_rel_t{t}s"])


def hermes(x, two):
    """Standard deviation of programming, mean and standard deviation of nu, Q_s of the HERMES chip at a relative conductance.

    Written from the branches of IBM/aihwkit, inference/noise/hermes.py, one number at a time.
    """
    clip = lambda a, low, high: min(max(a, low), high)  # noqa: E731
    mean = clip(-0.0387 * log(x) - 0.0182, 0.072, 0.13) if x < 0.0945 else -0.0436 * x**2 - 0.0126 * x + 0.0736
    if two:
        prog = 0.16603222 + 4.71806468 * x - 8.48101252 * x**2 + 4.68961419 * x**3
        sd = clip(-0.0117 * log(x) - 0.0057, 0.0091, 0.04) if x < 0.3055 else -0.0118 * x**2 + 0.0093 * x + 0.0073
        q = clip(-0.0117 * log(x) - 0.0069, 0.015, 0.04) if x < 0.16 else 0.0069 * x**3 - 0.0280 * x**2 + 0.0211 * x + 0.0123
    else:
        prog = 0.15781817 + 2.32443916 * x - 2.16310839 * x**2 + 0.68841818 * x**3
        sd = clip(-0.0120 * log(x) - 0.0023, 0.0124, 0.04) if x < 0.3039 else -0.0165 * x**2 + 0.0116 * x + 0.0104
        q = clip(-0.0078 * log(x) + 0.0038, 0.0179, 0.04) if x < 0.1591 else 0.0664 * x**3 - 0.1352 * x**2 + 0.0768 * x + 0.0088
    return prog, mean, sd, q


@pytest.mark.parametrize("device,two", [(HERMES, True), (HERMES_ONE, False)])
def test_hermes_is_the_text_of_its_source(device, two):
    x = np.r_[1e-6, 1e-3, np.linspace(0.01, 1, 100), 0.0945, 0.1591, 0.16, 0.3039, 0.3055]
    found = np.transpose([device.sigma_prog(x * device.g_max), device.nu_mean(x), device.nu_sd(x), device.q_s(x)])
    close(found, [hermes(each, two) for each in x])
    t_0, t_read = (300, 512e-9) if two else (200, 512e-9)
    assert device.g_max == (20.7 if two else 10.35)
    assert device.drifted(3.0, 0.05, 1000) == pytest.approx(3 * ((1000 + t_0) / t_0) ** -0.05, rel=1e-12)
    shape = sqrt(log((1000 + t_0 + t_read) / (2 * t_read)))
    assert device.relative_read_sd(0.5 * device.g_max, 1000) == pytest.approx(hermes(0.5, two)[3] * shape, rel=1e-9)


def test_pcm_like_at_one_day_as_the_notes_have_it():
    """5 uS after a day: drift factor 0.661603, a reading's standard deviation 0.127426 of it (own computation in the reference notes)."""
    assert PCM_LIKE.drifted(1.0, 0.0493462876427, 86400) == pytest.approx(0.661603, abs=1e-6)
    assert PCM_LIKE.relative_read_sd(5.0, 86400) == pytest.approx(0.127426, abs=1e-6)


def moments(values, mean, sd):
    assert abs(values.mean() - mean) < 4 * sd / np.sqrt(values.size)
    assert abs(values.std() - sd) < 4 * sd / np.sqrt(2 * values.size)


@pytest.mark.parametrize("device", [PCM_LIKE, HERMES, HERMES_ONE], ids=lambda d: d.name)
def test_moments_of_what_is_drawn(device):
    """Normal numbers at conductances where nothing is cut at 0: within 4 standard errors of mean and standard deviation."""
    rng = np.random.default_rng(5)
    for g in (0.4 * device.g_max, device.g_max):
        x = g / device.g_max
        moments(device.programmed(np.full(N, g), rng), g, device.sigma_prog(g))
        if device.nu_mean(x) > 5 * device.nu_sd(x):
            moments(device.exponents(np.full(N, g), rng), device.nu_mean(x), device.nu_sd(x))
        drifted = device.drifted(g, 0.05, 3600)
        moments(device.read(np.full(N, g), 0.05, 3600, rng), drifted, drifted * device.relative_read_sd(g, 3600))


def test_moments_where_devices_are_cut_at_0():
    """A target of 0: half of the normal numbers are 0; mean sd/sqrt(2 pi), mean square sd^2/2. Exponents are folded at 0, not cut."""
    rng = np.random.default_rng(6)
    g, sd = PCM_LIKE.programmed(np.zeros(N), rng), 0.26348
    assert abs((g == 0).mean() - 0.5) < 4 * 0.5 / np.sqrt(N)
    moments(g, sd / np.sqrt(2 * np.pi), sd * np.sqrt(0.5 - 0.5 / np.pi))
    nu = HERMES.exponents(np.full(N, HERMES.g_max), rng)  # 0.0174 +- 0.0048: a part in 6,000 is folded
    assert nu.min() > 0 and abs(nu.mean() - 0.0174) < 4 * 0.0048 / np.sqrt(N) + 1e-6


@pytest.mark.parametrize("wrong", [25.1, -0.1, np.nan])
def test_a_conductance_outside_the_range_is_refused(wrong):
    with pytest.raises(UserError, match=r"uS was asked for; devices of PCMLike take 0 to 25 uS"):
        PCM_LIKE.programmed(np.array([1.0, wrong]), np.random.default_rng(1))
