"""The cuda device: brian2cuda, NVIDIA's compiler and a GPU there or not, and the standalone program that is generated for them.

brian2cuda (GPL) is an optional adapter; nothing of it is part of this package.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from brian2chip.core.later import brian2
from brian2chip.engine import compiler, generated_source, joined_source
from brian2chip.errors import UserError

INSTEAD = "use device 'cpp_standalone'"
#: Where a CUDA toolkit usually lies, beside the folder in CUDA_PATH and what PATH leads to; as brian2cuda looks for it.
PLACES = ("/usr/local/cuda", "/opt/cuda")
#: How the names of generated files begin that have helpers outside of a namespace: two of them do not fit into one file.
ALONE = "before_run_"
BACKEND = "devices.cuda_standalone.cuda_backend."
#: Thrust of CUDA 13 needs C++17, and brian2cuda's makefile asks for C++11; of two such flags nvcc takes the last.
STANDARD = "-std=c++17"


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


def _set_flags(threads: int, compile_args: Sequence[str]) -> None:
    """Set the compilers' flags; without ``-use_fast_math``, by which functions of single precision lose bits."""
    if threads:
        raise UserError(f"threads={threads} was given, and OpenMP is for the processor alone; leave it out on device 'cuda'.")
    prefs = brian2.prefs
    given = [flag for flag in prefs[f"{BACKEND}extra_compile_args_nvcc"] if flag != "-use_fast_math"]
    prefs[f"{BACKEND}extra_compile_args_nvcc"] = [*given, STANDARD, *compile_args]
    host = "codegen.cpp.extra_compile_args_gcc"
    prefs[host] = [flag for flag in prefs[host] if not flag.startswith("-std=")]


def _change(folder: Path) -> None:
    objects, makefile = folder / "objects.cu", folder / "makefile"
    objects.write_text(generated_source.with_checked_results(objects.read_text()))
    joined_source.join(folder, ".cu", but=ALONE)
    # The cache tells programs apart by their source: what compiled them belongs to it.
    makefile.write_text(f"# nvcc {_version()}\n{makefile.read_text()}")


def _version() -> str:
    said = subprocess.run([nvcc(), "--version"], capture_output=True, text=True, timeout=60).stdout.split()
    return said[-1] if said else ""


@contextmanager
def _explained() -> Iterator[None]:
    """Turn the error about a function that has no code for the GPU into a sentence."""
    from brian2chip.core import brian2_cuda  # Brian2, which asking for the device does not need

    try:
        yield
    except Exception as error:
        if (name := brian2_cuda.function_without_code(error)) is None:
            raise
        raise UserError(f"this network cannot run on cuda: {name} has no code for the GPU; {INSTEAD}.") from error


def target():
    """Return what a program is generated and compiled for."""
    from brian2chip.core import brian2_cuda
    from brian2chip.engine import gpu_inputs
    from brian2chip.engine.targets import Target

    return Target(
        "cuda",
        "cuda_standalone",
        _set_flags,
        brian2_cuda.load_and_copy,
        _change,
        compiler="nvcc with the C++ compiler",
        headers=('"b2c_loader.h"', f'"{gpu_inputs.HEADER}"'),
        sources=(gpu_inputs.SOURCE,),
        begin=gpu_inputs.begin,
        add_table=gpu_inputs.add,
        explained=_explained,
    )
