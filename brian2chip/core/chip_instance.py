"""One drawn chip of a substrate: the same seed and number give the same chip, whatever else is drawn."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.core.substrate import Draws, Substrate
from brian2chip.errors import UserError

#: The place of each generator in the key of its random stream.
CHIP, WRITE, READ = 0, 1, 2


@dataclass(frozen=True)
class ChipInstance:
    """One chip of a substrate.

    Attributes
    ----------
    substrate : Substrate
    number : int
        From 0; chips of other numbers are independent.
    seed : int
    """

    substrate: Substrate
    number: int = 0
    seed: int = 1

    def draws(self, what: str, write: int = 0, read: int = 0) -> Draws:
        """Return the generators of one array.

        Parameters
        ----------
        what : str
            The array: every one has random streams of its own.
        write, read : int
            How often it was programmed and read before.
        """
        key = [self.seed, self.number, zlib.crc32(what.encode())]
        keys = ([*key, CHIP], [*key, WRITE, write], [*key, READ, write, read])
        return Draws(*(np.random.default_rng(one) for one in keys))

    def weights(self, projection: str, ideal: Any, write: int = 0, read: int = 0) -> np.ndarray:
        """Return the weights of a projection, ``"input->rec"``, as this chip realises them, of the shape of the ideal ones."""
        if self.substrate.weights is None:
            return np.array(ideal, float)
        return self._called("weights", ideal, f"weights {projection}", write, read)

    def parameter(self, owner: str, name: str, ideal: Any) -> np.ndarray:
        """Return values of a parameter in SI as this chip realises them.

        Parameters
        ----------
        owner : str
            The population, or the rule; two with the same parameter have draws of their own.
        name : str
        ideal : number or array
        """
        if self.substrate.mismatch is None:
            return np.array(ideal, float)
        return self._called("mismatch", ideal, f"{owner}.{name}", name=name)

    def spike_times(self, what: str, times: Any, read: int = 0) -> np.ndarray:
        """Return times of spikes (s) as this chip has them; every reading has other jitter."""
        if self.substrate.jitter is None:
            return np.array(times, float)
        return self._called("jitter", times, f"times {what}", read=read)

    def _called(self, feature: str, ideal: Any, what: str, write: int = 0, read: int = 0, name: str | None = None) -> np.ndarray:
        """Return what a function of the substrate gives, checked."""
        ideal, substrate = np.array(ideal, float), self.substrate
        named = () if name is None else (name,)
        said = f"{feature} of substrate {substrate.name!r}"
        try:
            found = np.asarray(getattr(substrate, feature)(*named, ideal.copy(), substrate.numbers(), self.draws(what, write, read)))
        except UserError:
            raise
        except Exception as error:  # whatever a user's function raises
            raise UserError(f"{said} failed for {what} ({type(error).__name__}: {error}); mend that function.") from error
        if found.shape != ideal.shape or found.dtype.kind not in "iuf" or not np.isfinite(found).all():
            raise UserError(
                f"{said} must return finite numbers of shape {ideal.shape} for {what}, not {found.dtype} of shape {found.shape}; "
                "mend that function."
            )
        return found.astype(float)
