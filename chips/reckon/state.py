"""What a ReckOn is given: its configuration, the content of its memories, and samples of input events; all checked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from brian2chip.chips.fields import check
from brian2chip.chips.reckon.fields import ALPHA, BY_NAME, NEURON_WORD, THR, WEIGHT
from brian2chip.chips.reckon.shift_registers import seeded
from brian2chip.errors import UserError, unknown
from brian2chip.models.reckon import N_HIDDEN, N_OUTPUT

logger = logging.getLogger(__name__)
CHIP = "ReckOn"
N_PAIRS = N_HIDDEN // 2


def _signed(name: str, code: int) -> int:
    """Return a register's value from its bits (two's complement where it is signed); a value already negative stays."""
    f = BY_NAME[name]
    return code - (1 << f.bits) if f.signed and code >= 1 << (f.bits - 1) and code < 1 << f.bits else code


@dataclass(frozen=True)
class Configuration:
    """The registers, thresholds and leaks of a ReckOn.

    Attributes
    ----------
    registers : mapping of register name to int
        All of :data:`fields.REGISTERS`; signed ones as signed numbers.
    thr : int array [128]
        Threshold of a pair of units.
    alpha : int array [128]
        Leak of a pair of units, 2**15 is 1.
    """

    registers: Mapping[str, int]
    thr: np.ndarray
    alpha: np.ndarray

    @classmethod
    def of(cls, registers: Mapping[str, int] | None = None, thr=614, alpha=0x7FEF) -> Configuration:
        """Return a checked configuration.

        Parameters
        ----------
        registers : mapping, optional
            Names with or without the prefix ``SPI_``; what is not named keeps its reset value. ``ALPHA_CONF`` follows from ``alpha``.
        thr, alpha : int or int array [128]

        Raises
        ------
        UserError
            For an unknown register, a value out of range, or a seed of zero.
        """
        values = {name: f.default for name, f in BY_NAME.items()}
        for given, value in (registers or {}).items():
            name = given.removeprefix("SPI_")
            if name not in BY_NAME:
                raise unknown("ReckOn register", given, BY_NAME)
            value = _signed(name, int(value)) if isinstance(value, (int, np.integer)) else value
            if isinstance(value, int) and BY_NAME[name].bits > 63:  # NumPy has no such integers
                if not 0 <= value <= BY_NAME[name].maximum:
                    raise UserError(f"{name} of ReckOn was given as {value}; it takes integers from 0 to {BY_NAME[name].maximum}.")
                values[name] = value
            else:
                values[name] = int(check(BY_NAME[name], value, CHIP))
        thr = np.broadcast_to(check(THR, thr, CHIP), (N_PAIRS,)).copy()
        alpha = np.broadcast_to(check(ALPHA, alpha, CHIP), (N_PAIRS,)).copy()
        values["ALPHA_CONF"] = sum(int(a >= 0x8000) << w for w, a in enumerate(alpha))
        seeded(values)
        return cls(values, thr, alpha)

    def with_registers(self, **changes: int) -> Configuration:
        """Return the same configuration with some registers changed."""
        return Configuration.of({**self.registers, **changes}, self.thr, self.alpha)

    def __getitem__(self, name: str) -> int:
        return self.registers[name]

    @property
    def n_inputs(self) -> int:
        """Inputs in use."""
        return self["NUM_INP_NEUR"] + 1

    @property
    def n_hidden(self) -> int:
        """Hidden units in use."""
        return self["NUM_REC_NEUR"] + 1

    @property
    def n_outputs(self) -> int:
        """Outputs in use."""
        return self["NUM_OUT_NEUR"] + 1

    @property
    def n_rows(self) -> int:
        """Rows of the weight memories that the chip visits."""
        return max(self.n_inputs, self.n_hidden)

    @property
    def n_stepped(self) -> int:
        """Units up to the highest index in use of any kind."""
        return max(self.n_rows, self.n_outputs)

    @property
    def n_columns(self) -> int:
        """Hidden units in whole blocks of 16, as the weight memories hold them."""
        return 16 * ((self["NUM_REC_NEUR"] >> 4) + 1)

    def design_rules(self) -> list[str]:
        """Return a sentence for each thing that the chip accepts and that is almost surely a mistake."""
        found = []
        if self.n_stepped % 2:
            found.append(
                f"the highest unit in use of ReckOn is {self.n_stepped - 1}, an odd number of units: the chip never updates the last one; "
                "use an even number."
            )
        dead = np.flatnonzero(self.thr[: (self.n_stepped + 1) // 2] <= 0)
        if dead.size:
            found.append(
                f"the threshold of ReckOn's pair of units {dead[0]} is {self.thr[dead[0]]}: units at rest fire in every step; "
                f"set the thresholds of all pairs up to {(self.n_stepped - 1) // 2} above zero."
            )
        return found

    def require_sound(self) -> None:
        """Raise the first finding of :meth:`design_rules` as a UserError."""
        for sentence in self.design_rules():
            raise UserError(sentence)


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
    lfsr: dict[str, int] = field(default_factory=dict)

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
        state = {name: np.zeros(N_HIDDEN, np.int64) for name in ("u", "trace_inp", "trace_rec", "trace_out", "dirty")}
        for name, values in (neurons or {}).items():
            if name not in state or name == "dirty":
                raise unknown("neuron state of ReckOn called", name, ("u", "trace_inp", "trace_rec", "trace_out"))
            codes = check(next(f for f in NEURON_WORD if f.name == name + "0"), values, CHIP)
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


@dataclass(frozen=True)
class ChipSamples:
    """Samples one after the other, tick by tick, as the host gives them to the chip.

    Attributes
    ----------
    n_ticks : int array [S]
        Ticks of each sample (at least 2); the events of the last tick are thrown away by the chip.
    sample, t, i : int arrays [E]
        Input events: sample, tick, input.
    eprop : int array [S]
        DO_EPROP of each sample.
    label : int array [S]
        Class of each sample.
    target_valid, infer_acc : int array [sum of n_ticks]
        Levels in each tick.
    target : int array [sum of n_ticks, outputs or 1] or None
        What the host answers when the chip asks for a target in that tick: numbers in regression, the class when SINGLE_LABEL is 0.
    """

    n_ticks: np.ndarray
    sample: np.ndarray
    t: np.ndarray
    i: np.ndarray
    eprop: np.ndarray
    label: np.ndarray
    target_valid: np.ndarray
    infer_acc: np.ndarray
    target: np.ndarray | None = None

    def checked(self, configuration: Configuration) -> ChipSamples:
        """Return the samples as int64 arrays after checking them against a configuration.

        Raises
        ------
        UserError
            For arrays that do not fit together, events outside their sample or of inputs the chip does not have, and targets that are
            missing where the chip would wait for them for ever.
        """
        arrays = {}
        for name in ("n_ticks", "sample", "t", "i", "eprop", "label", "target_valid", "infer_acc"):
            values = np.asarray(getattr(self, name))
            if values.ndim != 1 or values.dtype.kind not in "iub":
                raise UserError(f"{name} of the samples must be one row of integers, not {values.dtype} of shape {values.shape}.")
            arrays[name] = values.astype(np.int64)
        n, total = arrays["n_ticks"].size, int(arrays["n_ticks"].sum())
        sizes = {"eprop": (n, "samples"), "label": (n, "samples"), "target_valid": (total, "ticks"), "infer_acc": (total, "ticks")}
        for name, (size, what) in sizes.items():
            if arrays[name].size != size:
                raise UserError(f"{name} has {arrays[name].size} entries; there are {size} {what}.")
        if n == 0 or arrays["n_ticks"].min() < 2:
            raise UserError("a sample of ReckOn needs at least two ticks, and there must be at least one sample.")
        if not arrays["sample"].size == arrays["t"].size == arrays["i"].size:
            raise UserError("sample, t and i of the events must have the same length.")
        if arrays["sample"].size:
            self._check_events(arrays, n)
        if np.any((arrays["eprop"] < 0) | (arrays["eprop"] > 7)):
            raise UserError(f"DO_EPROP of the samples takes integers from 0 to 7, not {arrays['eprop'].tolist()}.")
        return ChipSamples(**arrays, target=self._checked_target(configuration, arrays, total))

    @staticmethod
    def _check_events(arrays: dict[str, np.ndarray], n: int) -> None:
        sample, t, i = arrays["sample"], arrays["t"], arrays["i"]
        if sample.min() < 0 or sample.max() >= n:
            raise UserError(f"events belong to samples {sample.min()} to {sample.max()}, but the samples are 0 to {n - 1}.")
        late = np.flatnonzero((t < 0) | (t >= arrays["n_ticks"][sample]))
        if late.size:
            k = late[0]
            raise UserError(f"event {k} is at tick {t[k]} of sample {sample[k]}, which has ticks 0 to {arrays['n_ticks'][sample[k]] - 1}.")
        if i.min() < 0 or i.max() >= N_HIDDEN:
            raise UserError(f"events come from inputs {i.min()} to {i.max()}; ReckOn has inputs 0 to {N_HIDDEN - 1}.")

    def _checked_target(self, configuration: Configuration, arrays: dict[str, np.ndarray], total: int) -> np.ndarray | None:
        regression, single = configuration["REGRESSION"], configuration["SINGLE_LABEL"]
        learns = np.repeat(arrays["eprop"] > 0, arrays["n_ticks"]) & ((arrays["target_valid"] > 0) | (configuration["REGUL_MODE"] >= 6))
        if self.target is None:
            if np.any(learns) and (regression or not single):
                what = "a number for each output" if regression else "a class"
                asks = f"ReckOn asks for {what} in {int(learns.sum())} ticks"
                raise UserError(f"{asks} and would wait for ever; give target, one row a tick.")
        elif np.asarray(self.target).shape[:1] != (total,):
            raise UserError(f"target has {np.asarray(self.target).shape[0]} rows; there are {total} ticks.")
        wrong = (arrays["label"] < 0) | (arrays["label"] >= N_OUTPUT)
        if np.any(wrong) and np.any(learns) and not regression and single:
            raise UserError(f"a label is {arrays['label'][wrong][0]}; ReckOn's classes are 0 to {N_OUTPUT - 1}.")
        return None if self.target is None else np.asarray(self.target, np.int64)
