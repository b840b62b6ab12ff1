"""The float simulator against a NumPy loop; spike-train distances against closed forms."""

import numpy as np
import pytest
from translation_networks import oracle, recurrent, samples_of

from brian2chip.analysis.spike_trains import dense, first_divergence, van_rossum
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.split_signs import split_signs

CASES = [
    {"reset": "subtract"},
    {"reset": "zero", "refractory": 3},
    {"reset": "subtract", "refractory": 3, "delay": 3},
    {"reset": "zero", "delay": 2, "tau_syn": 5e-3, "bias": 0.02},
    {"reset": "subtract", "gain": 0.7},
]


@pytest.mark.parametrize("case", CASES)
def test_float_run_is_the_step_by_step_loop(case):
    net, samples = recurrent(**case)
    z, y = oracle(net, samples.dense())
    run = float_run(net, samples, device="numpy")
    assert np.array_equal(dense(run.spikes["hidden"], 4, 50, 12), z) and z.sum() > 100
    np.testing.assert_allclose(run.readout["out"], y, atol=1e-12)
    assert np.all((run.visited["hidden"]["v_max"] >= 1.0) == z.any(axis=(0, 1)))


def test_float_run_compiled_and_in_chunks(monkeypatch):
    net, samples = recurrent("zero", 2, 3)
    z, _ = oracle(net, samples.dense())
    monkeypatch.setattr("brian2chip.translation.reference_simulator.TABLE", 2 * 52 * 8)
    for device in ("numpy", "cpp_standalone"):
        run = float_run(net, samples, device=device)
        assert np.array_equal(dense(run.spikes["hidden"], 4, 50, 12), z)


def test_split_signs_keeps_the_behaviour():
    net, samples = recurrent()
    pairs, origin = split_signs(net)
    for c in pairs.projections:
        assert not np.any(np.any(c.weight > 0, axis=1) & np.any(c.weight < 0, axis=1))
    whole = float_run(net, samples, device="numpy")
    split = float_run(pairs, samples_of(samples.dense()[..., origin["input"]]), device="numpy")
    sample, t, i = split.spikes["hidden"]
    first = i < 12
    assert all(np.array_equal(a, b) for a, b in zip(whole.spikes["hidden"], (sample[first], t[first], i[first])))
    np.testing.assert_allclose(whole.readout["out"], split.readout["out"], atol=1e-12)


def test_split_signs_keeps_the_broadcast_of_a_trained_network():
    rng = np.random.default_rng(3)
    sizes = {"input": 4, "rec": 5, "out": 2}
    populations = [Population("input", "input", 4), Population("rec", "lif", 5, LIF), Population("out", "li", 2, {"tau_m": 5e-3})]
    projections = [Projection(a, b, rng.normal(size=(sizes[a], sizes[b]))) for a, b in (("input", "rec"), ("rec", "rec"), ("rec", "out"))]
    broadcast = rng.normal(size=(5, 2))
    pairs, origin = split_signs(SpikingNetwork(tuple(populations), tuple(projections), 1e-3, broadcast=broadcast))
    assert len(origin["rec"]) > 5 and np.array_equal(pairs.broadcast, broadcast[origin["rec"]])  # a copy has the errors of its original


def ones(steps=20):
    return Samples.from_dense(np.ones((1, steps, 1), bool), np.ones(steps, bool), label=[0])


LIF = {"tau_m": 5e-3, "v_threshold": 1.0, "reset": "zero"}


def test_two_projections_between_one_pair_add_up():
    """Weights 0.9 and 0.3 onto one neuron of threshold 1: their sum fires in each of 20 steps, each alone does not."""
    populations = (Population("in", "input", 1), Population("h", "lif", 1, LIF))
    both = tuple(Projection("in", "h", np.array([[w]])) for w in (0.9, 0.3))
    assert len(float_run(SpikingNetwork(populations, both, 1e-3), ones(), device="numpy").spikes["h"][0]) == 20


def test_populations_may_have_any_names():
    """Names that a replacement of letters would make equal, and letters that Brian2 does not take."""
    names = ["a.b", "a_b", "\u00e9", "1 lif", "w_0"]
    populations = [Population(names[0], "input", 1), *(Population(name, "lif", 1, LIF) for name in names[1:])]
    projections = tuple(Projection(a, b, np.array([[1.5]])) for a, b in zip(names, names[1:]))
    run = float_run(SpikingNetwork(tuple(populations), projections, 1e-3), ones(), device="numpy")
    assert [len(run.spikes[name][0]) for name in names[1:]] == [20] * 4


def test_loop_without_delay_is_refused():
    two = (Population("a", "lif", 1, {"tau_m": 1.0, "v_threshold": 1.0}), Population("b", "lif", 1, {"tau_m": 1.0, "v_threshold": 1.0}))
    one = np.ones((1, 1))
    net = SpikingNetwork((Population("input", "input", 1), *two), (Projection("a", "b", one), Projection("b", "a", one)), 1e-3)
    with pytest.raises(UserError, match="loop"):
        float_run(net, samples_of(np.ones((1, 3, 1), bool)))


def test_channels_must_agree():
    net, samples = recurrent()
    with pytest.raises(UserError, match="7 channels"):
        float_run(net, samples_of(samples.dense()[..., :7]))


def test_van_rossum_closed_forms():
    # van Rossum 2001: one spike against none sqrt(1/2); two spikes d apart sqrt(1 - exp(-d/tau)).
    a, b = np.zeros((400, 1), bool), np.zeros((400, 1), bool)
    a[5] = True
    np.testing.assert_allclose(van_rossum(a, b, 1e-3, 0.02), np.sqrt(0.5), rtol=1e-12)
    for lag in (1, 7, 60):
        b[:] = False
        b[5 + lag] = True
        np.testing.assert_allclose(van_rossum(a, b, 1e-3, 0.02), np.sqrt(1 - np.exp(-lag / 20)), rtol=1e-12)
    assert van_rossum(a, a, 1e-3, 0.02) == 0
    a[:], b[:] = False, False
    a[-1] = True  # all of its trace lies after the last step
    np.testing.assert_allclose(van_rossum(a, b, 1e-3, 0.02), np.sqrt(0.5), rtol=1e-12)


def test_van_rossum_is_that_of_elephant():
    """Elephant leaves out the factor 1/2 before the integral: one spike against none is 1 there."""
    dissimilarity = pytest.importorskip("elephant.spike_train_dissimilarity")
    import neo
    import quantities as pq

    rng = np.random.default_rng(0)
    a, b = (rng.random((500, 1)) < p for p in (0.03, 0.05))
    trains = [neo.SpikeTrain(np.flatnonzero(x[:, 0]).astype(float), units="ms", t_stop=500.0) for x in (a, b)]
    theirs = dissimilarity.van_rossum_distance(trains, time_constant=20 * pq.ms)[0, 1]
    np.testing.assert_allclose(np.sqrt(2) * van_rossum(a, b, 1e-3, 0.02)[0], theirs, rtol=1e-9)


def test_first_divergence():
    a = np.zeros((2, 9, 3), bool)
    b = a.copy()
    b[1, 4, 2] = b[1, 6, 0] = True
    assert first_divergence(a, b).tolist() == [-1, 4]
