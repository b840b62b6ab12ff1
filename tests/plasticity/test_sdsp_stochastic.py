"""Stochastic SDSP: against its event-by-event oracle, the deterministic rule, its register's statistics, closed forms, wrong input."""

from dataclasses import replace
from math import gcd

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.plasticity.sdsp_stochastic import REGISTERS, SDSP_STOCHASTIC, WIDTH, draw, probability, with_width
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


def test_every_flipped_comparison_is_noticed():
    """The line of code at membranes, calcium and draws on both sides of each edge, against ODIN's windows written out."""
    rng, n = np.random.default_rng(1), 4000
    code = SDSP_STOCHASTIC.on_pre.replace(draw(), "s = s")
    state = {"V_post": rng.integers(126, 131, n), "theta_m": 128, "Ca_post": rng.integers(0, 8, n), "w": rng.integers(0, 2, n)}
    state |= {"theta_1": 1, "theta_2": 3, "theta_3": 6, "p_up": 100 / 131071, "p_down": 200 / 131071}
    state["s"] = rng.choice([99, 100, 101, 199, 200, 201], n)
    expected = []
    for V, Ca, w, s in zip(*(state[name].tolist() for name in ("V_post", "Ca_post", "w", "s"))):
        if V >= 128 and Ca in (1, 2, 3, 4, 5) and s <= 100:
            w = 1
        elif V < 128 and Ca in (1, 2) and s <= 200:
            w = 0
        expected.append(w)

    def agrees(text):
        names = dict(state)
        exec(text, {"__builtins__": {}, "int": lambda x: np.asarray(x).astype(np.int64)}, names)
        return np.array_equal(names["w"], expected)

    assert agrees(code)
    flips = {" >= ": " > ", " <= ": " < ", " < ": " <= "}
    places = [(k, old) for old in flips for k in range(len(code)) if code.startswith(old, k)]
    assert len(places) == 8
    # A draw is compared with k + 1/2, which it never equals.
    survivors = [code[k - 1] for k, old in places if agrees(code[:k] + flips[old] + code[k + len(old) :])]
    assert survivors == ["s", "s"]
    assert not agrees(code.replace("+ 0.5", "- 0.5")) and not agrees(code.replace("+ 0.5", "+ 1.5"))


def sequence(width, n):
    """The bits of a register by its definition, one after the other."""
    bits = [0] * (width - 1) + [1]
    for k in range(n):
        bits.append(bits[k + width - REGISTERS[width].tap] ^ bits[k])
    return np.array(bits)


def draws(width, n):
    """Successive draws, the oldest bit of each the leading one."""
    shifts = REGISTERS[width].shifts
    bits = sequence(width, shifts * (n + 1) + width)
    return bits[shifts * np.arange(1, n + 1)[:, None] + np.arange(width)] @ 2 ** np.arange(width)[::-1]


@pytest.mark.parametrize("width", [w for w in REGISTERS if w < 18])
def test_a_register_draws_every_state_once(width):
    n = 2**width - 1
    assert gcd(REGISTERS[width].shifts, n) == 1
    assert np.array_equal(np.sort(draws(width, n)), np.arange(1, n + 1))


def power(width, k):
    """Shifting k times as a matrix over GF(2), state of the oldest bit first."""
    step = np.zeros((width, width), np.int64)
    step[np.arange(width - 1), np.arange(1, width)] = 1
    step[-1, [0, width - REGISTERS[width].tap]] = 1
    out = np.eye(width, dtype=np.int64)
    while k:
        out, step, k = out @ step % 2 if k & 1 else out, step @ step % 2, k >> 1
    return out


def test_the_wide_register_draws_every_state_once():
    """The order of the shift is 2^23 - 1 = 47 * 178481 where neither factor's cofactor gives the identity."""
    n = 2**23 - 1
    assert n == 47 * 178_481 and gcd(REGISTERS[23].shifts, n) == 1
    assert np.array_equal(power(23, n), np.eye(23))
    assert not any(np.array_equal(power(23, n // p), np.eye(23)) for p in (47, 178_481))


def rank(rows):
    """Rank over GF(2)."""
    rows, found = [int("".join(map(str, row)), 2) for row in rows], {}
    for row in rows:
        while row:
            if (lead := row.bit_length()) not in found:
                found[lead] = row
                break
            row ^= found[lead]
    return len(found)


@pytest.mark.parametrize("width", REGISTERS)
def test_leading_bits_of_successive_draws_are_independent(width):
    """As many of two, three and four draws as n bits allow, so that small draws do not come in pairs."""
    steps = [power(width, REGISTERS[width].shifts * m) for m in range(4)]
    for together in (2, 3, 4):
        leading = width // together
        assert rank(np.concatenate([step[:leading] for step in steps[:together]])) == together * leading


def test_as_many_shifts_as_bits_would_let_small_draws_come_in_pairs():
    """What the comment at REGISTERS warns of: of seven leading zeros in a draw and the next, only ten are independent."""
    assert rank(np.concatenate([power(WIDTH, shifts)[:7] for shifts in (0, WIDTH)])) == 10
    assert rank(np.concatenate([power(WIDTH, shifts)[:7] for shifts in (0, REGISTERS[WIDTH].shifts)])) == 14


def test_draws_are_uncorrelated():
    """docs/morphic.md states the lag-1 correlation over the whole period, and how often a small draw follows a small one."""
    x = draws(WIDTH, 2**WIDTH - 1).astype(float)
    assert abs(np.corrcoef(x, np.roll(x, 1))[0, 1]) < 1e-3
    small = x < 2 ** (WIDTH - 7)
    assert np.sum(small & np.roll(small, 1)) == 2 ** (WIDTH - 14) - 1  # seven leading zeros twice, but for the state 0


def test_mean_efficacy_of_many_synapses_follows_its_closed_form():
    """Starts at states all over the period: after k eligible spikes 1 - (1 - p)^k of the synapses are set, within 3 sigma."""
    p, n = probability(0.05), 2**WIDTH - 1
    fits = draws(WIDTH, n) <= p.k
    for k in (1, 5, 20):
        starts = np.arange(0, n - k, 31)
        flipped = fits[starts[:, None] + np.arange(k)].any(axis=1)
        expected = 1 - (1 - p.realised) ** k
        assert abs(flipped.mean() - expected) < 3 * np.sqrt(expected * (1 - expected) / len(starts))


def test_waiting_times_are_geometric():
    """Spikes between two flips of a bit that is always eligible: mean 1/p, and the share of immediate repeats p."""
    p, n = probability(0.02), 2**WIDTH - 1
    gaps = np.diff(np.flatnonzero(draws(WIDTH, n) <= p.k))
    assert gaps.mean() == pytest.approx(1 / p.realised, rel=0.01)
    assert abs(np.mean(gaps == 1) - p.realised) < 3 * np.sqrt(p.realised / len(gaps))
    assert gaps.std() == pytest.approx(np.sqrt(1 - p.realised) / p.realised, rel=0.06)


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
