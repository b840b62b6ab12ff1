"""Handwritten digits as an event camera sees them that is moved by three saccades, after N-MNIST (Orchard, Jayawant, Cohen, Thakor 2015).

N-MNIST was recorded; here the camera is a model (see :mod:`brian2chip.tasks.event_camera`). The three saccades last 100 ms each and end
where they begin, and the camera has 34 x 34 pixels of two polarities, as there; the corners of the path, the contrast of the screen, the
threshold and the frames from which times are interpolated are this package's choice.
"""

from __future__ import annotations

import logging
import os
from functools import lru_cache

import numpy as np

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.recordings.nmnist_files import SIDE
from brian2chip.core.recordings.pixels import EVENT, Sensor, channels_of
from brian2chip.core.samples import Samples, distinct
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.tasks import mnist
from brian2chip.tasks.event_camera import crossings

logger = logging.getLogger(__name__)

N_OUT, N_STEPS, DT = 10, 60, 5e-3
SENSOR, MASK = Sensor(SIDE, SIDE, 2), np.arange(N_STEPS) >= 20
#: Where the picture's upper left corner is (column, row) before and after each saccade, seconds of a saccade and of a frame.
CORNERS, SACCADE, FRAME = np.array([(0.5, 0.5), (3.0, 5.5), (5.5, 0.5), (0.5, 0.5)]), 0.1, 2e-3
#: Brightness of white relative to black, and change of its logarithm between two events.
CONTRAST, THRESHOLD = 10.0, 0.35


def seen(picture: np.ndarray) -> np.ndarray:
    """Return the events (fields ``x``, ``y``, ``t`` in microseconds, ``p``) of a picture of 28 x 28 pixels from 0 to 1, in their order."""
    across, down = _shares()
    brightness = 1 + (CONTRAST - 1) * np.clip(down @ picture @ across.transpose(0, 2, 1), 0, 1)
    time, pixel, brighter = crossings(np.log(brightness).reshape(len(brightness), -1), THRESHOLD)
    order = np.argsort(time, kind="stable")
    events = np.zeros(len(time), EVENT)
    events["y"], events["x"] = np.divmod(pixel[order], SIDE)
    events["t"], events["p"] = np.floor(1e6 * FRAME * time[order]), brighter[order]
    return events


@lru_cache(maxsize=1)
def _shares() -> list[np.ndarray]:
    """Return which part of each of the picture's columns and rows lies on each of the sensor's, [frames, sensor, picture] of either."""
    way = np.arange(round((len(CORNERS) - 1) * SACCADE / FRAME) + 1) * FRAME / SACCADE
    apart = np.arange(SIDE)[:, None] - np.arange(mnist.PIXELS)
    begins = (np.interp(way, np.arange(len(CORNERS)), corner)[:, None, None] for corner in CORNERS.T)
    return [np.clip(1 - np.abs(apart - begin), 0, None) for begin in begins]


@lru_cache(maxsize=2)
def _pictures(folder: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    return mnist.read_set(folder, mnist.SETS[split])


def stroke(label: int, rng: np.random.Generator) -> np.ndarray:
    """Return a picture of a line that leans by 18 degrees more from class to class: what tests use instead of digits."""
    lean = np.pi / N_OUT * (label + rng.uniform(-0.3, 0.3))
    y, x = np.mgrid[: mnist.PIXELS, : mnist.PIXELS] - (mnist.PIXELS - 1) / 2
    across, along = np.cos(lean) * x + np.sin(lean) * y, np.cos(lean) * y - np.sin(lean) * x
    return np.clip(2.5 - np.abs(across), 0, 1) * (np.abs(along) < 10)


def generate(n: int, rng: np.random.Generator, *, split: str = "train", data: str | os.PathLike | None = None) -> Samples:
    """Return n pictures of the folder of MNIST's four IDX files (no test picture twice) as the camera sees them; without one, n strokes."""
    if data is None:
        logger.warning("no folder of the four IDX files was given; the digits are strokes.")
        label = rng.integers(0, N_OUT, n)
        pictures = [stroke(k, rng) for k in label]
    else:
        every, labels = _pictures(os.fspath(data), split)
        which = rng.permutation(len(every))[:n] if split == "test" else rng.choice(len(every), n)
        pictures, label = every[which] / 255, labels[which]
    return Samples.join([_binned(seen(one), int(k)) for one, k in zip(pictures, label)])


def _binned(events: np.ndarray, label: int) -> Samples:
    """Return a sample; several events of one pixel and polarity in a step count once."""
    time, channel = channels_of(events, SENSOR, "the camera")
    step, channel = np.divmod(distinct((time / DT).astype(np.int64) * SENSOR.n_in + channel), SENSOR.n_in)
    return Samples(np.zeros_like(step), step, channel, 1, N_STEPS, SENSOR.n_in, MASK, label=np.array([label]))


NMNIST_LIKE = Task(
    name="nmnist_like",
    source="a model camera over MNIST, after Orchard, Jayawant, Cohen, Thakor 2015, Frontiers in Neuroscience 9:437",
    kind="classification",
    n_in=SENSOR.n_in,
    n_out=N_OUT,
    n_steps=N_STEPS,
    dt=DT,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(n_lif=100, tau_m=40e-3, tau_out=100e-3, v_th=0.6, gamma=0.5, width=0.6, std_in=0.3, std_rec=0.5),
    training=TrainingConfig(rule="eprop_events", broadcast="symmetric", rate=2e-3, halve_after=200, batch=50, iterations=600),
)
