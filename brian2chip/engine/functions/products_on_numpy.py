"""The functions of ``matrix_products`` on NumPy: arrays in, the result as one row of numbers out.

Matrices are [rows, columns]; batches [samples, units], where the units of an image are channels, rows and columns in C order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def dot(w: np.ndarray, x: np.ndarray, *_: Any) -> np.ndarray:
    """Return w x for every x of the batch."""
    return x @ w.T


def dot_transposed(w: np.ndarray, x: np.ndarray, *_: Any) -> np.ndarray:
    """Return w^T x for every x of the batch."""
    return x @ w


def outer(x: np.ndarray, y: np.ndarray, *_: Any) -> np.ndarray:
    """Return x y^T, summed over the batch."""
    return x.T @ y


def patches(x: np.ndarray, image: tuple[int, int, int], patch: tuple[int, int]) -> np.ndarray:
    """Return what the filters of a convolution see, [samples, channels*size*size, positions]."""
    size, padding = patch
    around = np.pad(x.reshape(-1, *image), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(around, (size, size), (2, 3))
    samples, channels, rows, columns = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(samples, channels * size * size, rows * columns)


def convolve(w: np.ndarray, x: np.ndarray, _: Any, seen: Any) -> np.ndarray:
    """Return the convolution of every image with every filter, [samples, filters*positions]."""
    return (w @ patches(x, seen.image, seen.patch)).reshape(len(x), -1)


def correlate(dz: np.ndarray, x: np.ndarray, _: Any, seen: Any) -> np.ndarray:
    """Return the gradient of the filters, summed over the batch."""
    windows = patches(x, seen.image, seen.patch)
    return np.einsum("bfp,bqp->fq", dz.reshape(len(x), -1, windows.shape[2]), windows)


def _blocks(y: np.ndarray, image: tuple[int, int, int]) -> np.ndarray:
    """Return the 2 x 2 pixels of every block, [samples, channels, rows/2, columns/2, 4]; a last odd row or column is in none."""
    channels, rows, columns = image
    even = y.reshape(-1, channels, rows, columns)[:, :, : rows // 2 * 2, : columns // 2 * 2]
    return even.reshape(-1, channels, rows // 2, 2, columns // 2, 2).swapaxes(3, 4).reshape(-1, channels, rows // 2, columns // 2, 4)


def largest(y: np.ndarray, seen: Any) -> np.ndarray:
    """Return the largest of every 2 x 2 pixels."""
    return _blocks(y, seen.image).max(-1)


def to_largest(x: np.ndarray, y: np.ndarray, _: Any, seen: Any) -> np.ndarray:
    """Return x at the first of the largest of its 2 x 2 pixels of y, and 0 at the others."""
    blocks = _blocks(y, seen.image)
    routed = (np.arange(4) == blocks.argmax(-1)[..., None]) * x.reshape(blocks.shape[:-1])[..., None]
    back = np.zeros((len(y), *seen.image))
    _, _, rows, columns, _ = routed.shape
    back[:, :, : 2 * rows, : 2 * columns] = (
        routed.reshape(*routed.shape[:4], 2, 2).swapaxes(3, 4).reshape(len(y), seen.image[0], 2 * rows, 2 * columns)
    )
    return back


def average(y: np.ndarray, seen: Any) -> np.ndarray:
    """Return the mean of every 2 x 2 pixels."""
    return _blocks(y, seen.image).mean(-1)


def to_average(x: np.ndarray, y: np.ndarray, _: Any, seen: Any) -> np.ndarray:
    """Return a quarter of x at each of the 2 x 2 pixels of which it is the mean, and 0 at a last odd row or column."""
    channels, rows, columns = seen.image
    each = x.reshape(len(y), channels, rows // 2, columns // 2) / 4
    back = np.zeros((len(y), *seen.image))
    back[:, :, : rows // 2 * 2, : columns // 2 * 2] = each.repeat(2, 2).repeat(2, 3)
    return back


def total(x: np.ndarray, *_: Any) -> np.ndarray:
    """Return for every element the sum over the units of its sample."""
    return np.broadcast_to(x.sum(1, keepdims=True), x.shape)


def batch_total(x: np.ndarray, seen: Any) -> np.ndarray:
    """Return the sum over the batch, and over the pixels of images."""
    return x.sum(0) if seen.image is None else x.reshape(len(x), seen.image[0], -1).sum((0, 2))


#: Each function with the number of arrays that it takes.
FUNCTIONS: Mapping[str, tuple[Callable, int]] = {
    "dot": (dot, 2),
    "dot_transposed": (dot_transposed, 2),
    "outer": (outer, 2),
    "dot_transposed_events": (dot_transposed, 2),
    "outer_events": (outer, 2),
    "convolve": (convolve, 2),
    "correlate": (correlate, 2),
    "largest": (largest, 1),
    "to_largest": (to_largest, 2),
    "average": (average, 1),
    "to_average": (to_average, 2),
    "total": (total, 1),
    "batch_total": (batch_total, 1),
}
