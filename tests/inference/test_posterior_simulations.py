"""Simulations of a posterior: single runs, values of one protocol, going on, and what is refused."""

import importlib.util
from dataclasses import replace

import numpy as np
import paired
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.inference import simulations
from brian2chip.inference.problem import problem

HOW = {"parameters": None, "sigma": None, "device": "numpy", "seed": 1, "dt": None, "options": {}}
SEVERAL = [paired.experiment("first"), paired.experiment("second")]


def asked(protocols=None, rule=paired.RULE, prior=paired.PRIOR, **more):
    return problem(protocols or paired.experiment(), rule, prior, **(HOW | more))


def test_draws_give_what_single_runs_and_sums_give():
    one = asked()
    share, found = simulations.simulated(one, 30, None, None)
    values = one.prior.values(share)
    assert found == pytest.approx(paired.changes(values), rel=1e-9)
    single = bc.run(paired.experiment(), paired.RULE, parameters={"A": values[7, 0], "tau": values[7, 1] * 1000 * ms}, device="numpy")
    assert found[7] == pytest.approx(single["dw"].to_numpy(), rel=1e-12)
    assert simulations.changes(one, share[:5]) == pytest.approx(found[:5], rel=1e-12)
    assert np.abs(share.mean(axis=0) - 0.5).max() < 0.25  # drawn from the whole range


def test_the_errors_of_the_data_are_not_in_the_table():
    assert np.array_equal(*(simulations.simulated(asked(seed=3), 5, None, None)[1] for _ in range(2)))


def test_one_protocol_has_values_of_its_own():
    """What is said of one protocol goes before what is said of all, and that before the rule's value."""
    prior = {"A[second]": (0.0, 0.3), "tau": (5 * ms, 100 * ms)}
    sets = asked(SEVERAL, prior=prior, parameters={"tau[first]": 7 * ms}).sets(np.array([[0.25, 0.05]]))
    assert sets.values["A"].tolist() == [[0.1] * 3 + [0.25] * 3]
    assert sets.values["tau"].tolist() == [[0.007] * 3 + [0.05] * 3]
    alone = asked(SEVERAL, prior={"A": (0.0, 0.3)}).sets(np.array([[0.25]]))
    assert alone.values["A"].tolist() == [[0.25]]
    found = simulations.changes(asked(SEVERAL, prior={"A[second]": (0.0, 0.3)}), np.array([[0.5]]))
    assert found[0] == pytest.approx(np.concatenate(paired.changes(np.array([[0.1, 0.02], [0.15, 0.02]]))), rel=1e-9)


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed (pip install 'brian2chip[posterior]')")
def test_a_table_goes_on_and_belongs_to_one_question(tmp_path):
    out = tmp_path / "simulations.parquet"
    first = simulations.simulated(asked(), 20, out, None)
    piece = next(out.glob("part-*"))
    before = piece.stat().st_mtime_ns
    again = simulations.simulated(asked(), 20, out, None)
    assert np.array_equal(first[1], again[1]) and piece.stat().st_mtime_ns == before
    for other in (asked(prior={"A": (0.0, 0.2)}), asked(seed=2), asked(rule=replace(paired.RULE, on_post="w += 2*A*x"))):
        with pytest.raises(UserError, match="holds the results of another sweep"):
            simulations.simulated(other, 20, out, None)


def test_where_the_rule_gives_no_number():
    wild = replace(paired.RULE, on_post="w += sqrt(A - 0.15)*x")
    with pytest.raises(UserError, match="draws of the prior have no result .*narrow the prior"):
        simulations.simulated(asked(rule=wild), 20, None, None)


@pytest.mark.parametrize(
    "more, said",
    [
        ({"protocols": SEVERAL, "parameters": {"A[third]": 0.1}}, "no protocol of this posterior called 'third'"),
        ({"protocols": SEVERAL, "parameters": {"tau[first]": 0.1}}, "needs the unit s"),
        ({"parameters": {"A[own]": 0.1}, "prior": {"A[own]": (0.0, 1.0)}}, "has a prior and was given a value too"),
        ({"parameters": {"A": 0.1}}, "A has a prior and was given a value too"),
        ({"protocols": SEVERAL, "parameters": {"w[first]": 0.1}}, "w.first. is where a variable starts"),
        ({"protocols": SEVERAL, "options": {"replicas": 2}}, "option replicas was given with several protocols"),
        ({"options": {"replicas": 2}}, "measures means over replicas"),
        ({"rule": replace(paired.RULE, on_post="w += A*x*rand()")}, "draws random numbers"),
        ({"device": "genn"}, "genn"),
        ({"device": "nump"}, "did you mean 'numpy'"),
        ({"protocols": "song_2000", "rule": "stdp", "prior": {"A_plus": (0.0, 0.1)}}, "posterior"),
    ],
)
def test_what_is_no_question(more, said):
    with pytest.raises(UserError, match=said):
        asked(**more)


@pytest.mark.parametrize("count", [{"simulations": 10}, {"samples": 1.5}, {"checks": True}, {"simulations": 10**9}])
def test_counts(count):
    with pytest.raises(UserError, match=f"{next(iter(count))} was given as"):
        bc.posterior(paired.experiment(), paired.RULE, paired.PRIOR, device="numpy", **count)


def test_without_sbi_one_sentence(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"install it with pip install 'brian2chip\[posterior\]'"):
        bc.posterior(paired.experiment(), paired.RULE, paired.PRIOR, device="numpy")
