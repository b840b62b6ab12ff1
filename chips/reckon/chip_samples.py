"""Samples as the host gives them to ReckOn, tick by tick: events, labels, targets, and whether the chip shall learn; checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import N_HIDDEN, N_OUTPUT
from brian2chip.core.checked_arrays import whole_numbers
from brian2chip.errors import UserError


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

    def alone(self, s: int) -> ChipSamples:
        """Return sample s alone."""
        return self.between(s, s + 1)

    def between(self, first: int, end: int) -> ChipSamples:
        """Return samples first to end - 1, numbered from 0 on."""
        ends = np.concatenate([[0], np.cumsum(self.n_ticks)])
        ticks, events = slice(ends[first], ends[end]), (self.sample >= first) & (self.sample < end)
        return ChipSamples(
            n_ticks=self.n_ticks[first:end],
            sample=np.asarray(self.sample[events], np.int64) - first,
            t=self.t[events],
            i=self.i[events],
            eprop=self.eprop[first:end],
            label=self.label[first:end],
            target_valid=self.target_valid[ticks],
            infer_acc=self.infer_acc[ticks],
            target=None if self.target is None else self.target[ticks],
        )

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
            if values.ndim != 1 or values.dtype.kind not in "iu":
                raise UserError(f"{name} of the samples must be one row of integers, not {values.dtype} of shape {values.shape}.")
            if values.size and (values.min() < -(1 << 31) or values.max() >= 1 << 31):
                raise UserError(f"{name} of the samples reaches from {values.min()} to {values.max()}, beyond 32 bits.")
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
        for name in ("target_valid", "infer_acc"):
            if np.any((arrays[name] != 0) & (arrays[name] != 1)):
                raise UserError(
                    f"{name} of the samples is a level, 0 or 1 in each tick; it reaches from {arrays[name].min()} to {arrays[name].max()}."
                )
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
        wrong = (arrays["label"] < 0) | (arrays["label"] >= N_OUTPUT)
        if np.any(wrong) and np.any(learns) and not regression and single:
            raise UserError(f"a label is {arrays['label'][wrong][0]}; ReckOn's classes are 0 to {N_OUTPUT - 1}.")
        if self.target is None:
            return None
        low, high = (-(1 << 15), (1 << 15) - 1) if regression else (0, N_OUTPUT - 1)
        target = whole_numbers(self.target, "target", "the samples", low=low, high=high, shape=(total, None))
        if not 1 <= target.shape[1] <= N_OUTPUT:
            raise UserError(f"target of the samples has {target.shape[1]} columns; give one, or one for each output.")
        return target
