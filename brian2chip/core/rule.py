"""A plastic synapse as Brian2 equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from brian2chip.core import html
from brian2chip.core.brian2_objects import synapses
from brian2chip.core.field_types import check_fields
from brian2chip.core.model import Model
from brian2chip.core.parameters import check_defaults
from brian2chip.core.pathways import check_delays, joined, pathways
from brian2chip.core.short_term import with_short_term
from brian2chip.core.start_expressions import in_brian2_words
from brian2chip.core.starts import numbers, with_values
from brian2chip.core.third_factors import declared
from brian2chip.core.units import Quantity
from brian2chip.errors import unknown


@dataclass(frozen=True)
class Rule:
    """A plastic synapse as Brian2 equations; the equations are its only definition.

    Attributes
    ----------
    name, source : str
        The registry name and the citation (author year, equation or table).
    model, on_pre, on_post : str
        As Brian2's ``Synapses`` takes them. ``on_pre`` and ``on_post`` may be given as a list of code, or as a mapping of pathways to
        code, which run in the order of their names as in Brian2; without delays of their own they are kept as one code.
    parameters : mapping of str to Quantity or number
        Constants of the equations with their defaults.
    bounds : mapping of str to (low, high)
        Allowed closed interval of a parameter, ``None`` for open ends.
    initial : mapping of str to Quantity or number, or sequence of them
        Synaptic state at the start of a protocol; what is not named is zero. A sequence means that equal shares of the synapses start
        from each value and that the protocol measures their mean (rules with two stable states). Text is an expression of parameters
        and random numbers, ``"w_max/2"``, ``"uniform(0.2, 0.8)"``, ``"normal(0.5, 0.1)"`` or anything with ``rand()`` and ``randn()``.
    weight : str
        The variable, or expression of variables, that a protocol measures as the efficacy.
    convention : str
        Sign and timing convention, in words.
    post : str, Model or None
        The neuron model whose variables the rule reads, or its name; None when spikes are all it needs.
    delay : Quantity, str, mapping or None
        From a presynaptic spike to ``on_pre``, a time or the name of a parameter; or of each pathway, ``{"pre": 2*ms, "post": "lag"}``,
        by the names of ``on_pre`` and ``on_post`` where these are mappings.
    third_factors : sequence of str, or mapping of str to signal
        Variables of ``model`` that come from outside of the synapse and its neurons, with a :class:`Signal` or None where whoever runs
        the rule gives one. Variables that are ``(shared)`` or ``(linked)``, and that no code of the rule sets, are third factors too.
    regular : tuple of (code, period)
        Code run at every synapse at a period (a parameter name).
    devices : tuple of str
        Where it runs.
    presets : mapping of str to mapping
        Named published sets of parameters, and of starts that ``initial`` has; ``"name:preset"`` selects one. A published variant in
        which a spike does something else gives ``on_pre``, ``on_post`` and ``oracle`` besides.
    oracle : callable or None
        ``oracle(pre, post, parameters, initial) -> dict`` with the final state: plain NumPy, event by event, written
        from the paper and not from the equations; used by tests.
    file : str or None
        The file that defines it, where that is a user's own.
    tissue : str, or mapping of preset to str
        Where the data were measured that its values were fitted to, e.g. ``"visual cortex"``, as protocols call it; of each preset where
        they differ, ``""`` standing for the values without one.

    Raises
    ------
    UserError
        For a field of another type, or parameters and bounds of other units.
    """

    name: str
    source: str
    model: str
    on_pre: str | Mapping[str, str]
    on_post: str | Mapping[str, str] = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, tuple] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=lambda: {"w": 1.0})
    weight: str = "w"
    convention: str = ""
    post: str | Model | None = None
    delay: Quantity | str | Mapping[str, Quantity | str] | None = None
    third_factors: Mapping[str, Any] | tuple[str, ...] = ()
    regular: tuple[tuple[str, str], ...] = ()
    devices: tuple[str, ...] = ("numpy", "cython", "cpp_standalone", "cuda", "genn")
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    oracle: Callable | None = None
    file: str | None = None
    tissue: str | Mapping[str, str] = ""

    pathways = property(pathways)
    with_parameters = with_values
    with_short_term = with_short_term
    synapses = synapses
    _repr_html_ = html.definition

    def __post_init__(self):
        for name in ("on_pre", "on_post"):
            if not isinstance(self.delay, Mapping):  # else its pathways may be named with delays of their own
                object.__setattr__(self, name, joined(getattr(self, name)))
        check_fields(self)
        object.__setattr__(self, "third_factors", declared(f"rule {self.name!r}", self.third_factors))
        check_defaults(self, {name: {k: v for k, v in given.items() if k not in self.initial} for name, given in self.presets.items()})
        starts = [*self.initial.items(), *((k, v) for given in self.presets.values() for k, v in given.items() if k in self.initial)]
        for name, value in starts:
            if isinstance(value, str):
                in_brian2_words(value)
            else:
                numbers(f"rule {self.name!r}", name, value)
        check_delays(self)
        for preset in self.tissue if isinstance(self.tissue, Mapping) else ():
            if preset and preset not in self.presets:
                raise unknown(f"preset of rule {self.name!r}, for a tissue, called", preset, self.presets)
        for _, period in self.regular:
            if period not in self.parameters:
                raise unknown(f"parameter of rule {self.name!r}, for a period, called", period, self.parameters)
