"""One name for one thing: a neuron and a rule that use the same name go through a protocol with the neuron's renamed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from brian2chip.core.equations import equations
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule
from brian2chip.core.third_factors import rewritten


def kept_apart(model: Model, rule: Rule) -> tuple[Model, Rule]:
    """Return neuron and rule with the neuron's variables renamed where the rule has its own of that name, e.g. ``w`` of AdEx.

    Brian2 wants the names of synapses and neurons apart. In the rule ``w_post`` goes on to mean the neuron's.
    """
    own = set(equations(rule.model)) | set(rule.parameters)
    clashes = own & (set(equations(model.equations)) | set(model.parameters))
    for name in sorted(clashes):
        new = f"{name}_of_neuron"
        model, rule = _renamed_model(model, name, new), _renamed_rule(rule, f"{name}_post", f"{new}_post")
    return model, rule


def _renamed_model(model: Model, old: str, new: str) -> Model:
    teacher = model.teacher and tuple(_code(part, f"{old}_post", f"{new}_post") for part in model.teacher)
    return replace(
        model,
        equations=re.sub(rf"\bd{re.escape(old)}\s*/\s*dt\b", f"d{new}/dt", _code(model.equations, old, new)),
        threshold=_code(model.threshold, old, new),
        reset=_code(model.reset, old, new),
        refractory=_code(model.refractory, old, new) if isinstance(model.refractory, str) else model.refractory,
        parameters=_keys(model.parameters, old, new),
        bounds=_keys(model.bounds, old, new),
        presets={},
        initial=_keys(model.initial, old, new),
        regular=tuple((_code(code, old, new), _code(period, old, new)) for code, period in model.regular),
        teacher=teacher,
    )


def _renamed_rule(rule: Rule, old: str, new: str) -> Rule:
    return rewritten(rule, lambda code: _code(code, old, new))


def _code(code: str, old: str, new: str) -> str:
    return re.sub(rf"\b{re.escape(old)}\b", new, code)


def _keys(given: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if name == old else name: value for name, value in given.items()}
