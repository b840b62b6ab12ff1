"""IDX files, the format of MNIST and its relatives: one array of a stated type and shape, packed by gzip or not."""

from __future__ import annotations

import gzip
import math
import os
import zlib

import numpy as np

from brian2chip.core.files import open_file, shown
from brian2chip.errors import UserError

#: Third byte of the file to the type of the numbers, whose high byte comes first.
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
#: Bytes that the array may take, and its dimensions.
LARGEST, MOST_DIMENSIONS = 1 << 30, 4


def read_idx(path: str | os.PathLike) -> np.ndarray:
    """Return the array of an IDX file, e.g. images [n, rows, columns] or labels [n].

    Raises
    ------
    UserError
        For a file that is missing, damaged, too large, or not of exactly the size that it states.
    """
    with open_file(path, "IDX", largest=LARGEST) as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            return _array(gzip.GzipFile(fileobj=file) if packed else file, path)
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(f"{shown(path)} is not a readable IDX file ({error!s:.100}); fetch it again.") from None


def _array(file, path: str | os.PathLike) -> np.ndarray:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES or not 1 <= head[3] <= MOST_DIMENSIONS:
        raise UserError(
            f"{shown(path)} is not an IDX file: it begins with {head.hex(' ') or 'nothing'}; give a file such as those of MNIST."
        )
    sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise EOFError("it ends before its shape")
    shape = tuple(int(n) for n in np.frombuffer(sizes, ">u4"))
    dtype = np.dtype(TYPES[head[2]])
    size = math.prod(shape) * dtype.itemsize
    if size > LARGEST:
        raise UserError(f"the array of {shown(path)} would take {size / 2**30:.1f} GiB; an IDX file may take {LARGEST / 2**30:.0f} GiB.")
    data = file.read(size + 1)
    if len(data) != size:
        raise UserError(f"{shown(path)} states the shape {shape} and is {'shorter' if len(data) < size else 'longer'}; fetch it again.")
    return np.frombuffer(data, dtype).reshape(shape)
