"""A plastic synapse as Brian2 equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from brian2chip.core.brian2_objects import synapses
from brian2chip.core.parameters import with_parameters


@dataclass(frozen=True)
class Rule:
    """A plastic synapse as Brian2 equations; the equations are its only definition.

    Attributes
    ----------
    name, source : str
        The registry name and the citation (author year, equation or table).
    model, on_pre, on_post : str
        As Brian2's ``Synapses`` takes them.
    parameters : mapping of str to Quantity or number
        Constants of the equations with their defaults.
    bounds : mapping of str to (low, high)
        Allowed closed interval of a parameter, ``None`` for open ends.
    initial : mapping of str to number or sequence of numbers
        Synaptic state at the start of a protocol. A sequence means that equal shares of the synapses start
        from each value and that the protocol measures their mean (rules with two stable states).
    weight : str
        The variable, or expression of variables, that a protocol measures as the efficacy.
    convention : str
        Sign and timing convention, in words.
    post : str or None
        Name of the neuron model whose variables the rule reads; None when spikes are all it needs.
    regular : tuple of (code, period)
        Code run at every synapse at a period (a parameter name).
    devices : tuple of str
        Where it runs.
    presets : mapping of str to mapping
        Named published parameter sets; ``"name:preset"`` selects one.
    oracle : callable or None
        ``oracle(pre, post, parameters, initial) -> dict`` with the final state: plain NumPy, event by event, written
        from the paper and not from the equations; used by tests.
    file : str or None
        The file that defines it, where that is a user's own.
    """

    name: str
    source: str
    model: str
    on_pre: str
    on_post: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, tuple] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=lambda: {"w": 1.0})
    weight: str = "w"
    convention: str = ""
    post: str | None = None
    regular: tuple[tuple[str, str], ...] = ()
    devices: tuple[str, ...] = ("numpy", "cython", "cpp_standalone", "genn")
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    oracle: Callable | None = None
    file: str | None = None

    with_parameters = with_parameters
    synapses = synapses
