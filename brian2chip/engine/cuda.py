"""Whether the cuda device can be had: brian2cuda, NVIDIA's compiler and a GPU.

brian2cuda (GPL) is an optional adapter; nothing of it is part of this package.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess

from brian2chip.core.later import brian2
from brian2chip.engine import compiler
from brian2chip.errors import UserError

INSTEAD = "use device 'cpp_standalone'"
#: Where a CUDA toolkit usually lies, beside the folder in CUDA_PATH and what PATH leads to; as brian2cuda looks for it.
PLACES = ("/usr/local/cuda", "/opt/cuda")
BACKEND = "devices.cuda_standalone.cuda_backend."


def nvcc() -> str | None:
    """Return the path of NVIDIA's compiler, None where there is none."""
    given = os.environ.get("CUDA_PATH")
    if given:
        return shutil.which("nvcc", path=f"{given}/bin")
    return shutil.which("nvcc") or next((found for each in PLACES if (found := shutil.which("nvcc", path=f"{each}/bin"))), None)


def check_installed() -> None:
    """Import brian2cuda and find the compilers and a GPU.

    Where Brian2's preference ``devices.cuda_standalone.cuda_backend.detect_gpus`` is False, which needs ``gpu_id`` and
    ``compute_capability`` besides, programs are generated and compiled for a GPU that need not be there.

    Raises
    ------
    UserError
        When something is missing.
    """
    if importlib.util.find_spec("brian2cuda") is None:
        raise UserError(f"device 'cuda' needs brian2cuda, which is not installed; run pip install 'brian2chip[cuda]', or {INSTEAD}.")
    if nvcc() is None:
        raise UserError(
            "device 'cuda' needs nvcc, the compiler of NVIDIA's CUDA toolkit, which was not found; install the toolkit and set CUDA_PATH "
            f"to its folder, or {INSTEAD}."
        )
    if compiler.compiler() is None:
        raise UserError(f"device 'cuda' needs a C++ compiler and make beside nvcc, and {compiler.missing()} was found; install it.")
    try:
        importlib.import_module("brian2cuda")
    except Exception as error:  # it is pinned to one version of Brian2 and fails in many ways on others
        raise UserError(
            f"brian2cuda cannot be imported ({type(error).__name__}: {error}); install the versions of pip install 'brian2chip[cuda]', "
            f"or {INSTEAD}."
        ) from error
    if brian2.prefs[f"{BACKEND}detect_gpus"] and not _gpu():
        raise UserError(f"device 'cuda' needs an NVIDIA GPU with its driver, and nvidia-smi names none; {INSTEAD}.")


def _gpu() -> bool:
    try:
        found = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return found.returncode == 0 and found.stdout.startswith("GPU")
