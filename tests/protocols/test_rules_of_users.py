"""Five published rules as users write them, through the protocols: the numbers of brute-force NumPy, written from the papers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from brian2 import Hz, ms
from own import protocol

import brian2chip as bc

RULES = Path(__file__).parents[1] / "user_rules"
DT = 1e-4  # of bi_poo_1998
#: Protocols with options that keep them short; the pairs of Bi & Poo run closer, so that spikes meet more than one trace.
SHORT = {"bi_poo_1998": {"pairs": 3, "rate_hz": 12.5, "points": 13, "dt_max_ms": 60.0}}


def load(name):
    return bc.rule(str(RULES / f"{name}.py"))


def trains(name, options):
    """Return the conditions of a protocol and the spikes of each."""
    found = bc.get("protocol", name)
    chosen = {**found.options, **options}
    rows = found.conditions(chosen)
    return [found.stimulate(row, chosen, None) for row in rows.to_dict("records")]


def in_order(pre, post):
    """Return (time, is post) of all spikes; at equal times the presynaptic one is first."""
    return sorted([(round(t, 9), 0) for t in pre] + [(round(t, 9), 1) for t in post])


def kernel(t, spikes, tau):
    return sum(np.exp(-(t - s) / tau) for s in spikes)


def vogels(pre, post):
    """eta = 0.001, alpha = 0.1, tau = 20 ms, from 5 within 0 and 10."""
    w, seen = 5.0, ([], [])
    for t, after in in_order(pre, post):
        change = 0.001 * (kernel(t, seen[1 - after], 0.02) - (0 if after else 0.1))
        w = min(max(w + change, 0.0), 10.0)
        seen[after].append(t)
    return (w - 5) / 5


def kremer(pre, post):
    """A+ = 0.05 with 5 ms, A- = 0.04 with 25 ms of the largest weight, from half of it; a spike's own trace is there when it acts."""
    w, seen = 0.5, ([], [])
    for t, after in in_order(pre, post):
        seen[after].append(t)
        w += 0.05 * kernel(t, seen[0], 0.005) if after else -0.04 * kernel(t, seen[1], 0.025)
        w = min(max(w, 0.0), 1.0)
    return (w - 0.5) / 0.5


def diehl_cook(pre, post):
    """Only the last spike of each train counts: 20 ms for pre and post, 40 ms for the second trace of post."""
    w, last = 0.5, [-np.inf, -np.inf]
    for t, after in in_order(pre, post):
        if after:
            w += 1e-2 * np.exp(-(t - last[0]) / 0.02) * np.exp(-(t - last[1]) / 0.04)
        else:
            w -= 1e-4 * np.exp(-(t - last[1]) / 0.02)
        w, last[after] = min(max(w, 0.0), 1.0), t
    return (w - 0.5) / 0.5


def steps(t):
    return {round(s / DT) for s in t}


def izhikevich(pre, post, end, rewards):
    """Euler steps of 0.1 ms; a reward is a rate of 0.5/s for 10 ms. Equations move first in a step, then spikes act."""
    pre, post, c, d, s = steps(pre), steps(post), 0.0, 0.0, 0.005
    seen = ([], [])
    for k in range(round(end / DT)):
        reward = 0.5 if any(round(r / DT) <= k < round((r + 0.01) / DT) for r in rewards) else 0.0
        c, d, s = c - DT * c / 1.0, d + DT * (reward - d / 0.2), s + DT * c * d / 0.001
        if k in pre:
            seen[0].append(k * DT)
            c = min(max(c - 1.05e-4 * kernel(k * DT, seen[1], 0.02), -0.01), 0.01)
        if k in post:
            seen[1].append(k * DT)
            c = min(max(c + 1e-4 * kernel(k * DT, seen[0], 0.02), -0.01), 0.01)
    return (s - 0.005) / 0.005


def graupner_brunel(pre, post, end):
    """Euler steps of 0.1 ms of equations 1 and 2 without noise, set DP, from both states; presynaptic calcium comes 13.7 ms late."""
    pre, post = steps(np.add(pre, 0.0137)), steps(post)
    c, rho = 0.0, np.array([0.0, 1.0])
    for k in range(round(end / DT)):
        force = -rho * (1 - rho) * (0.5 - rho)
        force = force + (321.808 * (1 - rho) if c > 1.3 else 0) - (200 * rho if c > 1 else 0)
        c, rho = c - DT * c / 0.02, rho + DT * force / 150
        c += (1.0 if k in pre else 0.0) + (2.0 if k in post else 0.0)
    return (1 + 4 * rho.mean() - 3) / 3


@pytest.mark.parametrize(("name", "expected"), [("vogels_2011", vogels), ("kremer_2011", kremer), ("diehl_cook_2015", diehl_cook)])
@pytest.mark.parametrize(
    "experiment", ["bi_poo_1998", *(pytest.param(name, marks=pytest.mark.slow) for name in ("wang_2005", "sjostrom_2001"))]
)
def test_a_rule_of_spikes_equals_sums_over_them(name, expected, experiment):
    options = SHORT.get(experiment, {})
    got = bc.run(experiment, load(name), device="numpy" if options else "auto", **options)["dw"]
    wanted = [expected(*pair) for pair in trains(experiment, options)]
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-9)
    assert np.ptp(wanted) > 1e-4


def test_vogels_with_a_dendritic_delay_equals_nest():
    """NEST's test_vogels_sprekeler_synapse: presynaptic spikes at 2 and 6 ms, postsynaptic ones at 3 and 4 ms, dendritic delay 1 ms."""
    rule = replace(load("vogels_2011"), delay={"post": 1 * ms})
    table = bc.run(protocol([0.002, 0.006], [0.003, 0.004]), rule, device="numpy")
    assert table["w_end"][0] == pytest.approx(5.003421612236998, rel=1e-13)


def test_reward_that_the_protocol_delivers_and_reward_that_is_given():
    rule, pairs = load("izhikevich_2007"), ([0.01, 0.05], [0.02, 0.045])
    reward = bc.Signal.pulses([0.1, 0.15], 0.5 * Hz, 10 * ms)
    delivers = protocol(*pairs, signals=lambda condition, options, rng: {"reward": reward})
    end = 0.16 + 0.1  # the last change of the signal, and a tenth of a second
    wanted = izhikevich(*pairs, end, [0.1, 0.15])
    tables = [bc.run(delivers, rule, device="numpy"), bc.run(protocol(*pairs), rule, device="numpy", parameters={"reward": reward})]
    np.testing.assert_allclose([table["dw"][0] for table in tables], wanted, rtol=1e-9, atol=0)
    assert abs(wanted) > 1e-6
    with pytest.raises(bc.UserError, match="reads the third factor reward, and protocol 'own' does not deliver it; give it"):
        bc.run(protocol(*pairs), rule, device="numpy")


def test_calcium_equals_euler_steps():
    options = {"pairs": 2, "rate_hz": 12.5, "points": 5, "dt_max_ms": 40.0}
    got = bc.run("bi_poo_1998", load("graupner_brunel_2012"), device="numpy", parameters={"sigma": 0.0}, replicas=1, **options)["dw"]
    every = trains("bi_poo_1998", options)
    end = max(np.max(np.concatenate(pair)) for pair in every) + 0.0137 + 0.1
    wanted = [graupner_brunel(*pair, end) for pair in every]
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-9)
    assert min(wanted) < -0.001 and np.ptp(wanted) > 0.005
