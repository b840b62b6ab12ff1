"""Replicas of networks give what each network gives alone, spike for spike."""

from dataclasses import replace

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation import reference_simulator, replicas
from brian2chip.translation.evaluate import counts, decisions
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.replicas import replicated

N, STEPS = 6, 30


def network(seed, output="li", kind="lif"):
    """Two inputs populations, recurrence with a delay of three steps, and an output; all constants differ between neurons."""
    r = np.random.default_rng(seed)
    each = lambda size: {"tau_m": 0.02 * r.uniform(0.7, 1.3, size), "v_threshold": r.uniform(0.3, 0.5, size)}  # noqa: E731
    more = {"tau_a": 0.1, "beta": 0.2} if kind == "alif" else {"refractory": 0.003 * r.uniform(0.5, 2, 12), "bias": 0.02, "reset": "zero"}
    out = Population("out", "li", 3, {"tau_m": 0.02 * r.uniform(0.7, 1.3, 3)}) if output == "li" else Population("out", "lif", 3, each(3))
    return SpikingNetwork(
        (Population("in", "input", 4), Population("more", "input", 3), Population("rec", kind, 12, each(12) | more), out),
        (
            Projection("in", "rec", r.normal(0.1, 0.4, (4, 12)), 1),
            Projection("more", "rec", r.normal(0.1, 0.4, (3, 12))),
            Projection("rec", "rec", r.normal(0, 0.2, (12, 12)), 3),
            Projection("rec", "out", r.normal(0, 0.4, (12, 3))),
        ),
        1e-3,
    )


def samples(seed=0, n=N, target=None):
    r = np.random.default_rng(seed)
    return Samples.from_dense(
        r.random((n, STEPS, 7)) < 0.2, np.arange(STEPS) >= 10, label=r.integers(3, size=n) if target is None else None, target=target
    )


def check(nets, given, ran):
    for k, net in enumerate(nets):
        own = given[k] if isinstance(given, list) else given
        alone = float_run(net, own, device="numpy")
        np.testing.assert_array_equal(ran.spikes["rec"][k], counts(alone, "rec", 12, np.ones(STEPS, bool)).sum(axis=0))
        assert ran.spikes["rec"][k].sum() > 50
        if "out" in alone.readout:
            np.testing.assert_allclose(ran.score[k], alone.readout["out"][:, own.mask].sum(axis=1), rtol=1e-12, atol=1e-12)
        else:
            np.testing.assert_array_equal(ran.score[k], counts(alone, "out", 3, own.mask))
        np.testing.assert_array_equal(ran.score[k].argmax(axis=1), decisions(net, alone, own.mask))


@pytest.mark.parametrize("output,kind", [("li", "lif"), ("lif", "lif"), ("li", "alif")])
def test_each_does_what_it_does_alone(output, kind):
    """Five networks, three at a time, so that the second start has an idle replica; then two with other samples, of another number."""
    nets = [network(k, output, kind) for k in range(5)]
    with replicated(nets[0], samples(), 3, device="numpy") as run:
        first, second = run(nets, samples()), run(nets[:2], samples(1, n=4))
    check(nets, samples(), first)
    check(nets[:2], samples(1, n=4), second)


def test_spikes_between_and_after_samples_do_not_count():
    """Neurons that their bias makes fire at every step do so in the steps between samples, too, and in the one after the last."""
    nets = []
    for k in range(2):
        net = network(k)
        rec = net.population("rec")
        rec = replace(rec, parameters={**rec.parameters, "bias": 5.0, "refractory": 0.0})
        nets.append(replace(net, populations=tuple(rec if p.name == "rec" else p for p in net.populations)))
    with replicated(nets[0], samples(), 2, device="numpy") as run:
        ran = run(nets, samples())
    check(nets, samples(), ran)
    assert ran.spikes["rec"].max() == N * STEPS


def test_a_compiled_program_does_the_same_and_takes_samples_in_pieces(monkeypatch):
    monkeypatch.setattr(replicas, "TABLE", 4 * (STEPS + 2) * 7)  # four samples at a time
    nets = [network(k) for k in range(5)]
    with replicated(nets[0], samples(), 3, device="cpp_standalone") as run:
        ran = run(nets, samples())
    check(nets, samples(), ran)


def test_inputs_of_their_own():
    nets, own = [network(k) for k in range(4)], [samples(k) for k in range(4)]
    with replicated(nets[0], own[0], 3, own_inputs=True, device="numpy") as run:
        ran = run(nets, own[0], own)
    check(nets, own, ran)


def test_targets_give_squared_errors():
    target = np.random.default_rng(5).normal(size=(N, STEPS, 3))
    nets, given = [network(k) for k in range(3)], samples(target=target)
    with replicated(nets[0], given, 2, device="numpy") as run:
        ran = run(nets, given)
    for k, net in enumerate(nets):
        error = (float_run(net, given, device="numpy").readout["out"] - target)[:, given.mask]
        np.testing.assert_allclose(ran.score[k], np.sum(error**2, axis=1), rtol=1e-12)


def test_how_many_run_at_once():
    assert replicas.at_once(network(0)) == replicas.SYNAPSES // (4 * 12 + 3 * 12 + 12 * 12 + 12 * 3)
    assert reference_simulator.TABLE >= 1 << 20


@pytest.mark.parametrize(
    "change,sentence",
    [
        (lambda s: replace(s, n_in=8), "8 channels and the network 7 inputs"),
        (lambda s: replace(s, label=None, target=np.zeros((N, STEPS, 2))), "2 targets and the network 3 outputs"),
    ],
)
def test_samples_that_do_not_fit(change, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        with replicated(network(0), change(samples()), 2, device="numpy"):
            pass


def test_targets_need_a_readout_and_samples_of_one_size():
    with pytest.raises(bc.UserError, match="'out' spikes and has no readout"):
        with replicated(network(0, "lif"), samples(target=np.zeros((N, STEPS, 3))), 2, device="numpy"):
            pass
    short = Samples.from_dense(np.zeros((2, 9, 7), bool), np.ones(9, bool), label=[0, 1])
    with (
        replicated(network(0), samples(), 2, device="numpy") as run,
        pytest.raises(bc.UserError, match="9 steps and 7 channels .* 30 steps"),
    ):
        run([network(0)], short)
