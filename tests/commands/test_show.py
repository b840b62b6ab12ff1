"""``brian2chip show`` of every entry of the catalogue."""

import json
import re

import pytest

from brian2chip.cli import main
from brian2chip.core import registry

ENTRIES = [(kind, name) for kind in registry.KINDS.values() for name in registry.catalogue(kind)]
PRESETS = [(k, f"{n}:{p}") for k, n in ENTRIES for p in getattr(registry.get(k, n), "presets", {})]
#: The fields that hold equations or code, as Brian2 reads them.
CODE = ("equations", "model", "on_pre", "on_post", "threshold", "reset")


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(("kind", "name"), ENTRIES + PRESETS)
def test_show_prints_name_source_and_every_equation(kind, name, capsys):
    assert main(["show", name]) == 0
    everything = lines(capsys.readouterr().out)
    thing = registry.get(kind, name)
    headings = [f"{k} {name}" for k, n in ENTRIES + PRESETS if n == name]  # a rule may be called like its neuron: both are shown
    assert everything[0] == headings[0] and [line for line in everything if line in headings] == headings
    start = everything.index(f"{kind} {name}")
    shown = everything[start : next((k for k in range(start + 1, len(everything)) if everything[k] in headings), None)]
    assert f"source: {thing.source}" in shown
    code = [line for field in CODE for line in lines(getattr(thing, field, "") or "")]
    for line in code:
        assert any(line in text for text in shown), line
    assert code or kind in ("protocol", "task", "chip")
    for parameter, value in getattr(thing, "parameters", {}).items():
        assert any(re.match(rf"{re.escape(parameter)} = {re.escape(str(value))}( |$)", text) for text in shown), parameter


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_show_as_json_has_the_same_fields(kind, name, capsys):
    assert main(["show", name, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    shown = next(one for one in (shown if isinstance(shown, list) else [shown]) if one["kind"] == kind)
    thing = registry.get(kind, name)
    assert (shown["name"], shown["source"]) == (name, thing.source)
    if kind == "task":
        assert shown["task_kind"] == thing.kind and len(shown["mask"]) == thing.n_steps
    for field in CODE:
        if isinstance(getattr(thing, field, None), str) and getattr(thing, field):
            assert shown[field] == getattr(thing, field)


def test_the_catalogue_is_not_empty():
    assert {kind for kind, _ in ENTRIES} == set(registry.KINDS.values()) and len(ENTRIES) >= 40 and len(PRESETS) >= 10


def test_bounds_stand_beside_the_parameter(capsys):
    assert main(["show", "stdp"]) == 0
    shown = lines(capsys.readouterr().out)
    assert "mu = 0.0 (from 0 to 1)" in shown and "w_max = 2.0" in shown
