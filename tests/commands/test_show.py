"""brian2chip show: every entry of the catalogue, and in it exactly what runs."""

import json

import pytest
from brian2 import Equations

from brian2chip.cli import main
from brian2chip.core import registry

ENTRIES = [(kind, name) for kind in registry.KINDS.values() for name in registry.catalogue(kind)]
#: What Python prints of things that have no words.
PYTHON = ("<function", "object at 0x", "<class", "array of shape", "Field(", "dtype")


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_every_entry_is_shown_in_words_and_as_json(kind, name, capsys):
    thing = registry.get(kind, name)
    assert main(["show", name]) == 0
    shown = capsys.readouterr().out
    assert f"{kind.replace('_', ' ')} {name}\n" in shown and thing.source in shown
    assert main(["show", name, "--json"]) == 0
    as_json = capsys.readouterr().out
    found = json.loads(as_json)
    assert (kind, name) in [(one["kind"], one["name"]) for one in (found if isinstance(found, list) else [found])]
    for word in PYTHON:
        assert word not in shown and word not in as_json


def _stripped(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("name", registry.catalogue("model"))
def test_a_model_is_shown_exactly_as_it_runs(name, capsys):
    model = registry.get("model", name)
    assert main(["show", name, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    shown = next(one for one in (found if isinstance(found, list) else [found]) if one["kind"] == "model")
    assert Equations(shown["equations"]) == Equations(model.equations)
    assert (
        shown.get("threshold", "") == model.threshold
        and _stripped(shown.get("reset", "")) == _stripped(model.reset)
        and shown["method"] == model.method
    )
    assert list(shown.get("parameters", {})) == list(model.parameters)
    assert [_stripped(code) for code in shown.get("regular", {}).values()] == [_stripped(code) for code, _ in model.regular]
    assert main(["show", name]) == 0
    lines = _stripped(capsys.readouterr().out)
    for code in (model.equations, *(code for code, _ in model.regular)):
        assert set(_stripped(code)) <= set(lines)


def test_parameters_have_units_bounds_and_those_of_the_preset(capsys):
    assert main(["show", "triplet:hippocampus_all_full"]) == 0
    shown = capsys.readouterr().out
    assert "do1/dt = -o1/tau_minus" in shown and "Pfister & Gerstner 2006" in shown
    assert "tau_y = 27. ms" in shown  # their table 4
    assert main(["show", "stdp"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "    mu = 0.0   (from 0 to 1)" in lines and "    A_plus = 0.01295   (at least 0)" in lines and "    w_max = 2.0" in lines


def test_a_name_of_two_kinds_shows_both(capsys):
    names = [name for _, name in ENTRIES]
    for name in {name for name in names if names.count(name) > 1}:
        assert main(["show", name]) == 0
        shown = capsys.readouterr().out.splitlines()
        assert sum(line.endswith(f" {name}") and not line.startswith(" ") for line in shown) >= names.count(name)


def test_a_file_shows_all_that_it_defines(tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(
        "from brian2 import ms\nfrom brian2chip import Model, Rule\nfrom brian2chip.plasticity.stdp import STDP\n"
        'NEURON = Model(name="leaky", source="a test", equations="dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0", '
        'parameters={"tau": 5*ms})\nMINE = Rule(name="mine", source="a test", model="w : 1", on_pre="w += 1")\n'
    )
    assert main(["show", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["name"]) for one in found] == [("model", "leaky"), ("rule", "mine")]  # STDP is imported, not defined
    assert found[0]["parameters"] == {"tau": "5. ms"} and found[1]["file"] == str(file)


def test_a_misspelt_name_is_one_sentence(capsys):
    assert main(["show", "triplt"]) == 2
    assert "did you mean 'triplet'" in capsys.readouterr().err
