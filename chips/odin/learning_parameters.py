"""Parameters of SDSP and STDP as ODIN's membrane threshold, calcium thresholds and calcium leak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from brian2chip.chips.odin.fields import LIF
from brian2chip.chips.quantised import QuantisedParameter, quantised_by_law
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError

FIELDS = {f.name: f for f in LIF}


def learning_parameters(rule: Rule, neuron: Mapping[str, Any], threshold_code: int, time_reference: float) -> list[QuantisedParameter]:
    """Return the codes that make ODIN learn as nearly as it can like a rule.

    Parameters
    ----------
    rule : Rule
        ``sdsp`` or ``stdp``, with any parameters.
    neuron : mapping
        Of SDSP's neuron: calcium jump ``J_C``, its time constant ``tau_C`` (s) and firing threshold ``V_theta``. Not used for STDP.
    threshold_code : int
        ODIN's firing threshold, which the rule's membrane threshold is a fraction of.
    time_reference : float
        Seconds between time references, which drive the calcium leak.

    Returns
    -------
    list of QuantisedParameter
        For ``thetamem``, ``theta1`` to ``theta3`` and ``ca_leak``; set ``ca_en`` to 1 with them.

    Raises
    ------
    UserError
        For another rule.
    """
    p = {name: float(np.asarray(value)) for name, value in rule.parameters.items()}
    if "theta_up_low" in p:
        return _sdsp(p, {k: float(np.asarray(v)) for k, v in neuron.items()}, threshold_code, time_reference)
    if "A_plus" in p:
        return _stdp(p, threshold_code)
    raise UserError(f"rule {rule.name!r} cannot be put on ODIN, which learns by membrane and calcium; give sdsp or stdp.")


def _parameter(name: str, parameter: str, requested: float, value: float, realise, unit: str) -> QuantisedParameter:
    return quantised_by_law(parameter, "learning", FIELDS[name], [requested], [value], realise, unit=unit)


def _sdsp(p: Mapping[str, float], neuron: Mapping[str, float], threshold_code: int, time_reference: float) -> list[QuantisedParameter]:
    """ODIN's calcium counts spikes, so one code is one calcium jump; both windows share their lower end, the mean of the two."""
    volt, jump = neuron["V_theta"] / threshold_code, neuron["J_C"]
    low = (p["theta_up_low"] + p["theta_down_low"]) / 2
    parameters = [_parameter("thetamem", "theta_V", p["theta_V"], p["theta_V"] / volt, lambda c: c * volt, "membrane")]
    for name, parameter, value in (
        ("theta1", "theta_low", low),
        ("theta2", "theta_down_high", p["theta_down_high"]),
        ("theta3", "theta_up_high", p["theta_up_high"]),
    ):
        parameters.append(_parameter(name, parameter, value, value / jump, lambda c: c * jump, "calcium"))
    # Calcium falls by C/tau_C a second; the constant nearest to it between the windows' ends is that of their middle, one code at a time.
    middle = np.clip((low + p["theta_up_high"]) / 2 / jump, 1, 4)
    interval = neuron["tau_C"] / middle / time_reference
    parameters.append(_parameter("ca_leak", "tau_C", neuron["tau_C"], interval, lambda c: c * middle * time_reference, "s"))
    return parameters


def _stdp(p: Mapping[str, float], threshold_code: int) -> list[QuantisedParameter]:
    """ODIN has no spike-timing window: what is kept is the balance of depression and potentiation at unrelated spikes.

    With a membrane spread evenly below threshold, a share ``thetamem/thr`` of presynaptic spikes finds it low and depresses; that
    share is set to depression's part of the window's area. The calcium windows are open.
    """
    depression, potentiation = abs(p["A_minus"]) * p["tau_minus"], abs(p["A_plus"]) * p["tau_plus"]
    share = depression / (depression + potentiation)
    parameters = [_parameter("thetamem", "depression share", share, share * threshold_code, lambda c: c / threshold_code, "1")]
    for name, code in (("theta1", 0.0), ("theta2", 7.0), ("theta3", 7.0)):
        parameters.append(_parameter(name, "calcium window", code, code, lambda c: c, "calcium"))
    return parameters
