"""SDSP against two independent NumPy oracles, closed forms, and its own mutants."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import Hz, Network, NeuronGroup, SpikeGeneratorGroup, second

from brian2chip.core import registry
from brian2chip.engine.session import session
from brian2chip.models.brader import BRADER
from brian2chip.plasticity.sdsp import SDSP
from brian2chip.protocols.network_objects import plastic_synapses, si
from brian2chip.protocols.paired_synapses import prepared
from brian2chip.protocols.spike_trains import poisson

DT = 1e-4
INTERNAL = replace(SDSP, weight="X")  # measure the internal variable itself


def parameters(thing):
    return {name: si(value) for name, value in thing.parameters.items()}


def random_trains(n=60, duration=0.5, seed=5):
    rng = np.random.default_rng(seed)
    rates = np.linspace(20, 260, n)
    return [(poisson(80, duration, rng, DT), poisson(rate, duration, rng, DT, dead_time=1e-3)) for rate in rates]


def clock_driven(stimuli, duration):
    """Return X just after each last presynaptic spike: every equation of the paper integrated at every step, all synapses at once."""
    p, q = parameters(SDSP), parameters(BRADER)
    n, steps = len(stimuli), round(duration / DT)
    pre, post = np.zeros((2, n, steps + 1), bool)
    for k, (a, b) in enumerate(stimuli):
        pre[k, np.rint(a / DT).astype(int)] = True
        post[k, np.rint(b / DT).astype(int)] = True
    held = round(q["pulse"] / DT)
    ends = []
    for x0 in (0.0, 1.0):
        X, C, v, last = np.full(n, x0), np.zeros(n), np.zeros(n), np.full(n, x0)
        for step in range(steps + 1):
            C *= np.exp(-DT / q["tau_C"])
            v = np.maximum(v - q["leak"] * DT, 0)
            soon = post[:, step : step + held + 1].any(axis=1)
            onset = soon & (post[:, step + held] if step + held <= steps else False)
            onset |= soon & (post[:, step - 1] if step else True)  # the spike before ended the last pulse
            v[onset] = q["v_pulse"]
            v[post[:, step]] = 2 * q["V_theta"]
            if step:
                X = np.clip(X + np.where(X > p["theta_X"], p["alpha"], -p["beta"]) * DT, 0, 1)
            up = pre[:, step] & (v > p["theta_V"]) & (p["theta_up_low"] < C) & (C < p["theta_up_high"])
            down = pre[:, step] & (v <= p["theta_V"]) & (p["theta_down_low"] < C) & (C < p["theta_down_high"])
            X = np.clip(X + p["a"] * up - p["b"] * down, 0, 1)
            last = np.where(pre[:, step], X, last)
            v[post[:, step]] = 0
            C += q["J_C"] * post[:, step]
        ends.append(last)
    return np.concatenate(ends)


@pytest.mark.parametrize("device", [pytest.param(d, marks=[pytest.mark.slow] if d == "cython" else []) for d in SDSP.devices])
def test_random_trains_agree_with_both_oracles(device):
    stimuli = random_trains()
    with prepared(INTERNAL, stimuli, duration=0.5, dt=DT, device=device) as (evaluate, s):
        assert s.device == device
        table = evaluate()
    X = table["w_end"].to_numpy()
    events = [SDSP.oracle(*stimuli[row.stimulus], parameters(SDSP), {"X": row.w_start})["X"] for row in table.itertuples()]
    np.testing.assert_allclose(X, events, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(X, clock_driven(stimuli, 0.5), rtol=1e-9, atol=1e-11)
    assert np.sum((X > 0) & (X < 1)) > 20 and np.any(X[:60] > 0.5) and np.any(X[60:] < 0.5)  # not an idle test


def at_fixed_state(rule, spikes, v, C, X, duration, device="numpy"):
    """Return X after presynaptic spikes that all find the neuron in a fixed state (arrays, one entry a synapse)."""
    n = len(v)
    with session(device, dt=1e-3) as s:
        pre = SpikeGeneratorGroup(n, np.tile(np.arange(n), len(spikes)), np.repeat(spikes, n) * second)
        post = NeuronGroup(n, "v : 1\nC : 1", threshold="False", namespace={})
        s.input("v", post, "v", v)
        s.input("C", post, "C", C)
        synapses = plastic_synapses(s, rule, pre, post, np.arange(n), np.arange(n), {"X": X})
        s.run(Network(pre, post, synapses), duration)
        return np.array(synapses.X)


def test_potentiation_climbs_and_crosses_as_the_closed_form():
    # Depolarised, calcium in the window, spikes every T: X_k = k a - (k - 1) beta T until it passes theta_X, then alpha pulls up too.
    p, T = parameters(SDSP), 0.02
    gain = p["a"] - p["beta"] * T
    for count, expected in [(1, p["a"]), (5, 5 * gain + p["beta"] * T), (15, 15 * gain + p["beta"] * T)]:
        X = at_fixed_state(SDSP, 0.001 + T * np.arange(count), np.array([0.9]), np.array([5.0]), np.array([0.0]), 0.5)
        assert X[0] == pytest.approx(expected, rel=1e-12)
    crossing = int(np.ceil((p["theta_X"] - p["a"]) / gain)) + 1  # number of spikes that takes X past theta_X
    above = crossing * gain + p["beta"] * T
    X = at_fixed_state(SDSP, 0.001 + T * np.arange(crossing + 1), np.array([0.9]), np.array([5.0]), np.array([0.0]), 0.5)
    assert X[0] == pytest.approx(above + p["alpha"] * T + p["a"], rel=1e-12)


@pytest.mark.parametrize("X, expected", [(0.7, 0.7 + 3.5 * 0.05), (0.7 + 0.2, 1.0), (0.4, 0.4 - 3.5 * 0.05), (0.1, 0.0)])
def test_drift_goes_to_the_stable_state_of_its_side(X, expected):
    # A spike at rest with no calcium reveals the drift and adds nothing; the drift is 3.5 per second (constants of the published ports).
    assert at_fixed_state(SDSP, [0.05], np.zeros(1), np.zeros(1), np.array([X]), 0.1)[0] == pytest.approx(expected, rel=1e-12)


# Synapses at and beside every threshold: (v, C, X before, change expected at one spike at t = 0)
EDGES = [
    (0.8, 5.0, 0.3, 0.0),  # v = theta_V is not above it: no potentiation
    (np.nextafter(0.8, 1), 5.0, 0.3, +0.1),
    (0.8, 3.5, 0.3, -0.1),  # and it is depression where calcium allows that
    (np.nextafter(0.8, 1), 3.5, 0.3, +0.1),
    (0.9, 3.0, 0.3, 0.0),  # the calcium windows are open at both ends
    (0.9, np.nextafter(3.0, 4), 0.3, +0.1),
    (0.9, np.nextafter(13.0, 0), 0.3, +0.1),
    (0.9, 13.0, 0.3, 0.0),
    (0.1, 3.0, 0.3, 0.0),
    (0.1, np.nextafter(3.0, 4), 0.3, -0.1),
    (0.1, np.nextafter(4.0, 0), 0.3, -0.1),
    (0.1, 4.0, 0.3, 0.0),
    (0.9, 5.0, 0.95, +0.05),  # X stays within [0, 1]
    (0.1, 3.5, 0.05, -0.05),
]


def edge_changes(rule, device="numpy"):
    v, C, X, _ = np.array(EDGES).T
    return at_fixed_state(rule, [0.0], v, C, X, 1e-3, device) - X


def drift_changes(rule, device="numpy"):
    X = np.array([0.5, np.nextafter(0.5, 1)])  # X = theta_X drifts down
    return at_fixed_state(rule, [0.01], np.zeros(2), np.zeros(2), X, 0.02, device) - X


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_exactly_at_every_threshold(device):
    np.testing.assert_allclose(edge_changes(SDSP, device), np.array(EDGES)[:, 3], atol=1e-12)
    np.testing.assert_allclose(drift_changes(SDSP, device), [-0.035, 0.035], rtol=1e-9)


MUTANTS = [
    ("v_post > theta_V", "v_post >= theta_V"),
    ("v_post <= theta_V", "v_post < theta_V"),
    ("C_post > theta_up_low", "C_post >= theta_up_low"),
    ("C_post < theta_up_high", "C_post <= theta_up_high"),
    ("C_post > theta_down_low", "C_post >= theta_down_low"),
    ("C_post < theta_down_high", "C_post <= theta_down_high"),
    ("X > theta_X", "X >= theta_X"),
    ("X <= theta_X", "X < theta_X"),
    ("theta_up_high", "theta_down_high"),
    ("theta_down_high", "theta_up_high"),
    ("a*up - b*down", "b*down - a*up"),
    ("alpha*int(X > theta_X) - beta*int(X <= theta_X)", "beta*int(X <= theta_X) - alpha*int(X > theta_X)"),
]


@pytest.mark.parametrize("right, wrong", MUTANTS)
def test_the_edges_notice_a_wrong_comparison(right, wrong):
    assert right in SDSP.on_pre
    mutant = replace(SDSP, on_pre=SDSP.on_pre.replace(right, wrong))
    same = np.allclose(edge_changes(mutant), np.array(EDGES)[:, 3], atol=1e-12)
    assert not (same and np.allclose(drift_changes(mutant), [-0.035, 0.035], rtol=1e-9))


def test_exchanged_a_and_b_and_alpha_and_beta_are_told_apart():
    rule = SDSP.with_parameters(a=0.2, beta=1 * Hz)
    changes = at_fixed_state(rule, [0.1], np.array([0.9, 0.1, 0, 0]), np.array([3.5, 3.5, 0, 0]), np.array([0.3, 0.3, 0.4, 0.6]), 0.2)
    np.testing.assert_allclose(changes, [0.3 - 0.1 + 0.2, 0.3 - 0.1 - 0.1, 0.4 - 0.1, 0.6 + 0.35], rtol=1e-12)


def test_efficacy_is_binary_and_starts_in_both_states():
    assert registry.get("rule", "sdsp") is SDSP
    stimuli = random_trains(n=4)
    with prepared(SDSP, stimuli, duration=0.6, dt=DT, device="numpy") as (evaluate, _):
        table = evaluate()
    assert set(table["w_start"]) == {0.0, 1.0} and set(table["w_end"]) <= {0.0, 1.0}
