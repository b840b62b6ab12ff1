import brian2
import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, ms, mV

from brian2chip.analysis import dataflow, operations, statements
from brian2chip.analysis.locality import account, account_table
from brian2chip.core import registry
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule
from brian2chip.engine.session import session
from brian2chip.errors import UserError


def rule(model, on_pre="", on_post="", **more):
    parameters = {"tau": 20 * ms, "A": 0.01, "B": 0.02, **more.pop("parameters", {})}
    return Rule(name="mine", source="test", model=model, on_pre=on_pre, on_post=on_post, parameters=parameters, **more)


DECAY = "dx/dt = -x/tau : 1 (event-driven)\ndy/dt = -y/tau : 1 (event-driven)\nw : 1"
COUPLED = "dx/dt = (z - x)/tau : 1 (clock-driven)\ndz/dt = (x - z)/tau : 1 (clock-driven)\nw : 1"
PAIR = rule(DECAY, "x += 1; w -= B*y", "y += 1; w += A*x")


def places(r):
    a = account(r)
    return a.per_synapse, a.per_pre, a.per_post


def test_pair_stdp_on_paper():
    a = account(PAIR, n_neurons=10)
    assert (a.per_synapse, a.per_pre, a.per_post, a.time_stamps) == (("w",), ("x",), ("y",), ("pre", "post"))
    # By hand: 100 weights, 10 traces and 10 times of the last spike on either side; a time has 8 bytes.
    assert a.bytes_float64 == 100 * 8 + 20 * 8 + 20 * 8
    assert a.bytes_float32 == 100 * 4 + 20 * 4 + 20 * 8
    assert a.bits_float32 == 8 * a.bytes_float32
    # By hand: x*exp(-(t - lastupdate)/tau) is 1 of each kind but comparisons, twice; then x += 1 and w -= B*y.
    expected = {"additions": 4, "multiplications": 3, "divisions": 2, "comparisons": 0, "exponentials": 2, "random_numbers": 0}
    assert a.pre_event == a.post_event == expected
    assert a.pre_event_at_synapse == 4 + 2  # decay of y, w -= B*y; x is its neuron's
    assert a.local_in_space and not a.local_in_time
    assert a.traces == ("x", "y") and a.needs == "a memory of past spikes: x, y"
    assert a.updates_at == ("pre", "post")
    assert a.memory_growth == "O(N)" and a.clock_work_growth == "none"


def test_a_trace_of_each_synapse_decays_at_every_event_that_adds_to_it():
    a = account(rule("dc/dt = -c/tau : 1 (event-driven)\nw : 1", "c += v_post", "w += A*c"))
    assert a.per_synapse == ("c", "w") and a.time_stamps == ("synapse",)
    assert (a.pre_event_at_synapse, a.post_event_at_synapse) == (4 + 1, 4 + 2)  # by hand: the decay is 4


def test_what_no_synapse_drives_is_not_counted_at_every_synapse():
    a = account(rule("dD/dt = -D/tau : 1 (event-driven)\nw : 1", "w += A*D"))
    assert a.shared == ("D",) and a.pre_event_at_synapse == 2 and sum(a.pre_event.values()) == 4 + 2


def test_every_registered_rule_has_an_account():
    rules = [registry.get("rule", name) for name in registry.catalogue("rule")]
    rules += [registry.get("learning_rule", name).as_rule() for name in registry.catalogue("learning_rule")]
    table = account_table(r for r in rules if r.post is None or r.post in registry.catalogue("model"))
    assert len(table) >= 9 and table["per_synapse"].ne("").all()


# By hand: the variables of a synapse and of its neurons (zbar, psi and, on line, the spike count) that only learning needs; then the
# additions and multiplications of a step's lines in plasticity/eprop.py.
@pytest.mark.parametrize(
    "name, per_synapse, per_neuron, growth, additions, multiplications",
    [
        ("eprop", 5, 2, "O(N^2)", 6, 6),
        ("eprop_no_filter", 4, 2, "O(N^2)", 4, 4),
        ("eprop_online", 3, 3, "O(N^2)", 7, 9),
        ("eprop_factorised", 1, 3, "O(N)", 3, 5),
    ],
)
def test_learning_rules_on_paper(name, per_synapse, per_neuron, growth, additions, multiplications):
    rule = registry.get("learning_rule", name)
    a = account(rule.as_rule(), n_neurons=10)
    assert a.bytes_float64 == 8 * (100 * per_synapse + 10 * per_neuron + rule.online)  # on line one learning rate for all
    assert a.memory_growth == growth and a.third_factors == ("L_post",) and a.updates_at == ("regular",)
    assert (a.period["additions"], a.period["multiplications"]) == (additions, multiplications)


def test_memory_of_a_sparse_network_and_of_other_types():
    a = account(rule("w : 1\nn : integer\nup : boolean", "n += 1; up = n > 3; w += A*int(up)", "n -= 1"), n_neurons=10, n_synapses=7)
    assert a.per_synapse == ("w", "n", "up")
    assert a.bytes_float64 == 7 * (8 + 4 + 1) and a.bytes_float32 == 7 * (4 + 4 + 1)
    assert a.bits_float32 == 7 * (32 + 32 + 1)


def test_published_rules():
    sdsp = account(registry.get("rule", "sdsp"))
    assert (sdsp.per_synapse, sdsp.per_pre, sdsp.per_post) == (("X",), ("t_last",), ())
    assert sdsp.reads_post == ("C", "v") and sdsp.neuron_memory == ("C",)
    assert sdsp.local_in_time and sdsp.local_in_space and sdsp.updates_at == ("pre",)
    assert sdsp.needs == "what is present at the presynaptic spike"
    assert sum(sdsp.post_event.values()) == 0
    triplet = account(registry.get("rule", "triplet"))
    assert (triplet.per_synapse, triplet.per_pre, triplet.per_post) == (("w",), ("r1", "r2"), ("o1", "o2"))
    assert triplet.pre_event["exponentials"] == 4  # one decay for each of the four traces
    assert triplet.pre_event_at_synapse == 10  # by hand: decay of o1 4, w - o1*(A2 + A3*r2) 4, clip 2; o2 is not read
    assert not triplet.local_in_time


@pytest.mark.parametrize(
    "model, on_pre, on_post, expected",
    [
        # set instead of added: still a function of one train
        (DECAY, "x = 1; w -= B*y", "y = 1; w += A*x", (("w",), ("x",), ("y",))),
        # the trace reads the weight: every synapse has its own
        (DECAY, "x += w; w -= B*y", "y += 1; w += A*x", (("x", "w"), (), ("y",))),
        # touched by both sides
        (DECAY, "x += 1; w -= B*y", "x = 0; y += 1; w += A*x", (("x", "w"), (), ("y",))),
        # changed at presynaptic spikes, but by a variable of the postsynaptic neuron
        (DECAY, "x += v_post; w -= B*y", "y += 1; w += A*x", (("x", "w"), (), ("y",))),
        # changed at presynaptic spikes by a variable of the presynaptic neuron
        (DECAY, "x += v_pre; w -= B*y", "y += 1; w += A*x", (("w",), ("x",), ("y",))),
        # through a local variable
        (DECAY, "step = 2*w; x += step; w -= B*y", "y += 1; w += A*x", (("x", "w"), (), ("y",))),
        (DECAY, "step = 2*x; x += step; w -= B*y", "y += 1; w += A*x", (("w",), ("x",), ("y",))),
        # by the number of its own neuron, or of the other one
        (DECAY, "x += i; w -= B*y", "y += 1; w += A*x", (("w",), ("x",), ("y",))),
        (DECAY, "x += j; w -= B*y", "y += 1; w += A*x", (("x", "w"), (), ("y",))),
        # by chance
        (DECAY, "x += rand(); w -= B*y", "y += 1; w += A*x", (("x", "w"), (), ("y",))),
        # two that depend on each other stay with their neuron ...
        (COUPLED, "x += 1", "w += A*z", (("w",), ("x", "z"), ())),
        # ... until one of them meets the other side
        (COUPLED, "x += 1", "z += 1; w += A*z", (("x", "z", "w"), (), ())),
        # through a subexpression
        (DECAY + "\nboth = x*y : 1", "x += both; w -= B*y", "y += 1; w += A*x", (("x", "w"), (), ("y",))),
        (DECAY + "\ndouble = 2*x : 1", "x += double; w -= B*y", "y += 1; w += A*x", (("w",), ("x",), ("y",))),
        # a value given to each synapse stays there, a shared one does not
        (DECAY + "\nc : 1 (constant)", "x += c; w -= B*y", "y += 1; w += A*x", (("x", "w", "c"), (), ("y",))),
        (DECAY + "\nc : 1 (constant, shared)", "x += c; w -= B*y", "y += 1; w += A*x", (("w",), ("x",), ("y",))),
        # a constant over a step of the pre side
        ("z = 2*v_pre : 1 (constant over dt)\nw : 1", "w += A*z", "w -= B", (("z", "w")[1:], ("z",), ())),
        # a weight that the presynaptic side alone changes still starts anew at each synapse, and so does what reads it
        ("w : 1\nz : 1", "w -= B; z = w", "", (("w", "z"), (), ())),
    ],
)
def test_where_a_variable_can_be_stored(model, on_pre, on_post, expected):
    assert places(rule(model, on_pre, on_post)) == expected


def test_parameters_whose_names_end_like_a_neuron_variable():
    r = rule("dx/dt = -x/tau_pre : 1 (event-driven)\nw : 1", "x += A_post", "w += x", parameters={"tau_pre": 5 * ms, "A_post": 0.1})
    a = account(r)
    assert a.per_pre == ("x",) and a.reads_pre == a.reads_post == ()


def test_short_term_plasticity_is_stored_with_the_presynaptic_neuron():
    model = "du/dt = (A - u)/tau : 1 (event-driven)\ndR/dt = (1 - R)/tau : 1 (event-driven)\nw : 1"
    r = rule(model, "u += A*(1 - u); r = u*R; R -= r; v_post += w*r", weight="w*u*R")
    assert places(r) == (("w",), ("u", "R"), ())


SIGNAL = brian2.TimedArray([0.0, 1.0], dt=1 * ms)
SPACE = {
    "shared": (rule(DECAY + "\nreward : 1 (shared)", "x += 1", "y += 1; w += A*reward*x*y"), ("reward",)),
    "constant": (rule(DECAY + "\nrate : 1 (shared, constant)", "x += 1", "y += 1; w += rate*x*y"), ()),
    "undriven": (rule(DECAY + "\ndD/dt = -D/tau : 1 (clock-driven)", "x += 1", "y += 1; w += A*D*x"), ("D",)),
    "unread": (rule(DECAY + "\nreward : 1 (shared)", "x += 1; v_post += reward", "y += 1; w += A*x"), ()),
    "table": (rule(DECAY, "x += 1", "y += 1; w += A*x*signal(t)", parameters={"signal": SIGNAL}), ("signal",)),
}


@pytest.mark.parametrize("name", SPACE)
def test_third_factor(name):
    r, factors = SPACE[name]
    a = account(r)
    assert a.third_factors == factors and a.local_in_space == (not factors)


def test_eligibility_trace_needs_every_synapse_at_every_step():
    r = rule("dc/dt = -c/tau : 1 (clock-driven)\ndw/dt = c*D/tau : 1 (clock-driven)\nD : 1 (shared)", "c += v_post", "c += v_pre")
    a = account(r)
    assert a.per_synapse == ("c", "w") and a.shared == ("D",) and a.third_factors == ("D",)
    assert a.clock_driven == ("c", "w") and a.memory_growth == a.clock_work_growth == "O(N^2)"
    assert a.updates_at == ("clock",) and a.traces == ("c",)
    assert sum(a.time_step.values()) > 0 and a.time_stamps == ()


def test_clock_driven_trace_of_one_side_is_work_of_the_neurons():
    a = account(rule(DECAY.replace("event-driven", "clock-driven"), PAIR.on_pre, PAIR.on_post))
    assert a.clock_driven == () and a.clock_driven_per_neuron == ("x", "y") and a.clock_work_growth == "O(N)"
    # By hand: x*exp(-dt/tau), twice; and nothing of it at the spikes.
    assert a.time_step == {"additions": 0, "multiplications": 2, "divisions": 2, "comparisons": 0, "exponentials": 2, "random_numbers": 0}
    assert a.pre_event["exponentials"] == 0
    # Without a flag Brian2 integrates at every step.
    assert account(rule(DECAY.replace(" (event-driven)", ""), PAIR.on_pre, PAIR.on_post)).clock_driven_per_neuron == ("x", "y")


def test_code_that_runs_regularly_and_sums_run_at_every_synapse():
    r = rule("w : 1\ntotal_post = w : 1 (summed)", "w += A", "", regular=(("w = clip(w, 0, 1)", "tau"),))
    a = account(r)
    assert a.clock_driven == ("total_post", "w") and a.clock_work_growth == "O(N^2)"
    assert a.per_synapse == ("w",)
    assert a.time_step["additions"] == 1 and a.period["comparisons"] == 2


DRIFT = "w = clip(w + A*int(w > B)*(t - t_last)/tau, 0, 1)"


@pytest.mark.parametrize(
    "model, on_pre, on_post, traces",
    [
        ("w : 1\nt_last : second", f"{DRIFT}; w += A*v_post; t_last = t", "", ()),  # a drift made up for: no memory of spikes
        ("w : 1\nt_last : second", "gap = t - t_last; w += A*gap/tau; t_last = t", "", ()),
        ("w : 1\nt_last : second", "t_last = t", "w += A*exp(-(t - t_last)/tau)", ("t_last",)),  # nearest-neighbour STDP
        ("w : 1\nt_last : second", "w -= A*exp(-(t - t_last)/tau); t_last = t", "", ("t_last",)),  # its own last interval
        ("w : 1\nt_last : second", "w = w - A*v_post", "", ()),
        ("w : 1\nt_last : second", "t_last = t", "w += A*(t - t_last)/tau", ("t_last",)),  # a linear window
        (DECAY, "x += 1; w -= B", "y += 1; w += A", ()),  # traces that the weight does not read
        ("dc/dt = -c/tau : 1 (clock-driven)\nw : 1", "c += w", "w += A*c", ("c",)),
    ],
)
def test_local_in_time(model, on_pre, on_post, traces):
    a = account(rule(model, on_pre, on_post))
    assert a.traces == traces and a.local_in_time == (not traces)


def test_weight_computed_anew_from_an_internal_variable_is_no_memory():
    a = account(rule("X : 1\nw : 1", "X = clip(X + A*v_post, 0, 1); w = B*int(X > 0.5)"))
    assert a.efficacy == ("w", "X") and a.local_in_time and a.per_synapse == ("X", "w")


def test_weight_that_something_outside_changes_with_what_the_synapse_computes():
    a = account(rule("w : 1\nupdate : 1\nsum : 1", "update = A*v_post; sum += v_post"))
    assert a.updates_at == ("pre",) and a.traces == ("sum",) and a.reads_post == ("v",)


# Like e-prop: an eligibility trace and a learning signal that the neuron does not make itself.
NEURON = Model(
    name="neuron",
    source="test",
    equations="""
    dv/dt = (I + E_L - v)/tau_m : 1
    dtrace/dt = -trace/tau_m : 1
    slow = 2*trace : 1
    I : 1
    L : 1
    beta : 1 (constant)
    psi : 1
    """,
    threshold="v > 1",
    reset="v = 0; trace += 1",
    parameters={"tau_m": 10 * ms, "E_L": 0.0},
    regular=(("psi = int(v > 0)", "tau_m"),),
)
ELIGIBILITY = rule("w : 1\ne_bar : 1", regular=(("e_bar = e_bar/2 + psi_post*slow_pre*beta_post; w -= A*L_post*e_bar", "tau"),))


def test_learning_signal_and_memory_of_the_neuron():
    a = account(ELIGIBILITY, n_neurons=3, neuron=NEURON)
    assert a.third_factors == ("L_post",) and not a.local_in_space
    assert a.neuron_memory == ("psi", "trace")  # both are there for the rule; v and I make the spikes, beta is a constant
    assert a.bytes_float64 == 9 * 2 * 8 + 3 * 2 * 8
    assert (a.reads_pre, a.reads_post) == (("slow",), ("L", "beta", "psi"))
    assert a.traces == ("e_bar",) and a.clock_driven == ("e_bar", "w") and a.updates_at == ("regular",)
    spiking = Model(**{**vars(NEURON), "threshold": "v > 1 - L + trace"})
    assert account(ELIGIBILITY, neuron=spiking).third_factors == ()
    assert account(ELIGIBILITY, neuron=spiking).neuron_memory == ("psi",)


def test_neuron_variable_without_suffix_is_the_postsynaptic_one():
    assert account(rule("w : 1", "w += A*v"), neuron=NEURON).reads_post == ("v",)
    with pytest.raises(UserError, match="'v'"):
        account(rule("w : 1", "w += A*v"))


def test_pre_and_post_swapped_swaps_the_account():
    swapped = rule(DECAY, PAIR.on_post, PAIR.on_pre)
    a, b = account(PAIR), account(swapped)
    assert (a.per_pre, a.per_post) == (b.per_post, b.per_pre) == (("x",), ("y",))
    assert a.pre_event_at_synapse == b.post_event_at_synapse


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("-x", {}),
        ("a - b*c/d", {"additions": 1, "multiplications": 1, "divisions": 1}),
        ("clip(x, 0, 1)", {"comparisons": 2}),
        ("int(0 < x < 1)", {"comparisons": 2}),
        ("int(a > 0 and not b > 0)", {"comparisons": 2}),
        ("x**3 + x**mu", {"additions": 1, "multiplications": 2, "exponentials": 1}),
        ("exp(-x) + rand()", {"additions": 1, "exponentials": 1, "random_numbers": 1}),
    ],
)
def test_operations_by_hand(expression, expected):
    assert operations.count(expression) == expected


def test_subexpression_counts_once_in_each_code():
    a = account(rule("w : 1\ndrive = A*v_post : 1", "w += drive; w -= drive*drive", "w += drive"))
    assert a.pre_event["multiplications"] == 2 and a.pre_event["additions"] == 2
    assert a.post_event["multiplications"] == 1


@pytest.mark.parametrize(
    "model, on_pre, weight, word",
    [
        ("w : 1", "w += etta", "w", "etta"),
        ("w : 1", "w += ", "w", "cannot be read"),
        ("w 1", "w += 1", "w", "cannot be read"),
        ("x : 1", "x += 1", "w", "measures 'w'"),
        ("dw/dt = -w**2/tau : 1 (event-driven)", "w += 1", "w", "clock-driven"),
    ],
)
def test_rules_that_cannot_be_accounted_for_say_why(model, on_pre, weight, word):
    with pytest.raises(UserError, match=word):
        account(rule(model, on_pre, weight=weight))


@pytest.mark.parametrize("number", [0, -3, 1.5, float("nan"), float("inf")])
def test_network_size_must_be_a_positive_whole_number(number):
    with pytest.raises(UserError, match="n_synapses"):
        account(PAIR, n_synapses=number)


def test_table_has_one_row_a_rule():
    table = account_table([PAIR, registry.get("rule", "sdsp")], n_neurons=10)
    assert isinstance(table, pd.DataFrame) and list(table["rule"]) == ["mine", "sdsp"]
    assert list(table["per_pre_neuron"]) == ["x", "t_last"] and list(table["neuron_memory"]) == ["", "C"]
    assert table.loc[0, "memory_float64_bytes"] == account(PAIR, n_neurons=10).bytes_float64
    assert list(table["local_in_time"]) == [False, True]


SIMULATED = {
    "pair": PAIR,
    "weight dependent trace": rule(DECAY, "x += w; w -= B*y", "y += 1; w += A*x"),
    "reset by the other side": rule(DECAY, "x += 1; w -= B*y", "x = 0; y += 1; w += A*x"),
    "coupled": rule(COUPLED, "z += 1; w -= B", "w += A*x"),
    "coupled to both": rule(COUPLED, "z += 1", "z += 1; w += A*x"),
    "own interval": rule("w : 1\nt_last : second", "w -= A*exp(-(t - t_last)/tau); t_last = t", "w += B"),
}


@pytest.mark.parametrize("name", SIMULATED)
def test_what_the_account_places_at_a_neuron_is_equal_at_all_its_synapses(name):
    # Independent of the analysis: Brian2 runs 4 x 4 synapses on random spikes from unequal weights.
    r = SIMULATED[name]
    a = account(r)
    rng = np.random.default_rng(2)
    with session("numpy", dt=1e-3, seed=1) as s:
        pre, post = (brian2.SpikeGeneratorGroup(4, rng.integers(0, 4, 40), rng.permutation(80)[:40] * ms) for _ in range(2))
        synapses = brian2.Synapses(pre, post, r.model, on_pre=r.on_pre, on_post=r.on_post, namespace=dict(r.parameters))
        synapses.connect()
        synapses.w = rng.uniform(0.1, 1, 16)
        s.run(brian2.Network(pre, post, synapses), 0.1)
        state = synapses.get_states([*a.per_synapse, *a.per_pre, *a.per_post], units=False)
        state = {n: values.reshape(4, 4) for n, values in state.items()}
        at = np.array(synapses.i[:]).reshape(4, 4)
        if "event-driven" in r.model:  # what was last made up for at different times is compared at one time
            state |= {n: state[n] * np.exp(np.array(synapses.lastupdate[:]).reshape(4, 4) / 0.020) for n in ("x", "y")}
    assert (at == np.arange(4)[:, None]).all()
    for variable, values in state.items():
        equal = tuple(np.allclose(values, values.take([0], axis), rtol=1e-9) for axis in (0, 1))  # over one post, over one pre neuron
        assert equal == (variable in a.per_post, variable in a.per_pre), variable


def test_operations_are_those_of_the_code_that_brian2_runs():
    r = registry.get("rule", "triplet")
    with session("numpy", dt=1e-3, seed=1) as s:
        group = brian2.NeuronGroup(1, "v : 1", threshold="v > 1")
        synapses = brian2.Synapses(group, group, r.model, on_pre=r.on_pre, on_post=r.on_post, namespace=dict(r.parameters))
        synapses.connect()
        s.run(brian2.Network(group, synapses), 1e-3)
        code = synapses.pre.abstract_code
    executed = operations.total(operations.count_code(dataflow.read(r), statements.assignments(code)))
    assert executed == account(r).pre_event


def test_units_and_neuron_variables_with_units():
    r = rule("w : 1", "w += A*(v_post - E)/mV*int(v_post > -60*mV)*5*Hz*tau", parameters={"E": -70 * mV, "unused": 3 * Hz})
    assert account(r).reads_post == ("v",)


def test_pathways_delays_sums_and_draws_are_found():
    r = rule(
        DECAY + "\ntotal_post = w : 1 (summed)",
        {"a": "x += 1", "b": "w -= B*y*rand()"},
        "y += 1; w += A*x",
        delay={"a": 2 * ms, "post": 1 * ms},
    )
    a = account(r)
    assert (a.pathways, dict(a.delays), a.summed, a.draws) == (("a", "b", "post"), {"a": 0.002, "post": 0.001}, ("total_post",), ("pre",))
    # By hand: of two pathways each makes up for the drift of x and y, 4 operations each; then x += 1, and w -= B*y*rand().
    assert sum(a.pre_event.values()) == 2 * 2 * 4 + 1 + 4
    plain = account(PAIR)
    assert (plain.pathways, dict(plain.delays), plain.summed, plain.draws) == (("pre", "post"), {}, (), ())
    table = account_table([r])
    assert table["delays_ms"][0] == "a=2 post=1" and table["random_numbers_at"][0] == "pre"


def test_a_third_factor_that_is_declared_and_what_it_drives():
    model = DECAY + "\ndD/dt = -D/tau + reward : 1 (clock-driven)\nreward : Hz"
    a = account(rule(model, "x += 1", "y += 1; w += A*D*x", third_factors=("reward",)))
    assert a.third_factors == ("reward",) and not a.local_in_space
