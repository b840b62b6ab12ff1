"""What a model, a rule and a protocol are: small frozen dataclasses that the folders fill, one file each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


def _with_parameters(self, **changes):
    """Return the same thing with some parameters changed; checks names, units and bounds."""
    from brian2chip.checks import checked_parameters  # imports Brian2's units, which listing does not need

    return replace(self, parameters=checked_parameters(self, changes))


@dataclass(frozen=True)
class Model:
    """A neuron as Brian2 equations.

    Attributes
    ----------
    name, source : str
        The registry name and the citation (author year, equation or table).
    equations, threshold, reset : str
        As Brian2's ``NeuronGroup`` takes them.
    parameters : mapping of str to Quantity or number
        Constants of the equations with their defaults.
    refractory : str or False
        Brian2 expression of the refractory time.
    initial : mapping
        State at the start; what is not named starts at zero.
    method : str
        Brian2 integration method.
    bounds : mapping of str to (low, high)
        Allowed closed interval of a parameter, ``None`` for open ends.
    presets : mapping of str to mapping
        Named published parameter sets; ``"name:preset"`` selects one.
    regular : tuple of (code, period)
        Code run at a period (a parameter name), e.g. the time reference of a digital chip.
    teacher : tuple of (onset, fire)
        Code that a protocol runs to depolarise the neuron before a prescribed spike and to make it fire.
    dt : float
        Largest step in seconds at which the equations are integrated accurately.
    excitatory : str
        Code by which a synapse of size ``drive`` excites the neuron, e.g. ``"g_e_post += drive"``.
    """

    name: str
    source: str
    equations: str
    threshold: str
    reset: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    refractory: str | bool = False
    initial: Mapping[str, Any] = field(default_factory=dict)
    method: str = "exact"
    bounds: Mapping[str, tuple] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    regular: tuple[tuple[str, str], ...] = ()
    teacher: tuple[str, str] | None = None
    dt: float = 1e-4
    excitatory: str | None = None

    with_parameters = _with_parameters


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

    with_parameters = _with_parameters


@dataclass(frozen=True)
class Stimulus:
    """Spike times that a protocol gives to a set of independent synapses, one per condition and replica.

    Attributes
    ----------
    pre_i, pre_t : arrays
        Condition index and time (s) of every presynaptic spike.
    post_i, post_t : arrays
        The same for prescribed postsynaptic spikes.
    duration : float
        Seconds.
    """

    pre_i: np.ndarray
    pre_t: np.ndarray
    post_i: np.ndarray
    post_t: np.ndarray
    duration: float


@dataclass(frozen=True)
class Protocol:
    """A published experiment: a table of conditions, a stimulus for each, what is measured, the data, and the score.

    Attributes
    ----------
    name, source : str
        The registry name and the citation.
    conditions : callable
        ``conditions(options) -> DataFrame``, one row a condition. Published data stand in the columns ``data_dw`` and
        ``data_sem`` (NaN where there are none), in the unit of the measurement; ``data_used`` (bool), where it is there, says
        which of them scores and fits use.
    stimulate : callable
        ``stimulate(condition, options, rng) -> (pre, post)``: spike times in seconds, pure NumPy, ``condition`` a row as a dict.
    reduce : callable
        ``reduce(conditions, synapses, options) -> DataFrame``: from one row a synapse (columns ``condition``, ``replica``,
        ``start``, ``w_start``, ``w_end``) to one row a condition; the default is the relative change ``dw``.
    score : callable
        ``score(table) -> dict``; the first entry is the score.
    plot : callable
        ``plot(table, ax) -> ax``.
    measured : str
        What ``dw`` is, with its unit.
    expected : mapping of rule name to (score, tolerance)
        Published or verified scores.
    options : mapping
        Options with their defaults, e.g. the number of pairings.
    option_help : mapping
        One line each.
    dt : float
        Seconds; the grid on which all spike times lie.
    replicas : int
        Independent synapses a condition (Poisson protocols); ``options["replicas"]`` overrides it.
    simulate : callable or None
        ``simulate(rule, conditions, options, settings) -> DataFrame`` for experiments that are a network and not a set of
        independent synapses; it replaces ``stimulate`` and ``reduce``. ``settings`` holds device, seed, dt and progress.
    """

    name: str
    source: str
    conditions: Callable
    score: Callable
    plot: Callable
    stimulate: Callable | None = None
    reduce: Callable | None = None
    measured: str = "relative change of the weight (1)"
    expected: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    option_help: Mapping[str, str] = field(default_factory=dict)
    dt: float = 1e-4
    replicas: int = 1
    simulate: Callable | None = None


@dataclass(frozen=True)
class Field:
    """One number in a chip: its width, place, scale and meaning. Everything about a chip follows from a list of these.

    Attributes
    ----------
    name : str
    bits : int
        Width; the code is an integer of that many bits.
    lsb : int
        Place of the least significant bit in its word.
    word : str
        Which word or register holds it.
    signed : bool
        Two's complement when true.
    shared : str
        How many there are: one per ``"neuron"``, ``"pair"``, ``"synapse"``, ``"pre"`` or ``"core"``.
    default : int
        Code after reset, or a safe value where the hardware has none.
    scale : float
        Value of one least significant bit in the unit.
    unit : str
    rounding : str
        ``"nearest"``, ``"floor"`` or ``"stochastic"``: what the translation does.
    low, high : int or None
        Allowed codes when narrower than the width.
    meaning, source : str
        One line each.
    """

    name: str
    bits: int
    lsb: int = 0
    word: str = ""
    signed: bool = False
    shared: str = "core"
    default: int = 0
    scale: float = 1.0
    unit: str = ""
    rounding: str = "nearest"
    low: int | None = None
    high: int | None = None
    meaning: str = ""
    source: str = ""

    @property
    def minimum(self) -> int:
        """The smallest allowed code."""
        return self.low if self.low is not None else (-(1 << (self.bits - 1)) if self.signed else 0)

    @property
    def maximum(self) -> int:
        """The largest allowed code."""
        return self.high if self.high is not None else (1 << (self.bits - self.signed)) - 1
