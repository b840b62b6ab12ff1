"""Limits and constraints: what is counted, by connection and never by the order of populations; each with its own sentence."""

from dataclasses import replace

import numpy as np
import pytest

from brian2chip.chips import limits
from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.connections import closing_a_loop, depth
from brian2chip.chips.constraints import refusals
from brian2chip.chips.field import MEMBRANE, STEPS, Field
from brian2chip.core.registry import get
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError

WEIGHT, THRESHOLD = Field("w", 8, signed=True, unit=MEMBRANE), Field("thr", 12, unit=MEMBRANE)
CHIP = Chip("any", "", "", (WEIGHT, THRESHOLD), {"weight": "w", "v_threshold": "thr"}, kinds=("if",))


def chained(sizes, order=None, kind="if", **parameters):
    """Return a chain of fully connected populations ``a``, ``b``, ...; ``order`` is how they are listed."""
    names = "abcdefghij"[: len(sizes)]
    populations = {
        name: Population(name, "input" if k == 0 else kind, size, {} if k == 0 else {"v_threshold": 1.0, "reset": "zero", **parameters})
        for k, (name, size) in enumerate(zip(names, sizes))
    }
    projections = tuple(Projection(a, b, np.ones((m, n))) for a, b, m, n in zip(names, names[1:], sizes, sizes[1:]))
    return SpikingNetwork(tuple(populations[name] for name in order or names), projections, 1e-3)


@pytest.mark.parametrize(
    "limit, need",
    [
        (limits.inputs, 3),
        (limits.neurons, 4 + 5 + 2),
        (limits.outputs, 2),
        (limits.addresses, 3 + 4 + 5 + 2),
        (limits.fan_in, 5),
        (limits.synapses, 3 * 4 + 4 * 5 + 5 * 2),
        (limits.layers, 3),
    ],
)
def test_what_a_limit_counts(limit, need):
    net = chained([3, 4, 5, 2])
    assert limit(need).needed(net, CHIP) == need
    assert not list(limit(need)(net, CHIP))
    (sentence,) = limit(need - 1)(net, CHIP)
    assert sentence == f"the network needs {need} {limit(0).resource}, any has {need - 1}; make it smaller."


def test_addresses_of_inputs_are_reused_where_no_neuron_sends():
    assert limits.addresses(0).needed(chained([30, 4]), CHIP) == 30
    assert limits.addresses(0).needed(chained([4, 30]), CHIP) == 30


def test_readouts_do_not_count_where_the_chip_has_its_own():
    leak = LeakLaw("w", "exponential", value=lambda a: a, factor=lambda a: a)
    assert limits.neurons(0).needed(chained([3, 4, 2]), replace(CHIP, readout_leak=leak)) == 4


def test_fan_in_is_the_sum_over_projections_and_synapses_are_those_that_are_not_zero():
    net = chained([3, 4])
    weight = np.ones((3, 4))
    weight[0, 1:] = 0
    recurrent = Projection("b", "b", np.eye(4), 1)
    net = replace(net, projections=(replace(net.projections[0], weight=weight), recurrent))
    assert limits.fan_in(0).needed(net, CHIP) == 3 + 1 and limits.synapses(0).needed(net, CHIP) == 9 + 4


def test_layers_are_the_longest_path_not_the_populations():
    net = chained([3, 4, 5, 2])
    parallel = (*net.populations, Population("e", "if", 4, {"v_threshold": 1.0, "reset": "zero"}))
    beside = Projection("a", "e", np.ones((3, 4))), Projection("e", "d", np.ones((4, 2)))
    net = replace(net, populations=parallel, projections=(*net.projections, *beside))
    assert depth(net) == 3
    loop = Projection("c", "b", np.ones((5, 4)), 1), Projection("d", "d", np.ones((2, 2)), 1)
    assert depth(replace(net, projections=(*net.projections, *loop))) == depth(replace(net, projections=(*loop, *net.projections))) == 3
    assert depth(replace(net, projections=())) == 1


@pytest.mark.parametrize("order", ["abcd", "dcba", "cabd"])
def test_the_order_of_populations_is_no_direction(order):
    assert depth(chained([3, 4, 5, 2], order)) == 3
    assert not closing_a_loop(chained([3, 4, 5, 2], order))
    assert not refusals(chained([3, 4, 5, 2], order), get("chip", "speck2f"))


@pytest.mark.parametrize("ends", [("c", "b"), ("b", "b"), ("d", "b")])
@pytest.mark.parametrize("order", ["abcd", "dcba", "bdca"])
def test_a_connection_that_closes_a_loop_runs_backwards(ends, order):
    net = chained([3, 4, 5, 2], order)
    sizes = {p.name: p.size for p in net.populations}
    back = Projection(*ends, np.ones([sizes[name] for name in ends]), 1)
    net = replace(net, projections=(back, *net.projections))
    assert closing_a_loop(net) == [ends]
    sentence = f"the projection {ends[0]!r} -> {ends[1]!r} runs backwards, speck2f is feed-forward only; remove it."
    assert refusals(net, get("chip", "speck2f")) == (sentence,)


def test_synapses_of_speck_are_compared_with_the_sum():
    """Two projections of 40,000 synapses each; the chip's largest core holds 65,536."""
    net = chained([200, 200, 200])
    assert refusals(net, get("chip", "speck2f")) == ("the network needs 80000 synapses, speck2f has 65536; make it smaller.",)
    assert not refusals(chained([200, 200, 100]), get("chip", "speck2f"))


SENTENCES = {
    "is of kind 'alif', any has if; train it with one of these.": dict(kind="alif", tau_m=0.02, tau_a=0.1, beta=0.1),
    "resets by 'subtract', any by 'zero'; train it with that reset, or read its NIR file with --reset.": dict(reset="subtract"),
    "resets to another value than 0, any cannot; shift its membrane so that it resets to 0.": dict(v_reset=0.1),
    "is refractory for 4 steps, any has none; train it without.": dict(refractory=4e-3),
    "has thresholds of 0 or below, which would fire at every step on any; give positive ones.": dict(v_threshold=0.0),
    "has a resting potential or bias, any rests at 0; fold it into the threshold or an input.": dict(bias=0.1),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_every_chip_is_asked_of_its_neurons(sentence):
    assert refusals(chained([3, 2], **SENTENCES[sentence]), CHIP) == (f"population 'b' {sentence}",)
    assert not refusals(chained([3, 2]), CHIP)


def test_what_every_chip_is_asked_of_its_projections():
    net = chained([3, 2])
    late = replace(net, projections=(replace(net.projections[0], delay_steps=2),))
    assert refusals(late, CHIP) == ("the projection 'a' -> 'b' has a delay of 2 steps, any has at most 1.",)
    assert not refusals(replace(net, projections=(replace(net.projections[0], delay_steps=1),)), CHIP)
    twice = replace(net, projections=net.projections * 2)
    assert refusals(twice, CHIP) == ("there are 2 projections 'a' -> 'b', any has one synapse for each pair; merge them.",)
    mixed = replace(net, projections=(replace(net.projections[0], weight=np.array([[1.0, -1], [1, 1], [-1, 0]])),))
    assert not refusals(mixed, CHIP)
    (sentence,) = refusals(mixed, replace(CHIP, sign="pre"))
    assert sentence.startswith("1 of the 3 neurons of 'a' excite some targets and inhibit others") and "split_signs" in sentence


def test_fields_say_how_long_delays_and_refractoriness_may_be():
    fields = (*CHIP.fields, Field("delay", 3, unit=STEPS), Field("wait", 2, scale=2.0, unit=STEPS))
    chip = replace(CHIP, fields=fields, roles={**CHIP.roles, "delay": "delay", "refractory": "wait"})
    for steps, fits in ((7, True), (8, False)):
        net = chained([3, 2])
        net = replace(net, projections=(replace(net.projections[0], delay_steps=steps),))
        assert (refusals(net, chip) == ()) is fits
    assert not refusals(chained([3, 2], refractory=6e-3), chip)
    assert refusals(chained([3, 2], refractory=7e-3), chip) == (
        "population 'b' is refractory for 7 steps, any has at most 6; train it without.",
    )


@pytest.mark.parametrize(
    "change, sentence",
    [
        (dict(kinds=("lfi",)), "no neuron kind 'lfi'"),
        (dict(resets=("subtracts",)), "no reset 'subtracts'"),
        (dict(sign="post"), "no carrier of the sign 'post'"),
        (dict(roles={"wieght": "w"}), "no role of a field 'wieght'"),
        (dict(roles={"weight": "v"}), "no field of any called 'v'"),
        (dict(fields=(WEIGHT, WEIGHT)), "several fields called 'w'"),
    ],
)
def test_a_chip_names_only_what_there_is(change, sentence):
    with pytest.raises(UserError, match=sentence):
        replace(CHIP, **change)


@pytest.mark.parametrize(
    "change, sentence",
    [
        (dict(rounding="up"), "no rounding 'up'"),
        (dict(shared="row"), "no owner of a field called 'row'"),
        (dict(bits=0), "at least one bit"),
        (dict(scale=0.0), "a positive scale"),
    ],
)
def test_a_field_names_only_what_there_is(change, sentence):
    with pytest.raises(UserError, match=sentence):
        replace(WEIGHT, **change)
    with pytest.raises(UserError, match="no kind of leak 'slow'"):
        LeakLaw("w", "slow", value=lambda a: a, factor=lambda a: a)


def for_reckon(kind="lif", tau_out=20e-3, **parameters):
    hidden = {"tau_m": 20e-3, "v_threshold": 1.0, **parameters}
    return SpikingNetwork(
        (Population("in", "input", 4), Population("h", kind, 6, hidden), Population("out", "li", 2, {"tau_m": tau_out})),
        (Projection("in", "h", np.ones((4, 6))), Projection("h", "h", np.ones((6, 6)), 1), Projection("h", "out", np.ones((6, 2)))),
        1e-3,
    )


def test_one_wrong_thing_is_one_sentence_on_reckon():
    adaptive = refusals(for_reckon("alif", tau_a=1.0, beta=0.1, refractory=3e-3, bias=0.1), get("chip", "reckon"))
    assert len(adaptive) == 1 and "of kind 'alif'" in adaptive[0]
    linear = refusals(for_reckon(tau_out=1e-6), get("chip", "reckon"))
    assert len(linear) == 1 and "keeps nothing from one step to the next" in linear[0]
    assert refusals(for_reckon(), get("chip", "reckon")) == ()
