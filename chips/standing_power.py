"""Power that a chip takes whether synapses work or not: leakage, and what its clock takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StandingPower:
    """Power that does not depend on the activity.

    Attributes
    ----------
    leakage_W : float
    idle_W_per_Hz : float
        Power of the running clock for each Hz of it.
    clock_Hz : float
        The clock at which it is evaluated by default.
    source : str
        What the numbers stand on; assumptions say so.
    """

    leakage_W: float
    idle_W_per_Hz: float
    clock_Hz: float
    source: str

    def joules(self, cycles: float, clock: float | None = None) -> float:
        """Return the energy of a number of clock cycles."""
        hertz = self.clock_Hz if clock is None else clock
        return (self.leakage_W + self.idle_W_per_Hz * hertz) * cycles / hertz
