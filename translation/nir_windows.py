"""Convolutions and poolings of NIR as the windows that they move over a plane, and unrolled to one matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from brian2chip.errors import UserError
from brian2chip.translation.nir_format import CONVOLUTIONS
from brian2chip.translation.nir_graph import Node

#: Synapses, and numbers of the matrix with its zeros, to which a node is unrolled.
MOST_SYNAPSES, MOST_WEIGHTS = 1 << 24, 1 << 27
#: Longest side of a plane.
LONGEST = 1 << 20


@dataclass(frozen=True)
class Window:
    """What a node computes at each place of its output, in planes of height and width; those of one dimension have height 1.

    Attributes
    ----------
    weight : float array [channels out, channels in of a group, height, width]
    groups : int
        Parts of the channels that know nothing of one another.
    stride, dilation, low, high : pair of int
        By how much the window moves, how far its columns lie apart, and the zeros before and behind the plane.
    """

    weight: np.ndarray
    groups: int
    stride: tuple[int, int]
    dilation: tuple[int, int]
    low: tuple[int, int]
    high: tuple[int, int]


def window_of(name: str, node: Node, channels: int) -> Window:
    """Return the window of a convolution, or of a pooling of that many channels.

    Raises
    ------
    UserError
        For weights, strides, paddings or groups that a window cannot have.
    """
    if node.kind in CONVOLUTIONS:
        weight, axes = node.values["weight"], 1 if node.kind == "Conv1d" else 2
        if weight.ndim != axes + 2:
            raise UserError(f"the weight of the node {name!r} ({node.kind}) has {weight.ndim} dimensions; give {axes + 2}.")
        weight, groups = weight.reshape(*weight.shape[:2], *(1,) * (2 - axes), *weight.shape[2:]), _whole(name, node, "groups", 1, 1)[1]
    else:
        axes, groups = 2, channels
        size = _whole(name, node, "kernel_size", axes, 1)
        share = 1.0 if node.kind == "SumPool2d" else 1 / np.prod(size)
        if channels * size[0] * size[1] > MOST_SYNAPSES:
            raise UserError(f"the node {name!r} ({node.kind}) pools {size[0]} x {size[1]} of {channels} channels, more than are read.")
        weight = np.full((channels, 1, *size), share)
    if groups * weight.shape[1] != channels or weight.shape[0] % groups:
        raise UserError(
            f"the node {name!r} ({node.kind}) has weights from {weight.shape[1]} x {groups} (groups) to {weight.shape[0]} channels; it "
            f"gets {channels}."
        )
    stride = _whole(name, node, "stride", axes, 1)
    dilation = _whole(name, node, "dilation", axes, 1) if "dilation" in node.values else (1, 1)
    return Window(weight, groups, stride, dilation, *_padding(name, node, axes, stride, dilation, weight.shape[2:]))


def _whole(name: str, node: Node, what: str, axes: int, least: int) -> tuple[int, ...]:
    """Return one whole number for height and one for width; along the height, where there is none, it does nothing."""
    given = node.values[what].ravel()
    if given.size not in (1, axes) or np.any(given != np.rint(given)) or np.any(given < least) or np.any(given > LONGEST):
        raise UserError(f"{what} of the node {name!r} ({node.kind}) is {given.tolist()!s:.60}; give whole numbers from {least} on.")
    each = tuple(int(n) for n in np.broadcast_to(given, (axes,)))
    return each if axes == 2 else (least, *each)


def _padding(name: str, node: Node, axes: int, stride, dilation, kernel) -> tuple[tuple[int, int], tuple[int, int]]:
    word = node.words.get("padding")
    if word is None:
        pad = _whole(name, node, "padding", axes, 0)
        return pad, pad
    if word == "valid":
        return (0, 0), (0, 0)
    if word != "same" or stride != (1, 1):
        rule = "give 'same' (with a stride of 1), 'valid' or whole numbers"
        raise UserError(f"padding of the node {name!r} ({node.kind}) is {word!r:.40} with a stride of {stride}; {rule}.")
    whole = [d * (k - 1) for d, k in zip(dilation, kernel)]
    return (whole[0] // 2, whole[1] // 2), (whole[0] - whole[0] // 2, whole[1] - whole[1] // 2)


def plane_after(name: str, window: Window, plane: tuple[int, int]) -> tuple[int, int]:
    """Return height and width of what a window gives of a plane.

    Raises
    ------
    UserError
        When the plane is smaller than the window.
    """
    kernel = window.weight.shape[2:]
    sides = zip(plane, window.low, window.high, window.dilation, kernel, window.stride)
    after = tuple((n + low + high - d * (k - 1) - 1) // s + 1 for n, low, high, d, k, s in sides)
    if min(after) < 1:
        raise UserError(f"the window of the node {name!r} is larger than the plane of {plane[0]} x {plane[1]} that it gets.")
    return after


def unrolled(name: str, window: Window, plane: tuple[int, int]) -> sparse.csr_array:
    """Return the matrix [numbers out, numbers in] that does what a window does; both are flattened, channels first.

    Raises
    ------
    UserError
        When it has more synapses than :data:`MOST_SYNAPSES`, with how many addresses it would take.
    """
    c_out, c_in = window.weight.shape[:2]
    after = plane_after(name, window, plane)
    rows, columns = c_out * after[0] * after[1], c_in * window.groups * plane[0] * plane[1]
    synapses = window.weight.size * after[0] * after[1]
    if synapses > MOST_SYNAPSES or rows * columns > MOST_WEIGHTS:
        raise UserError(
            f"unrolled, the node {name!r} takes {rows + columns:,} addresses ({columns:,} for what it gets, {rows:,} for what it gives), "
            f"{synapses:,} synapses; at most {MOST_SYNAPSES:,} synapses in a matrix of {MOST_WEIGHTS:,} numbers are read."
        )
    at = [_positions(*sides) for sides in zip(after, window.weight.shape[2:], window.stride, window.dilation, window.low)]
    y, x = at[0][None, None, :, None, :, None], at[1][None, None, None, :, None, :]  # [out, in, kernel y, x, place y, x]
    out = np.arange(c_out)
    first = (out // (c_out // window.groups)) * c_in  # the first channel of the group of each
    channel = (first[:, None] + np.arange(c_in))[:, :, None, None, None, None]
    column = (channel * plane[0] + y) * plane[1] + x
    place = np.arange(after[0])[:, None] * after[1] + np.arange(after[1])
    row = out[:, None, None, None, None, None] * after[0] * after[1] + place[None, None, None, None]
    value = window.weight[..., None, None]
    inside = (y >= 0) & (y < plane[0]) & (x >= 0) & (x < plane[1]) & (value != 0)
    value, row, column = (np.broadcast_to(a, inside.shape)[inside] for a in (value, row, np.broadcast_to(column, inside.shape)))
    return sparse.coo_array((value, (row, column)), shape=(rows, columns)).tocsr()


def _positions(after: int, kernel: int, stride: int, dilation: int, low: int) -> np.ndarray:
    """Return where in the plane each number of the window lies at each place, [kernel, places]."""
    return np.arange(after) * stride + np.arange(kernel)[:, None] * dilation - low
