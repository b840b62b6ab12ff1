"""SDSP and STDP parameters on ODIN."""

import pytest
from brian2 import second

from brian2chip.chips.odin.learning_parameters import learning_parameters
from brian2chip.core.registry import get
from brian2chip.errors import UserError
from brian2chip.models.brader import BRADER


def codes(rule, **more):
    return {
        one.field: (int(one.code[0]), bool(one.clipped[0])) for one in learning_parameters(rule, {**BRADER.parameters, **more}, 100, 1e-3)
    }


def test_sdsp_of_brader():
    # theta_V 0.8 of a threshold of 1 at code 100; calcium thresholds 3, 4 and 13 jumps, and 13 does not fit 3 bits.
    found = codes(get("rule", "sdsp"))
    assert found["thetamem"] == (80, False)
    assert (found["theta1"], found["theta2"], found["theta3"]) == ((3, False), (4, False), (7, True))
    # tau_C 60 ms at the middle, 4 codes: one decrement in 15 time references of 1 ms.
    assert found["ca_leak"] == (15, False)


def test_a_larger_calcium_jump_lowers_the_thresholds():
    found = codes(get("rule", "sdsp"), J_C=2.0)
    assert found["theta3"] == (6, False) and found["theta2"] == (2, False)


def test_stdp_keeps_its_balance():
    rule = get("rule", "stdp")
    p = {k: float(v / second) if k.startswith("tau") else float(v) for k, v in rule.parameters.items()}
    depression, potentiation = abs(p["A_minus"]) * p["tau_minus"], abs(p["A_plus"]) * p["tau_plus"]
    assert codes(rule)["thetamem"][0] == round(100 * depression / (depression + potentiation))


def test_other_rules_are_refused():
    with pytest.raises(UserError, match="triplet"):
        codes(get("rule", "triplet"))
