"""A neuron as Brian2 equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from brian2chip.core import html
from brian2chip.core.brian2_objects import neurons
from brian2chip.core.drives import CurrentPulse, PrescribedSpike, VoltageStep
from brian2chip.core.field_types import check_fields
from brian2chip.core.parameters import check_defaults, with_parameters
from brian2chip.core.starts import numbers
from brian2chip.core.units import Quantity
from brian2chip.errors import UserError


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
    refractory : str, Quantity or False
        The refractory time, or a Brian2 expression of it.
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
    teacher : tuple of (onset, fire) or None
        Code that a protocol runs to depolarise the neuron before a prescribed spike and to make it fire. Without one a prescribed
        spike happens to the neuron: it is reset and its synapses see the spike, and nothing depolarises it before.
    drive : CurrentPulse, VoltageStep, PrescribedSpike or None
        How a protocol makes it fire instead, unless the protocol or the run chooses another way.
    prescribed : bool
        Whether a protocol may prescribe its spikes; False where they mean nothing without the signal of a learning task.
    dt : float
        Largest step in seconds at which the equations are integrated accurately.
    functions : mapping of str to callable
        What equations call beside Brian2's functions: each makes, without arguments, a Brian2 ``Function`` for one group of neurons.
    excitatory : str
        Code by which a synapse of size ``drive`` excites the neuron, e.g. ``"g_e_post += drive"``.

    Raises
    ------
    UserError
        For a field of another type, or parameters and bounds of other units.
    """

    name: str
    source: str
    equations: str
    threshold: str
    reset: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    refractory: str | bool | Quantity = False
    initial: Mapping[str, Any] = field(default_factory=dict)
    method: str = "exact"
    bounds: Mapping[str, tuple] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    regular: tuple[tuple[str, str], ...] = ()
    teacher: tuple[str, str] | None = None
    drive: CurrentPulse | VoltageStep | PrescribedSpike | None = None
    prescribed: bool = True
    dt: float = 1e-4
    excitatory: str | None = None
    functions: Mapping[str, Callable] = field(default_factory=dict)

    with_parameters = with_parameters
    neurons = neurons
    _repr_html_ = html.definition

    def __post_init__(self):
        check_fields(self)
        check_defaults(self, self.presets)
        for name, value in self.initial.items():
            if numbers(f"model {self.name!r}", name, value).ndim:
                raise UserError(f"the start of {name} in model {self.name!r} was given as {value!r}; give one number with its unit.")
