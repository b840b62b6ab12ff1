"""What is in MorphIC before it runs: registers of the cores, words of the neurons, synapses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from brian2chip.chips.codec import check
from brian2chip.chips.field import Field
from brian2chip.chips.morphic.fields import CORE, CORES, NEURON, NEURONS, ROUTE, ROWS
from brian2chip.errors import UserError, unknown

N = CORES * NEURONS
SHAPE = (CORES, ROWS, NEURONS)


@dataclass(frozen=True)
class Configuration:
    """Contents of the chip; ``UserError`` for a field that is missing or unknown, another shape, a code out of range.

    Attributes
    ----------
    cores : dict of field to int array [4]
        See ``fields.CORE``.
    neurons : dict of field to int array [2048]
        See ``fields.NEURON`` and ``fields.ROUTE``; neuron ``n`` of core ``c`` is at ``512 c + n``.
    synapses : uint8 [4, 1024, 512]
        0 or 1, ``[core, row, neuron]``.
    """

    cores: Mapping[str, np.ndarray]
    neurons: Mapping[str, np.ndarray]
    synapses: np.ndarray

    def __post_init__(self):
        object.__setattr__(self, "cores", _checked(self.cores, CORE, CORES, "the registers of MorphIC's cores"))
        object.__setattr__(self, "neurons", _checked(self.neurons, (*NEURON, *ROUTE), N, "the neurons of MorphIC"))
        given = np.asarray(self.synapses)
        if given.shape != SHAPE:
            raise UserError(f"the synapses of MorphIC must be of shape {SHAPE}, four cores of 1,024 rows, not {given.shape}.")
        if given.dtype.kind not in "iu" or np.any((given < 0) | (given > 1)):
            raise UserError(f"the synapses of MorphIC are 0 or 1; given were {given.dtype} from {given.min()} to {given.max()}.")
        object.__setattr__(self, "synapses", given.astype(np.uint8))
        own = np.repeat(1 << np.arange(CORES), NEURONS)
        if np.any(wrong := self.neurons["star"] & own > 0):
            raise UserError(
                f"neuron {int(np.argmax(wrong))} of MorphIC sends to its own core over the star, which joins other cores; set crossbar."
            )

    @classmethod
    def blank(cls) -> Configuration:
        """Return a silent chip: disabled neurons of the highest threshold that send nowhere, synapses of 0."""
        cores = {f.name: np.full(CORES, f.default) for f in CORE}
        neurons = {f.name: np.full(N, f.default) for f in (*NEURON, *ROUTE)}
        return cls(cores, {**neurons, "disable": np.ones(N, int)}, np.zeros(SHAPE, np.uint8))

    def with_cores(self, where=slice(None), **codes) -> Configuration:
        """Return the same with other registers of the cores ``where``, a number or an index of four."""
        return replace(self, cores=_changed(self.cores, where, codes, "core"))

    def with_neurons(self, where, **codes) -> Configuration:
        """Return the same with other fields of the neurons ``where``."""
        return replace(self, neurons=_changed(self.neurons, where, codes, "neuron"))


def _checked(given: Mapping[str, np.ndarray], fields: Sequence[Field], n: int, what: str) -> dict[str, np.ndarray]:
    if not isinstance(given, Mapping):
        raise UserError(f"{what} were given as {given!r:.60}; give a mapping of fields to {n} integers.")
    known = {f.name: f for f in fields}
    for name in given:
        if name not in known:
            raise unknown("field of MorphIC called", name, known)
    if missing := [name for name in known if name not in given]:
        raise UserError(f"{what} lack {', '.join(missing)}; give all of {', '.join(known)}.")
    found = {name: check(known[name], values, "MorphIC") for name, values in given.items()}
    for name, codes in found.items():
        if codes.shape != (n,):
            raise UserError(f"{name} of {what} has shape {codes.shape}; give {n} integers.")
    return {name: found[name] for name in known}


def _changed(given: Mapping[str, np.ndarray], where, codes: Mapping[str, object], what: str) -> dict[str, np.ndarray]:
    changed = {name: values.copy() for name, values in given.items()}
    for name, values in codes.items():
        if name not in changed:
            raise unknown(f"field of a {what} of MorphIC called", name, changed)
        values = np.asarray(values)
        changed[name] = changed[name].astype(values.dtype if values.dtype.kind not in "iu" else np.int64)
        try:
            changed[name][where] = values
        except (IndexError, ValueError) as error:
            raise UserError(f"the {what}s {where!r:.60} of MorphIC cannot be set ({error!s:.100}).") from None
    return changed
