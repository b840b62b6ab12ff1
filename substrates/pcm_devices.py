"""Phase-change memory as measured for inference: what programming, drift and reading make of a conductance, in uS and seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyval

from brian2chip.errors import UserError

#: Least relative conductance of the logarithms.
LEAST = 1e-7


class Logarithm(NamedTuple):
    """``clip(slope ln x + offset, low, high)`` below ``edge``, a polynomial (constant term first) from there on."""

    slope: float
    offset: float
    low: float
    high: float
    edge: float = np.inf
    above: tuple[float, ...] = (0.0,)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x = np.maximum(x, LEAST)
        return np.where(x < self.edge, np.clip(self.slope * np.log(x) + self.offset, self.low, self.high), polyval(x, self.above))


class Power(NamedTuple):
    """``min(scale / max(x**exponent, least), high)``."""

    scale: float
    exponent: float
    least: float
    high: float

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.minimum(self.scale / np.maximum(np.asarray(x, float) ** self.exponent, self.least), self.high)


@dataclass(frozen=True)
class PCMDevice:
    """Devices that are programmed with verification and read some time later. Conductances are in uS, times in seconds.

    Attributes
    ----------
    name : str
    g_max : float
        Largest conductance that was characterised.
    t_read, t_0 : float
        Duration of a reading (in the 1/f noise); when the first one is made, from which drift counts.
    prog : sequence of float
        Standard deviation (uS) of the programmed conductance as a polynomial of target/g_max, constant term first.
    nu_mean, nu_sd : callable
        Mean and standard deviation of the drift exponent, of target/g_max.
    q_s : callable
        Relative amplitude of the 1/f noise, of programmed/g_max.
    """

    name: str
    g_max: float
    t_read: float
    t_0: float
    prog: tuple[float, ...]
    nu_mean: Logarithm
    nu_sd: Logarithm
    q_s: Logarithm | Power

    def sigma_prog(self, target: np.ndarray) -> np.ndarray:
        """Return the standard deviation of programming, uS."""
        return polyval(np.asarray(target, float) / self.g_max, self.prog)

    def programmed(self, target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return conductances (uS) after programming to targets (uS), never negative.

        Raises
        ------
        UserError
            For a target outside the range of the devices.
        """
        target = np.asarray(target, float)
        if not ((target >= 0) & (target <= self.g_max * (1 + 1e-12))).all():
            wrong = target[~((target >= 0) & (target <= self.g_max * (1 + 1e-12)))].flat[0]
            raise UserError(f"a conductance of {wrong:.6g} uS was asked for; devices of {self.name} take 0 to {self.g_max:g} uS.")
        return np.maximum(target + self.sigma_prog(target) * rng.standard_normal(target.shape), 0.0)

    def exponents(self, target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return drift exponents of devices that were programmed to targets (uS): the magnitude of normal numbers."""
        x = np.asarray(target, float) / self.g_max
        return np.abs(self.nu_mean(x) + self.nu_sd(x) * rng.standard_normal(x.shape))

    def drifted(self, programmed: np.ndarray, nu: np.ndarray, t: float) -> np.ndarray:
        """Return conductances ``t`` seconds after the first reading."""
        return programmed * ((t + self.t_0) / self.t_0) ** -np.asarray(nu, float)

    def relative_read_sd(self, programmed: np.ndarray, t: float) -> np.ndarray:
        """Return the standard deviation of a reading relative to the drifted conductance: 1/f noise since programming."""
        seen = t + self.t_0
        return self.q_s(np.asarray(programmed, float) / self.g_max) * np.sqrt(np.log((seen + self.t_read) / (2 * self.t_read)))

    def read(self, programmed: np.ndarray, nu: np.ndarray, t: float, rng: np.random.Generator) -> np.ndarray:
        """Return what a reading ``t`` seconds after the first one gives, never negative."""
        g = self.drifted(programmed, nu, t)
        return np.maximum(g * (1 + self.relative_read_sd(programmed, t) * rng.standard_normal(g.shape)), 0.0)


PCM_LIKE = PCMDevice(
    "PCMLike",
    g_max=25.0,
    t_read=250e-9,
    t_0=20.0,
    prog=(0.26348, 1.9650, -1.1731),
    nu_mean=Logarithm(-0.0155, 0.0244, 0.049, 0.1),
    nu_sd=Logarithm(-0.0125, -0.0059, 0.008, 0.045),
    q_s=Power(0.0088, 0.65, 1e-3, 0.2),
)
_HERMES_NU = Logarithm(-0.0387, -0.0182, 0.072, 0.13, 0.0945, (0.0736, -0.0126, -0.0436))
HERMES = PCMDevice(
    "HERMES, two devices",
    g_max=20.7,
    t_read=512e-9,
    t_0=300.0,
    prog=(0.16603222, 4.71806468, -8.48101252, 4.68961419),
    nu_mean=_HERMES_NU,
    nu_sd=Logarithm(-0.0117, -0.0057, 0.0091, 0.04, 0.3055, (0.0073, 0.0093, -0.0118)),
    q_s=Logarithm(-0.0117, -0.0069, 0.015, 0.04, 0.16, (0.0123, 0.0211, -0.0280, 0.0069)),
)
HERMES_ONE = PCMDevice(
    "HERMES, one device",
    g_max=10.35,
    t_read=512e-9,
    t_0=200.0,
    prog=(0.15781817, 2.32443916, -2.16310839, 0.68841818),
    nu_mean=_HERMES_NU,
    nu_sd=Logarithm(-0.0120, -0.0023, 0.0124, 0.04, 0.3039, (0.0104, 0.0116, -0.0165)),
    q_s=Logarithm(-0.0078, 0.0038, 0.0179, 0.04, 0.1591, (0.0088, 0.0768, -0.1352, 0.0664)),
)
