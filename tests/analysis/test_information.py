"""What the update of a rule needs to know, by hand on rules of a line or two."""

import pytest
from brian2 import ms

from brian2chip.analysis import dataflow, information
from brian2chip.analysis.locality import account
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule

# x has a threshold; c counts its spikes and d follows c, for the rule alone; s is set from outside, k is a constant from outside.
NEURON = Model(
    name="neuron",
    source="test",
    equations="dv/dt = (k - v)/tau_m : 1\ndc/dt = -c/tau_m : 1\ndd/dt = (c - d)/tau_m : 1\ns : 1\nk : 1 (constant)",
    threshold="v > 1",
    reset="v = 0; c += 1",
    parameters={"tau_m": 10 * ms},
)


def rule(model, on_pre="", on_post="", **more):
    return Rule(name="mine", source="test", model=model, on_pre=on_pre, on_post=on_post, parameters={"tau": 20 * ms, "A": 0.01}, **more)


@pytest.mark.parametrize(
    ("on_pre", "memory", "growth"),
    [
        ("w += A", (), "O(1)"),
        ("w += A*v_post", (), "O(1)"),  # v makes the spikes: it is there anyway
        ("w += A*k_post", (), "O(1)"),  # a constant is no memory
        ("w += A*c_post", ("c",), "O(N)"),  # only the rule reads c: one value for every neuron
        ("w += A*d_post", ("c", "d"), "O(N)"),  # d follows c
    ],
)
def test_memory_of_the_neuron_that_is_there_for_the_rule_grows_with_the_neurons(on_pre, memory, growth):
    found = account(rule("w : 1", on_pre), neuron=NEURON, n_neurons=3)
    assert found.neuron_memory == memory and found.memory_growth == growth
    assert found.bytes_float64 == 9 * 8 + 3 * 8 * len(memory)  # by hand: 9 weights, and what each of 3 neurons keeps


@pytest.mark.parametrize(
    ("model", "on_pre", "on_post", "growth"),
    [
        ("w : 1\nx : 1", "x += 1; w += A*x", "", "O(N)"),  # one trace for every presynaptic neuron
        ("w : 1\ny : 1", "w += A*y", "y += 1", "O(N)"),  # one for every postsynaptic neuron
        ("w : 1\nx : 1", "x += 1; w += A*x", "x = 0", "O(N^2)"),  # both sides change it: one for every synapse
        ("w : 1\ndx/dt = -x/tau : 1 (event-driven)", "x += w", "w += A*x", "O(N^2)"),
    ],
)
def test_memory_beyond_the_weight_grows_with_where_it_is_kept(model, on_pre, on_post, growth):
    assert account(rule(model, on_pre, on_post)).memory_growth == growth


def test_a_time_stamp_at_every_synapse_is_memory_of_every_synapse():
    # lastupdate is the synapse's own time of its last event.
    found = account(rule("w : 1", "w += A*(t - lastupdate)/tau"))
    assert found.time_stamps == ("synapse",) and found.per_synapse == ("w",) and found.memory_growth == "O(N^2)"


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        # With no time passed since t_last, each of these leaves w as it is: t_last only makes up for a drift.
        ("w += A*(t - t_last)/tau", True),
        ("w -= A*(t - t_last)/tau", True),
        ("w *= exp(-(t - t_last)/tau)", True),
        ("w = w - w*(t - t_last)/tau", True),
        ("w = clip(w + A*(t - t_last)/tau, 0, 1)", True),
        # Each of these changes w even so: t_last says when the last spike was.
        ("w += exp(-(t - t_last)/tau)", False),
        ("w -= exp(-(t - t_last)/tau)", False),
        ("w *= A + (t - t_last)/tau", False),
        ("w = (t - t_last)/tau", False),
        ("w /= 1 + (t - t_last)/tau", False),  # division is not looked into: said to need the time
    ],
)
def test_a_time_that_makes_up_for_a_drift_is_told_from_a_memory_of_spikes(change, mark):
    r = rule("w : 1\nt_last : second", f"{change}; t_last = t")
    assert information.time_marks(dataflow.read(r)) == ({"t_last"} if mark else set())
    assert account(r).local_in_time == mark


@pytest.mark.parametrize(
    ("on_pre", "on_post", "mark"),
    [
        ("w += A*(t - t_last)/tau; t_last = t", "w += A*(t - t_last)/tau; t_last = t", True),
        ("w += A*(t - t_last)/tau; t_last = t", "w += A*(t - t_last)/tau", False),  # read where it is not set
        ("t_last = t + tau; w += A*(t - t_last)/tau", "", False),  # set to something else
        ("t_last += t; w += A*(t - t_last)/tau", "", False),
        ("gap = t - t_last; w += A*gap/tau; t_last = t", "", True),  # through a local variable
        ("gap = t - t_last; step = gap/tau; w += A*step; t_last = t", "", True),  # through two
    ],
)
def test_where_a_time_mark_must_be_set(on_pre, on_post, mark):
    found = information.time_marks(dataflow.read(rule("w : 1\nt_last : second", on_pre, on_post)))
    assert found == ({"t_last"} if mark else set())


def test_time_mark_through_a_subexpression():
    r = rule("w : 1\nt_last : second\ngap = t - t_last : second", "w += A*gap/tau; t_last = t")
    assert information.time_marks(dataflow.read(r)) == {"t_last"}


def test_what_the_update_reads_of_both_neurons():
    found = account(rule("w : 1", "w += A*v_pre*c_post*c_pre; c_post += 1"), neuron=NEURON)
    assert (found.reads_pre, found.reads_post) == (("c", "v"), ("c",))
    # The number of the neurons is no variable of a neuron.
    assert account(rule("w : 1", "w += A/N_post + A/N_pre")).reads_post == ()


def test_signals_from_outside_are_third_factors_of_the_side_that_holds_them():
    found = account(rule("w : 1", "w += A*s_post*s_pre"), neuron=NEURON)
    assert found.third_factors == ("s_post", "s_pre") and not found.local_in_space
    assert account(rule("w : 1", "w += A*k_post"), neuron=NEURON).local_in_space  # a constant is no signal
    assert account(rule("w : 1\nz : 1", "w += A; z += s_post"), neuron=NEURON).local_in_space  # z does not reach the weight


def test_a_linked_variable_is_a_third_factor_and_stored_elsewhere():
    found = account(rule("w : 1\nreward : 1 (linked)", "w += A*reward"), n_neurons=2)
    assert found.third_factors == ("reward",) and found.per_synapse == ("w",) and found.shared == ()
    assert found.bytes_float64 == 4 * 8
    assert account(rule("w : 1\nrate : 1 (linked, constant)", "w += rate")).third_factors == ()


def test_the_update_is_followed_through_every_variable_that_reaches_the_weight():
    r = rule("w : 1\na : 1\nb : 1\nidle : 1", "a += 1; idle += a", "b = a; w += b")
    assert {s.target for s in information.update(dataflow.read(r))} == {"a", "b", "w"}
    assert account(r).traces == ("a", "b")


def test_refractoriness_makes_what_it_reads_part_of_the_spiking():
    neuron = Model(**{**vars(NEURON), "refractory": "c > 2"})
    assert account(rule("w : 1", "w += A*c_post"), neuron=neuron).neuron_memory == ()
    assert account(rule("w : 1", "w += A*d_post"), neuron=neuron).neuron_memory == ("d",)


@pytest.mark.parametrize("name", ["a", "z"])
def test_a_variable_that_follows_a_signal_from_outside_is_not_one_itself(name):
    # S is set from outside; the variable (before or after w in the alphabet) decays towards S. What only decays is driven from outside.
    driven = f"w : 1\nS : 1 (shared)\nd{name}/dt = (S - {name})/tau : 1 (clock-driven)"
    assert account(rule(driven, f"w += A*{name}")).third_factors == ("S",)
    decays = f"w : 1\nS : 1 (shared)\nd{name}/dt = -{name}/tau : 1 (clock-driven)"
    assert account(rule(decays, f"w += A*{name}")).third_factors == (name,)
