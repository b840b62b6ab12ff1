"""verify nest: the table with and without NEST, and that it sees a wrong order, delay and sign."""

from dataclasses import replace

import numpy as np
import pytest

from brian2chip.cli import main
from brian2chip.commands import _verify_nest
from brian2chip.commands.peers import _peer, _spike_pairs, _trains, stdp_power_law
from brian2chip.core import registry
from brian2chip.core.rule import Rule

FAST = ("stdp_pl_synapse_hom", "stdp_nn_pre_centered_synapse", "tsodyks2_synapse")


def peer(synapse):
    return next(each for each in _peer.peers() if each.synapse == synapse)


def stored(synapse):
    return _verify_nest.of(peer(synapse), None, _verify_nest.read_stored())


def test_without_nest_the_recorded_numbers_are_used(monkeypatch, capsys):
    monkeypatch.setattr(_verify_nest, "nest_module", lambda: None)
    monkeypatch.setattr(_verify_nest, "every_peer", lambda: [peer(name) for name in FAST])
    assert main(["verify", "nest"]) == 0
    said = capsys.readouterr().out
    assert "pip install 'brian2chip[peers]'" in said and said.count("stdp_power_law (stdp_pl_synapse_hom)") == 3
    assert "NEST's delay is dendritic" in said and "0 outside" in said


def test_a_rule_that_differs_is_named_and_the_exit_code_is_1(monkeypatch, capsys):
    wrong = replace(peer(FAST[0]), ours=lambda: {key: value * (1 + 1e-11) for key, value in stored(FAST[0]).items()})
    monkeypatch.setattr(_verify_nest, "nest_module", lambda: None)
    monkeypatch.setattr(_verify_nest, "every_peer", lambda: [wrong])
    assert main(["verify", "nest"]) == 1
    assert "3 rows, 3 outside their tolerance; stdp_power_law (stdp_pl_synapse_hom): NEST's test" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--file", "x.npz"], ["--rate", "0.1"], ["--device", "cython"]])
def test_wrong_input_is_one_sentence(arguments, capsys):
    assert main(["verify", "nest", *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_trains_meet_or_do_not_as_their_names_say():
    for delay in (1, 5, 10, 15):
        found = _trains.trains(delay)
        assert [_trains.meet(train, delay) for train in list(found.values())[:5]] == [False, False, False, True, True]
        assert all(pre[0] == 10 < post[0] for pre, post in found.values())
        assert all(len(np.unique(side)) == len(side) and side.max() < _trains.STEPS for train in found.values() for side in train)


def difference(rule, late=1.0):
    """Return the largest relative difference from NEST's numbers for a train in which spikes meet."""
    one, key = stdp_power_law.PAIRINGS[0], "meeting, seed 4"
    one = replace(one, trains={key: _trains.trains(one.delay)[key]}, delay_ms=late)
    theirs = stored("stdp_pl_synapse_hom")[one.name, key]
    return np.abs(_spike_pairs._ours(rule, (one,))[one.name, key] - theirs).max() / theirs.max()


RULE = registry.get("rule", "stdp_power_law")


def swapped(rule: Rule) -> Rule:
    """Return the rule with its two sides exchanged."""
    return replace(rule, on_pre=rule.on_post, on_post=rule.on_pre)


def test_the_comparison_as_it_is():
    assert difference(RULE) < 1e-12


@pytest.mark.parametrize(
    "order",
    [
        ("mark_pre", "learn_post", "learn_pre", "mark_post"),  # ours: the postsynaptic spike sees the presynaptic one
        ("mark_post", "learn_post", "learn_pre", "mark_pre"),  # the presynaptic spike sees the postsynaptic one
        ("learn_pre", "learn_post", "mark_post", "mark_pre"),  # depression before potentiation
    ],
)
def test_another_order_at_equal_times_is_seen(order, monkeypatch):
    monkeypatch.setattr(_spike_pairs, "ORDERED", order)
    assert difference(RULE) > 1e-6


@pytest.mark.parametrize("late", [0.0, 0.9, 1.1])
def test_another_delay_is_seen(late):
    assert difference(RULE, late=late) > 1e-3


def test_swapped_sides_and_another_sign_are_seen():
    assert difference(swapped(RULE)) > 1e-3
    assert difference(replace(RULE, on_pre=RULE.on_pre.replace("w - eta", "w + eta"))) > 1e-3


@pytest.mark.slow
def test_every_rule_agrees_with_the_recorded_numbers(monkeypatch, capsys):
    monkeypatch.setattr(_verify_nest, "nest_module", lambda: None)
    assert main(["verify", "nest"]) == 0


@pytest.mark.slow
def test_live():
    pytest.importorskip("nest", reason="pip install 'brian2chip[peers]'")
    assert main(["verify", "nest"]) == 0
    nest, recorded = _verify_nest.nest_module(), _verify_nest.read_stored()
    for each in _peer.peers():
        for key, value in _verify_nest.of(each, nest, None).items():
            np.testing.assert_allclose(value, _verify_nest.of(each, None, recorded)[key], rtol=1e-9)
