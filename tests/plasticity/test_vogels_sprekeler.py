"""Inhibitory STDP against two oracles, NEST's number, its order, bounds, and account."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.analysis.locality import account
from brian2chip.core import registry
from brian2chip.protocols import network_objects, paired_synapses

DT = 1e-4
RULE = registry.get("rule", "vogels_sprekeler")
P = {k: network_objects.si(v) for k, v in RULE.parameters.items()}


def simulated(stimuli, rule=RULE, device="numpy", duration=0.6):
    with paired_synapses.prepared(rule, stimuli, duration=duration, dt=DT, device=device) as (evaluate, _):
        return evaluate()["w_end"].to_numpy()


def trains(seed, n=5, rate=30.0):
    rng = np.random.default_rng(seed)
    drawn = [[np.flatnonzero(rng.random(5000) < rate * DT) * DT for _ in range(2)] for _ in range(n)]
    return [(pre, np.unique(np.r_[post, pre[:3]])) for pre, post in drawn]


def all_pairs(pre, post, w=1.0):
    """Return the weight as one sum over pairs, no order needed: while no bound is met, each counts once."""
    return w + P["eta"] * (np.exp(-np.abs(pre[:, None] - post[None]) / P["tau"]).sum() - P["alpha"] * len(pre))


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_it_agrees_with_both_oracles(device):
    stimuli = trains(2)
    got = simulated(stimuli, device=device)
    np.testing.assert_allclose(got, [RULE.oracle(*pair, P, {"w": 1.0})["w"] for pair in stimuli], rtol=1e-12)
    np.testing.assert_allclose(got, [all_pairs(*pair) for pair in stimuli], rtol=1e-12)
    assert np.ptp(got) > 0.05


def test_bounds():
    burst = np.arange(20) * 0.005 + 0.01
    small = RULE.with_parameters(eta=1.0, w_max=5.0)
    assert simulated([(burst, burst)], small)[0] == 5.0
    assert simulated([(burst, np.zeros(0))], RULE.with_parameters(eta=1.0))[0] == 0.0
    # at a bound the order at equal times shows: the presynaptic spike comes first, whose weakening is cut off; the pair adds 0.5
    edge = RULE.with_parameters(eta=0.5, w=0.02)
    assert simulated([(np.array([0.1]), np.array([0.1]))], edge)[0] == pytest.approx(0.5)
    at = np.array([0.1])
    assert RULE.oracle(at, at, P | {"eta": 0.5}, {"w": 0.02})["w"] == pytest.approx(0.5)


def test_nest_s_number():
    """test_vogels_sprekeler_synapse: presynaptic spikes at 2 and 6 ms, postsynaptic ones at 3 and 4 ms, dendritic delay 1 ms; FACTS."""
    rule = replace(registry.get("rule", "vogels_sprekeler:nest_test"), delay={"post": 1 * ms})
    assert rule.initial == {"w": 5.0}
    w = simulated([(np.array([0.002, 0.006]), np.array([0.003, 0.004]))], rule, duration=0.02)[0]
    assert w == pytest.approx(5.003421612236998, rel=1e-13)
    late = simulated([(np.array([0.002, 0.006]), np.array([0.003, 0.004]))], replace(rule, delay={"pre": 1 * ms}), duration=0.02)[0]
    assert abs(late - w) > 1e-6  # the delay is on the other side


def test_its_window_is_even():
    table = bc.run("bi_poo_1998", RULE, device="numpy", pairs=2, rate_hz=5.0, points=5, dt_max_ms=40.0)
    curve = table[table["kind"] == "curve"].set_index("dt_ms")["dw"]
    assert curve[20.0] == pytest.approx(curve[-20.0], rel=1e-9) and curve[40.0] == pytest.approx(curve[-40.0], rel=1e-9)
    assert curve[0.0] > curve[20.0] > curve[40.0] and isinstance(table, pd.DataFrame)


def test_its_account():
    found = account(RULE)
    # by hand: one weight a synapse, one trace of each neuron, which it needs to know what came before
    assert (found.per_synapse, found.per_pre, found.per_post) == (("w",), ("x",), ("y",))
    assert found.local_in_space and not found.local_in_time and found.traces == ("x", "y")
    assert found.updates_at == ("pre", "post") and found.third_factors == () and found.memory_growth == "O(N)"


def test_constants_are_those_of_the_example():
    """Brian2's frompapers/Vogels_et_al_2011.py: alpha = 3*Hz*tau_stdp*2, tau_stdp = 20 ms, eta = 1e-2, gmax = 100."""
    assert P == {"tau": 0.02, "eta": 0.01, "alpha": pytest.approx(3 * 0.02 * 2), "w_max": 100.0}
