"""Tsodyks & Markram alone, against two oracles and NEST's numbers, and before rules that learn."""

from dataclasses import replace
from pathlib import Path

import brian2
import numpy as np
import pandas as pd
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.analysis.locality import account
from brian2chip.commands.peers import _spike_pairs, tsodyks
from brian2chip.core import registry
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.protocols import network_objects

STORED = pd.read_csv(Path(__file__).parents[1] / "references" / "nest_tsodyks2.csv", comment="#")
PRE = np.array([10, 110, 210, 310, 410, 510, 610, 710, 1710])  # of NEST's test, in steps of 0.1 ms


def released(pairings):
    return _spike_pairs._ours(registry.get("rule", "tsodyks_markram"), tuple(pairings))


def test_the_numbers_of_nests_test():
    sets = [key for key, _ in STORED.groupby(["tau_fac_ms", "U"])]
    trains = {"": (PRE, np.array([], int))}
    found = released(replace(tsodyks.pairing(f"{fac} {U}", U, 100.0, fac), trains=trains) for fac, U in sets)
    assert len(sets) == 9
    for fac, U in sets:
        stored = STORED[(STORED.tau_fac_ms == fac) & (STORED.U == U)]
        assert list(np.rint(10 * stored.t_pre_ms)) == list(PRE)
        np.testing.assert_allclose(found[f"{fac} {U}", ""], stored.weight, rtol=0, atol=1e-12)  # 12 digits are stored


def closed_form(intervals, U, tau_rec, tau_fac):
    """What the last spike releases, as products and sums over all spikes before: no state is carried from spike to spike.

    With u_n the utilisation at spike n, R_n = u_n times the product form of the recovery: the resources after n spikes are a sum of what
    was recovered in each interval and has survived the releases since.
    """
    n = len(intervals) + 1
    ages = [np.r_[np.cumsum(intervals[:k][::-1])] for k in range(n)]  # time from each earlier spike to spike k
    u = [U * (1 + sum((1 - U) ** (j + 1) * np.exp(-age / tau_fac) for j, age in enumerate(ages[k]))) for k in range(n)]
    x = 0.0
    for born in range(n):  # born 0: full at the start; born k: recovered in the interval before spike k
        part = 1.0 if born == 0 else 1 - np.exp(-intervals[born - 1] / tau_rec)
        left = [(1 - u[k]) * np.exp(-intervals[k] / tau_rec) for k in range(born, n - 1)]
        x += part * np.prod(left)
    return u[-1] * x


@pytest.mark.parametrize("preset", ["depressing", "facilitating"])
def test_random_trains_agree_with_the_recursion_and_with_a_sum_over_spikes(preset):
    rule = registry.get("rule", f"tsodyks_markram:{preset}")
    p = {name: network_objects.si(value) for name, value in rule.parameters.items()}
    rng = np.random.default_rng(1)
    pre = np.unique(rng.integers(1, 5000, 25))
    pairing = _spike_pairs.Pairing("", {}, {}, dict(rule.parameters), None, trains={"": (pre, pre)})
    found = _spike_pairs._ours(registry.get("rule", "tsodyks_markram"), (pairing,))["", ""]
    for k in (0, 1, 2, 10, len(pre) - 1):
        times = pre[: k + 1] * 1e-4
        assert rule.oracle(times, times, p, {})["release"] == pytest.approx(found[k], rel=1e-12)
        assert closed_form(np.diff(times), p["U"], p["tau_rec"], p["tau_fac"]) == pytest.approx(found[k], rel=1e-12)


@pytest.mark.parametrize("name", ["stdp", "triplet", "stdp:nearest_restricted"])
def test_what_is_transmitted_has_short_term_plasticity_and_the_rule_learns_as_alone(name):
    rng = np.random.default_rng(2)
    pre, post = (np.unique(rng.integers(1, 2000, 25)) for _ in range(2))
    dynamics = registry.get("rule", "tsodyks_markram:facilitating")
    p = {key: network_objects.si(value) for key, value in dynamics.parameters.items()}
    with session("numpy", dt=1e-4) as s:
        source = brian2.SpikeGeneratorGroup(1, np.zeros(len(pre), int), pre * 0.1 * ms)
        target = brian2.NeuronGroup(1, "v : 1", threshold="train(t) > 0", namespace={"train": train(post)})
        rule = registry.get("rule", name)
        alone = rule.synapses(source, target, name="alone")
        both = rule.synapses(source, target, short_term=dynamics, transmit="v_post += w*release", tau_rec=130 * ms, name="both")
        for each in (alone, both):
            each.connect()
        weight = brian2.StateMonitor(alone, "w", record=True, when="start", name="weight")
        seen = brian2.StateMonitor(target, "v", record=True, when="end", name="seen")
        s.run(brian2.Network(source, target, alone, both, weight, seen), 0.2)
        assert float(both.w[0]) == float(alone.w[0]) != 1.0
        jumps, before = np.diff(np.r_[0.0, seen.v[0]])[pre], weight.w[0][pre]
    expected = [dynamics.oracle(pre[: k + 1] * 1e-4, [], p, {})["release"] for k in range(len(pre))]
    np.testing.assert_allclose(jumps, before * expected, rtol=1e-9)  # differences of a sum of 25


def train(steps):
    values = np.zeros(2001)
    values[steps] = 1
    return brian2.TimedArray(values, dt=0.1 * ms)


def test_every_protocol_learns_the_same_weight():
    rule = bc.rule("stdp")
    both = rule.with_short_term("tsodyks_markram:depressing")
    tables = [bc.run("bi_poo_1998", rule=each, device="numpy", pairs=1) for each in (rule, both)]
    np.testing.assert_array_equal(tables[0].dw, tables[1].dw)


def test_accounts_on_paper():
    # By hand: all three belong to the presynaptic neuron; alone, what is released is the efficacy and so the synapse's own.
    a = account(bc.rule("stdp").with_short_term("tsodyks_markram"))
    assert (a.per_synapse, a.per_pre, a.per_post) == (("w",), ("x", "u_S", "x_S", "release"), ("y",))
    assert a.traces == ("x", "y") and a.memory_growth == "O(N)"
    assert account(bc.rule("tsodyks_markram")).updates_at == ("drift", "pre")


@pytest.mark.parametrize(
    "rule, short_term, how, said",
    [
        ("stdp", "stdp", {}, "variable 'release'"),
        ("stdp", 3, {}, "give a rule that only presynaptic spikes drive"),
        ("tsodyks_markram", "tsodyks_markram", {}, "are names of"),
        ("stdp", "tsodyks_markram", {"transmit": "v_post += w"}, "does not read release"),
        ("stdp", "tsodyks_markram:fast", {}, "no preset"),
    ],
)
def test_what_cannot_be_combined_is_one_sentence(rule, short_term, how, said):
    with pytest.raises(UserError, match=said):
        registry.get("rule", rule).with_short_term(short_term, **how)


def jumps(rule, transmit, spikes=(10, 110, 130), **how):
    """Return the steps at which v of the target jumps, and by how much."""
    with session("numpy", dt=1e-4) as s:
        source = brian2.SpikeGeneratorGroup(1, np.zeros(len(spikes), int), np.array(spikes) * 0.1 * ms)
        target = brian2.NeuronGroup(1, "v : 1", threshold="train(t) > 0", namespace={"train": train([])})
        made = rule.synapses(source, target, transmit=transmit, **how)
        made.connect()
        seen = brian2.StateMonitor(target, "v", record=True, when="end")
        s.run(brian2.Network(source, target, made, seen), 0.2)
        change = np.diff(np.r_[0.0, seen.v[0]])
    return np.flatnonzero(change), change[change != 0]


@pytest.mark.parametrize("how", ["option", "combined", "alone"])
def test_what_is_transmitted_is_what_this_spike_releases(how):
    dynamics = registry.get("rule", "tsodyks_markram:facilitating")
    p = {key: network_objects.si(value) for key, value in dynamics.parameters.items()}
    steps = np.array([10, 110, 130])
    expected = [dynamics.oracle(steps[: k + 1] * 1e-4, [], p, {})["release"] for k in range(3)]
    if how == "option":
        found = jumps(registry.get("rule", "stdp"), "v_post += release", short_term=dynamics)
    else:
        found = jumps(dynamics if how == "alone" else registry.get("rule", "stdp").with_short_term(dynamics), "v_post += release")
    np.testing.assert_array_equal(found[0], steps)
    np.testing.assert_allclose(found[1], expected, rtol=1e-12)


@pytest.mark.parametrize("short_term", [None, "tsodyks_markram:facilitating"])
def test_transmission_does_not_wait_for_a_delayed_pathway(short_term):
    # Graupner & Brunel 2012: calcium follows a presynaptic spike by D (13.7 ms); the spike itself acts at once, or as late as is asked.
    rule = registry.get("rule", "graupner_brunel")
    found, _ = jumps(rule, "v_post += release" if short_term else "v_post += 1", short_term=short_term)
    np.testing.assert_array_equal(found, [10, 110, 130])
    if short_term is None:
        found, _ = jumps(rule, "v_post += 1", delay={"Transmit": 2 * ms})
        np.testing.assert_array_equal(found, [30, 130, 150])


def test_a_pathway_that_would_come_before_transmission_is_refused():
    rule = replace(registry.get("rule", "stdp"), on_pre={"A": "x += 1", "b": "w += 0"}, delay={"b": 1 * ms})
    with pytest.raises(UserError, match="'A' would run before 'Transmit'"):
        jumps(rule, "v_post += w")
    with pytest.raises(UserError, match="'A' of 'stdp' would run before 'Release'"):
        rule.with_short_term("tsodyks_markram")
    combined = registry.get("rule", "stdp").with_short_term("tsodyks_markram")
    with pytest.raises(UserError, match="would read w after the rule has changed it"):
        jumps(combined, "v_post += w*release")
    late = replace(registry.get("rule", "tsodyks_markram"), delay=1 * ms)
    with pytest.raises(UserError, match="has a delay"):
        registry.get("rule", "stdp").with_short_term(late)
