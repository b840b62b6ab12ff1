"""Stochastic SDSP: against its event-by-event oracle, the deterministic rule, its register's statistics, closed forms, wrong input."""

from dataclasses import replace
from math import gcd

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.plasticity.sdsp_stochastic import SDSP_STOCHASTIC, TAPS, WIDTH, probability, with_width
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.paired_synapses import prepared

DT = 1e-4


def random_trains(n=24, duration=0.6, seed=4):
    """Presynaptic spikes on even, postsynaptic on odd steps, so that no two events of one synapse coincide."""
    rng = np.random.default_rng(seed)
    steps = int(duration / DT / 2)
    trains = []
    for rate in np.linspace(10, 250, n):
        pre = np.flatnonzero(rng.random(steps) < 80 * 2 * DT) * 2
        post = np.flatnonzero(rng.random(steps) < rate * 2 * DT) * 2 + 1
        post = post[np.r_[True, np.diff(post) > 40]] if len(post) else post
        trains.append((np.r_[pre[pre < 5970], 5980] * DT, post[(post > 40) & (post < 5970)] * DT))
    return trains


def numbers(rule):
    return {name: si(value) for name, value in rule.parameters.items()}


def both_ends(rule, device, starts=(1, 4711)):
    """Return what the equations and the oracle end at, for both bits and some states of the register."""
    stimuli = random_trains()
    bits = {"w": list(np.tile([0, 1], len(starts))), "s": list(np.repeat(starts, 2))}
    rule = replace(rule, initial=bits, weight="w + 2.0*s")
    with prepared(rule, stimuli, duration=0.5985, dt=DT, device=device) as (evaluate, _):
        table = evaluate()
    expected = []
    for row in table.itertuples():
        w, s = row.w_start % 2, row.w_start // 2
        end = rule.oracle(*stimuli[row.stimulus], numbers(rule), {"w": w, "s": s})
        expected.append(end["w"] + 2 * end["s"])
    return table, np.array(expected)


@pytest.mark.parametrize(
    ("rule", "device"),
    [
        (SDSP_STOCHASTIC.with_parameters(p_up=0.3, p_down=0.2), "numpy"),
        (with_width(9).with_parameters(p_up=0.3, p_down=0.2), "numpy"),
        pytest.param(SDSP_STOCHASTIC, "cpp_standalone", marks=pytest.mark.slow),
    ],
)
def test_random_trains_agree_with_the_oracle(rule, device):
    table, expected = both_ends(rule, device)
    np.testing.assert_array_equal(table["w_end"], expected)
    moved = table["w_end"] % 2 != table["w_start"] % 2
    assert 0.1 < moved.mean() < 0.9  # not an idle test


#: ODIN's conditions on one bit, without a register.
DETERMINISTIC = """
UP = int(V_post >= theta_m)*int(Ca_post >= theta_1)*int(Ca_post < theta_3)
DOWN = int(V_post < theta_m)*int(Ca_post >= theta_1)*int(Ca_post < theta_2)
w = UP + (1 - UP)*(1 - DOWN)*w
"""


def test_certain_flips_are_the_deterministic_rule():
    certain = SDSP_STOCHASTIC.with_parameters(p_up=1.0, p_down=1.0)
    tables = []
    for rule in (certain, replace(certain, on_pre=DETERMINISTIC)):
        rule = replace(rule, initial={"w": [0, 1, 0, 1], "s": [1, 1, 77_777, 77_777]}, weight="w")
        with prepared(rule, random_trains(), duration=0.5985, dt=DT, device="numpy") as (evaluate, _):
            tables.append(evaluate())
    np.testing.assert_array_equal(tables[0]["w_end"], tables[1]["w_end"])
    assert 0.2 < np.mean(tables[0]["w_end"] != tables[0]["w_start"]) < 0.8  # not an idle test


def draws(width, n, start=1):
    """The register by its definition, one bit after the other."""
    bits = [start >> (width - 1 - b) & 1 for b in range(width)]
    for k in range(width * n):
        bits.append(bits[k + width - TAPS[width]] ^ bits[k])
    weights = 2 ** np.arange(width)[::-1]
    return np.array(bits[width:]).reshape(n, width) @ weights


@pytest.mark.parametrize("width", [w for w in TAPS if w < 18])
def test_a_register_draws_every_state_once(width):
    n = 2**width - 1
    assert gcd(width, n) == 1
    assert np.array_equal(np.sort(draws(width, n)), np.arange(1, n + 1))


@pytest.mark.parametrize("width", [w for w in TAPS if w > 17])
def test_wide_registers_draw_every_state_once(width):
    """x -> x shifted is a matrix over GF(2): its order is 2^n - 1 if no division of that by a prime gives the identity."""
    primes = {22: (3, 23, 89, 683), 23: (47, 178481)}[width]  # of 2^22 - 1 and 2^23 - 1, multiplied out below
    n = 2**width - 1
    rest = n
    for p in primes:
        while rest % p == 0:
            rest //= p
    assert rest == 1 and gcd(width, n) == 1
    step = np.zeros((width, width), np.int64)
    step[np.arange(width - 1), np.arange(1, width)] = 1
    step[-1, [0, width - TAPS[width]]] = 1

    def power(k):
        out, base = np.eye(width, dtype=np.int64), step
        while k:
            out, base, k = out @ base % 2 if k & 1 else out, base @ base % 2, k >> 1
        return out

    assert np.array_equal(power(n), np.eye(width))
    assert not any(np.array_equal(power(n // p), np.eye(width)) for p in primes)


def test_draws_are_nearly_uncorrelated_and_a_register_shifted_by_one_bit_is_not():
    """docs/morphic.md states both figures: 17 shifts a draw, and one."""
    x = draws(WIDTH, 2**WIDTH - 1).astype(float)
    shifted = np.array([1.0] * len(x))
    state = 1
    for k in range(len(x)):
        state = 2 * state % 2**WIDTH + (state // 2 ** (TAPS[WIDTH] - 1) + state // 2 ** (WIDTH - 1)) % 2
        shifted[k] = state
    one, many = (np.corrcoef(y, np.roll(y, 1))[0, 1] for y in (shifted, x))
    assert one == pytest.approx(0.5, abs=0.01)
    assert abs(many) < 3 / np.sqrt(len(x))


def test_mean_efficacy_of_many_synapses_follows_its_closed_form():
    """Starts at all states of the register: after k eligible spikes 1 - (1 - p)^k of the synapses are set, within 3 sigma."""
    p = probability(0.05, 15)
    n = 2**15 - 1
    all_draws = draws(15, n)
    for k in (1, 5, 20):
        set_by_then = np.array([np.any(np.take(all_draws, np.arange(s, s + k), mode="wrap") <= p.k) for s in range(0, n, 7)])
        expected = 1 - (1 - p.realised) ** k
        assert abs(set_by_then.mean() - expected) < 3 * np.sqrt(expected * (1 - expected) / len(set_by_then))


def test_probabilities_say_what_is_realised():
    one = probability(0.1)
    assert (one.k, one.realised) == (13107, 13107 / 131071) and "0.1 asked" in str(one) and "13107/131071" in str(one)
    assert probability(1.0).k == 2**17 - 1 and probability(0.0).k == 0 and probability(1 / 131071).k == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: probability(1.01), "from 0 to 1"),
        (lambda: probability(-0.1), "from 0 to 1"),
        (lambda: probability(float("nan")), "from 0 to 1"),
        (lambda: probability("much"), "from 0 to 1"),
        (lambda: probability(True), "from 0 to 1"),
        (lambda: probability(3e-6), "below what a shift register of 17 bits resolves"),
        (lambda: probability(0.1, 16), "widths are"),
        (lambda: bc.run("brader_2007", rule="sdsp_stochastic", parameters={"p_up": 1.5}), "p_up"),
        (lambda: bc.run("brader_2007", rule="sdsp_stochastic", parameters={"p_up": 1e-9}), "p_up"),
    ],
)
def test_wrong_probabilities_are_one_sentence(call, words):
    with pytest.raises(UserError, match=words):
        call()
