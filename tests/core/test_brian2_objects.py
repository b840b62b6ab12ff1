"""Rules and models of the package in a Brian2 network that is not ours: the same numbers as plain Brian2, and nothing global changes."""

from dataclasses import replace

import brian2
import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, Synapses, ms, mV, nS, pF

import brian2chip as bc
from brian2chip.core import brian2_internals as internals
from brian2chip.errors import UserError

STDP_LINES = """
dx/dt = -x/tau_plus : 1 (event-driven)
dy/dt = -y/tau_minus : 1 (event-driven)
w : 1
"""


@pytest.fixture(params=["runtime", pytest.param("cpp_standalone", marks=pytest.mark.slow)])
def hers(request, tmp_path):
    """A device that the user chose herself."""
    with internals.kept_state():
        brian2.prefs["codegen.target"] = "numpy"
        options = {"directory": str(tmp_path)} if request.param == "cpp_standalone" else {}
        internals.activate_fresh_device(request.param, **options)
        brian2.defaultclock.dt = 0.1 * ms
        yield request.param


def recurrent():
    """A recurrent network of hers that the noise of a fixed seed keeps busy."""
    brian2.seed(4)
    return NeuronGroup(30, "dv/dt = (1.1 - v)/(10*ms) : 1\nexcited : 1", threshold="v > 1", reset="v = 0", method="exact", name="hers")


def start(neurons):
    neurons.v = "(i*0.37) % 1"


@pytest.mark.parametrize("hers", ["runtime", "cpp_standalone"], indirect=True)
def test_stdp_in_her_recurrent_network_with_a_delay_equals_plain_brian2(hers):
    ours, plain = (
        recurrent(),
        NeuronGroup(30, "dv/dt = (1.1 - v)/(10*ms) : 1\nexcited : 1", threshold="v > 1", reset="v = 0", method="exact"),
    )
    start(ours), start(plain)
    S = bc.rule("stdp").synapses(ours, delay=1.5 * ms, transmit="v_post += 0.02*w", tau_plus=20 * ms, A_plus=0.01, w_max=1.5)
    S.connect("i != j and (i + 3*j) % 4 == 0")
    P = Synapses(
        plain,
        plain,
        STDP_LINES,
        on_pre="v_post += 0.02*w\nw = clip(w - 0.0032*y, 0, 1.5)\nx += 1",
        on_post="w = clip(w + 0.01*x, 0, 1.5)\ny += 1",
        delay=1.5 * ms,
        namespace={"tau_plus": 20 * ms, "tau_minus": 33.7 * ms},
    )
    P.connect("i != j and (i + 3*j) % 4 == 0")
    P.w = 1
    Network(ours, plain, S, P).run(300 * ms, namespace={})
    assert len(S) == len(P) > 100 and np.ptp(S.w[:]) > 0.1
    np.testing.assert_allclose(S.w[:], P.w[:], rtol=1e-12)  # powers of mu = 0 are ones


def test_parameters_are_variables_with_units_shared_or_one_for_each_synapse(hers):
    source = SpikeGeneratorGroup(3, [0, 1, 2], [1, 1, 1] * ms)
    target = SpikeGeneratorGroup(3, [0, 1, 2], [6, 6, 6] * ms)
    S = bc.rule("stdp").synapses(source, target, per_synapse=["A_plus"], mu=0)
    S.connect(j="i")
    S.A_plus = [0.01, 0.02, 0.04]
    Network(source, target, S).run(10 * ms)
    np.testing.assert_allclose(np.diff(S.w[:]) / (S.w[0] - 1), [1, 2])
    assert S.tau_plus == 16.8 * ms  # shared, the default of the rule


def test_starts_of_a_rule_with_several_are_drawn(hers):
    brian2.seed(1)
    neurons = bc.model("brader").neurons(20)
    source = SpikeGeneratorGroup(20, [0], [1] * ms)
    rule = replace(bc.rule("sdsp"), initial={"X": [0.0, 0.5, 1.0]})
    S = rule.synapses(source, neurons)
    S.connect()
    Network(source, neurons, S).run(0.5 * ms)
    values, counts = np.unique(S.X[:], return_counts=True)
    assert values.tolist() == [0, 0.5, 1] and np.all(abs(counts - 400 / 3) < 5 * 9.5)  # five standard deviations of a share of 1/3


def test_regular_code_runs_at_its_period(hers):
    rule = bc.Rule(
        name="forgets",
        source="this test",
        model="w : 1",
        on_pre="w += 0",
        parameters={"pause": 2 * ms, "loss": 0.5},
        regular=(("w *= loss", "pause"),),
    )
    source = SpikeGeneratorGroup(1, [], [] * ms)
    S = rule.synapses(source, source, loss=0.25)
    S.connect()
    Network(source, S).run(4 * ms)
    assert S.w[:].tolist() == [1 / 16]  # at 0 and at 2 ms


def test_neurons_of_a_model_with_parameters_of_their_own(hers):
    N = bc.model("lif").neurons(2, per_neuron=["E_L"], tau_m=15 * ms)
    N.E_L = [-60, -65] * mV
    Network(N).run(15 * ms)
    np.testing.assert_allclose(N.v[:] / mV, [-60 - 10 / np.e, -65 - 5 / np.e], rtol=1e-9)  # from -70 mV, one time constant
    assert N.tau_m == 15 * ms


def test_nothing_global_changes():
    before = brian2.get_device(), dict(brian2.prefs.prefs), brian2.defaultclock.dt_
    neurons = bc.model("izhikevich").neurons(3)
    bc.rule("triplet").synapses(neurons).connect()
    assert before == (brian2.get_device(), dict(brian2.prefs.prefs), brian2.defaultclock.dt_)


def test_a_neuron_without_what_the_rule_reads_is_named_with_the_lines_to_add():
    neurons = NeuronGroup(1, "v : 1", threshold="v > 1", name="mine")
    with pytest.raises(UserError, match=r"'sdsp' reads C_post, and 'mine' has no C; add .*'brader': dC/dt = "):
        bc.rule("sdsp").synapses(neurons)
    with pytest.raises(UserError, match=r"reads ge_post, and 'mine' has no ge; add a line"):
        bc.rule("stdp").synapses(neurons, transmit="ge_post += w")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: bc.rule("stdp").synapses(recurrent(), tau_plus=20 * nS), "unit"),
        (lambda: bc.rule("stdp").synapses(recurrent(), tau_pls=20 * ms), "did you mean"),
        (lambda: bc.rule("stdp").synapses(recurrent(), per_synapse=["eta"]), "eta"),
        (lambda: bc.rule("stdp").synapses(NeuronGroup(1, "w : 1", name="hers")), "w is a name of rule 'stdp' and of 'hers' too"),
        (lambda: bc.model("lif").neurons(0), "positive whole number"),
        (lambda: bc.model("lif").neurons(2.5), "positive whole number"),
        (lambda: bc.model("lif").neurons(2, C=3 * pF), "'lif'"),
    ],
)
def test_wrong_input_is_one_sentence(call, sentence):
    with pytest.raises(UserError, match=sentence) as raised:
        call()
    assert "\n" not in str(raised.value)


DOPAMINE = bc.Rule(
    name="modulated",
    source="this test",
    model="w : 1\nD : 1 (shared)",
    on_pre="w += D",
    initial={"w": 0.0},
)


def modulated(hers, given, rule=DOPAMINE, n=2):
    """The weights of two synapses whose sources spike at 1 and at 6 ms, with a third factor given."""
    source, target = SpikeGeneratorGroup(2, [0, 1], [1, 6] * ms), SpikeGeneratorGroup(n, [], [] * ms)
    S = rule.synapses(source, target, third_factors={"D": given})
    S.connect(j="i")
    return S, Network(source, target, S)


def test_third_factors_of_her_network(hers):
    DA = NeuronGroup(1, "ddopamine/dt = -dopamine/(5*ms) : 1\nshared = 2*dopamine : 1", method="exact")
    each = NeuronGroup(2, "DA : 1 (constant)")
    DA.dopamine, each.DA = 1, [0.25, 0.5]
    signal = bc.Signal([0, 5] * ms, [1.0, 3.0])
    cases = [modulated(hers, given) for given in (DA.dopamine, each.DA, signal, signal.timed_array(), 0.5)]
    linked = replace(DOPAMINE, model="w : 1\nD : 1 (linked)")
    cases += [modulated(hers, given, linked) for given in (DA.shared, 0.5)]
    network = Network(DA, each, *[one for S, net in cases for one in net.objects])
    network.run(7 * ms)
    # A spike at 1 ms acts after the equations of that step, when dopamine has decayed for 1.1 ms.
    decayed = np.exp(-(np.array([1, 6]) + 0.1) / 5)
    expected = [decayed, [0.25, 0.5], [1, 3], [1, 3], [0.5, 0.5], 2 * decayed, [0.5, 0.5]]
    for (S, _), weights in zip(cases, expected):
        np.testing.assert_allclose(S.w[:], weights, rtol=1e-9)


def test_pathways_of_her_network_with_delays(hers):
    rule = bc.Rule(
        name="two",
        source="this test",
        model="w : 1\nfirst : second\nsecond_ : second\nback : second",
        on_pre={"fast": "first = t", "slow": "second_ = t"},
        on_post="back = t",
        delay={"fast": 1 * ms, "post": 3 * ms},
        initial={"w": "1 + uniform(0, 1)"},
    )
    source, target = SpikeGeneratorGroup(1, [0], [1] * ms), SpikeGeneratorGroup(40, np.arange(40), [2] * 40 * ms)
    S = rule.synapses(source, target, delay={"slow": "1*ms + j*0.1*ms"}, transmit="")
    S.connect()
    Network(source, target, S).run(10 * ms)
    np.testing.assert_allclose(S.first[:] / ms, 2)
    np.testing.assert_allclose(S.second_[:] / ms, 2 + 0.1 * np.arange(40))
    np.testing.assert_allclose(S.back[:] / ms, 5)
    assert np.ptp(S.w[:]) > 0.5 and S.w[:].min() >= 1 and S.w[:].max() <= 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, r"reads the third factor D, which was not given; give third_factors=\{'D': ...\}"),
        ({"D": 1 * mV}, "third factor D of rule 'modulated' was given in the unit V; it needs the unit 1"),
        ({"D": [1, 2]}, "give a number, a Signal over time, or"),
        ({"E": 1}, "third factor of rule 'modulated' called"),
    ],
)
def test_third_factors_that_are_none(given, sentence):
    source = SpikeGeneratorGroup(2, [], [] * ms)
    with pytest.raises(UserError, match=sentence):
        DOPAMINE.synapses(source, third_factors=given)


def test_a_link_that_does_not_say_which_synapse_reads_which_value():
    source, three = SpikeGeneratorGroup(2, [], [] * ms), NeuronGroup(3, "DA : 1")
    with pytest.raises(UserError, match="has 3 values for 2 target neurons"):
        DOPAMINE.synapses(source, third_factors={"D": three.DA})
    with pytest.raises(UserError, match="a part of a group cannot be told from the whole"):
        DOPAMINE.synapses(source, third_factors={"D": three[1:2].DA})
    with pytest.raises(UserError, match="no pathway, for a delay, called 'slow'"):
        bc.rule("stdp").synapses(source, delay={"slow": 1 * ms})
