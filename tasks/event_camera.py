"""An event camera: a pixel tells when the logarithm of its brightness has moved by a threshold since it last told, up (ON) or down (OFF).

Between two frames the logarithm is taken to be linear in time, so that events have times between the frames. This is an ideal pixel,
without mismatch, refractory time, leak and noise; a task may add noise events.
"""

from __future__ import annotations

import numpy as np

#: Part of a threshold by which it must be passed, so that rounding does not decide about a pixel that comes back to where it was.
EDGE = 1e-9


def crossings(log_brightness: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the times (in frames), pixels and polarities (true: brighter) of the events, frame after frame.

    Parameters
    ----------
    log_brightness : float array [frames, pixels]
        Natural logarithm. A pixel begins at that of its first frame.
    threshold : float
        Change of the logarithm from one event to the next of the same polarity.
    """
    level = log_brightness / threshold
    told = level[0].copy()
    times, pixels, brighter = ([np.zeros(0, kind)] for kind in (float, np.int64, bool))
    for frame, (before, after) in enumerate(zip(level, level[1:])):
        n = np.trunc((1 - EDGE) * (after - told)).astype(np.int64)
        pixel = np.repeat(np.arange(len(n)), np.abs(n))
        first = np.cumsum(np.abs(n)) - np.abs(n)
        sign = np.sign(n[pixel])
        crossed = told[pixel] + sign * (1 + np.arange(len(pixel)) - first[pixel])
        times.append(frame + np.clip((crossed - before[pixel]) / (after - before)[pixel], 0, 1))
        pixels.append(pixel)
        brighter.append(sign > 0)
        told += n
    return np.concatenate(times), np.concatenate(pixels), np.concatenate(brighter)
