"""A spiking network as data: what it refuses, its weights, and its file."""

import json

import numpy as np
import pytest

from brian2chip.core.npz import read_npz, write_npz
from brian2chip.core.spiking_network import FORMAT, Population, Projection, SpikingNetwork
from brian2chip.errors import UserError

LIF = {"tau_m": np.array([10e-3, 20e-3, 30e-3]), "v_threshold": 1.0, "reset": "zero"}
POPULATIONS = (Population("in", "input", 2), Population("hidden", "lif", 3, LIF))
WEIGHT = np.arange(6.0).reshape(2, 3)


PROJECTIONS = (Projection("in", "hidden", WEIGHT, 1),)


def network(populations=POPULATIONS, projections=PROJECTIONS, dt=1e-3) -> SpikingNetwork:
    return SpikingNetwork(tuple(populations), tuple(projections), dt, {"task": "test", "seed": 3})


@pytest.mark.parametrize("dt", [0.0, -1e-3, np.nan, np.inf])
def test_the_step_must_be_positive(dt):
    with pytest.raises(UserError, match="must be positive"):
        network(dt=dt)


@pytest.mark.parametrize(
    ("populations", "words"),
    [
        ((Population("in", "input", 2), Population("in", "input", 3)), "different names"),
        ((Population("in", "input", 0), POPULATIONS[1]), "size 0"),
        ((Population("in", "input", 1.5), POPULATIONS[1]), "size 1.5"),
        ((POPULATIONS[0], Population("hidden", "lif", 3, {**LIF, "v_threshold": np.ones(2)})), r"shape \(2,\); give one number or 3"),
        ((POPULATIONS[0], Population("hidden", "lif", 3, {**LIF, "v_threshold": np.nan})), "not finite"),
        ((POPULATIONS[0], Population("hidden", "lif", 3, {**LIF, "tau_m": np.array([1.0, np.inf, 1.0])})), "not finite"),
    ],
)
def test_populations_that_cannot_be_are_refused(populations, words):
    with pytest.raises(UserError, match=words):
        network(populations)


@pytest.mark.parametrize(
    ("projection", "words"),
    [
        (Projection("im", "hidden", WEIGHT), "did you mean 'in'"),
        (Projection("in", "hiden", WEIGHT), "did you mean 'hidden'"),
        (Projection("in", "hidden", WEIGHT.T), r"shape \(3, 2\); the populations need \(2, 3\)"),
        (Projection("in", "hidden", WEIGHT + np.inf), "not finite"),
        (Projection("in", "hidden", WEIGHT, -1), "-1 steps"),
        (Projection("in", "hidden", WEIGHT, 0.5), "0.5 steps"),
    ],
)
def test_projections_that_cannot_be_are_refused(projection, words):
    with pytest.raises(UserError, match=words):
        network(projections=(projection,))


def test_weights_between_two_populations_add_up_and_are_zero_without_a_projection():
    net = network(projections=(Projection("in", "hidden", WEIGHT), Projection("in", "hidden", 2 * WEIGHT, 1)))
    assert np.array_equal(net.weight("in", "hidden"), 3 * WEIGHT)
    assert net.weight("hidden", "in").shape == (3, 2) and not net.weight("hidden", "in").any()
    assert net.population("hidden").size == 3
    with pytest.raises(UserError, match="did you mean 'hidden'"):
        net.population("hiden")


def test_a_file_gives_the_network_back(tmp_path):
    read = SpikingNetwork.load(network().save(tmp_path / "net.npz"))
    assert [(p.name, p.kind, p.size) for p in read.populations] == [("in", "input", 2), ("hidden", "lif", 3)]
    assert np.array_equal(read.population("hidden").parameters["tau_m"], LIF["tau_m"])
    assert {k: v for k, v in read.population("hidden").parameters.items() if k != "tau_m"} == {"v_threshold": 1.0, "reset": "zero"}
    assert read.population("in").parameters == {} and (read.dt, read.provenance) == (1e-3, {"task": "test", "seed": 3})
    (projection,) = read.projections
    assert (projection.source, projection.target, projection.delay_steps) == ("in", "hidden", 1)
    assert np.array_equal(projection.weight, WEIGHT) and projection.weight.dtype == float


def test_scalar_parameters_of_numpy_are_saved_as_numbers(tmp_path):
    net = network((POPULATIONS[0], Population("hidden", "lif", 3, {"tau_m": np.float64(0.02), "v_threshold": np.float32(1)})))
    head, _ = read_npz(net.save(tmp_path / "net.npz"), FORMAT, "network")
    assert head["populations"][1]["parameters"] == {"tau_m": 0.02, "v_threshold": 1.0}


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(UserError, match="not brian2chip.SpikingNetwork/1"):
        SpikingNetwork.load(write_npz(tmp_path / "a.npz", {"head": np.array(json.dumps({"format": "other"}))}))
    with pytest.raises(UserError, match="there is no network file"):
        SpikingNetwork.load(tmp_path / "none.npz")
