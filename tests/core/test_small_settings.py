"""Limits of settings that a test of a whole training does not meet: the last value that is allowed, and the first that is not."""

import logging

import pytest

from brian2chip.core.brian2_version import check_version
from brian2chip.core.disk import reason
from brian2chip.core.eqspike_config import EqSpikeConfig
from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.errors import UserError


@pytest.mark.parametrize("version, fits", [("2.5.4", True), ("2.5.4.post1", True), ("2.5.3", False), ("2.4.9", False), ("2.10.0", True)])
def test_the_oldest_brian2_is_the_one_that_genn_needs(version, fits):
    # brian2genn 1.7.0 needs Brian2 2.5.4, see CONTRIBUTING.md.
    if fits:
        check_version(version)
    else:
        with pytest.raises(UserError, match=f"Brian2 {version} is too old; brian2chip needs Brian2 2.5.4 or later"):
            check_version(version)


@pytest.mark.parametrize("version, warned", [("2.9.0", False), ("2.7.1", True), ("3.0", True)])
def test_a_brian2_that_was_not_tested_is_told(version, warned, caplog):
    with caplog.at_level(logging.WARNING):
        check_version(version)
    assert bool(caplog.records) == warned


@pytest.mark.parametrize(
    "settings",
    [
        {"low": 0.1},
        {"high": 0.9},
        {"free": 0},
        {"nudged": 0},
        {"tau_s": 0.9},
        {"tau_2": float("inf")},
        {"rate": 0.0},
        {"rate": 1.1},
        {"beta": 0.0},
    ],
)
def test_spiking_equilibrium_that_cannot_be(settings):
    with pytest.raises(UserError):
        EqSpikeConfig(**settings)


def test_spiking_equilibrium_that_may_just_be(caplog):
    EqSpikeConfig(low=0.0, high=1.0, rate=1.0, nudged=1, tau_s=1.0, beta=-1.0)
    # Five times 10 + 10 + 20 steps, or the rise of the rates is not finished.
    EqSpikeConfig(free=200)
    assert not caplog.records
    EqSpikeConfig(free=199)
    assert "too short for the filters (at least 200)" in caplog.text


@pytest.mark.parametrize("step, fits", [(1.0, True), (0.01, True), (0.0, False), (1.01, False), (-0.2, False)])
def test_a_step_of_the_dynamics_is_a_share(step, fits):
    if fits:
        assert EquilibriumConfig(step=step).step == step
    else:
        with pytest.raises(UserError, match="step of the dynamics"):
            EquilibriumConfig(step=step)


def test_nudges_that_are_compared():
    # One over beta, and with both signs of the nudge one over twice beta.
    assert EquilibriumConfig(beta=0.5).scale == 2 and EquilibriumConfig(beta=-0.5).scale == -2
    assert EquilibriumConfig(beta=0.5, symmetric=True).scale == 1


def test_why_a_disk_refuses_is_at_most_160_characters_of_one_line():
    assert reason(OSError("a\n b")) == "a b" and reason(OSError()) == "OSError"
    assert reason(OSError("x" * 200)) == "x" * 160
    assert reason(OSError(28, "No space left on device")) == reason(OSError("8 requested and 0 written")) == "the disk is full"
