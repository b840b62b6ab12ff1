"""Seeds of random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from brian2chip.errors import UserError

#: The largest seed that NumPy's generators and those of compiled programs all take.
LARGEST = 2**32 - 1


def checked_seed(seed: Any) -> int:
    """Return a seed as a number.

    Raises
    ------
    UserError
        For anything but a whole number from 0 to 2**32 - 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed <= LARGEST:
        raise UserError(f"the seed was given as {seed!r}; give a whole number from 0 to {LARGEST}.")
    return int(seed)
