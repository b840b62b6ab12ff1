"""Definitions from objects, names and files."""

import pytest

import brian2chip as bc
from brian2chip.core.resolve import definitions, resolve

MINE = """
from brian2 import ms
from brian2chip import Rule
from brian2chip.plasticity.stdp import STDP

MINE = Rule(name="mine", source="a test", model="w : 1", on_pre="w += step", parameters={"step": 0.5})
"""


@pytest.fixture
def mine(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    return file


def test_a_rule_by_object_name_preset_and_file(mine):
    stdp = bc.rule("stdp")
    assert bc.rule(stdp) is stdp and stdp.name == "stdp" and stdp.file is None
    assert bc.rule("triplet:hippocampus_all_full").parameters["A3_plus"] == 6.7e-3  # Pfister & Gerstner 2006, table 4
    assert (bc.rule(str(mine)).name, bc.rule(mine).file) == ("mine", str(mine))


def test_a_file_does_not_claim_what_it_imports(mine):
    assert [(kind, rule.name) for kind, rule in definitions(mine)] == [("rule", "mine")]
    assert bc.rule("stdp").file is None


def test_a_model_by_name_and_a_kind_that_the_file_lacks(mine):
    assert bc.model("lif").threshold == "v > v_threshold"
    with pytest.raises(bc.UserError, match="defines no Model"):
        bc.model(str(mine))


def test_two_definitions_and_an_unknown_name_are_refused(mine):
    mine.write_text(MINE + 'OTHER = Rule(name="other", source="a test", model="w : 1", on_pre="w += 1")\n')
    with pytest.raises(bc.UserError, match=r"defines 2 rules \(mine, other\)"):
        bc.rule(str(mine))
    with pytest.raises(bc.UserError, match="did you mean 'bi_poo_1998'"):
        resolve(bc.Protocol, "bi_poo_1989")
