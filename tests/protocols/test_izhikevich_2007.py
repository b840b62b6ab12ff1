"""The rewarded network: every weight and spike against an independent simulation, rewards against their pairs, scores by hand."""

import brian2
import numpy as np
import pandas as pd
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.core import registry
from brian2chip.core.units import second
from brian2chip.engine.session import session
from brian2chip.protocols import distal_reward
from brian2chip.protocols import izhikevich_2007 as protocol

RULE = registry.get("rule", "izhikevich_2007")
OPTIONS = protocol.IZHIKEVICH_2007.options
DT = 5e-4


def numpy_network(of, current, start, level, delay=2):
    """Return spikes (neuron, step) and strengths of the network with given currents [step, neuron], in steps of 0.5 ms.

    Written from Izhikevich 2003 (regular and fast spiking: a 0.02 and 0.1, d 8 and 2) and 2007: 0.1 and 0.15 with 20 ms, eligibility of
    1 s, 10 ms, from 0 to 4 mV; an inhibitory spike takes 1 mV. Spikes arrive after two steps, the presynaptic ones first.
    """
    excitatory = np.arange(of.neurons) < of.excitatory
    a, d = np.where(excitatory, 0.02, 0.1), np.where(excitatory, 8.0, 2.0)
    v, u, (i, j), (i_in, j_in) = np.full(of.neurons, -65.0), np.full(of.neurons, -13.0), of.plastic, of.inhibitory
    s, c, x, y = start.copy(), np.zeros(len(i)), np.zeros(of.neurons), np.zeros(of.neurons)
    sent, spikes = [np.zeros(of.neurons, bool)] * delay, []
    for step, now in enumerate(current):
        v, u = v + 0.5 * (0.04 * v**2 + 5 * v + 140 - u + now), u + 0.5 * a * (0.2 * v - u)
        s, c = s + c * level * DT / 0.01, c * (1 - DT)
        x, y = x * np.exp(-DT / 0.02), y * np.exp(-DT / 0.02)
        fired, arrived = v >= 30, sent.pop(0)
        np.add.at(v, j_in, -1.0 * arrived[i_in])
        at = arrived[i]
        s[at] = np.clip(s[at], 0, 4)
        np.add.at(v, j[at], s[at])
        c[at] -= 0.15 * y[j[at]]
        x = x + arrived
        at = fired[j]
        s[at] = np.clip(s[at], 0, 4)
        c[at] += 0.1 * x[i[at]]
        y = y + fired
        v, u = np.where(fired, -65.0, v), np.where(fired, u + d, u)
        sent.append(fired)
        spikes += [(k, step) for k in np.flatnonzero(fired)]
    return spikes, np.clip(s, 0, 4)


def test_weights_and_spikes_agree_with_an_independent_simulation():
    of = distal_reward.wiring(30, np.random.default_rng(2))
    n, rng, options = len(of.plastic[0]), np.random.default_rng(3), {**OPTIONS, "tonic": 0.7}
    start = rng.uniform(0, 4, n)
    with session("numpy", dt=DT, seed=1) as s:
        group, membrane, rule = distal_reward.population(of, RULE, 40.0)
        tissue, rewards, links = distal_reward.rewarding(group, of, options)
        plastic, others = distal_reward.learning(s, rule, group, membrane, of, {"s": start}, 1.0, 1 * ms, tissue)
        current = brian2.StateMonitor(group, "I", record=True, when="thresholds")
        spikes = brian2.SpikeMonitor(group)
        s.run(brian2.Network(group, tissue, rewards, *links, plastic, others, current, spikes), 0.3)
        found = set(zip(np.array(spikes.i).tolist(), np.rint(np.array(spikes.t_) / DT).astype(int).tolist()))
        currents, got = np.array(current.I).T, np.clip(np.array(plastic.s), 0, 4)
    wanted, strengths = numpy_network(of, currents, start, 0.7)
    assert found == set(wanted) and len(wanted) > 100
    np.testing.assert_allclose(got, strengths, rtol=1e-9, atol=1e-12)
    assert np.abs(got - start).max() > 0.1
    assert len(np.unique(currents[:, 0])) == 300 and np.ptp(currents) > 38  # a new one each ms, from -20 to 20


def test_pairs_in_order_and_close_enough_are_rewarded_later():
    """Neuron 0 before neuron 1 by 5, 19.5, 20 and 25 ms; at one time; the other way round; and twice after one spike."""
    first = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.605, 0.7])
    last = np.array([0.105, 0.2195, 0.32, 0.425, 0.5, 0.6, 0.71, 0.715])
    of = distal_reward.Wiring(2, 2, (np.array([0]), np.array([1])), (np.zeros(0, int), np.zeros(0, int)))
    with session("numpy", dt=DT, seed=1) as s:
        i = np.r_[np.zeros(len(first), int), np.ones(len(last), int)]
        group = brian2.SpikeGeneratorGroup(2, i, np.r_[first, last] * second)
        tissue, rewards, links = distal_reward.rewarding(group, of, OPTIONS)
        level = brian2.StateMonitor(tissue, "d", record=True)
        s.run(brian2.Network(group, tissue, rewards, *links, level), 3.8)
        given, d, t = np.array(rewards.t_), np.array(level.d)[0], np.array(level.t_)
    assert len(given) == 4  # 5 and 19.5 ms, and the two after 0.7 s
    assert given.min() >= 0.105 + 1 and given.max() <= 0.715 + 3 + DT and len(set(given)) == 4
    wanted = 0.002 + sum(0.5 * np.exp(-np.clip(t - one - DT, 0, None) / 0.2) * (t > one) for one in given)
    np.testing.assert_allclose(d, wanted, rtol=5e-3)


def test_a_short_run_and_other_rules():
    short = {"device": "numpy", "neurons": 20, "duration_s": 0.2, "every_s": 0.1}
    table = bc.run("izhikevich_2007", RULE, **short)
    assert table["time_s"].tolist() == [0.1, 0.2] and (table["w_start"] == 0).all() and (table["rewards"] == 0).all()
    assert table["mean_weight"].between(0.5, 1.5).all()
    assert (table["share_weaker"] < 0.2).all()  # the rewarded synapse starts at zero, the others at one, and no reward was given yet
    other = bc.run("izhikevich_2007", "vogels_sprekeler", **short)
    assert np.isfinite(other["w_end"]).all()
    with pytest.raises(
        bc.UserError, match="rule 'sdsp' learns with a neuron of its own, and the neurons of izhikevich_2007 are the paper's"
    ):
        bc.run("izhikevich_2007", "sdsp", **short)
    with pytest.raises(bc.UserError, match="give a whole part of its duration"):
        bc.run("izhikevich_2007", RULE, **short | {"every_s": 0.15})
    in_units = bc.Rule(name="mine", source="a test", model="dopamine : volt (shared)\nw : 1", on_pre="w += 0", third_factors=("dopamine",),
                       initial={"w": 1.0, "dopamine": 0 * brian2.volt})  # fmt: skip
    with pytest.raises(bc.UserError, match="declare dopamine : 1"):
        bc.run("izhikevich_2007", in_units, **short)


def test_scores_by_hand():
    table = pd.DataFrame({"time_s": [60, 120, 180.0], "share_weaker": [0.5, 0.995, 0.9], "rewards": [1, 4, 9], "rate_hz": [1.5] * 3})
    wanted = {"share_weaker": 0.9, "share_weaker_at_most": 0.995, "strongest_after_s": 120.0, "rewards": 9.0, "rate_hz": 1.5}
    assert protocol.scores(table) == wanted
    assert np.isnan(protocol.scores(table.assign(share_weaker=0.9))["strongest_after_s"])
    assert protocol.starting(RULE, 5, np.random.default_rng(1))["s"].tolist() == [0, 1, 1, 1, 1]
    assert protocol.weighed(RULE) == ["s"]


@pytest.mark.slow
def test_the_rewarded_synapse_becomes_one_of_the_strongest_within_an_hour():
    table = bc.run("izhikevich_2007", RULE, device="cpp_standalone", seed=1)
    found = table.attrs["run"]["scores"]
    assert found["strongest_after_s"] <= 3600 and table["w_end"].max() > 0.95 * table["largest_weight"].max()
    without = bc.run("izhikevich_2007", RULE, device="cpp_standalone", seed=1, reward=1e-9, duration_s=1200.0)
    assert without["share_weaker"].max() < 0.9
