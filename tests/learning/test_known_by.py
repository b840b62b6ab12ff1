"""What a network that learns is known by: all that is compiled into its program, and nothing that every run is given."""

from dataclasses import fields, replace

import pytest

from brian2chip.engine.known_program import program_identity
from brian2chip.learning.network_spec import NetworkSpec
from brian2chip.learning.program import known_by
from brian2chip.plasticity.eprop import EPROP
from brian2chip.substrates.accumulator import MEMORY

SHAPE = NetworkSpec(n_in=4, n_rec=3, n_out=2, n_steps=10, dt=1e-3, kind="regression", rule=EPROP)
OTHER = {
    "n_in": 5, "n_rec": 4, "n_out": 3, "n_steps": 11, "dt": 2e-3, "kind": "classification", "surrogate": "other", "optimiser": "other",
    "broadcast": "symmetric", "nbit": True, "memory": MEMORY,
    "replicas": 2, "samples": 2, "block": 5, "rule": replace(EPROP, code=EPROP.code + "\n"),
}  # fmt: skip


def of(shape):
    return program_identity(known_by(shape), ())


@pytest.mark.parametrize("name", [field.name for field in fields(NetworkSpec)])
def test_every_field_of_the_network_is_part_of_it(name):
    assert of(replace(SHAPE, **{name: OTHER[name]})) != of(SHAPE)


def test_of_a_rule_its_code_is_part_and_its_source_is_not():
    assert of(SHAPE) is not None
    assert of(replace(SHAPE, rule=replace(EPROP, on_pre="I_post += 2*w"))) != of(SHAPE)
    assert of(replace(SHAPE, rule=replace(EPROP, model=EPROP.model + "\nspare : 1"))) != of(SHAPE)
    assert of(replace(SHAPE, rule=replace(EPROP, source="another", convention="another", file="mine.py"))) == of(SHAPE)
