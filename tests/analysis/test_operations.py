"""Operations of a rule's code, counted by hand."""

from collections import Counter

import pytest
from brian2 import ms

from brian2chip.analysis import dataflow, operations
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError


def flow(model, on_pre="", on_post="", **more):
    return dataflow.read(
        Rule(name="mine", source="test", model=model, on_pre=on_pre, on_post=on_post, parameters={"tau": 20 * ms, "A": 0.1}, **more)
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b - c", {"additions": 2}),
        ("a/b//c % d", {"divisions": 3}),
        ("x**1", {}),  # no multiplication is left
        ("x**2", {"multiplications": 1}),
        ("x**4", {"multiplications": 3}),
        ("x**0", {"exponentials": 1}),
        ("x**-1", {"exponentials": 1}),
        ("x**0.5", {"exponentials": 1}),
        ("a < b <= c", {"comparisons": 2}),
        ("clip(x, 0, 1) + sign(x)", {"additions": 1, "comparisons": 4}),
        ("abs(floor(ceil(int(x))))", {}),
        ("sin(x)*log(y)", {"multiplications": 1, "exponentials": 2}),
        ("rand() + randn() + poisson(A)", {"additions": 2, "random_numbers": 3}),
    ],
)
def test_expressions(expression, expected):
    assert operations.count(expression) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("w = A*2", {"multiplications": 1}),
        ("w += A", {"additions": 1}),
        ("w -= A", {"additions": 1}),
        ("w *= A", {"multiplications": 1}),
        ("w /= A", {"divisions": 1}),
        ("w //= A", {"divisions": 1}),
        ("w %= A", {"divisions": 1}),
        ("w **= A", {"exponentials": 1}),
    ],
)
def test_assignments_count_their_own_operation(statement, expected):
    ((target, counted),) = operations.at_event(flow("w : 1", statement), "pre")
    assert target == "w" and +counted == expected


def test_each_side_has_its_own_code_and_none_costs_nothing():
    f = flow("dx/dt = -x/tau : 1 (event-driven)\nw : 1", "w += A*x", "")
    pre = operations.at_event(f, "pre")
    # The exact integration computes the new value of x and then takes it over.
    assert [target for target, _ in pre] == ["x", "x", "w"] and operations.at_event(f, "post") == []
    # By hand: x*exp(-(t - lastupdate)/tau): one addition, one multiplication, one division, one exponential; then one of each of two.
    assert operations.total(pre) == {
        "additions": 2,
        "multiplications": 2,
        "divisions": 1,
        "comparisons": 0,
        "exponentials": 1,
        "random_numbers": 0,
    }


def test_subexpressions_of_subexpressions_are_counted_once():
    f = flow("a = 2*b : 1\nb = A + v_post : 1\nw : 1", "w += a + b; w -= a")
    assert operations.total(operations.at_event(f, "pre")) == {
        "additions": 1 + 1 + 1 + 1,  # a + b, A + v, +=, -=
        "multiplications": 1,
        "divisions": 0,
        "comparisons": 0,
        "exponentials": 0,
        "random_numbers": 0,
    }


def test_what_a_time_step_and_a_period_cost():
    f = flow(
        "c = 2*A : 1 (constant over dt)\ndz/dt = -z/tau : 1 (clock-driven)\ns_post = 3*w : 1 (summed)\nw : 1",
        "w += z",
        regular=(("w *= A", "tau"), ("w += A", "tau")),
    )
    step = {name: sum((counted for target, counted in operations.at_step(f) if target == name), Counter()) for name in ("c", "s_post", "z")}
    assert step["c"] == {"multiplications": 1} and step["s_post"] == {"multiplications": 1, "additions": 1}  # a sum adds each synapse
    assert step["z"] == {"multiplications": 1, "divisions": 1, "exponentials": 1}
    assert [(target, +counted) for target, counted in operations.regularly(f)] == [("w", {"multiplications": 1}), ("w", {"additions": 1})]
    assert operations.regularly(flow("w : 1", "w += 1")) == [] == operations.at_step(flow("w : 1", "w += 1"))


def test_equations_that_no_method_integrates_say_where():
    f = flow("dw/dt = -w**2/tau : 1 (event-driven)", "w += 1")
    with pytest.raises(UserError, match=r"cannot integrate w between events; use \(clock-driven\)"):
        operations.at_event(f, "pre")
    # A nonlinear equation at every time step is integrated by Euler's method.
    assert operations.total(operations.at_step(flow("dw/dt = -w**2/tau : 1 (clock-driven)", "w += 1")))["divisions"] == 1
