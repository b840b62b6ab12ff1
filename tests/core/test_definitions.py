"""Definitions do not change once made, and have the defaults that their documentation gives."""

import dataclasses
import importlib
import inspect
from pathlib import Path

import pytest

import brian2chip
from brian2chip.core.model import Model
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule

LAYERS = ("core", "analysis", "protocols", "translation")
MODULES = [
    f"brian2chip.{layer}.{path.stem}"
    for layer in LAYERS
    for path in sorted(Path(importlib.import_module(f"brian2chip.{layer}").__file__).parent.glob("[!_]*.py"))
]


@pytest.mark.parametrize("module", MODULES)
def test_every_dataclass_is_frozen(module):
    for name, thing in vars(importlib.import_module(module)).items():
        if inspect.isclass(thing) and thing.__module__ == module and dataclasses.is_dataclass(thing):
            assert thing.__dataclass_params__.frozen, name


def test_definitions_are_dataclasses_that_can_be_changed_only_by_a_copy():
    rule = Rule(name="a", source="test", model="w : 1", on_pre="w += 1")
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.name = "b"
    assert dataclasses.replace(rule, name="b").name == "b" and rule.name == "a"


def test_defaults():
    rule = Rule(name="a", source="test", model="w : 1", on_pre="w += 1")
    # One weight, at 1, that reads spikes alone and runs on every device.
    assert (rule.initial, rule.weight, rule.post, rule.on_post, rule.regular, rule.oracle) == ({"w": 1.0}, "w", None, "", (), None)
    assert rule.devices == ("numpy", "cython", "cpp_standalone", "cuda", "genn") and rule.parameters == rule.bounds == rule.presets == {}
    model = Model(name="a", source="test", equations="v : 1", threshold="v > 1", reset="v = 0")
    assert (model.refractory, model.method, model.dt, model.regular, model.teacher) == (False, "exact", 1e-4, (), None)
    protocol = Protocol(name="a", source="test", conditions=list, score=dict, plot=print)
    assert (protocol.dt, protocol.replicas, protocol.stimulate, protocol.simulate) == (1e-4, 1, None, None)


def test_the_front_door_has_what_it_lists():
    assert {"Model", "Rule", "Protocol", "run", "plot", "fit", "compare", "train", "translate"} <= set(dir(brian2chip))
    for name in brian2chip.__all__:
        assert getattr(brian2chip, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        brian2chip.nothing  # noqa: B018
