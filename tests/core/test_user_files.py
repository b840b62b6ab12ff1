"""Definitions from a user's file: what the file makes itself, and nothing that it imports."""

import pytest

import brian2chip as bc
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.resolve import definitions, resolve
from brian2chip.core.rule import Rule
from brian2chip.core.task import Task
from brian2chip.errors import UserError
from brian2chip.plasticity.eprop import EPROP
from brian2chip.plasticity.stdp import STDP
from brian2chip.protocols.prepare import resolve_rule

VARIATION = "from dataclasses import replace\nfrom brian2chip.plasticity.stdp import STDP\nMINE = replace(STDP, name='mine')\n"
LEARNS = "from dataclasses import replace\nfrom brian2chip.plasticity import eprop\nMINE = replace(eprop.EPROP, name='mine')\n"


def written(tmp_path, text):
    file = tmp_path / "mine.py"
    file.write_text(text)
    return str(file)


@pytest.mark.parametrize("text", [VARIATION, VARIATION + "ALIAS = MINE\n", VARIATION.replace("MINE", "BASE = STDP\nMINE")])
def test_a_variation_of_a_built_in_rule_is_the_files_one_rule_and_the_built_in_stays_unmarked(tmp_path, text):
    path = written(tmp_path, text)
    found = resolve(Rule, path)
    assert (found.name, found.file) == ("mine", path)
    assert STDP.file is None and bc.get("rule", "stdp") is STDP


def test_a_file_that_only_imports_defines_nothing(tmp_path):
    with pytest.raises(UserError, match="defines no Rule"):
        resolve(Rule, written(tmp_path, "from brian2chip.plasticity.stdp import STDP\nMINE = STDP\n"))


def test_each_kind_is_found_in_a_file_of_several(tmp_path):
    task = "from brian2chip.tasks.pattern_generation import PATTERN_GENERATION\nTASK = replace(PATTERN_GENERATION, name='my_task')\n"
    path = written(tmp_path, VARIATION + LEARNS.replace("MINE", "LEARNS").replace("'mine'", "'learns'") + task)
    assert [(kind, thing.name) for kind, thing in definitions(path)] == [("rule", "mine"), ("learning_rule", "learns"), ("task", "my_task")]
    assert resolve(LearningRule, path).name == "learns" and resolve(Task, path).name == "my_task" and resolve(Task, path).file == path
    assert EPROP.file is None


def test_two_learning_rules_in_a_file_are_named(tmp_path):
    with pytest.raises(UserError, match=r"2 learning rules \(mine, other\)"):
        resolve(LearningRule, written(tmp_path, LEARNS + "OTHER = replace(MINE, name='other')\n"))


@pytest.mark.parametrize("given", ["eprop", EPROP, LEARNS], ids=["name", "object", "file"])
def test_protocols_and_the_account_take_the_synapse_of_a_learning_rule(tmp_path, given):
    rule = resolve_rule(written(tmp_path, given) if given == LEARNS else given)
    assert isinstance(rule, Rule) and rule.regular[0][0] == EPROP.code
    assert rule.name == ("mine" if given == LEARNS else "eprop")
    with pytest.raises(UserError, match="brian2chip train"):
        bc.run("bi_poo_1998", rule)


def test_an_unknown_rule_suggests_rules():
    with pytest.raises(UserError, match="no rule 'stpd'; did you mean 'stdp'"):
        resolve_rule("stpd")
    with pytest.raises(UserError, match="no learning rule 'eprp'; did you mean 'eprop'"):
        resolve(LearningRule, "eprp")
