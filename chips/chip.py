"""What a chip is: its fields, the constraints on a network, the laws by which it leaks, and the backend that emulates it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.chips.costs import Costs
from brian2chip.chips.field import Field
from brian2chip.chips.memory_images import Images
from brian2chip.chips.quantised import QuantisedParameter
from brian2chip.chips.standing_power import StandingPower
from brian2chip.core import html
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError, unknown

KINDS = ("if", "lif", "alif", "li", "cuba", "cuba-if", "cuba-alif", "cuba-li")
RESETS = ("subtract", "subtract_at_once", "zero")
SIGNS = ("synapse", "pre")
ROLES = ("weight", "weight_exponent", "v_threshold", "v", "bias", "refractory", "delay")
LEAKS = ("exponential", "shift", "linear")

#: Range of every membrane: ``{population: {"v_min", "v_max", "v_mean"}}``, arrays of one value a neuron.
Visited = Mapping[str, Mapping[str, np.ndarray]]
#: A recorded trace: its arrays by name.
Trace = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class LeakLaw:
    """How what is left of a membrane after a step, a factor, relates to the number in a field.

    Attributes
    ----------
    field : str
        The field that holds the number; its scale and rounding make the code of it.
    kind : {"exponential", "shift", "linear"}
    value, factor : callable
        The factor of a step to the number in the field's unit, and back. A linear leak has no factor: both are the loss itself.
    """

    field: str
    kind: str
    value: Callable[[np.ndarray], np.ndarray]
    factor: Callable[[np.ndarray], np.ndarray]

    def __post_init__(self):
        _known("kind of leak", self.kind, LEAKS)


@dataclass(frozen=True)
class Placement:
    """A network placed on a chip.

    Attributes
    ----------
    parameters : tuple of QuantisedParameter
        Every number of the network with its code.
    configuration : object
        The chip's own frozen dataclass: what programs the chip, and where the network sits in it.
    notes : tuple of str
        What behaves differently on the chip though it was accepted.
    """

    parameters: tuple[QuantisedParameter, ...]
    configuration: Any
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replay:
    """How recorded traces of a chip are computed again.

    Attributes
    ----------
    outputs : tuple of str
        Arrays of a trace that the chip's inputs determine.
    open : callable
        Context manager that gives ``trace -> {name: array}``; one compiled program serves all traces inside it.
    describe : callable
        ``(name, index, expected, got, trace) -> str or None``: the chip's words for the first difference of an array.
    """

    outputs: tuple[str, ...]
    open: Callable[[], AbstractContextManager[Callable[[Trace], dict[str, np.ndarray]]]]
    describe: Callable[[str, tuple[int, ...], np.ndarray, np.ndarray, Trace], str | None] = lambda *_: None


@dataclass(frozen=True)
class Backend:
    """What an emulated chip can do; ``C`` below is its configuration, a frozen dataclass that checks itself when made.

    Attributes
    ----------
    configuration : type
        ``C``; its typed fields are what a folder holds (see :mod:`brian2chip.chips.configuration_file`).
    version : int
        Of the schema of ``C``.
    place : callable
        ``(network, chip, visited, rng) -> Placement`` of a network that no constraint refuses. Bits, scales, units and rounding come
        from the fields of the chip that is given.
    emulate : callable
        ``(C, samples) -> NetworkRun``, by the names of the network's populations.
    write : callable
        ``(C, folder, samples or None) -> None``: the files that program the chip, and with samples their stimulus.
    read : callable
        ``folder -> contents``: what the files that ``write`` left program into the chip, checked against one another.
    replay : Replay or None
    train : callable or None
        ``(task, **options)``: learn a task from scratch on the chip.
    fine_tune : callable or None
        ``(C, samples, **options) -> (C, history)``: go on learning on the chip; the history is a DataFrame.
    images : callable or None
        ``C -> Images``: memories and SPI words, for other formats than those of ``write``.
    costs : callable or None
        ``(C, inputs, steps) -> Costs``: bounds for so many inputs, and samples of so many steps.
    """

    configuration: Any
    version: int
    place: Callable[[SpikingNetwork, Chip, Visited, np.random.Generator], Placement]
    emulate: Callable[[Any, Samples], NetworkRun]
    write: Callable[[Any, Path, Samples | None], None]
    read: Callable[[Path], Any]
    replay: Replay | None = None
    train: Callable[..., Any] | None = None
    fine_tune: Callable[..., tuple[Any, pd.DataFrame]] | None = None
    images: Callable[[Any], Images] | None = None
    costs: Callable[[Any, int, int], Costs] | None = None


#: What a network asks of a chip that it does not have: a sentence for each thing, none when it fits.
Constraint = Callable[[SpikingNetwork, "Chip"], Iterator[str]]


@dataclass(frozen=True)
class Chip:
    """Discrete hardware as data.

    Attributes
    ----------
    name, source : str
        The registry name and where the numbers come from.
    verified : str
        What the numbers stand on, in words that the report repeats.
    fields : tuple of Field
        The only truth for bits, sign, scale, unit and rounding.
    roles : mapping
        Which field holds the network's ``"weight"``, ``"weight_exponent"`` (power of two of a matrix), ``"v_threshold"``, ``"v"``
        (membrane), ``"bias"``, ``"refractory"``, ``"delay"``.
    kinds, resets : tuple of str
        Neuron kinds (``"cuba"``: a LIF neuron with a synaptic current, ``"cuba-if"`` another one) and reset modes that it has.
    leak, readout_leak, current_leak : LeakLaw or None
        Of membranes, of readouts and of synaptic currents; None: no leak of that kind.
    sign : {"synapse", "pre"}
        Whether a synapse or a presynaptic neuron carries the sign.
    constraints : tuple of callable
        ``(network, chip) -> iterator of sentences``, beside those that hold for every chip (:mod:`brian2chip.chips.constraints`).
    energy : mapping
        Published energies of a synaptic operation in joules under their conditions, each with its source; only verified ones.
    standing : StandingPower or None
        What it takes whatever it does.
    event_driven : bool
        Whether it takes the spikes of a step one after the other and tests the threshold after each.
    backend : Backend or None
        None for a chip that can only be described and quantised.
    """

    name: str
    source: str
    verified: str
    fields: tuple[Field, ...]
    roles: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ("lif",)
    resets: tuple[str, ...] = ("zero",)
    leak: LeakLaw | None = None
    readout_leak: LeakLaw | None = None
    current_leak: LeakLaw | None = None
    sign: str = "synapse"
    constraints: tuple[Constraint, ...] = ()
    energy: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    standing: StandingPower | None = None
    event_driven: bool = False
    backend: Backend | None = None

    def _repr_html_(self) -> str:
        return html.result(f"{self.name}: {self.source}", self.table())

    def __post_init__(self):
        for what, given, known in (
            ("neuron kind", self.kinds, KINDS),
            ("reset", self.resets, RESETS),
            ("role of a field", self.roles, ROLES),
        ):
            for value in given:
                _known(what, value, known)
        _known("carrier of the sign", self.sign, SIGNS)
        names = [f.name for f in self.fields]
        if twice := {name for name in names if names.count(name) > 1}:
            raise UserError(f"chip {self.name!r} has several fields called {sorted(twice)[0]!r}; give each a name of its own.")
        for name in (*self.roles.values(), *(law.field for law in (self.leak, self.readout_leak, self.current_leak) if law is not None)):
            self.field(name)

    def field(self, name: str) -> Field:
        """Return the field of that name, or UserError with the nearest names."""
        for f in self.fields:
            if f.name == name:
                return f
        raise unknown(f"field of {self.name} called", name, [f.name for f in self.fields])

    def role(self, role: str) -> Field | None:
        """Return the field that holds that quantity of the network, or None when the chip has none."""
        return self.field(self.roles[role]) if role in self.roles else None

    @property
    def exponents(self) -> tuple[int, ...]:
        """Powers of two by which one weight matrix may be scaled against the membrane."""
        f = self.role("weight_exponent")
        return (0,) if f is None else tuple(range(f.minimum, f.maximum + 1))

    def table(self) -> pd.DataFrame:
        """Return one row a field: name, bits, range, how many there are, what one code stands for, rounding, and the source."""
        columns = ["field", "bits", "low", "high", "one_per", "scale", "unit", "rounding", "meaning", "source"]
        rows = [
            (f.name, f.bits, f.minimum, f.maximum, f.shared, f.scale, f.unit, f.rounding, f.meaning, f.source or self.source)
            for f in self.fields
        ]
        return pd.DataFrame(rows, columns=columns)


def _known(what: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise unknown(what, value, known)
