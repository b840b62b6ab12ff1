"""The calcium rule without noise against two oracles, its noise against the moments of its process, and what its account says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from brian2 import ms, mV, second

import brian2chip as bc
from brian2chip.analysis.locality import account
from brian2chip.core import registry
from brian2chip.core.parameters import with_preset
from brian2chip.errors import UserError
from brian2chip.protocols import network_objects, paired_synapses
from brian2chip.protocols.replicas import draws

DT = 1e-4
SETS = ("DP", "DPD", "DPD_prime", "P", "D", "D_prime", "hippocampal_slices", "hippocampal_cultures", "cortical_slices")


def si(rule):
    return {k: network_objects.si(v) for k, v in rule.parameters.items()}


def trains(rng, n, rate=25.0, seconds=0.3):
    """Poisson trains on the grid, some spikes of both sides at one time."""
    drawn = [[np.flatnonzero(rng.random(int(seconds / DT)) < rate * DT) * DT + 0.01 for _ in range(2)] for _ in range(n)]
    return [(pre, np.unique(np.r_[post, pre[:2]])) for pre, post in drawn]


def simulated(rule, stimuli, device="numpy", duration=0.5):
    """Return rho when it was last up to date, of synapses from each start: [stimuli, starts]."""
    with paired_synapses.prepared(replace(rule, weight="rho"), stimuli, duration=duration, dt=DT, device=device) as (evaluate, _):
        found = evaluate()
    return found.pivot(index="stimulus", columns="start", values="w_end").to_numpy()


def stepped(pre, post, p, rho, end, dt=2e-6):
    """Return rho in the end by Euler's steps of equations 1 and 2 without noise, the second oracle."""
    c, jumps = 0.0, {}
    for t, size in [*((t + p["D"], p["Cpre"]) for t in pre), *((t, p["Cpost"]) for t in post)]:
        jumps[round(t / dt)] = jumps.get(round(t / dt), 0.0) + size
    decay = np.exp(-dt / p["tau_Ca"])
    for k in range(round(end / dt)):
        c += jumps.get(k, 0.0)
        up, down = (p["gamma_p"] if c > p["theta_p"] else 0.0), (p["gamma_d"] if c > p["theta_d"] else 0.0)
        rho += dt / p["tau"] * (-rho * (1 - rho) * (0.5 - rho) + up * (1 - rho) - down * rho)
        c *= decay
    return rho


@pytest.mark.parametrize(
    ("name", "device"),
    [("DP", "numpy"), ("D_prime", "numpy"), ("cortical_slices", "numpy"), pytest.param("DP", "cpp_standalone", marks=pytest.mark.slow)],
)
def test_without_noise_it_is_the_integrated_equation(name, device):
    rule = registry.get("rule", f"graupner_brunel:{name}").with_parameters(sigma=0.0, rho=[0.0, 0.3, 0.8], settled=120 * ms)
    stimuli, up_to = trains(np.random.default_rng(5), 5), [max(*pre, *post) + 0.12 for pre, post in trains(np.random.default_rng(5), 5)]
    wanted = [[rule.oracle(*pair, si(rule), {"rho": rho}, end=end)["rho"] for rho in (0.0, 0.3, 0.8)] for pair, end in zip(stimuli, up_to)]
    got = simulated(rule, stimuli, device)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-6)  # the splitting of the well and calcium
    assert np.ptp(wanted, axis=0).max() > 0.01


def test_two_oracles_agree():
    rule = registry.get("rule", "graupner_brunel:DP")
    pre, post = np.array([0.01, 0.05]), np.array([0.02, 0.0337, 0.05])
    for rho in (0.0, 0.8):
        found = rule.oracle(pre, post, si(rule), {"rho": rho}, end=0.2)
        assert found["rho"] == pytest.approx(stepped(pre, post, si(rule), rho, 0.2), abs=1e-5)
        # by hand: what is left of each jump, the presynaptic ones 13.7 ms late
        left = sum(np.exp(-(0.2 - t - 0.0137) / 0.02) for t in pre) + sum(2 * np.exp(-(0.2 - t) / 0.02) for t in post)
        assert found["c"] == pytest.approx(left)


def test_the_delay_is_presynaptic_and_positive():
    """With calcium of 2 and 1.5 and thresholds of 3, only jumps that meet do anything: a presynaptic spike D before the other."""
    rule = registry.get("rule", "graupner_brunel").with_parameters(
        sigma=0.0, theta_p=3.0, theta_d=3.0, Cpre=2.0, Cpost=1.5, D=10 * ms, settled=100 * ms
    )
    at = [(np.array([0.1]), np.array([0.1 + dt])) for dt in (-0.01, 0.0, 0.01)]
    moved = simulated(rule, at, duration=0.3)[:, 0]
    assert moved[0] == moved[1] == 0 and moved[2] > 0.001


def test_moments_of_the_noise():
    """Calcium that stays above both thresholds, or above one, for 0.5 s: an Ornstein-Uhlenbeck process (the well is 1e-4 of it)."""
    base = registry.get("rule", "graupner_brunel").with_parameters(
        Cpre=0.0, Cpost=1e4, tau_Ca=100 * ms, tau=2 * second, sigma=0.5, rho=[0.2]
    )
    n, end = 4000, 0.51
    stimuli = [(np.zeros(0), np.array([0.01, end]))] * n  # the second jump makes rho up to date
    for theta_p, gamma_p, gamma_d in ((1.0, 3.0, 2.0), (1e6, 3.0, 2.0), (1.0, 0.0, 2.0)):
        rule = base.with_parameters(theta_p=theta_p, gamma_p=gamma_p, gamma_d=gamma_d, settled=200 * ms, theta_d=1.0)
        p, up = si(rule), float(theta_p == 1.0)
        rho = simulated(rule, stimuli, "cpp_standalone", duration=end + 0.001)
        G, T = p["gamma_p"] * up + p["gamma_d"], 0.5 / p["tau"]
        mean = 0.2 * np.exp(-G * T) + p["gamma_p"] * up / G * (1 - np.exp(-G * T))
        variance = p["sigma"] ** 2 * (up + 1) / (2 * G) * (1 - np.exp(-2 * G * T))
        assert rho.mean() == pytest.approx(mean, abs=4 * np.sqrt(variance / n) + 0.01 * T)
        assert rho.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / n) + 0.01)


def test_presets_are_the_published_sets():
    """The authors' program synapticChange.py (FACTS): all have tau_Ca 20 ms, tau 150 s, theta_d 1 and b 5 but where the set says more."""
    assert set(registry.get("rule", "graupner_brunel").presets) == set(SETS)
    p = {name: si(registry.get("rule", f"graupner_brunel:{name}")) for name in SETS}
    assert all(one["theta_d"] == 1 for one in p.values())
    assert [p[name]["D"] for name in SETS] == [0.0137, 0.0046, 0.0022, 0, 0, 0, 0.0188, 0.01, 0.0046]
    assert [p[name]["theta_p"] for name in SETS] == [1.3, 1.3, 2.5, 1.3, 1.3, 3.5, 1.3, 1.3, 1.3]
    assert [p[name]["b"] for name in SETS] == [5, 5, 5, 5, 5, 5, 5.28145, 36.0263, 5.40988]
    assert {p[name]["tau"] for name in SETS[:6]} == {150.0} and {p[name]["tau_Ca"] for name in SETS[:6]} == {0.02}
    assert [si(bc.rule("graupner_brunel"))[k] for k in p["DP"]] == list(p["DP"].values())
    slices = registry.get("rule", "graupner_brunel:hippocampal_slices")
    assert np.mean(slices.initial["rho"]) == pytest.approx(0.3) and registry.get("rule", "graupner_brunel:P").initial["rho"] == [0.0, 1.0]


def test_its_account():
    rule = registry.get("rule", "graupner_brunel")
    found = account(rule)
    assert draws(rule) and found.draws == ("pre", "post")
    # by hand: rho and c change at spikes of either neuron, so each synapse keeps them and when it was last up to date
    assert set(found.per_synapse) == {"c", "rho", "t_last"} and found.per_pre == found.per_post == ()
    assert found.local_in_space and not found.local_in_time and found.traces == ("c", "t_last")
    assert found.reads_pre == found.reads_post == found.third_factors == ()
    assert set(found.updates_at) == {"pre", "post"} and found.clock_driven == ()
    assert found.delays == {"calcium": 0.0137, "rest": 0.3, "rest_post": 0.3}


def test_delays_are_parameters():
    rule = registry.get("rule", "graupner_brunel")
    assert {path.name: path.delay_s for path in rule.with_parameters(D=5 * ms).pathways}["calcium"] == 0.005
    with pytest.raises(UserError, match="D of 'graupner_brunel' was given as 5.0 with unit 1"):
        rule.with_parameters(D=5.0)
    with pytest.raises(UserError, match="lies off the grid of dt = 0.1 ms"):
        bc.run("bi_poo_1998", rule.with_parameters(D=4.60985 * ms), device="numpy", pairs=1)
    with pytest.raises(UserError, match="give dt=0.1"):  # wang_2005 has steps of 0.5 ms
        bc.run("wang_2005", rule, device="numpy")
    own = {"name": "mine", "source": "a test", "model": "w : 1", "on_pre": "w += 1"}
    assert bc.Rule(**own, delay="lag", parameters={"lag": 2 * ms}).pathways[0].delay_s == 0.002
    with pytest.raises(UserError, match="no parameter of rule 'mine', for a delay, called 'lag'"):
        bc.Rule(**own, delay="lag")
    with pytest.raises(UserError, match="give one time"):
        bc.Rule(**own, delay="lag", parameters={"lag": 2.0})


def test_a_delay_that_differs_between_sets():
    """A delay is built into the network: sets that differ in it agree with single runs."""
    own = bc.Rule(
        name="late",
        source="a test",
        model="dx/dt = -x/(20*ms) : 1 (event-driven)\nw : 1",
        on_pre={"trace": "x += 1"},
        on_post="w += 0.1*x",
        delay={"trace": "lag"},
        parameters={"lag": 2 * ms},
    )
    pair = bc.Protocol(
        name="pair",
        source="a test",
        conditions=lambda options: pd.DataFrame({"k": [0]}),
        stimulate=lambda condition, options, rng: (np.array([0.01]), np.array([0.02])),
        score=lambda table: {"dw": table["dw"][0]},
    )
    table = bc.run_sets(pair, own, {"lag": [0, 4, 12] * ms}, device="numpy")
    # by hand: the postsynaptic spike comes 10 ms after the presynaptic one
    np.testing.assert_allclose(table["dw"], [0.1 * np.exp(-0.5), 0.1 * np.exp(-0.3), 0.0], atol=1e-12)
    with pytest.raises(UserError, match="lag of 'late' is a delay and the same for all synapses"):
        bc.fit([pair, replace(pair, name="other")], own, free=["lag"], separate=["lag"])


def test_a_preset_may_give_starts():
    own = {"name": "mine", "source": "a test", "model": "w : volt", "on_pre": "w += 1*mV", "initial": {"w": 1 * mV}, "weight": "w/mV"}
    changed = bc.Rule(**own, presets={"two": {"w": [1, 3] * mV}})
    chosen = with_preset(changed, "two")
    assert chosen.name == "mine:two" and (np.asarray(chosen.initial["w"]) == [1e-3, 3e-3]).all() and changed.initial["w"] == 1 * mV
    with pytest.raises(UserError, match="was given as 'low:high'|cannot be read"):
        bc.Rule(**own, presets={"wrong": {"w": "low:high"}})
    with pytest.raises(UserError, match="preset 'wrong': .*no parameter of 'mine' called 'v'"):
        bc.Rule(**own, presets={"wrong": {"v": 1.0}})
    with pytest.raises(UserError, match="it needs the unit"):
        with_preset(bc.Rule(**own, presets={"wrong": {"w": [1, 3] * ms}}), "wrong")
