"""Imperfect hardware as a random map: what a chip makes of ideal numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from brian2chip.core import html
from brian2chip.core.field_types import check_fields
from brian2chip.core.parameters import check_defaults, with_parameters
from brian2chip.core.weight_memory import WeightMemory
from brian2chip.errors import UserError, unknown

#: What a substrate may change, each by a function of its own, in words.
FEATURES = {
    "weights": "weights",
    "mismatch": "parameters of neurons and rules",
    "jitter": "times of spikes",
    "train": "training in the loop",
    "memory": "weights that a training changes",
}


class Draws(NamedTuple):
    """Random generators of one array of one chip; a function draws from each in a fixed order.

    Attributes
    ----------
    chip : numpy Generator
        For what stays as the chip was made (fixed pattern): it starts anew at every call, so the same numbers come back.
    write : numpy Generator
        For what differs each time the array is programmed.
    read : numpy Generator
        For what differs each time it is read.
    """

    chip: np.random.Generator
    write: np.random.Generator
    read: np.random.Generator


@dataclass(frozen=True)
class Substrate:
    """Imperfect hardware as a random map from ideal to realised numbers.

    Its functions are pure: they take arrays and plain SI numbers, draw from the generators that they are given alone, and return a new
    array of the same shape. What it has no function for stays ideal.

    Attributes
    ----------
    name, source : str
        The registry name and the citation.
    parameters : mapping of str to Quantity or number
        Constants with their units, e.g. spread, largest conductance, time since programming.
    sources : mapping of str to str
        Where each parameter's value comes from.
    bounds : mapping of str to (low, high)
        Allowed closed interval of a parameter, ``None`` for open ends.
    presets : mapping of str to mapping
        Named parameter sets; ``"name:preset"`` selects one.
    weights : callable or None
        ``weights(ideal, p, draws) -> realised``: the weights [source, target] of one projection, in the network's unit, as they are read.
    mismatch : callable or None
        ``mismatch(name, ideal, p, draws) -> realised``: the values of one parameter (``"tau_m"``, ``"A2_plus"``) in SI, of any shape.
    jitter : callable or None
        ``jitter(times, p, draws) -> times``: times of spikes in seconds.
    train : callable or None
        ``train(network, samples, chips, progress) -> networks``: training in the loop. It is given the ideal network, labelled samples,
        a list of :class:`~brian2chip.core.chip_instance.ChipInstance` and what takes the fraction that is done, and returns for each
        chip the network whose weights are to be put on it.
    memory : WeightMemory or None
        How it holds weights that a training changes: equations, see :mod:`brian2chip.core.weight_memory`.
    file : str or None
        The file that defines it, where that is a user's own.

    Raises
    ------
    UserError
        For a field of another type, a parameter without source, bounds of another unit, or a substrate that changes nothing.
    """

    name: str
    source: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, tuple] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    weights: Callable | None = None
    mismatch: Callable | None = None
    jitter: Callable | None = None
    train: Callable | None = None
    memory: WeightMemory | None = None
    file: str | None = None

    with_parameters = with_parameters
    _repr_html_ = html.definition

    def __post_init__(self):
        check_fields(self)
        check_defaults(self, self.presets)
        for name in self.sources:
            if name not in self.parameters:
                raise unknown(f"parameter of {self.name!r}, for its source, called", name, self.parameters)
        if lacking := [name for name in self.parameters if name not in self.sources]:
            raise UserError(
                f"substrate {self.name!r} gives no source for {', '.join(lacking)}; say in sources= where each value comes from."
            )
        if not self.features:
            raise UserError(f"substrate {self.name!r} changes nothing; give it at least one function of {', '.join(FEATURES)}.")

    @property
    def features(self) -> tuple[str, ...]:
        """What it changes: names of its functions."""
        return tuple(name for name in FEATURES if getattr(self, name) is not None)

    def numbers(self) -> dict[str, float]:
        """Return the parameters as plain SI numbers, as its functions take them."""
        return {name: float(np.asarray(value)) for name, value in self.parameters.items()}

    def described(self) -> str:
        """Return its name with its parameters, e.g. ``"analogue_mismatch (spread = 0.1)"``."""
        return f"{self.name} ({', '.join(f'{name} = {value}' for name, value in self.parameters.items())})"

    def needs(self, who: str, *features: str) -> None:
        """Check that it changes at least one of what somebody needs.

        Parameters
        ----------
        who : str
            For messages, e.g. ``"rule 'triplet' in a protocol"``.
        *features : str
            Keys of :data:`FEATURES`.

        Raises
        ------
        UserError
            With what is missing.
        """
        if not set(features) & set(self.features):
            wanted = " or ".join(f"{name}= ({FEATURES[name]})" for name in features)
            has = ", ".join(self.features)
            raise UserError(f"substrate {self.name!r} cannot be used for {who}: it has no {wanted}, only {has}; choose another substrate.")
