"""Definitions of other installed packages, announced by entry points: found without import, used as the package's own."""

import json
import sys

import pytest

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.core import registry
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError
from brian2chip.learning.initial_weights import initial_weights
from brian2chip.learning.setup import shape_of
from brian2chip.learning.tasks import changed, task_of
from brian2chip.learning.trained import as_network

SOURCE = '''
"""Rules of another laboratory."""
from brian2chip.core.rule import Rule

SLOW = Rule(name="slow_hebb", source="this test", model="w : 1", on_pre="w += 0.1", on_post="w += 0.2")
"""A rule of another laboratory."""
NUMBER = 3
'''
METADATA = "Metadata-Version: 2.1\nName: other-lab\nVersion: 1.0\nSummary: What the other laboratory made\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a package ``other_lab`` with these entry points and this source."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(entry_points: str, source: str = SOURCE) -> None:
        (tmp_path / "other_lab.py").write_text(source)
        info = tmp_path / "other_lab-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(METADATA)
        (info / "entry_points.txt").write_text(entry_points)
        registry._scan.cache_clear()

    yield write
    registry._scan.cache_clear()
    sys.modules.pop("other_lab", None)


def test_a_rule_of_another_package_is_listed_without_import_and_runs(install, capsys):
    install("[brian2chip.rules]\nslow_hebb = other_lab:SLOW\n")
    assert main(["list", "rule", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["rule"]
    assert listed["slow_hebb"] == "A rule of another laboratory." and "stdp" in listed
    assert "other_lab" not in sys.modules
    rule = registry.get("rule", "slow_hebb")
    assert isinstance(rule, Rule) and rule is sys.modules["other_lab"].SLOW
    with pytest.raises(UserError, match="did you mean 'slow_hebb'"):
        registry.get("rule", "slow_heb")


@pytest.mark.parametrize("kind", registry.KINDS.values())
def test_every_kind_has_its_group(install, kind):
    install(f"[brian2chip.{kind}s]\nfrom_elsewhere = elsewhere.module:THING\n")
    entry = registry.catalogue(kind)["from_elsewhere"]
    assert entry == ("elsewhere.module", "THING", "What the other laboratory made", "other-lab")


@pytest.mark.parametrize(
    "entry_points, source, words",
    [
        ("slow_hebb = other_lab:SLOW", "raise RuntimeError('no licence')", ["RuntimeError: no licence", "mend or uninstall"]),
        ("slow_hebb = other_lab:SLOW", "def broken(:", ["SyntaxError"]),
        ("slow_hebb = other_lab:QUICK", SOURCE, ["QUICK"]),
        ("slow_hebb = nowhere.at_all:SLOW", SOURCE, ["nowhere"]),
        ("slow_hebb = other_lab:NUMBER", SOURCE, ["is the int"]),
        ("another_name = other_lab:SLOW", SOURCE, ["is the Rule 'slow_hebb'", "give name and kind"]),
    ],
)
def test_a_package_that_fails_is_named_and_the_rest_works(install, entry_points, source, words):
    install(f"[brian2chip.rules]\n{entry_points}\n", source)
    name = entry_points.split()[0]
    assert registry.catalogue("rule")[name].package == "other-lab"
    with pytest.raises(UserError) as error:
        registry.get("rule", name)
    for word in [f"the rule {name!r} of package other-lab", *words]:
        assert word in str(error.value)
    assert "\n" not in str(error.value)
    assert registry.get("rule", "stdp").name == "stdp"


def test_a_name_that_is_taken_stays_and_the_other_package_is_named(install, caplog):
    install("[brian2chip.rules]\nstdp = other_lab:SLOW\n")
    assert registry.catalogue("rule")["stdp"].package == ""
    assert "package other-lab announces the rule 'stdp', which brian2chip has already" in caplog.text


# One definition of every kind, as a package of another laboratory has them.
EVERYTHING = '''
"""What a laboratory adds."""
import numpy as np
import pandas as pd
from brian2 import ms

import brian2chip as bc
from brian2chip.chips.field import MEMBRANE, Field
from brian2chip.core.substrate import Substrate

NEURON = bc.Model(name="lab_neuron", source="this test", equations="dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0",
                  parameters={"tau": 10 * ms})
RULE = bc.Rule(name="lab_rule", source="this test", model="w : 1", on_pre="w += 0.1", initial={"w": 1.0})
LEARNING = bc.LearningRule(name="lab_learning", source="this test", model="G : 1", code="G += L_post*psi_post*zbar_pre", state=("G",),
                           gradient="G", adaptive_neurons=False)
PROTOCOL = bc.Protocol(
    name="lab_protocol",
    source="this test",
    conditions=lambda options: pd.DataFrame({"k": [1, 2]}),
    stimulate=lambda condition, options, rng: (0.01 * np.arange(1, condition["k"] + 1), np.zeros(0)),
    score=lambda table: {"mean": table["dw"].mean()},
)
TASK = bc.Task.from_arrays(np.random.default_rng(0).random((20, 5, 3)) < 0.3, np.arange(20) % 2, dt=1 * ms, name="lab_task")
CHIP = bc.Chip(
    name="lab_chip",
    source="this test",
    verified="nothing is",
    fields=(Field("weight", 4, signed=True, shared="synapse", unit=MEMBRANE), Field("threshold", 8, low=1, shared="neuron", unit=MEMBRANE)),
    roles={"weight": "weight", "v_threshold": "threshold"},
    kinds=("lif", "if"),
    resets=("subtract",),
)
SUBSTRATE = Substrate(name="lab_substrate", source="this test", weights=lambda ideal, p, draws: 2 * ideal)
'''
LAB = {
    "model": "NEURON",
    "rule": "RULE",
    "learning_rule": "LEARNING",
    "protocol": "PROTOCOL",
    "task": "TASK",
    "chip": "CHIP",
    "substrate": "SUBSTRATE",
}


def test_a_package_that_offers_one_of_each_kind(install, capsys):
    name = lambda kind: f"lab_{'learning' if kind == 'learning_rule' else 'neuron' if kind == 'model' else kind}"  # noqa: E731
    install("".join(f"[brian2chip.{kind}s]\n{name(kind)} = other_lab:{variable}\n" for kind, variable in LAB.items()), EVERYTHING)
    assert main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert all(name(kind) in listed[kind] for kind in LAB) and "other_lab" not in sys.modules
    for kind, variable in LAB.items():
        assert main(["show", name(kind)]) == 0
        assert f"{kind.replace('_', ' ')} {name(kind)}" in capsys.readouterr().out
        assert registry.get(kind, name(kind)) is getattr(sys.modules["other_lab"], variable)
    # a presynaptic spike adds 0.1 to a weight of 1
    assert bc.run("lab_protocol", rule="lab_rule", device="numpy")["dw"].tolist() == pytest.approx([0.1, 0.2])
    assert len(bc.model("lab_neuron").neurons(3)) == 3
    task = changed(task_of("lab_task"), {"n_lif": 3}, {"rule": "lab_learning"})
    assert shape_of(task, task.network, task.training).rule is sys.modules["other_lab"].LEARNING
    assert bc.translate(as_network(task, initial_weights(task, 1), 1), "lab_chip").chip.name == "lab_chip"


@pytest.mark.slow
def test_a_task_and_a_learning_rule_of_another_package_are_trained(install):
    install("[brian2chip.tasks]\nlab_task = other_lab:TASK\n[brian2chip.learning_rules]\nlab_learning = other_lab:LEARNING\n", EVERYTHING)
    net = bc.train("lab_task", rule="lab_learning", hidden=3, iterations=1, batch=2, n_test=4, device="numpy")
    assert net.network.provenance["learning_rule"]["name"] == "lab_learning"


def test_a_chip_that_cannot_be_loaded_is_named_where_all_are_asked(install, caplog, capsys):
    install("[brian2chip.chips]\nbroken = other_lab:CHIP\n", "raise RuntimeError('no licence')")
    assert main(["train", "evidence_accumulation", "--chip", "speck2f"]) == 2
    said = capsys.readouterr().err
    assert "does not learn" in said and "reckon" in said
    assert "the chip 'broken' of package other-lab cannot be loaded (RuntimeError: no licence)" in caplog.text + said
