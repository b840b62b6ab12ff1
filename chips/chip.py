"""What a chip is: its fields, its limits and the laws by which it leaks; translation, report and checks follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from brian2chip.errors import UserError, unknown


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


#: What ``Chip.limits`` may name, and how a sentence speaks of it.
LIMITS = {
    "inputs": "input channels",
    "neurons": "neurons",
    "outputs": "output neurons",
    "addresses": "addresses shared by inputs and neurons",
    "fan_in": "synapses onto one neuron",
    "synapses": "synapses",
    "layers": "layers of neurons",
    "delay_steps": "steps of delay",
    "refractory_steps": "steps of refractoriness",
}


@dataclass(frozen=True)
class LeakLaw:
    """How a neuron's leak, a factor of its membrane per time step, becomes a code and back.

    Attributes
    ----------
    field : str
        The field that holds the code.
    kind : str
        ``"exponential"``, ``"shift"`` or ``"linear"``, for the reader.
    code, factor : callable
        Factor per step (array) to the real-valued code before rounding, and the code to the factor it makes.
    """

    field: str
    kind: str
    code: Callable[[np.ndarray], np.ndarray]
    factor: Callable[[np.ndarray], np.ndarray]


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
    roles : mapping
        Which field holds the network's ``"weight"``, ``"v_threshold"``, ``"refractory"``, ``"delay"``.
    kinds, resets : tuple of str
        Neuron kinds and reset modes that it has.
    leak, readout_leak : Law or None
        None: no leak of that kind.
    sign : {"synapse", "pre"}
        Whether a synapse or a presynaptic neuron carries the sign.
    recurrent : bool
    limits : mapping
        Keys of :data:`LIMITS`.
    exponents : tuple of int
        Powers of two by which one weight matrix may be scaled against the membrane.
    units : mapping
        Value of one code of the weight and of the threshold in membrane units; a missing one means that the chip scales it
        by an analogue bias of its own, so the translation keeps ratios only.
    energy : mapping
        Published energies in joules, each with its source; only verified ones.
    mapping : str
        Module with the chip's own placement and emulation; empty for a chip that can only be described and quantised.
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
    sign: str = "synapse"
    recurrent: bool = True
    limits: Mapping[str, int] = field(default_factory=dict)
    exponents: tuple[int, ...] = (0,)
    units: Mapping[str, float] = field(default_factory=dict)
    energy: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    mapping: str = ""

    def __post_init__(self):
        if strange := set(self.limits) - set(LIMITS):
            raise UserError(f"chip {self.name!r} names the limit {sorted(strange)[0]!r}; it may name {', '.join(LIMITS)}.")
        for role in self.roles.values():
            self.field(role)

    def field(self, name: str) -> Field:
        """Return the field of that name, or UserError with the nearest names."""
        for f in self.fields:
            if f.name == name:
                return f
        raise unknown(f"field of {self.name} called", name, [f.name for f in self.fields])

    def role(self, role: str) -> Field | None:
        """Return the field that holds that quantity of the network, or None when the chip has none."""
        return self.field(self.roles[role]) if role in self.roles else None

    def table(self) -> pd.DataFrame:
        """Return one row a field: name, bits, range, how many there are, what one code stands for, and the source."""
        return pd.DataFrame(
            [(f.name, f.bits, f.minimum, f.maximum, f.shared, f.scale, f.unit, f.meaning, f.source or self.source) for f in self.fields],
            columns=["field", "bits", "low", "high", "one_per", "scale", "unit", "meaning", "source"],
        )
