"""Convolutions that a network says were unrolled: what is read of it, what is noted, and when one alone is too large for a chip."""

from types import SimpleNamespace

import pytest

from brian2chip.chips.limits import Limit
from brian2chip.translation import unrolled

ROW = {"node": "conv", "weights": 9, "synapses": 1234, "inputs": 60, "outputs": 40}


def network(*rows):
    return SimpleNamespace(provenance={unrolled.UNROLLED: list(rows)})


def chip(resource, available):
    return SimpleNamespace(name="small", constraints=(Limit(resource, available, lambda *_: 0), "another constraint"))


@pytest.mark.parametrize(
    ("resource", "needed"),
    [("neurons", 40), (unrolled.SHARED, 100)],  # what it gives; 60 and 40
)
def test_a_convolution_may_take_all_that_there_is_and_no_more(resource, needed):
    assert list(unrolled.too_large(network(ROW), chip(resource, needed))) == []
    (said,) = unrolled.too_large(network(ROW), chip(resource, needed - 1))
    assert "convolution conv takes 100 addresses" in said and "60 for what it gets and 40 for what it gives" in said
    assert said.endswith(f"small has {needed - 1} {resource}.")
    assert list(unrolled.too_large(network(ROW), chip("synapses", 1))) == []


def test_what_is_no_row_is_passed_over():
    strange = [3, {"node": "x"}, {**ROW, "inputs": 1.5}, {k: v for k, v in ROW.items() if k != "node"}]
    assert unrolled.convolutions(network(*strange, ROW)) == [ROW]
    for provenance in ({}, {unrolled.UNROLLED: "text"}, {unrolled.UNROLLED: None}):
        assert unrolled.convolutions(SimpleNamespace(provenance=provenance)) == []
    (note,) = unrolled.notes(network(ROW))
    assert "its 9 shared weights are 1,234 synapses" in note
