"""A search of a fit in a worker process, here in this one, and the bounds of its parameters."""

from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from own import pairings, rule

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.protocols import fit_problem
from brian2chip.protocols.free_parameters import _bounds


@pytest.mark.parametrize("at_once", [True, False])
def test_a_search_elsewhere_has_the_same_space(monkeypatch, at_once):
    @contextmanager
    def ready():
        yield "residuals", at_once

    vector = SimpleNamespace(names=("a", "b"), bounds=[(None, 2.0), (0.5, None)])
    monkeypatch.setattr(fit_problem, "roughly", lambda *given: given)
    ask, space, start = fit_problem._search(SimpleNamespace(vector=vector, ready=ready), np.array([1.0, 1.0]))
    assert (ask, space.names, space.at_once, start.tolist()) == ("residuals", ("a", "b"), at_once, [1.0, 1.0])
    assert space.low.tolist() == [-np.inf, 0.5] and space.high.tolist() == [2.0, np.inf]


def test_bounds_are_the_rules_the_given_ones_and_those_of_what_clips():
    mine = rule(
        model="w : 1",
        on_pre="w = clip(w + A, low, high)",
        parameters={"A": 0.1, "low": 0.0, "high": 1.0},
        bounds={"A": (0.01, 3.0), "low": (-1.0, 0.7), "high": (0.2, 5.0)},
        initial={"w": 0.4},
    )
    # w begins at 0.4: the lower bound may not pass it from below, nor the upper one from above.
    assert _bounds(mine, ["A", "low", "high"], {}) == [(0.01, 3.0), (-1.0, 0.4), (0.4, 5.0)]
    assert _bounds(mine, ["high", "A"], {"A": (None, 2.0), "high": (0.5, None)}) == [(0.5, 5.0), (0.01, 2.0)]
    free = rule(**{**{name: getattr(mine, name) for name in ("model", "on_pre", "parameters", "initial")}, "bounds": {"low": (-1.0, 0.3)}})
    assert _bounds(free, ["low", "high"], {}) == [(-1.0, 0.3), (0.4, None)]  # a bound that is stricter stays


def test_a_fit_runs_on_no_device_that_builds_for_minutes():
    with pytest.raises(UserError, match="does not run on genn; use one of numpy, cython, cpp_standalone, cuda\\.$"):
        bc.fit(
            pairings([10.0, -10.0, 20.0], data_dw=[0.1, 0.2, 0.3]), rule(parameters={"A": 0.1}, on_pre="w += A"), free=["A"], device="genn"
        )
