"""Spoken digits: ten words by six speakers, heard through a cochlea (Free Spoken Digit Dataset), told apart by a recurrent network."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from brian2chip.core.files import shown
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.errors import UserError
from brian2chip.tasks.cochlea import hair_cells, spikes
from brian2chip.tasks.readers.sound_files import read_wav

logger = logging.getLogger(__name__)

N_IN, N_OUT, N_STEPS, DT = 128, 10, 64, 10e-3
N_TEST = 5  # recordings 0 to 4 of each speaker and digit are the customary test split
NAME = re.compile(r"(?P<digit>[0-9])_[^_]+_(?P<index>[0-9]{1,9})\.wav", re.ASCII)
MASK = np.arange(N_STEPS) >= 20
SYNTHETIC_RATE = 8000
#: From a sound and its sampling rate to spikes [N_STEPS, inputs].
Encoding = Callable[[np.ndarray, float], np.ndarray]


def encode(sound: np.ndarray, rate: float) -> np.ndarray:
    """Return the spikes bool [N_STEPS, N_IN] of a sound; what is longer than 0.64 s (one recording in sixteen) is cut."""
    heard = spikes(hair_cells(sound, rate, N_IN, DT), DT)[:N_STEPS]
    return np.pad(heard, ((0, N_STEPS - len(heard)), (0, 0)))


@lru_cache(maxsize=2)
def recordings(directory: str, split: str, encode: Encoding = encode) -> tuple[np.ndarray, np.ndarray]:
    """Return the recordings' spikes [recordings, N_STEPS, inputs], by the given encoding, and digits of ``digit_speaker_index.wav`` files.

    Raises
    ------
    UserError
        When the directory or the files are not there, or a file is not a recording.
    """
    files = {file: NAME.fullmatch(file.name) for file in sorted(Path(directory).glob("**/[0-9]_*_*.wav"))}
    if strange := [file for file, name in files.items() if name is None]:
        raise UserError(f"{shown(strange[0])} is not called digit_speaker_index.wav, as 7_jackson_0.wav; rename or remove it.")
    chosen = [file for file, name in files.items() if (int(name["index"]) < N_TEST) == (split == "test")]
    if not chosen:
        example = f"7_jackson_{0 if split == 'test' else 9}.wav"
        raise UserError(f"{directory!r} holds no {split} recordings; expected are files such as {example}.")
    x = []
    for file in chosen:
        rate, sound = read_wav(file, inside=directory)
        try:
            x.append(encode(sound, rate))
        except UserError as error:
            raise UserError(f"{shown(file)}: {error}") from None
    return np.array(x), np.array([int(files[file]["digit"]) for file in chosen])


def tones(digit: int, rng: np.random.Generator) -> np.ndarray:
    """Return half a second of two tones in noise, as a telephone keypad has them: what tests use instead of recordings."""
    low, high = ((697, 770, 852, 941)[digit // 3], (1209, 1336, 1477)[digit % 3])
    t = np.arange(SYNTHETIC_RATE // 2) / SYNTHETIC_RATE
    return np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t) + 0.2 * rng.standard_normal(len(t))


def synthetic(digits: np.ndarray, rng: np.random.Generator, encode: Encoding) -> np.ndarray:
    """Return the spikes [digits, N_STEPS, inputs] of keypad tones, which stand for recordings, and say so in the log."""
    logger.warning("no directory of recordings was given; the digits are synthetic tones.")
    return np.array([encode(tones(d, rng), SYNTHETIC_RATE) for d in digits])


def drawn(n: int, rng: np.random.Generator, split: str, data: str | os.PathLike | None, encode: Encoding) -> Samples:
    """Return n training recordings drawn at random, or all test recordings; without a directory, n keypad tones."""
    if data is None:
        digits = rng.integers(0, N_OUT, n)
        return Samples.from_dense(synthetic(digits, rng, encode), MASK, label=digits)
    x, digits = recordings(str(data), split, encode)
    which = np.arange(len(x)) if split == "test" else rng.choice(len(x), n)
    return Samples.from_dense(x[which], MASK, label=digits[which])


def generate(n: int, rng: np.random.Generator, *, split: str = "train", data: str | os.PathLike | None = None) -> Samples:
    """Return samples as :func:`drawn`, every channel of the cochlea an input."""
    return drawn(n, rng, split, data, encode)


TRAINING = TrainingConfig(
    rule="eprop_events", broadcast="symmetric", rate=4e-3, halve_after=100, batch=50, c_reg=10.0, f_target=15.0, iterations=500
)

SPOKEN_DIGITS = Task(
    name="spoken_digits",
    source="Free Spoken Digit Dataset (Jackson et al., CC BY-SA 4.0); network of the size of ReckOn (Frenkel & Indiveri 2022, ISSCC)",
    kind="classification",
    n_in=N_IN,
    n_out=N_OUT,
    n_steps=N_STEPS,
    dt=DT,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(
        n_lif=128, n_alif=128, tau_m=40e-3, tau_out=100e-3, tau_a=0.3, beta=0.1, v_th=0.6, gamma=0.5, width=0.6, std_in=0.5, std_rec=0.5
    ),
    training=TRAINING,
    expected="at least 90 % of the 300 test recordings",
)

SPOKEN_DIGITS_LIF = Task(
    name="spoken_digits_lif",
    source="Free Spoken Digit Dataset (Jackson et al., CC BY-SA 4.0); LIF neurons and sizes that ReckOn holds (Frenkel & Indiveri 2022, "
    "ISSCC), whose membranes keep at least 0.875 of their value in a step",
    kind="classification",
    n_in=N_IN,
    n_out=N_OUT,
    n_steps=N_STEPS,
    dt=DT,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(n_lif=256, tau_m=80e-3, tau_out=100e-3, v_th=0.6, gamma=0.5, width=0.6, std_in=0.4, std_rec=0.5),
    training=TRAINING,
    expected="at least 90 % of the 300 test recordings",
)
"""Spoken digits for a network of LIF neurons that ReckOn holds."""
