"""Pair and triplet STDP against two oracles on random trains, and against published literals."""

import numpy as np
import pytest

from brian2chip.core import registry
from brian2chip.core.rule import Rule
from brian2chip.protocols import network_objects, paired_synapses

DT = 1e-4
RULES = ("stdp", "stdp:nearest", "stdp:multiplicative", "triplet:visual_cortex_all_full", "triplet:hippocampus_nearest_full")


def random_trains(rng, n, rate=25.0, seconds=2.0):
    """Poisson trains on the grid, with some equal times on purpose."""
    trains = []
    for _ in range(n):
        pre = np.flatnonzero(rng.random(int(seconds / DT)) < rate * DT) * DT
        post = np.flatnonzero(rng.random(int(seconds / DT)) < rate * DT) * DT
        trains.append((pre, np.unique(np.r_[post, pre[:3]])))
    return trains


def simulated(rule: Rule, trains, device, duration=2.1, dt=DT):
    with paired_synapses.prepared(rule, trains, duration=duration, dt=dt, device=device) as (evaluate, session):
        assert session.device == device
        return evaluate()["w_end"].to_numpy()


def si(rule):
    return {k: network_objects.si(v) for k, v in rule.parameters.items()}


def closed_form(pre, post, p, triplet):
    """All-to-all, additive, no bound reached: sums over all pairs (and triplets) of spikes at once, no order of events needed.

    Morrison, Diesmann & Gerstner 2008, section 4.1; Pfister & Gerstner 2006, equations 3 and 4, written as double sums.
    """
    kernel = lambda late, early, tau, strict: np.where(  # noqa: E731
        (late[:, None] - early[None] > 1e-9) if strict else (late[:, None] - early[None] > -1e-9),
        np.exp(-np.clip(late[:, None] - early[None], 0, None) / tau),
        0.0,
    ).sum(axis=1)
    # At equal times the presynaptic spike is first: it counts for the postsynaptic one and not the reverse.
    r1, o1 = kernel(post, pre, p["tau_plus"], strict=False), kernel(pre, post, p["tau_minus"], strict=True)
    if not triplet:
        return 1 + p["A_plus"] * r1.sum() - p["A_minus"] * o1.sum()
    o2, r2 = kernel(post, post, p["tau_y"], strict=True), kernel(pre, pre, p["tau_x"], strict=True)
    return 1 + (r1 * (p["A2_plus"] + p["A3_plus"] * o2)).sum() - (o1 * (p["A2_minus"] + p["A3_minus"] * r2)).sum()


# Compiling for Cython takes 20 s a rule: one of them here, the others with make test-slow.
CASES = [
    pytest.param(rule, device, marks=[pytest.mark.slow] if device == "cython" and rule != "stdp" else [])
    for rule in RULES
    for device in ("numpy", "cpp_standalone", "cython")
]


@pytest.mark.parametrize(("name", "device"), CASES)
def test_every_device_agrees_with_the_event_by_event_oracle(name, device):
    rule = registry.get("rule", name)
    trains = random_trains(np.random.default_rng(3), 6)
    expected = [rule.oracle(pre, post, si(rule), {"w": 1.0})["w"] for pre, post in trains]
    assert np.ptp(expected) > 0.01  # the trains do something
    np.testing.assert_allclose(simulated(rule, trains, device), expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["stdp", "triplet:hippocampus_all_full"])
def test_all_to_all_agrees_with_the_closed_form(name):
    rule = registry.get("rule", name)
    trains = random_trains(np.random.default_rng(4), 4, rate=8.0)
    expected = [closed_form(pre, post, si(rule), name.startswith("triplet")) for pre, post in trains]
    np.testing.assert_allclose(simulated(rule, trains, "cpp_standalone"), expected, rtol=1e-9)


def test_weights_stop_at_the_hard_bounds():
    rule = registry.get("rule", "stdp").with_parameters(A_plus=0.9, A_minus=0.9)
    pairs = np.arange(8) * 0.1 + 0.05
    up, down = simulated(rule, [(pairs, pairs + 0.005), (pairs, pairs - 0.005)], "numpy", duration=1.0)
    assert (up, down) == (2.0, 0.0)


def test_multiplicative_weights_approach_the_bound_and_do_not_reach_it():
    rule = registry.get("rule", "stdp:multiplicative").with_parameters(A_plus=0.9)
    pairs = np.arange(8) * 0.1 + 0.05
    w = simulated(rule, [(pairs, pairs + 0.005)], "numpy", duration=1.0)[0]
    assert 1.5 < w < 2.0


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
@pytest.mark.parametrize(
    ("pre_ms", "expected"),
    # FACTS "other outside numbers": w0 5, tau+ 16.8, tau_x 101, tau- 33.7, tau_y 125 ms, all amplitudes 0.1, post 1 ms after 4.
    [([2, 6], 4.893263428904107), ([2, 6, 8], 4.625885515882967)],
)
def test_order_of_events_of_the_triplet_rule(pre_ms, expected, device):
    from dataclasses import replace

    from brian2 import ms

    rule = registry.get("rule", "triplet").with_parameters(
        tau_x=101 * ms, tau_y=125 * ms, A2_plus=0.1, A3_plus=0.1, A2_minus=0.1, A3_minus=0.1, all_to_all=1.0
    )
    rule = replace(rule, initial={"w": 5.0})
    w = simulated(rule, [(np.array(pre_ms) * 1e-3, np.array([5e-3]))], device, duration=0.02, dt=1e-3)[0]
    assert w == pytest.approx(expected, abs=1e-12)
