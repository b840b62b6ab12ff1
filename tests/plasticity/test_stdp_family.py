"""The relatives of pair STDP: two oracles on random trains, the numbers of NEST's tests, accounts by hand."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from brian2chip.analysis.locality import account
from brian2chip.commands.peers import _spike_pairs, jonke, stdp_power_law
from brian2chip.commands.peers._trains import NEST_LONG, NEST_SHORT
from brian2chip.core import registry
from brian2chip.protocols import network_objects, paired_synapses

DT = 1e-4
STORED = pd.read_csv(Path(__file__).parents[1] / "references" / "nest_spike_pairs.csv", comment="#")
RULES = ("stdp:nearest", "stdp:nearest_pre_centred", "stdp:nearest_restricted", "stdp_power_law", "stdp_power_law:nest_default")
RULES += ("jonke", "jonke:nest_test")


def random_trains(seed, n, rate=80.0, seconds=0.35):
    """Poisson trains on the grid in which every third presynaptic spike has a postsynaptic one at its time."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(n):
        pre, post = (np.flatnonzero(rng.random(int(seconds / DT)) < rate * DT) for _ in range(2))
        found.append((pre * DT, np.union1d(post, pre[::3]) * DT))
    return found


def simulated(rule, trains, device="numpy", duration=0.4):
    with paired_synapses.prepared(rule, trains, duration=duration, dt=DT, device=device) as (evaluate, _):
        return evaluate()["w_end"].to_numpy()


def si(rule):
    return {name: network_objects.si(value) for name, value in rule.parameters.items()}


@pytest.mark.parametrize("device", ["numpy", pytest.param("cpp_standalone", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", RULES)
def test_the_equations_agree_with_the_oracle_event_by_event(name, device):
    rule = registry.get("rule", name)
    trains = random_trains(3, 6)
    expected = [rule.oracle(pre, post, si(rule), {"w": 1.0})["w"] for pre, post in trains]
    assert np.ptp(expected) > 0.01 or name == "stdp_power_law:nest_default"  # whose weights all come to rest at its small one
    np.testing.assert_allclose(simulated(rule, trains, device), expected, rtol=1e-11)


def swapped(rule):
    return replace(rule, on_pre=rule.on_post, on_post=rule.on_pre)


def traces_first(rule):
    """Return the rule whose traces change before its weight: a spike would then see itself where it must not, and equal times differ."""
    return replace(rule, on_pre=reverse(rule.on_pre), on_post=reverse(rule.on_post))


def reverse(code):
    return "\n".join(reversed([line.strip() for line in code.strip().splitlines()]))


def own_trace(rule):
    return replace(rule, on_pre=re.sub(r"\*y\b", "*x", rule.on_pre))


def wrong_sign(rule):
    return replace(rule, on_pre=re.sub(r"w - ", "w + ", rule.on_pre))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stdp:nearest_pre_centred", "stdp:nearest_restricted", "stdp_power_law", "jonke"])
def test_the_oracle_sees_a_rule_that_is_wrong(name):
    rule = registry.get("rule", name)
    trains = random_trains(7, 3, seconds=0.1)
    expected = np.array([rule.oracle(pre, post, si(rule), {"w": 1.0})["w"] for pre, post in trains])
    wrong = {change.__name__: change(rule) for change in (swapped, own_trace, wrong_sign)}
    if name.startswith("stdp:"):
        wrong["traces_first"] = traces_first(rule)
    for change, mutant in wrong.items():
        assert mutant != rule and np.abs(simulated(mutant, trains, duration=0.12) - expected).max() > 1e-4, change


def neighbours(pre, post, p, scheme):
    """The change as a sum over pairs of spikes, found by where they stand in the train and not by traces (additive, no bound reached).

    Morrison, Diesmann & Gerstner 2008, figure 7. At equal times the presynaptic spike is the earlier one.
    """
    ltp = lambda dt: p["A_plus"] * np.exp(-dt / p["tau_plus"])  # noqa: E731
    ltd = lambda dt: -p["A_minus"] * np.exp(-dt / p["tau_minus"])  # noqa: E731
    change = 0.0
    after = np.searchsorted(post, pre - DT / 2)  # the first postsynaptic spike at or after each presynaptic one
    if scheme == "nearest_pre_centred":
        return sum(ltp(post[k] - t) for t, k in zip(pre, after) if k < len(post)) + sum(
            ltd(t - post[k - 1]) for t, k in zip(pre, after) if k
        )
    if scheme == "nearest":
        before = np.searchsorted(pre, post + DT / 2) - 1
        return sum(ltp(t - pre[k]) for t, k in zip(post, before) if k >= 0) + sum(ltd(t - post[k - 1]) for t, k in zip(pre, after) if k)
    events = sorted([(t, 0) for t in pre] + [(t, 1) for t in post])
    for (t, first), (u, second) in zip(events, events[1:]):
        change += ltp(u - t) if (first, second) == (0, 1) else ltd(u - t) if (first, second) == (1, 0) else 0.0
    return change


@pytest.mark.parametrize("scheme", ["nearest", "nearest_pre_centred", "nearest_restricted"])
def test_the_schemes_of_neighbours_agree_with_sums_over_pairs(scheme):
    rule = registry.get("rule", f"stdp:{scheme}")
    trains = random_trains(5, 4)
    expected = [1 + neighbours(pre, post, si(rule), scheme) for pre, post in trains]
    np.testing.assert_allclose(simulated(rule, trains), expected, rtol=1e-11)


def test_power_law_and_jonke_agree_with_closed_forms():
    """Potentiation alone: w**(1 - mu) of small steps, and the exact recursion of pairs that are far apart."""
    pre, post = np.arange(1, 11) * 0.1, np.arange(1, 11) * 0.1 + 0.005
    rule = registry.get("rule", "stdp_power_law").with_parameters(alpha=0.0)
    p, w, x = si(rule), 1.0, 0.0
    for k in range(10):  # the trace of the k spikes before is a geometric series
        q = np.exp(-0.1 / p["tau_plus"])
        x = np.exp(-0.005 / p["tau_plus"]) * (1 - q ** (k + 1)) / (1 - q)
        w *= 1 + p["eta"] * x * (p["w_0"] / w) ** (1 - p["mu"])
    assert simulated(rule, [(pre, post)], duration=1.2)[0] == pytest.approx(w, rel=1e-12)
    rule = registry.get("rule", "jonke").with_parameters(alpha=0.0, mu_plus=0.0, beta=0.01)
    p, q = si(rule), np.exp(-0.1 / si(rule)["tau_plus"])
    x = np.exp(-0.005 / p["tau_plus"]) * sum((1 - q ** (k + 1)) / (1 - q) for k in range(10))
    # Without dependence on the weight everything adds up: ten traces, and beta at twenty spikes.
    assert simulated(rule, [(pre, post)], duration=1.2)[0] == pytest.approx(1 + p["eta"] * (x - 20 * 0.01), rel=1e-12)


# Constants of the tests, from their headers in tests/references/nest_spike_pairs.csv.
NEAREST = dict(A_plus=0.01, A_minus=0.0085, mu=0.0, w_max=1.0)
CASES = {
    ("stdp_nn_symm_synapse", 0.1): ("stdp:nearest", NEAREST, 0.5, NEST_SHORT),
    ("stdp_nn_pre_centered_synapse", 0.1): ("stdp:nearest_pre_centred", NEAREST, 0.5, NEST_SHORT),
    ("stdp_nn_restr_synapse", 0.1): ("stdp:nearest_restricted", NEAREST, 0.5, NEST_SHORT),
    ("stdp_pl_synapse_hom", 1.0): ("stdp_power_law", stdp_power_law.PAIRINGS[0].ours, 0.5, NEST_LONG),
    ("stdp_pl_synapse_hom", 0.1): ("stdp_power_law", stdp_power_law.PAIRINGS[1].ours, 0.5, NEST_LONG),
    ("jonke_synapse", 0.1): ("jonke", jonke.PAIRINGS[0].ours, 2.0, NEST_SHORT),
}


@pytest.mark.parametrize("synapse, delay", CASES)
def test_the_numbers_of_nests_tests(synapse, delay):
    name, ours, start, times = CASES[synapse, delay]
    train = tuple(np.rint(10 * np.array(side)).astype(int) for side in times)
    pairing = _spike_pairs.Pairing("", {}, {}, ours, start, delay, trains={"": train})
    found = _spike_pairs._ours(registry.get("rule", name), (pairing,))["", ""]
    stored = STORED[(STORED.synapse == synapse) & (STORED.delay_ms == delay)]
    assert len(stored) == len(found) and list(stored.t_pre_ms) == list(times[0])
    np.testing.assert_allclose(found, stored.weight, rtol=1e-12, atol=1e-14)  # 15 digits are stored, some of weights near 0.001


def test_accounts_on_paper():
    places = lambda name: [getattr(account(registry.get("rule", name)), at) for at in ("per_synapse", "per_pre", "per_post")]  # noqa: E731
    # A trace that spikes of one neuron alone change is the same at all its synapses.
    for name in ("stdp:nearest", "stdp_power_law", "jonke"):
        assert places(name) == [("w",), ("x",), ("y",)]
    # Pre-centred: a postsynaptic spike clears x, which then belongs to the synapse; restricted: so does y.
    assert places("stdp:nearest_pre_centred") == [("x", "w"), (), ("y",)]
    assert places("stdp:nearest_restricted") == [("x", "y", "w"), (), ()]
    a = account(registry.get("rule", "stdp:nearest_restricted"), n_neurons=10)
    assert a.memory_growth == "O(N^2)" and a.bytes_float64 == 100 * (3 * 8 + 8)  # and one time of the last event a synapse
    for name in ("stdp:nearest", "stdp_power_law", "jonke"):
        a = account(registry.get("rule", name))
        assert a.local_in_space and not a.local_in_time and a.memory_growth == "O(N)" and a.updates_at == ("pre", "post")


def test_a_preset_may_change_what_a_spike_does():
    plain, variant = registry.get("rule", "stdp"), registry.get("rule", "stdp:nearest_restricted")
    assert variant.on_pre != plain.on_pre and variant.oracle is not plain.oracle and variant.parameters == plain.parameters
    assert registry.get("rule", "stdp:nearest").on_pre == plain.on_pre
