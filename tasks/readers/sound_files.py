"""Sounds in wav files: one channel and its sampling rate, of a bounded length."""

from __future__ import annotations

import io
import os

import numpy as np
from scipy.io import wavfile

from brian2chip.core.files import read_bytes, shown
from brian2chip.errors import UserError

#: Bytes of a file, allowed sampling rates in Hz, and seconds of a sound.
LARGEST, RATES, LONGEST = 64 << 20, (1_000, 400_000), 60.0


def read_wav(path: str | os.PathLike, *, inside: str | os.PathLike | None = None) -> tuple[int, np.ndarray]:
    """Return the sampling rate in Hz and the samples [time] of a wav file of one channel.

    Parameters
    ----------
    path : path
    inside : path, optional
        A folder that the file must be in, after all links are followed.

    Raises
    ------
    UserError
        For a file that is missing, damaged or too long, or has several channels, another rate, or samples that are not finite.
    """
    data = read_bytes(path, "wav", largest=LARGEST, inside=inside)
    try:
        rate, sound = wavfile.read(io.BytesIO(data))
    except Exception as error:  # a reader of someone else's: whatever it says, the file is not readable
        raise UserError(f"{shown(path)} is not a readable wav file ({type(error).__name__}: {error!s:.100}).") from None
    if not RATES[0] <= rate <= RATES[1]:
        raise UserError(f"{shown(path)} has {rate} samples a second; allowed are {RATES[0]} to {RATES[1]}.")
    if sound.ndim != 1 or not 0 < len(sound) <= LONGEST * rate:
        given = f"{len(sound)} samples of {1 if sound.ndim == 1 else sound.shape[-1]} channels"
        raise UserError(f"{shown(path)} has {given}; a sound must have one channel and last at most {LONGEST:g} s.")
    if sound.dtype.kind == "f" and not np.all(np.isfinite(sound)):
        raise UserError(f"{shown(path)} holds samples that are not finite (NaN or infinity).")
    return int(rate), sound
