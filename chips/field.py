"""A field: one number in a chip, with its width, sign, scale, unit and rounding. Everything about a chip follows from a list of these."""

from __future__ import annotations

from dataclasses import dataclass

from brian2chip.errors import UserError, unknown

ROUNDINGS = ("nearest", "floor", "stochastic")
#: What there is one field for.
SHARED = ("core", "neuron", "pair", "synapse", "pre")
#: Units that translation converts: the scale that weights, thresholds and membranes share, time steps, and the rest as it is.
MEMBRANE, STEPS = "membrane", "steps"


@dataclass(frozen=True)
class Field:
    """One number in a chip.

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
    shared : {"core", "neuron", "pair", "synapse", "pre"}
        How many there are: one for each of these.
    default : int
        Code after reset, or a safe value where the hardware has none.
    scale : float
        Value of one least significant bit in the unit.
    unit : str
        ``"membrane"`` for what shares the scale of the membrane (weights, thresholds, linear leaks), ``"steps"`` for durations.
        A weight or threshold without unit is scaled by an analogue bias of its own, so translation keeps its ratios only.
    rounding : {"nearest", "floor", "stochastic"}
        How translation makes a code from a real number.
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

    def __post_init__(self):
        if self.bits < 1 or self.scale <= 0:
            raise UserError(f"field {self.name!r} has {self.bits} bits and scale {self.scale}; give at least one bit and a positive scale.")
        for what, value, known in (("rounding", self.rounding, ROUNDINGS), ("owner of a field called", self.shared, SHARED)):
            if value not in known:
                raise unknown(what, value, known)

    @property
    def minimum(self) -> int:
        """The smallest allowed code."""
        return self.low if self.low is not None else (-(1 << (self.bits - 1)) if self.signed else 0)

    @property
    def maximum(self) -> int:
        """The largest allowed code."""
        return self.high if self.high is not None else (1 << (self.bits - self.signed)) - 1
