"""Files of weights by name: ``.npz`` and, where its library is installed, ``.safetensors``; a pickle is never opened."""

from __future__ import annotations

import importlib
import os
from importlib.util import find_spec
from typing import Any

from brian2chip.core.files import open_file, shown
from brian2chip.core.npz import read_arrays
from brian2chip.errors import UserError

#: Bytes that the weights of a file may take.
LARGEST = 1 << 30


def read_weights(path: str | os.PathLike) -> dict[str, Any]:
    """Return the arrays of a file by name.

    Raises
    ------
    UserError
        For a file of another kind, a damaged one, and safetensors that is not installed.
    """
    ending = os.path.splitext(str(path))[1].lower()
    if ending == ".npz":
        return read_arrays(path, "weight", largest=LARGEST)
    if ending != ".safetensors":
        raise UserError(
            f"{shown(path)} is no .npz or .safetensors; a pickle of PyTorch may run code, so load it yourself, "
            "torch.load(path, weights_only=True), and give the state dict."
        )
    if find_spec("safetensors") is None:
        raise UserError("reading .safetensors needs the package safetensors; install it, or save the weights as .npz.")
    with open_file(path, "weight", largest=LARGEST):
        pass  # a regular file that may be read
    try:
        return dict(importlib.import_module("safetensors.numpy").load_file(path))
    except Exception as error:  # a reader of someone else's: whatever it says, the file is not readable
        raise UserError(f"{shown(path)} is not a readable weight file ({type(error).__name__}: {error!s:.100}).") from None
