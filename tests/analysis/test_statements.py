"""The statements of a rule: what each assigns and reads."""

import pytest
from brian2 import Equations, ms

from brian2chip.analysis.statements import RANDOM, assignments, is_alias, names, statements, substituted
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a*b + 2*ms", {"a", "b", "ms"}),
        ("exp(-x/tau)", {"x", "tau"}),
        ("rand() + x", {RANDOM, "x"}),
        ("randn()", {RANDOM}),
        ("clip(w, 0, 1)", {"w"}),
        ("signal(t)", {"signal", "t"}),
        ("xi*2", {RANDOM}),
        ("xi_1 + x", {RANDOM, "x"}),
        ("xis", {"xis"}),
    ],
)
def test_names_of_an_expression(expression, expected):
    assert names(expression) == expected


def test_assignments_by_line_and_semicolon_without_comments():
    code = "x += 1; w = clip(w, 0, 1)  # bounded\n\n y *= 2 # z = 3\n"
    assert assignments(code) == [("x", "+=", "1"), ("w", "=", "clip(w, 0, 1)"), ("y", "*=", "2")]


EQUATIONS = Equations(
    "dx/dt = -x/tau : 1 (event-driven)\na = b + x : 1\nb = 2*y : 1\nc = 3*y : 1 (constant over dt)\ny : 1\ns_post = y : 1 (summed)"
)


def test_aliases_are_names_for_expressions_and_nothing_stored():
    assert {e.varname for e in EQUATIONS.values() if is_alias(e)} == {"a", "b"}
    assert substituted({"a", "w"}, EQUATIONS) == {"y", "x", "w"} and substituted({"c"}, EQUATIONS) == {"c"}


def test_every_statement_of_a_rule_with_where_it_runs_and_what_it_reads():
    rule = Rule(
        name="mine",
        source="test",
        model="dx/dt = -x/tau : 1 (event-driven)\ndz/dt = (a - z)/tau : 1 (clock-driven)\na = 2*x : 1\nc = a : 1 (constant over dt)\nw : 1",
        on_pre="step = a*v; x += step; w_post += 1",
        on_post="step = w; w = step",
        regular=(("w *= 0.9", "tau"),),
        parameters={"tau": 20 * ms},
    )
    neuron = Model(name="n", source="test", equations="v : 1", threshold="v > 1", reset="v = 0")
    found = {(s.where, s.target, s.operation): s.reads for s in statements(rule, Equations(rule.model), neuron)}
    assert found == {
        ("drift", "x", "d/dt"): {"x", "tau"},
        ("clock", "z", "d/dt"): {"x", "z", "tau"},
        ("clock", "c", "="): {"x"},
        ("pre", "on_pre:step", "="): {"x", "v"},
        ("pre", "x", "+="): {"x", "on_pre:step"},
        ("pre", "w_post", "+="): {"w_post"},
        ("post", "on_post:step", "="): {"w"},
        ("post", "w", "="): {"on_post:step"},
        ("regular", "w", "*="): {"w"},
    }
