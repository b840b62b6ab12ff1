"""Training in the loop: the gradient against backpropagation in plain NumPy, the forward pass against the reference simulator."""

import dataclasses

import numpy as np
import pytest

from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.resolve import substrate
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.core.substrate import Substrate
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.in_the_loop.program import Program, spec_of
from brian2chip.learning.in_the_loop.settings import Converter, LoopTraining
from brian2chip.learning.in_the_loop.train import _state, evaluate_on_chips, train_in_the_loop
from brian2chip.translation.on_chip import on_chip
from brian2chip.translation.reference_simulator import float_run

N_IN, N_REC, N_OUT, T, DT = 3, 6, 2, 16, 2e-6
READS = Converter(0.0147, -80, 175)
SETTINGS = LoopTraining(batch=4, width=0.1, penalty=0.05)
IDEAL = Substrate("ideal", "this test", jitter=lambda times, p, draws: times)
WRONG = substrate("brainscales2").with_parameters(spread_tau=0.3, spread_threshold=0.3, spread_weight=0.3)


def network(seed=0, **rec):
    rng = np.random.default_rng(seed)
    populations = (
        Population("input", "input", N_IN),
        Population("rec", "lif", N_REC, {"tau_m": 6e-6, "tau_syn": 5e-6, "gain": 0.3, "v_threshold": 1.0, "reset": "zero", **rec}),
        Population("out", "li", N_OUT, {"tau_m": 7e-6, "tau_syn": 4e-6, "gain": 0.25}),
    )
    w_in, w_out = rng.normal(1.2, 1.5, (N_IN, N_REC)), rng.normal(0, 0.6, (N_REC, N_OUT))
    return SpikingNetwork(populations, (Projection("input", "rec", w_in), Projection("rec", "out", w_out)), DT)


def samples(n=4, seed=1):
    rng = np.random.default_rng(seed)
    return Samples.from_dense(rng.random((n, T, N_IN)) < 0.15, np.ones(T, bool), label=rng.integers(0, N_OUT, n))


def one_update(net, chips, own, converter=READS, device="numpy", learning="kept"):
    """Return the outcome of one update, and the gradients, which are ten times Adam's first mean of them."""
    spec = spec_of(net, T, len(chips), len(own), converter, learning)
    with session(device, dt=DT) as s:
        outcome = Program(s, net, chips, spec, SETTINGS).run([own] * len(chips), _state([net] * len(chips)), 1e-3)
    return outcome, {p: outcome.state[f"{p}.m"] / 0.1 for p in ("w_in", "w_out")}


def neurons(population, n):
    """Return factors of membrane and current, gain, threshold of a population, each [n]."""
    p = {name: np.broadcast_to(value, n) for name, value in population.parameters.items() if name != "reset"}
    return np.exp(-DT / p["tau_m"]), np.exp(-DT / p["tau_syn"]), p["gain"], p.get("v_threshold")


def backpropagation(net, real, own, read):
    """Return largest membranes, spikes and mean gradients: forward on the realised network, backward with the nominal one."""
    (a, s, g, th), (ao, so, go, _) = neurons(real.population("rec"), N_REC), neurons(real.population("out"), N_OUT)
    (a0, s0, g0, th0), (ao0, so0, go0, _) = neurons(net.population("rec"), N_REC), neurons(net.population("out"), N_OUT)
    used, w_out = real.weights(), net.weights()["rec->out"]
    bests, counts, G_in, G_out = [], [], 0, 0
    for x, label in zip(own.dense().astype(float), own.label):
        v, c, vo, co = np.zeros(N_REC), np.zeros(N_REC), np.zeros(N_OUT), np.zeros(N_OUT)
        psi, z, y = np.zeros((T, N_REC)), np.zeros((T, N_REC)), np.zeros((T, N_OUT))
        for t in range(T):
            c = s * c + g * (x[t] @ used["input->rec"])
            v = a * v + c
            psi[t] = (1 + np.abs(read(v) - th0) / SETTINGS.width) ** -2.0
            z[t] = v >= th
            v = np.where(z[t] > 0, 0, v)
            co = so * co + go * (z[t] @ used["rec->out"])
            vo = ao * vo + co
            y[t] = read(vo)
        best, when = y.max(0), y.argmax(0)
        p = np.exp(SETTINGS.scale * best)
        error = SETTINGS.scale * (p / p.sum() - np.eye(N_OUT)[label]) + SETTINGS.penalty * SETTINGS.scale**2 * best  # 2/n_out = 1
        gy, gc, gv, gi = np.zeros(N_OUT), np.zeros(N_OUT), np.zeros(N_REC), np.zeros(N_REC)
        for t in reversed(range(T)):
            gy = error * (when == t) + ao0 * gy
            gc = gy + so0 * gc
            G_out = G_out + np.outer(z[t], go0 * gc)
            gv = psi[t] * (w_out @ (go0 * gc)) + a0 * (1 - z[t]) * gv
            gi = gv + s0 * gi
            G_in = G_in + np.outer(x[t], g0 * gi)
        bests.append(best)
        counts.append(z.sum(0))
    return np.array(bests), np.array(counts), {"w_in": G_in / len(own), "w_out": G_out / len(own)}


@pytest.mark.parametrize("converter, learning", [(READS, "kept"), (None, "kept"), (READS, "shown_again"), (None, "shown_again")])
def test_gradient_in_the_loop_is_that_of_backpropagation_with_nominal_constants(converter, learning):
    net, own, chips = network(), samples(), [ChipInstance(WRONG, k) for k in range(2)]
    outcome, gradient = one_update(net, chips, own, converter, learning=learning)
    read = converter.read if converter else lambda v: v
    for k, chip in enumerate(chips):
        best, count, wanted = backpropagation(net, on_chip(net, chip), own, read)
        np.testing.assert_allclose(outcome.best[:, k], best, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(outcome.count[:, k], count)
        assert 0 < count.sum() and (count > 1).any()  # resets matter
        for name in wanted:
            assert np.abs(wanted[name]).max() > 1e-3
            np.testing.assert_allclose(gradient[name][k], wanted[name], rtol=1e-9, atol=1e-12)
        _, _, own_constants = backpropagation(on_chip(net, chip), on_chip(net, chip), own, read)
        assert not np.allclose(own_constants["w_in"], wanted["w_in"], rtol=0.01)  # the two ways backward differ


def test_one_showing_and_two_learn_the_same():
    net, own, chips = network(), samples(8), [ChipInstance(WRONG, 3)]
    how = {"converter": READS, "device": "numpy"}
    once, twice = (train_in_the_loop([net], chips, own, settings=LoopTraining(epochs=1, batch=4, showings=n), **how) for n in (1, 2))
    for name, w in once.networks[0].weights().items():
        assert np.abs(w - net.weights()[name]).max() > 1e-3
        np.testing.assert_allclose(twice.networks[0].weights()[name], w, rtol=1e-9, atol=1e-12)
    assert twice.history.spikes.tolist() == once.history.spikes.tolist()


@pytest.mark.slow
def test_compiled_gradient_is_the_interpreted_one():
    net, own, chips = network(), samples(), [ChipInstance(WRONG, 3)]
    (a, of_a), (b, of_b) = one_update(net, chips, own), one_update(net, chips, own, device="cpp_standalone")
    np.testing.assert_allclose(a.best, b.best, rtol=1e-12)
    for name in of_a:
        np.testing.assert_allclose(of_a[name], of_b[name], rtol=1e-9, atol=1e-12)


def test_gradient_of_the_readout_is_the_slope_of_the_loss():
    """Central differences: the readout's weights reach the loss without any threshold."""
    net, own, w = network(), samples(), network().weights()

    def loss(change, k, j):
        moved = w["rec->out"].copy()
        moved[k, j] += change
        changed = net.with_weights({**w, "rec->out": moved})
        best = backpropagation(changed, changed, own, lambda v: v)[0]
        score = SETTINGS.scale * best
        entropy = np.log(np.exp(score).sum(1)) - score[np.arange(len(own)), own.label]
        return np.mean(entropy + SETTINGS.penalty * (score**2).mean(1))

    _, gradient = one_update(net, [ChipInstance(IDEAL)], own, None)
    slope = [[(loss(1e-6, k, j) - loss(-1e-6, k, j)) / 2e-6 for j in range(N_OUT)] for k in range(N_REC)]
    np.testing.assert_allclose(gradient["w_out"][0], slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("reset, learning", [("zero", "kept"), ("subtract_at_once", "shown_again"), ("zero", None)])
def test_forward_pass_is_that_of_the_reference_simulator(reset, learning):
    net, own, chip = network(2, reset=reset), samples(5, 4), ChipInstance(WRONG, 1)
    with session("numpy", dt=DT) as s:
        outcome = Program(s, net, [chip], spec_of(net, T, 1, 5, None, learning), SETTINGS).run([own], _state([net]), 0.0)
    run = float_run(on_chip(net, chip), own, device="numpy")
    np.testing.assert_allclose(outcome.best[:, 0], run.readout["out"].max(1), rtol=1e-9, atol=1e-12)
    assert outcome.count.sum() == len(run.spikes["rec"][0]) > 0
    assert outcome.state["updates"] == 0
    np.testing.assert_array_equal(outcome.state["w_in.w"][0], net.weights()["input->rec"])  # nothing was learned


def test_real_weights_are_kept_beside_those_of_the_chip_and_seeds_repeat():
    net, own = network(), samples(8)
    how = {"settings": LoopTraining(epochs=2, batch=4), "converter": READS, "device": "numpy"}
    chip = ChipInstance(WRONG, 0)
    a, b = (train_in_the_loop([net], [chip], own, seeds=[5], **how) for _ in range(2))
    other = train_in_the_loop([net], [chip], own, seeds=[6], **how)
    w = a.networks[0].weights()["input->rec"]
    np.testing.assert_array_equal(w, b.networks[0].weights()["input->rec"])
    assert not np.array_equal(w, other.networks[0].weights()["input->rec"])
    change = np.abs(w - net.weights()["input->rec"])
    assert 0 < change.max() <= 4.5 * 2e-3  # four updates of Adam at 2e-3; less than a code, 1/66.39, is kept
    code = WRONG.numbers()["weight_scale"] * w
    assert np.abs(code - np.rint(code)).max() > 0.05
    assert list(a.history.epoch) == [1, 2] and a.history.accuracy.between(0, 1).all()


def test_chips_in_one_program_learn_as_they_do_alone():
    net, own, chips = network(), samples(8), [ChipInstance(WRONG, k) for k in range(3)]
    how = {"settings": LoopTraining(epochs=1, batch=4), "converter": READS, "device": "numpy"}
    together = train_in_the_loop([net] * 3, chips, own, seeds=[1, 2, 3], **how).networks
    alone = train_in_the_loop([net], chips[2:], own, seeds=[3], **how).networks[0]
    for name, w in alone.weights().items():
        np.testing.assert_allclose(together[2].weights()[name], w, rtol=1e-12)
    table = evaluate_on_chips(together, chips, own, converter=READS, device="numpy")
    last = evaluate_on_chips([alone], chips[2:], own, converter=READS, device="numpy")
    assert table.iloc[2].tolist() == pytest.approx(last.iloc[0].tolist())


def _changed(name, **parameters):
    net = network()
    return dataclasses.replace(
        net,
        populations=tuple(
            dataclasses.replace(p, parameters={**p.parameters, **parameters}) if p.name == name else p for p in net.populations
        ),
    )


@pytest.mark.parametrize(
    "given, said",
    [
        (lambda: LoopTraining(epochs=0), "epochs of a training in the loop was given as 0"),
        (lambda: LoopTraining(showings=3), "showings of a training in the loop was given as 3; give 1 or 2"),
        (lambda: LoopTraining(width=0.0), "width of a training in the loop was given as 0.0; it must be positive"),
        (lambda: Converter(0.0, -1, 1), "a converter of steps 0.0"),
        (lambda: train_in_the_loop([network()], [], samples()), "1 networks were given for 0 chips"),
        (lambda: train_in_the_loop([network()], [ChipInstance(WRONG)], samples(4)), "4 samples were given, and a batch has 75"),
        (lambda: train_in_the_loop([network()], [ChipInstance(WRONG)], samples(80), seeds=[1, 2]), "2 seeds were given for 1 chips"),
        (lambda: evaluate_on_chips([network()], [ChipInstance(WRONG)], samples(0)), "needs labelled samples, at least one"),
        (lambda: evaluate_on_chips([network()], [ChipInstance(IDEAL)], samples()), "'ideal' lets times of spikes jitter"),
        (lambda: spec_of(_changed("rec", refractory=4e-6), T, 1, 1, None), "without refractory"),
        (lambda: spec_of(_changed("rec", tau_m=np.full(N_REC, 6e-6)), T, 1, 1, None), "tau_m of 'rec' differ between neurons"),
    ],
)  # fmt: skip
def test_wrong_input_is_said_in_one_sentence(given, said):
    with pytest.raises(UserError) as error:
        given()
    assert said in str(error.value)
