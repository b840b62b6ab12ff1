"""Dopamine-modulated STDP against an exact oracle and one in the rule's own steps, its order and signs, and its account."""

import numpy as np
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.analysis.locality import account
from brian2chip.core import registry
from brian2chip.core.signal import Signal
from brian2chip.protocols import network_objects, paired_synapses

END, DT = 0.6, 1e-4
RULE = registry.get("rule", "izhikevich_2007")
P = {k: network_objects.si(v) for k, v in RULE.parameters.items()}
#: Rewards in the first third and later; between them no dopamine.
LEVELS = [(0.0, 0.0), (0.2, 0.1), (0.25, 0.0), (0.4, 0.06)]


def trains(seed, n=4, rate=25.0):
    rng = np.random.default_rng(seed)
    drawn = [[np.flatnonzero(rng.random(5000) < rate * DT) * DT for _ in range(2)] for _ in range(n)]
    return [(pre, np.unique(np.r_[post, pre[:2]])) for pre, post in drawn]  # some at one time


def simulated(stimuli, dt=DT, levels=LEVELS, device="numpy", **changes):
    rule = RULE.with_parameters(dopamine=Signal(*zip(*levels)), **changes) if levels else RULE.with_parameters(**changes)
    with paired_synapses.prepared(rule, stimuli, duration=END, dt=dt, device=device) as (evaluate, _):
        return evaluate()["w_end"].to_numpy()


def stepped(pre, post, s, levels=LEVELS, dt=DT):
    """Return s in Euler's steps, the second oracle: equations move, then the presynaptic spike acts, then the postsynaptic one.

    The level holds from the beginning of its step; traces are sums over all earlier spikes of their side.
    """
    pre_at, post_at, c = {round(t / dt) for t in pre}, {round(t / dt) for t in post}, 0.0
    for k in range(round(END / dt)):
        level = [value for t, value in [(-1.0, RULE.initial["dopamine"]), *levels] if round(t / dt) <= k][-1]
        s, c = s + dt * c * level / P["tau_s"], c * (1 - dt / P["tau_c"])
        now = k * dt
        if k in pre_at:
            s = min(max(s, 0.0), P["s_max"])
            c -= P["A_minus"] * sum(np.exp(-(now - j * dt) / P["tau_minus"]) for j in post_at if j < k)
        if k in post_at:
            s = min(max(s, 0.0), P["s_max"])
            c += P["A_plus"] * sum(np.exp(-(now - j * dt) / P["tau_plus"]) for j in pre_at if j <= k)
    return min(max(s, 0.0), P["s_max"])


def test_each_step_agrees_with_the_oracle_of_steps():
    stimuli = trains(3)
    wanted = [stepped(*pair, 2.0) for pair in stimuli]
    np.testing.assert_allclose(simulated(stimuli, s=2.0), wanted, rtol=1e-9)
    assert np.ptp(wanted) > 0.1 and np.min(wanted) > 0


def test_smaller_steps_approach_the_exact_oracle():
    stimuli = trains(4)
    exact = np.array([RULE.oracle(*pair, P, {"s": 2.0}, end=END, dopamine=LEVELS)["s"] for pair in stimuli])
    errors = [np.abs(simulated(stimuli, dt, s=2.0) - exact).max() for dt in (DT, DT / 2)]
    assert errors[0] < 2e-3 and errors[0] / errors[1] == pytest.approx(2, rel=0.1) and np.ptp(exact) > 0.1


@pytest.mark.parametrize("start, pair", [(3.9, (0.1, 0.11)), (0.1, (0.1, 0.09))])
def test_a_strength_that_would_leave_its_range_stays_at_the_end_of_it(start, pair):
    """It is clipped at the next spike, before the trace that would bring it back: the other pairs are of the other sign."""
    stimulus = np.array([pair[0], 0.45, 0.5]), np.array([pair[1], 0.45 + (pair[0] - pair[1]), 0.5 + (pair[0] - pair[1])])
    exact = RULE.oracle(*stimulus, P, {"s": start}, end=END, dopamine=[(0.0, 1.0)])["s"]
    got = simulated([stimulus], levels=[(0.0, 1.0)], s=start)[0]
    assert got == pytest.approx(exact, abs=5e-3)
    assert (exact < 3.999) if start > 2 else (exact > 0.001)  # it left the end again


def test_without_dopamine_nothing_changes_and_with_it_the_order_of_spikes_decides():
    before, after = (np.array([0.1]), np.array([0.11])), (np.array([0.11]), np.array([0.1]))
    assert (simulated([before, after], levels=[(0.0, 0.0)]) == 1.0).all()
    up, down = simulated([before, after], levels=[(0.0, 0.0), (0.2, 0.5), (0.25, 0.0)]) - 1
    # by hand: 0.1 and -0.15 times exp(-1/2)
    assert up > 0.01 and down / up == pytest.approx(-1.5, rel=1e-9)
    together = simulated([(np.array([0.1]), np.array([0.1]))], levels=[(0.0, 0.0), (0.2, 0.5), (0.25, 0.0)])[0] - 1
    assert together == pytest.approx(up * np.exp(0.5) * np.exp(-0.01), rel=1e-3)  # the presynaptic spike is first, and 10 ms earlier
    soon = simulated([(np.array([0.1]), np.array([0.11]))], levels=[(0.0, 0.0), (0.2, 0.5), (0.25, 0.0)])[0] - 1
    later = simulated([(np.array([0.1]), np.array([0.11]))], levels=[(0.0, 0.0), (0.3, 0.5), (0.35, 0.0)])[0] - 1
    assert later / soon == pytest.approx(np.exp(-0.1), rel=1e-4)  # eligibility decays in 1 s


def test_it_goes_through_paired_protocols_with_the_tonic_level_or_a_signal():
    short = {"pairs": 2, "rate_hz": 10.0, "points": 5, "dt_max_ms": 40.0, "device": "numpy"}
    tonic = bc.run("bi_poo_1998", RULE, **short)["dw"]
    rewarded = bc.run("bi_poo_1998", RULE, parameters={"dopamine": Signal.pulses([0.35], 0.5, 20 * ms)}, **short)["dw"]
    assert np.sign(tonic.iloc[:5]).tolist() == [-1, -1, 1, 1, 1]  # -40, -20, 0, 20, 40 ms
    assert (np.abs(rewarded) > np.abs(tonic)).all()


def test_its_account():
    found = account(RULE)
    # by hand: eligibility and strength of each synapse, a trace of each neuron, dopamine from outside of both
    assert set(found.per_synapse) == {"c", "s"} and (found.per_pre, found.per_post) == (("x",), ("y",))
    assert found.third_factors == ("dopamine",) and found.shared == ("dopamine",)
    assert not found.local_in_space and not found.local_in_time and set(found.clock_driven) == {"c", "s"}
    assert set(found.traces) == {"c", "x", "y"} and found.draws == ()
    assert {"pre", "post", "clock"} == set(found.updates_at)


def test_constants_are_those_of_the_program():
    """daspnet.m: 0.1 and 1.5*0.1, which shrink by 0.95 a ms; eligibilities that shrink by 0.99, and act, every 10 ms; sm."""
    assert (P["A_plus"], P["A_minus"], P["s_max"], P["tau_s"]) == (0.1, pytest.approx(1.5 * 0.1), 4.0, 0.01)
    assert np.exp(-1e-3 / P["tau_plus"]) == pytest.approx(0.95, abs=2e-3) and P["tau_minus"] == P["tau_plus"]
    assert np.exp(-1e-2 / P["tau_c"]) == pytest.approx(0.99, abs=1e-4)
    assert RULE.initial == {"s": 1.0, "dopamine": 0.002}
