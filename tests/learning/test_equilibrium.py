"""Equilibrium propagation against recorded numbers of published code, against a direct computation, and what is refused."""

import numpy as np
import pytest

from brian2chip.cli import main
from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.equilibrium import verify
from brian2chip.learning.equilibrium.network import spec_of
from brian2chip.learning.equilibrium.program import DT, Program
from brian2chip.learning.equilibrium.schedule import Step, presentation

RATE, SYMMETRIC = (verify.DATA / name for name in verify.FILES)
SIGMOID = lambda x: 1 / (1 + np.exp(-4 * (x - 0.5)))  # noqa: E731


def test_the_first_update_of_ep_is_the_recorded_one():
    z, config = dict(np.load(RATE)), EquilibriumConfig("prototypical", "sigmoid", 30, 10, 0.1)  # EP-disc-1h of ep_losses.csv
    weights, samples = verify._weights(z, "1h"), StaticSamples(z["X"], target=z["T"])
    steps = presentation(config, 0) + presentation(config, 1, learns=False)
    with session("numpy", dt=DT) as s:
        found = Program(s, spec_of(config, (64, 32, 10), 20)).run(samples, steps, weights, config, (0.08, 0.04))
    losses = [((found.output[end] - z["T"][20 * k : 20 * k + 20]) ** 2).sum() / 40 for k, end in enumerate((29, 69))]
    np.testing.assert_allclose(losses, z["loss_ep1h"][:2], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.output[39], z["ep1h_nudged0"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.weights["w1"], z["W1_1h"] + 0.08 * z["ep1h_dW1"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.weights["w2"], z["W0_1h"] + 0.04 * z["ep1h_dW0"], rtol=0, atol=1e-10)


def relaxed(config, x, target, w, nudges):
    """Return rates after every phase by direct computation of a network with one hidden layer; each phase starts where it says."""
    rho = SIGMOID if config.activation == "sigmoid" else lambda v: np.clip(v, 0, 1)
    slope = lambda v: ((v >= 0) & (v <= 1)).astype(float)  # noqa: E731
    h, o = np.zeros((len(x), len(w["b1"]))), np.zeros((len(x), len(w["b2"])))
    out, kept = [], []
    for beta, steps, start in nudges:
        h, o = (h, o) if start is None else kept[start]
        for _ in range(steps):
            energy = config.dynamics == "energy"
            yh, yo = (rho(h), rho(o)) if energy else (h, o)
            dh, do = x @ w["w1"].T + w["b1"] + yo @ w["w2"], yh @ w["w2"].T + w["b2"]
            pull = beta * (target - o)
            if energy:
                h, o = (np.clip(s + config.step * (-s + slope(s) * d + p), 0, 1) for s, d, p in ((h, dh, 0), (o, do, pull)))
            elif config.dynamics == "inside":
                h, o = rho(dh), rho(do + pull)
            else:
                h, o = rho(dh), rho(do) + pull
        kept.append((h, o))
        out.append((rho(h), rho(o)) if config.dynamics == "energy" else (h, o))
    return out


@pytest.mark.parametrize(
    "config",
    [
        EquilibriumConfig("inside", "sigmoid", 6, 4, 0.3, symmetric=True),
        EquilibriumConfig("energy", "hard_sigmoid", 8, 3, 0.5, 0.2),
        EquilibriumConfig("prototypical", "sigmoid", 5, 3, 0.2, continual=True),
    ],
    ids=["symmetric", "energy", "continual"],
)
def test_gradients_are_those_of_a_direct_computation(config):
    rng, batch = np.random.default_rng(2), 3
    shapes = {"w1": (4, 5), "b1": (4,), "w2": (2, 4), "b2": (2,)}
    weights = {name: rng.uniform(-0.5, 0.5, shape) for name, shape in shapes.items()}
    x, target = rng.random((batch, 5)), rng.random((batch, 2))
    with session("numpy", dt=DT) as s:
        found = Program(s, spec_of(config, (5, 4, 2), batch)).run(
            StaticSamples(x, target=target), presentation(config, 0), weights, config, (0.1, 0.2)
        )
    scale, w = batch * config.beta, {name: array.copy() for name, array in weights.items()}
    if config.continual:
        states = relaxed(config, x, target, w, [(0, config.free, None)])
        for _ in range(config.nudged):  # the weights change between two steps, so each is a phase of its own
            h, o = states[-1]
            states.append((SIGMOID(x @ w["w1"].T + w["b1"] + o @ w["w2"]), SIGMOID(h @ w["w2"].T + w["b2"]) + config.beta * (target - o)))
            (h0, o0), (h1, o1) = states[-2:]
            w["w1"] += 0.1 * (h1 - h0).T @ x / scale
            w["w2"] += 0.2 * (o1.T @ h1 - o0.T @ h0) / scale
            w["b1"] += 0.1 * (h1 - h0).sum(0) / scale
            w["b2"] += 0.2 * (o1 - o0).sum(0) / scale
    else:
        phases = [(0, config.free, None), (config.beta, config.nudged, None)]
        if config.symmetric:
            phases = [phases[0], (-config.beta, config.nudged, 0), (config.beta, config.nudged, 0)]
            scale *= 2
        *_, (h0, o0), (h1, o1) = relaxed(config, x, target, w, phases)
        w["w1"] += 0.1 * (h1 - h0).T @ x / scale
        w["w2"] += 0.2 * (o1.T @ h1 - o0.T @ h0) / scale
        w["b1"] += 0.1 * (h1 - h0).sum(0) / scale
        w["b2"] += 0.2 * (o1 - o0).sum(0) / scale
    for name, expected in w.items():
        np.testing.assert_allclose(found.weights[name], expected, rtol=0, atol=1e-12)


def test_the_schedule_says_when_states_are_kept_and_weights_change():
    one = presentation(EquilibriumConfig(free=2, nudged=2), 7)
    assert one == [Step(7, begins=1), Step(7), Step(7, 1, keeps=1), Step(7, 1, learns=1)]
    both = presentation(EquilibriumConfig(free=1, nudged=1, symmetric=True), 0)
    assert both == [Step(0, begins=1), Step(0, -1, stores=1), Step(0, 1, restores=1, keeps=1, learns=1)]


def test_configurations_are_read_from_words():
    kind, size, config, rates = verify.configuration("EP-cont-2h hardsigm dt0.2 T400 K40 beta0.5 lr .01 .1 .4 clamp")
    assert (kind, size, rates) == ("epcont", "2h", [0.4, 0.1, 0.01])
    assert config == EquilibriumConfig("energy", "hard_sigmoid", 400, 40, 0.5, 0.2)


@pytest.mark.slow
def test_all_recorded_numbers_are_met():
    assert main(["verify", "ep"]) == 0


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"beta": 0.0}, "beta was given as 0.0"),
        ({"free": 0}, "the free phase was given as 0 steps"),
        ({"symmetric": True, "continual": True}, "choose one of them"),
        ({"dynamics": "energi"}, "did you mean 'energy'"),
        ({"step": 2.0}, "above 0 and at most 1"),
    ],
)
def test_a_configuration_that_cannot_be_is_one_sentence(change, sentence):
    with pytest.raises(UserError, match=sentence):
        EquilibriumConfig(**change)
