"""The neurons of a NIR graph as populations, by the convention of the simulator that wrote them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from brian2chip.core.neuron_kinds import RESETS
from brian2chip.core.spiking_network import Population
from brian2chip.errors import UserError, unknown
from brian2chip.translation.nir_format import NEURONS, exact_tau
from brian2chip.translation.nir_graph import Graph, Node

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Convention:
    """What a NIR file leaves open and a simulator decides.

    Attributes
    ----------
    dt : float
        Seconds of a step.
    reset : {"zero", "subtract", "subtract_at_once"}
        Zero stands for NIR's own reset, to ``v_reset``.
    whole_current : bool
        A spike adds its weight to the synaptic current, whatever ``w_in`` says.
    tau_in_steps : bool
        Time constants may be written times the step.
    from_rest : bool
        Spiking membranes start at ``v_leak`` instead of 0.
    """

    dt: float = 1e-3
    reset: str = "zero"
    whole_current: bool = False
    tau_in_steps: bool = False
    from_rest: bool = False


#: What two steps may differ by, relatively.
CLOSE = 1e-6
#: Norse 1.1 writes time constants times its step of 1 ms, older ones in seconds; its current cells ignore ``w_in``.
#: snnTorch up to 1.0.0 writes for a step of 0.1 ms, whatever the step of its data.
CONVENTIONS = {"nir": Convention(), "snntorch": Convention(1e-4, "subtract"), "norse": Convention(1e-3, "zero", True, True, True)}


def convention_of(name: str, reset: str | None = None) -> Convention:
    """Return a convention, with another reset where one is given.

    Raises
    ------
    UserError
        For a name or a reset that there is not.
    """
    if name not in CONVENTIONS:
        raise unknown("convention", name, CONVENTIONS)
    if reset is not None and reset not in RESETS:
        raise unknown("reset of a neuron called", reset, RESETS)
    return CONVENTIONS[name] if reset is None else replace(CONVENTIONS[name], reset=reset)


def step_of(given: float | None, graph: Graph, rule: Convention) -> float:
    """Return the step in seconds: as given, as the file states it, or as the convention has it.

    Raises
    ------
    UserError
        When it is no positive number, or the nodes of a file state different ones.
    """
    stated = [graph.metadata["dt"]] if "dt" in graph.metadata else [n.metadata["dt"] for n in graph.nodes.values() if "dt" in n.metadata]
    steps = [_seconds(step) for step in stated]
    if given is None and steps and not np.allclose(steps, steps[0], rtol=CLOSE, atol=0):
        raise UserError(f"its nodes state steps from {min(steps):g} to {max(steps):g} s; give the dt that is to hold.")
    step = _seconds(given) if given is not None else steps[0] if steps else rule.dt
    if steps and not np.allclose(steps, step, rtol=CLOSE, atol=0):
        logger.warning("The file states a step of %g s; it is read with %g s, as given.", steps[0], step)
    return step


def _seconds(given: Any) -> float:
    try:
        step = float(np.asarray(given)[()])
    except (TypeError, ValueError):
        step = np.nan
    if not 0 < step < np.inf:
        raise UserError(f"the step dt was given as {given!r:.60}; give a positive number of seconds.")
    return step


def tau_factor(graph: Graph, dt: float, rule: Convention) -> float:
    """Return what the time constants in the file are multiplied by to be seconds.

    Raises
    ------
    UserError
        When some of them can be seconds and others cannot.
    """
    if not rule.tau_in_steps:
        return 1.0
    foreign = [node for node in graph.nodes.values() if "dt" not in node.metadata]
    taus = np.concatenate([np.zeros(0), *(v.ravel() for node in foreign for name, v in node.values.items() if name.startswith("tau"))])
    if not taus.size or np.all(taus < dt):
        return 1 / dt
    if np.any(taus < dt):
        raise UserError(
            f"its time constants go from {taus.min():g} to {taus.max():g}, so that they are neither all in seconds nor all times a step of "
            f"{dt:g} s, as Norse 1.1 writes them; give the dt that it was written with."
        )
    logger.warning("The time constants are not shorter than a step, so they are read as seconds, as Norse wrote them before version 1.1.")
    return 1.0


def population_of(
    name: str, node: Node, size: int, dt: float, rule: Convention, factor: float, reset: str | None = None
) -> tuple[Population, np.ndarray]:
    """Return a population, and by how much a spike of weight 1 moves its membrane (or current).

    Parameters
    ----------
    name : str
    node : Node
    size : int
    dt : float
    rule : Convention
    factor : float
        As :func:`tau_factor` gives it.
    reset : str, optional
        Instead of that of the file.

    Raises
    ------
    UserError
        For time constants shorter than the step.
    """
    kind, filtered = NEURONS[node.kind]
    full = {what: np.broadcast_to(value.ravel(), (size,)).copy() for what, value in node.values.items()}
    ours = "dt" in node.metadata and ("reset" in node.metadata or kind == "li")  # one of ours: nothing is left open
    if ours or kind == "if":  # snnTorch and Norse write none with a reset of their own
        rule = replace(rule, reset="zero", whole_current=False, from_rest=False)
    parameters: dict[str, Any] = {}
    gain = full["r"]
    if kind == "if" and ours and np.allclose(gain * dt, 1):  # so we wrote them once
        gain = np.ones(size)
    if kind != "if":
        tau = full["tau_mem" if filtered else "tau"] * (1.0 if ours else factor)
        parameters["tau_m"] = exact_tau(name, tau, dt)
        gain = gain * dt / tau
    if filtered:
        tau_syn = full["tau_syn"] * (1.0 if ours else factor)
        parameters["tau_syn"] = exact_tau(name, tau_syn, dt)
        gain = gain * (1.0 if rule.whole_current else full.get("w_in", 1.0) * dt / tau_syn)
    if kind != "li":
        parameters["v_threshold"] = full["v_threshold"]
        parameters["reset"] = reset or str(node.metadata.get("reset", rule.reset))
        parameters["fires"] = str(node.metadata.get("fires", ">"))
        if np.any(full.get("v_reset", 0) != 0):
            if parameters["reset"] == "zero":
                parameters["v_reset"] = full["v_reset"]
            else:
                logger.warning("v_reset of the node %r other than 0 is not used: its neurons reset by subtraction.", name)
    if np.any(full.get("v_leak", 0) != 0):
        parameters |= _resting(parameters, full["v_leak"], None if filtered else dt / tau, rule.from_rest and kind != "li")
    return Population(name, kind, size, parameters), gain


def _resting(parameters: Mapping[str, Any], v_leak: np.ndarray, lost: np.ndarray | None, from_rest: bool) -> dict[str, Any]:
    """Return the parameters that change for membranes that decay towards ``v_leak``: shifted to start there, or with a bias.

    Behind a synaptic current (``lost`` is None) a bias would pass through that, so the membrane has a resting value of its own.
    """
    if not from_rest:
        return {"v_leak": v_leak} if lost is None else {"bias": v_leak * lost}
    shifted = {"v_threshold": parameters["v_threshold"] - v_leak}
    return shifted | ({"v_reset": parameters.get("v_reset", 0.0) - v_leak} if parameters["reset"] == "zero" else {})
