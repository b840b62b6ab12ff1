"""What is in Xylo before it runs: weights with their shifts, decays, thresholds and biases of hidden and output neurons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from brian2chip.chips.codec import check, code
from brian2chip.chips.xylo.fields import AUDIO2, AUDIO3, NEURON, SHIFT, WEIGHT
from brian2chip.errors import UserError, unknown

#: The most that a chip of the family has.
INPUTS, HIDDEN, OUTPUTS = AUDIO2.inputs, AUDIO2.hidden, AUDIO3.outputs
FIELD = {f.name: f for f in NEURON}


@dataclass(frozen=True)
class Configuration:
    """Contents of the chip.

    Attributes
    ----------
    weights_in : int array [inputs, hidden]
    weights_rec : int array [hidden, hidden]
    weights_out : int array [hidden, outputs]
        There may be no outputs.
    weight_shift_in, weight_shift_rec, weight_shift_out : int
    hidden, outputs : dict of field to int array
        See ``fields.NEURON``.

    Raises
    ------
    UserError
        For matrices that do not follow one another, a field that is missing or unknown, a code out of range, more neurons than there are.
    """

    weights_in: np.ndarray
    weights_rec: np.ndarray
    weights_out: np.ndarray
    weight_shift_in: int
    weight_shift_rec: int
    weight_shift_out: int
    hidden: Mapping[str, np.ndarray]
    outputs: Mapping[str, np.ndarray]

    def __post_init__(self):
        for name in ("weights_in", "weights_rec", "weights_out"):
            weights = check(WEIGHT, getattr(self, name), "Xylo")
            if weights.ndim != 2:
                raise UserError(f"{name} of Xylo has shape {weights.shape}; give a matrix, sources and targets.")
            object.__setattr__(self, name, weights)
        (n_in, n_hidden), n_out = self.weights_in.shape, self.weights_out.shape[1]
        if self.weights_rec.shape != (n_hidden, n_hidden) or len(self.weights_out) != n_hidden:
            raise UserError(
                f"weights of Xylo have shapes {self.weights_in.shape}, {self.weights_rec.shape}, {self.weights_out.shape}; give inputs x "
                "hidden, hidden x hidden, hidden x outputs."
            )
        for n, least, most, what in ((n_in, 1, INPUTS, "inputs"), (n_hidden, 1, HIDDEN, "hidden neurons"), (n_out, 0, OUTPUTS, "outputs")):
            if not least <= n <= most:
                raise UserError(f"{n} {what} were given; Xylo has {most}, and needs at least {least}.")
        for name in ("weight_shift_in", "weight_shift_rec", "weight_shift_out"):
            code(SHIFT, getattr(self, name), f"Xylo ({name})")
        object.__setattr__(self, "hidden", _neurons(self.hidden, n_hidden, "hidden"))
        object.__setattr__(self, "outputs", _neurons(self.outputs, n_out, "output"))

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Inputs, hidden neurons and outputs in use."""
        return (*self.weights_in.shape, self.weights_out.shape[1])


def _neurons(given: Mapping[str, np.ndarray], n: int, what: str) -> dict[str, np.ndarray]:
    if not isinstance(given, Mapping):
        raise UserError(f"the {what} neurons of Xylo were given as {given!r:.60}; give a mapping of {', '.join(FIELD)} to {n} integers.")
    for name in given:
        if name not in FIELD:
            raise unknown(f"field of Xylo's {what} neurons called", name, FIELD)
    if missing := [name for name in FIELD if name not in given]:
        raise UserError(f"the {what} neurons of Xylo lack {', '.join(missing)}; give all of {', '.join(FIELD)}.")
    found = {}
    for name, field in FIELD.items():
        found[name] = check(field, given[name], f"Xylo's {what} neurons") if np.size(given[name]) else np.zeros(0, np.int64)
        if found[name].shape != (n,):
            raise UserError(f"{name} of Xylo's {what} neurons has shape {found[name].shape}; give one code for each of the {n}.")
    return found
