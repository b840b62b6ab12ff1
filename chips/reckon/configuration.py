"""ReckOn's configuration: registers, thresholds and leaks, checked when made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from brian2chip.chips.codec import check, code
from brian2chip.chips.reckon.fields import ALPHA, BY_NAME, N_PAIRS, THR
from brian2chip.chips.reckon.shift_registers import seeded
from brian2chip.errors import UserError, unknown

CHIP = "ReckOn"


def _of_bits(name: str, value):
    """Return the value that a register's bits stand for, two's complement where it is signed; anything else as it is."""
    f = BY_NAME[name]
    bits = isinstance(value, Integral) and not isinstance(value, bool) and f.signed and f.maximum < value < 1 << f.bits
    return value - (1 << f.bits) if bits else value


def _alpha_conf(alpha: np.ndarray) -> int:
    """Return the register of the most significant bits of the leaks."""
    return sum(int(a >= 0x8000) << w for w, a in enumerate(alpha))


@dataclass(frozen=True)
class Configuration:
    """The registers, thresholds and leaks of a ReckOn, checked when made; :meth:`of` fills in what is not given.

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

    def __post_init__(self):
        if set(self.registers) != set(BY_NAME):
            for name in set(self.registers) - set(BY_NAME):
                raise unknown("ReckOn register", name, BY_NAME)
            missing = ", ".join(sorted(set(BY_NAME) - set(self.registers)))
            raise UserError(f"the registers of ReckOn lack {missing}; a configuration gives all of them.")
        object.__setattr__(self, "registers", {name: code(BY_NAME[name], value, CHIP) for name, value in self.registers.items()})
        for f, name in ((THR, "thr"), (ALPHA, "alpha")):
            codes = check(f, getattr(self, name), CHIP)
            if codes.shape != (N_PAIRS,):
                raise UserError(f"{name} of ReckOn has shape {codes.shape}; give one code for each of its {N_PAIRS} pairs of units.")
            object.__setattr__(self, name, codes)
        if self.registers["ALPHA_CONF"] != _alpha_conf(self.alpha):
            raise UserError("ALPHA_CONF of ReckOn and alpha disagree in the most significant bit of a leak; give alpha and leave it out.")
        seeded(self.registers)

    @classmethod
    def of(cls, registers: Mapping[str, int] | None = None, thr=614, alpha=0x7FEF) -> Configuration:
        """Return a checked configuration.

        Parameters
        ----------
        registers : mapping, optional
            What is not named keeps its reset value. A name with the prefix ``SPI_``, as in recorded traces, has the bits of the
            register as its value. ``ALPHA_CONF`` follows from ``alpha``.
        thr, alpha : int or int array [128]

        Raises
        ------
        UserError
            For an unknown register, a value out of range, a seed of zero, or an ``ALPHA_CONF`` that disagrees with ``alpha``.
        """
        values = {name: f.default for name, f in BY_NAME.items()}
        if not isinstance(registers or {}, Mapping):
            raise UserError(f"the registers of ReckOn were given as {registers!r:.60}; give a mapping of names to integers.")
        for given, value in (registers or {}).items():
            name = str(given).removeprefix("SPI_")
            if name not in BY_NAME:
                raise unknown("ReckOn register", given, BY_NAME)
            values[name] = code(BY_NAME[name], _of_bits(name, value) if name != given else value, CHIP)
        thr, alpha = (np.full(N_PAIRS, codes) if codes.ndim == 0 else codes for codes in (check(THR, thr, CHIP), check(ALPHA, alpha, CHIP)))
        stated = any(str(name).endswith("ALPHA_CONF") for name in registers or {})
        return cls(values if stated else {**values, "ALPHA_CONF": _alpha_conf(alpha)}, thr, alpha)

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
    def weight_shapes(self) -> dict[str, tuple[int, int]]:
        """Shapes [pre, post] of the weights between the units in use."""
        return {
            "winp": (self.n_inputs, self.n_hidden),
            "wrec": (self.n_hidden, self.n_hidden),
            "wout": (self.n_hidden, self.n_outputs),
        }

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
