"""The content of ReckOn's memories: weights, neuron states and shift registers, checked when made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from brian2chip.chips.codec import check, code
from brian2chip.chips.field import Field
from brian2chip.chips.reckon.configuration import CHIP, Configuration
from brian2chip.chips.reckon.fields import N_HIDDEN, N_OUTPUT, NEURON_WORD, WEIGHT
from brian2chip.chips.reckon.shift_registers import SEEDS, content_field, seeded
from brian2chip.errors import UserError, unknown

#: The weight memories and the states in the neuron memory.
WEIGHTS = ("winp", "wrec", "wout")
NEURON_STATE = ("u", "trace_inp", "trace_rec", "trace_out")


#: Whether the neuron memory of a unit counts.
DIRTY = Field("dirty", 1, shared="neuron")


def _state_field(name: str) -> Field:
    """Return the field of a state in the neuron memory."""
    return next(f for f in NEURON_WORD if f.name == f"{name}0")


def _block(name: str, given, rows: int, columns: int) -> np.ndarray:
    """Return a weight memory [rows, columns] with the given block in its corner."""
    block = np.asarray(given)
    if block.ndim != 2 or block.shape[0] > rows or block.shape[1] > columns:
        raise UserError(f"{name} of ReckOn has shape {block.shape}; the chip holds at most {rows} by {columns} weights [pre, post].")
    whole = np.zeros((rows, columns), np.int8)
    whole[: block.shape[0], : block.shape[1]] = check(replace(WEIGHT, name=name), block, CHIP)
    return whole


@dataclass(frozen=True)
class Memory:
    """The content of ReckOn's memories and shift registers.

    Attributes
    ----------
    winp, wrec : int8 array [256, 256]
        Weights [pre, post].
    wout : int8 array [256, 16]
    u, trace_inp, trace_rec, trace_out : int array [256]
        The neuron memory.
    dirty : int array [256]
        0 where the neuron memory reads as zero at its first access.
    lfsr : dict of str to int
        Content of the shift registers.
    """

    winp: np.ndarray
    wrec: np.ndarray
    wout: np.ndarray
    u: np.ndarray
    trace_inp: np.ndarray
    trace_rec: np.ndarray
    trace_out: np.ndarray
    dirty: np.ndarray
    lfsr: Mapping[str, int]

    def __post_init__(self):
        for name, columns in zip(WEIGHTS, (N_HIDDEN, N_HIDDEN, N_OUTPUT)):
            codes = check(replace(WEIGHT, name=name), getattr(self, name), CHIP).astype(np.int8)
            self._set(name, codes, (N_HIDDEN, columns))
        for name in NEURON_STATE:
            self._set(name, check(_state_field(name), getattr(self, name), CHIP), (N_HIDDEN,))
        self._set("dirty", check(DIRTY, self.dirty, CHIP), (N_HIDDEN,))
        if not isinstance(self.lfsr, Mapping) or set(self.lfsr) != set(SEEDS):
            raise UserError(f"lfsr of ReckOn must have one number for each of {', '.join(SEEDS)}.")
        object.__setattr__(self, "lfsr", {name: code(content_field(name), self.lfsr[name], CHIP) for name in SEEDS})

    def _set(self, name: str, codes: np.ndarray, shape: tuple[int, ...]) -> None:
        if codes.shape != shape:
            raise UserError(f"{name} of ReckOn has shape {codes.shape}; the chip's memory has {shape}.")
        object.__setattr__(self, name, codes)

    @classmethod
    def of(cls, configuration: Configuration, winp, wrec, wout, *, neurons: Mapping[str, np.ndarray] | None = None) -> Memory:
        """Return checked memories after configuration.

        Parameters
        ----------
        configuration : Configuration
            Its seeds fill the shift registers.
        winp, wrec, wout : int arrays [pre, post]
            Blocks of weights; the rest of the memories is zero.
        neurons : mapping, optional
            ``u``, ``trace_inp``, ``trace_rec``, ``trace_out`` [up to 256]: programmed neuron states, which are alive in the first sample.

        Raises
        ------
        UserError
            For a shape larger than the chip or a value out of range.
        """
        state = {name: np.zeros(N_HIDDEN, np.int64) for name in (*NEURON_STATE, "dirty")}
        for name, values in (neurons or {}).items():
            if name not in NEURON_STATE:
                raise unknown("neuron state of ReckOn called", name, NEURON_STATE)
            codes = check(_state_field(name), values, CHIP)
            if codes.ndim != 1 or codes.size > N_HIDDEN:
                raise UserError(f"{name} of ReckOn has shape {codes.shape}; give at most {N_HIDDEN} numbers.")
            state[name][: codes.size] = codes
            state["dirty"][: 2 * ((codes.size + 1) // 2)] = 1
        return cls(
            _block("winp", winp, N_HIDDEN, N_HIDDEN),
            _block("wrec", wrec, N_HIDDEN, N_HIDDEN),
            _block("wout", wout, N_HIDDEN, N_OUTPUT),
            **state,
            lfsr=seeded(configuration.registers),
        )

    def in_use(self, configuration: Configuration) -> dict[str, np.ndarray]:
        """Return the weights [pre, post] between the units in use."""
        return {name: getattr(self, name)[:rows, :columns] for name, (rows, columns) in configuration.weight_shapes.items()}
