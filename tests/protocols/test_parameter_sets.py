"""Parameter sets as synapses of one network give what single runs give; what needs a network of its own runs one after the other."""

import numpy as np
import pandas as pd
import pytest
from brian2 import ms
from own import pairings, protocol, rule

import brian2chip as bc
from brian2chip.protocols import paired_synapses, run_sets
from brian2chip.protocols.independence import can_share_neurons, takes_values_per_synapse
from brian2chip.protocols.parameter_sets import ParameterSets, alike, check_sets

PAIRS = pairings([5.0, 20.0, -10.0], data_dw=[0.05, 0.02, -0.01])
SETS = {"tau_plus": [10, 20, 30] * ms, "A_plus": [0.01, 0.02, 0.005], "w": [1.0, 0.5, 1.5]}


def singles(given, sets, one=PAIRS, device="numpy", **how):
    """Return the changes of a run for each set, [sets, conditions]."""
    n = len(next(iter(sets.values())))
    runs = [bc.run(one, given, parameters={name: value[k] for name, value in sets.items()}, device=device, **how) for k in range(n)]
    return np.array([table["dw"] for table in runs])


def together(given, sets, one=PAIRS, device="numpy", **how):
    table = bc.run_sets(one, given, sets, device=device, conditions=True, **how)
    return table["dw"].to_numpy().reshape(table["set"].nunique(), -1)


def test_sets_give_what_single_runs_give():
    np.testing.assert_allclose(together("stdp", SETS), singles("stdp", SETS), rtol=1e-12)
    # Three pairs 200 ms apart in the closed form of the pair rule, with the depression of the rule's defaults, 0.0032 and 33.7 ms.
    depression = 0.0032 * (2 * np.exp(-195 / 33.7) + np.exp(-395 / 33.7))
    assert together("stdp", SETS)[0, 0] == pytest.approx(3 * 0.01 * np.exp(-0.5) - depression, rel=1e-6)


@pytest.mark.parametrize("at_once", [3, 6, 1000])
def test_one_compiled_program_serves_any_number_of_sets_and_any_piece(at_once, monkeypatch):
    """Pieces of 1, 2 and all sets (three conditions each), and a padded last one, of one program."""
    programs = []
    original = paired_synapses._measured
    monkeypatch.setattr(paired_synapses, "MOST_AT_ONCE", at_once)
    monkeypatch.setattr(paired_synapses, "_measured", lambda b, *a: (original(b, *a), programs.append(b.session.program))[0])
    found = together("stdp", SETS, device="cpp_standalone")
    np.testing.assert_allclose(found, singles("stdp", SETS, device="cpp_standalone"), rtol=1e-12)
    assert len(set(programs)) == 1 and len(programs) == 3 + {3: 3, 6: 2, 1000: 1}[at_once]


OWN_NETWORK = {
    "draws": ({"on_pre": "w += step*rand()"}, {"step": 0.1}),
    "acts on its neuron": ({"on_pre": "v_post += step*mV\nw += step*v_post/mV", "post": "lif"}, {"step": 0.1}),
    "shares a variable": ({"model": "w : 1\nR : 1 (shared)", "on_pre": "w += step*R", "initial": {"w": 1.0, "R": 2.0}}, {"step": 0.1}),
    "counts synapses": ({"on_pre": "w += step*(1 + i)"}, {"step": 0.1}),
    "has a period": ({"on_pre": "", "regular": (("w += step", "every"),)}, {"step": 0.1, "every": 10 * ms}),
    "starts twice": ({"on_pre": "w = w + step*w**2", "initial": {"w": [1.0, 3.0]}}, {"step": 0.1}),
}


@pytest.mark.parametrize("kind", OWN_NETWORK)
def test_what_needs_a_network_of_its_own_is_the_same_too(kind):
    fields, parameters = OWN_NETWORK[kind]
    given = rule(**fields, parameters=parameters)
    shares = can_share_neurons(given)
    assert shares == (kind in ("has a period", "starts twice"))
    assert takes_values_per_synapse(given) == (kind != "shares a variable")
    sets = {"step": [0.1, 0.2, 0.4]} | ({"every": [10, 20, 10] * ms} if kind == "has a period" else {})
    one = pairings([5.0, 20.0]) if given.post is None else protocol(pre=(0.02, 0.03), post=(0.025,))
    found, known = together(given, sets, one), singles(given, sets, one)
    np.testing.assert_allclose(found, known, rtol=1e-12)
    assert np.ptp(found) > 0.01


def test_the_tables_are_tidy_and_come_in_pieces(monkeypatch):
    scores = bc.run_sets(PAIRS, "stdp", pd.DataFrame({"A_plus": [0.01, 0.02], "tau_plus": [0.01, 0.02]}), device="numpy")
    assert list(scores) == ["set", "A_plus", "tau_plus", "mean"] and scores["set"].tolist() == [0, 1]
    assert scores["mean"].tolist() == together("stdp", {"A_plus": [0.01, 0.02], "tau_plus": [10, 20] * ms}).mean(axis=1).tolist()
    monkeypatch.setattr(run_sets, "ROWS", 6)
    seen = []
    pieces = bc.run_sets(PAIRS, "stdp", SETS, device="numpy", conditions=True, progress=seen.append)
    assert list(pieces)[:3] == ["set", "dt_ms", "data_dw"] and pieces["set"].tolist() == [0] * 3 + [1] * 3 + [2] * 3
    assert seen == pytest.approx([2 / 3, 1]) and pieces["dw"].tolist() == together("stdp", SETS).ravel().tolist()


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ({"A_pluss": [1.0]}, "did you mean 'A_plus'"),
        ({"tau_plus": [10, 20]}, "it needs the unit s"),
        ({"tau_plus": [10 * ms, 20]}, "it needs the unit s"),
        ({"A_plus": [0.1, 0.2], "A_minus": [0.1]}, "2 of A_plus, 1 of A_minus"),
        ({"A_plus": [0.1, np.nan]}, "values of A_plus"),
        ({"A_plus": ["x"]}, "values of A_plus"),
        ({"A_plus": 0.1}, "values of A_plus"),
        ({"A_plus": [0.1, -0.2]}, "must lie between"),
        ({"w": [1.0, 3.0]}, "starts w at 3, but its code keeps it"),
        ({"w": [1.0, 0.0]}, "starts with a weight"),
        ({}, "at least one set"),
        ([1, 2], "given as list"),
    ],
)
def test_wrong_sets_are_one_sentence(sets, words):
    with pytest.raises(bc.UserError, match=words):
        bc.run_sets(PAIRS, "stdp", sets, device="numpy")


def test_sets_of_single_stimuli_are_checked_too():
    stdp = bc.rule("stdp")
    check_sets(ParameterSets(stdp, {"A_plus": np.full((2, 3), 0.1)}, 2), True)
    with pytest.raises(bc.UserError, match="must lie between"):
        check_sets(ParameterSets(stdp, {"A_plus": np.array([[0.1, 0.1, 0.1], [0.1, 0.1, -0.1]])}, 2), True)
    with pytest.raises(bc.UserError, match="its code keeps it"):
        check_sets(ParameterSets(stdp, {"w_max": np.array([[2.0, 0.5]])}, 1), True)


def test_rules_are_alike_that_differ_in_values_alone():
    stdp, nearest = bc.get("rule", "stdp"), bc.get("rule", "stdp:nearest")
    assert alike(stdp) == alike(nearest) == alike(stdp.with_parameters(w=0.5)) != alike(bc.get("rule", "triplet"))
    ticking = rule(regular=(("w += 0.1", "every"),), parameters={"every": 10 * ms})
    assert alike(ticking) != alike(ticking.with_parameters(every=20 * ms))
    assert alike(stdp) != alike(stdp.with_parameters(w=[0.5, 1.0])) != alike(stdp.with_parameters(w=[0.5, 1.5]))


def test_a_comparison_runs_rules_that_are_alike_together(monkeypatch):
    groups = []
    from brian2chip.protocols import side_by_side as module

    original = module.run_alike
    monkeypatch.setattr(
        module, "run_alike", lambda p, rules, *a, **k: groups.append([r.name for r in rules]) or original(p, rules, *a, **k)
    )
    found = bc.compare(["stdp", "stdp:nearest", "stdp:multiplicative"], [PAIRS], device="numpy", processes=1)
    assert groups == [["stdp", "stdp:nearest", "stdp:multiplicative"]]
    for name in groups[0]:
        table = found.tables[("own", name)]
        np.testing.assert_allclose(table["dw"], bc.run(PAIRS, name, device="numpy")["dw"], rtol=1e-12)
        assert table.attrs["run"]["rule"] == name and table.attrs["run"]["parameters"]["mu"] == ("1.0" if "mult" in name else "0.0")
