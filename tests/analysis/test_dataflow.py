"""Which side of a synapse a name stands for, what holds the efficacy, and what a rule must not name."""

import pytest
from brian2 import ms

from brian2chip.analysis import dataflow
from brian2chip.analysis.dataflow import BOTH, NEITHER, POST, PRE
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError

NEURON = Model(name="n", source="test", equations="v : 1", threshold="v > 1", reset="v = 0")


def flow(model="w : 1", on_pre="w += A", on_post="", weight="w", neuron=NEURON, **more):
    rule = Rule(
        name="mine",
        source="test",
        model=model,
        on_pre=on_pre,
        on_post=on_post,
        weight=weight,
        parameters={"tau": 20 * ms, "A": 0.1, "A_pre": 1},
        **more,
    )
    return dataflow.read(rule, neuron)


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("t", NEITHER),
        ("dt", NEITHER),
        ("N_pre", NEITHER),
        ("N_post", NEITHER),
        ("N", NEITHER),
        ("i", PRE),
        ("N_outgoing", PRE),
        ("j", POST),
        ("N_incoming", POST),
        ("lastupdate", BOTH),
        ("delay", BOTH),
        ("ms", NEITHER),
        ("pi", NEITHER),
        ("tau", NEITHER),
        ("A_pre", NEITHER),  # a parameter, though it ends like a variable of the neuron
        ("v", POST),  # without a suffix: the postsynaptic neuron
        ("v_post", POST),
        ("v_pre", PRE),
        ("on_pre:step", None),
        ("w", None),
        ("rate", NEITHER),
        ("reward", NEITHER),
    ],
)
def test_the_side_that_a_name_stands_for(name, side):
    f = flow("w : 1\nrate : 1 (shared)\nreward : 1 (linked)")
    assert dataflow.fixed_side(name, f) == side


def test_a_name_that_is_defined_nowhere_is_one_sentence():
    for name in ("u", "etta"):
        with pytest.raises(UserError, match=f"'mine' uses '{name}'.*_pre or _post"):
            flow(on_pre=f"w += {name}")
    with pytest.raises(UserError, match="uses 'v'"):
        flow(on_pre="w += v", neuron=None)


@pytest.mark.parametrize(
    ("model", "on_pre", "weight", "expected"),
    [
        ("w : 1", "w += A", "w", ("w",)),
        ("w : 1\nu : 1", "w += A", "w*u", ("u", "w")),
        ("w : 1\nu : 1\nboth = w*u : 1", "w += A", "both", ("u", "w")),
        ("w : 1\nX : 1", "X += A; w = int(X > 0)", "w", ("w", "X")),  # w is only ever computed anew from X
        ("w : 1\nX : 1", "X += A; w += X", "w", ("w",)),  # w adds up
        ("w : 1\nX : 1", "X += A; w = w + X", "w", ("w",)),
        ("w : 1\nX : 1", "X += A; new = 2*X; w = new", "w", ("w", "X")),  # through a local variable
    ],
)
def test_what_holds_the_efficacy(model, on_pre, weight, expected):
    assert dataflow.efficacy(flow(model, on_pre, weight=weight)) == expected


def test_local_variables_are_followed_to_what_they_are_computed_from():
    f = flow("w : 1\nx : 1", "a = x; b = a + v; w += b")
    assert dataflow.behind({"on_pre:b"}, f) == {"x", "v"} and dataflow.behind({"w", "x"}, f) == {"w", "x"}


def test_levels_of_stored_and_local_variables():
    f = flow("w : 1\nx : 1\ny : 1\ns : 1 (shared)\nset : 1", "x += s; step = x + y; w += step", "y += 1")
    found = dataflow.levels(f)
    assert found == {"w": BOTH, "x": PRE, "y": POST, "s": NEITHER, "set": BOTH, "on_pre:step": BOTH}


def test_the_neuron_is_the_one_that_the_rule_names_unless_another_is_given():
    rule = Rule(name="mine", source="test", model="w : 1", on_pre="w += C", post="brader")
    assert dataflow.read(rule).post.name == "brader" and dataflow.fixed_side("C", dataflow.read(rule)) == POST
    with pytest.raises(UserError, match="'C'"):
        dataflow.read(rule, NEURON)


def test_levels_go_on_past_what_the_neuron_stores():
    # v_post belongs to the neuron; what follows it in the code still makes x depend on both sides.
    found = dataflow.levels(flow("w : 1\nx : 1", "v_post += w; x += w", "w += A*x"))
    assert found == {"w": BOTH, "x": BOTH}
