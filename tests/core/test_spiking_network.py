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


class Tensor:
    """Like a tensor of torch: NumPy reads it, unless it has a gradient."""

    def __init__(self, values, gradient=False):
        self.values, self.gradient = np.asarray(values), gradient

    def __array__(self, dtype=None, copy=None):
        if self.gradient:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.values


def test_weights_may_be_any_array_that_numpy_reads():
    for weight in (WEIGHT.tolist(), Tensor(WEIGHT), WEIGHT.astype(np.float32), WEIGHT.astype(int)):
        (projection,) = network(projections=(Projection("in", "hidden", weight),)).projections
        assert isinstance(projection.weight, np.ndarray) and np.array_equal(projection.weight, WEIGHT)
    for weight in (Tensor(WEIGHT, gradient=True), [[1, 2], [3]], WEIGHT + 0j, WEIGHT > 0, WEIGHT.astype(str), None, 1e300 * (WEIGHT + 1)):
        with pytest.raises(UserError, match="the weights from 'in' to 'hidden'"):
            network(projections=(Projection("in", "hidden", weight),))


HOSTILE = [
    "__import__('os').system('true')",
    "> 0 or True",
    ">=\nz = 1",
    "v > v_th; import os",
    "",
    "x" * 10_000,
    "../up",
    None,
    3,
    ["zero"],
    ">=\0",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_that_reach_an_equation_are_of_a_closed_set(tmp_path, text):
    """In a file as in an object: comparison, reset, kind, and the names of parameters."""
    changes = [("parameters", {**{k: 1.0 for k in ("tau_m", "v_threshold")}, name: text}) for name in ("fires", "reset")]
    changes += [("kind", text), ("parameters", {"tau_m": 1.0, "v_threshold": 1.0, str(text): 1.0})]
    for member, value in changes:
        whole = {"name": "hidden", "kind": "lif", "size": 3, "parameters": {"tau_m": 1.0, "v_threshold": 1.0}, member: value}
        with pytest.raises(UserError) as error:
            network((POPULATIONS[0], Population(**whole)))
        assert "\n" not in str(error.value) and len(str(error.value)) < 500
        head = {"format": FORMAT, "dt": 1e-3, "provenance": {}, "populations": [whole], "projections": []}
        with pytest.raises(UserError, match="hostile.npz"):
            SpikingNetwork.load(write_npz(tmp_path / "hostile.npz", {"head": np.array(json.dumps(head))}))


@pytest.mark.parametrize("name", ["", "a/b", "..\\b", "a\nb", "\x1b[31m", "x" * 201, 3, None, "a\0"])
def test_names_that_cannot_stand_in_a_table_or_a_path(name):
    with pytest.raises(UserError, match="its name must be"):
        network((POPULATIONS[0], Population(name, "lif", 3, LIF)), projections=())


def test_names_that_look_alike_are_different_names():
    populations = [Population(name, "lif", 1, {"tau_m": 0.02, "v_threshold": 1.0}) for name in ("a.b", "a_b", "\u00e9", "1")]
    assert len(network(populations, projections=()).populations) == 4


def changed(tmp_path, change):
    """Return the path of a saved network whose head and arrays a function has changed."""
    head, arrays = read_npz(network().save(tmp_path / "net.npz"), FORMAT, "network")
    change(head, arrays)
    return write_npz(tmp_path / "net.npz", {"head": np.array(json.dumps(head)), **arrays})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda h, a: h.pop("dt"), "'dt'"),
        (lambda h, a: h.update(dt="1"), "at dt"),
        (lambda h, a: h.update(dt=0), "the time step"),
        (lambda h, a: h.update(extra=1), "'extra'"),
        (lambda h, a: h["populations"][0].update(size=2.0), "populations/0/size"),
        (lambda h, a: h["populations"][0].update(size=10**12), "size 1000000000000"),
        (lambda h, a: h["populations"][1]["parameters"].update(gain=None), "populations/1/parameters/gain"),
        (lambda h, a: h["populations"][1]["parameters"].update(gain=True), "populations/1/parameters/gain"),
        (lambda h, a: h["projections"][0].update(delay_steps=True), "projections/0/delay_steps"),
        (lambda h, a: h["projections"][0].update(delay_steps=10**9), "the delay"),
        (lambda h, a: h["projections"].append(h["projections"][0]), "no weight_1"),
        (lambda h, a: a.pop("weight_0"), "no weight_0"),
        (lambda h, a: a.update(weight_1=a["weight_0"]), "holds weight_1"),
        (lambda h, a: a.update(weight_0=a["weight_0"].astype(bool)), "truth values"),
        (lambda h, a: a.update(population_1_tau=np.ones(3)), "'tau'; did you mean"),
        (lambda h, a: a.update(population_1_tau_m=np.array(["a", "b", "c"])), "tau_m"),
        (lambda h, a: h.update(populations=[]), "holds population_1_tau_m"),
        (lambda h, a: (h.update(populations=[], projections=[]), a.clear()), "at least one population"),
    ],
)
def test_files_whose_members_are_wrong(tmp_path, change, word):
    with pytest.raises(UserError) as error:
        SpikingNetwork.load(changed(tmp_path, change))
    text = str(error.value)
    assert "net.npz" in text and word in text and "\n" not in text, text
