"""What a standalone program is generated and compiled for on the cuda device."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import brian2

from brian2chip.core import brian2_cuda
from brian2chip.engine import generated_source, gpu_inputs, joined_source
from brian2chip.engine.cuda import BACKEND, INSTEAD, nvcc
from brian2chip.engine.targets import Target
from brian2chip.errors import UserError

#: How the names of generated files begin that have helpers outside of a namespace: two of them do not fit into one file.
ALONE = "before_run_"
#: Thrust of CUDA 13 needs C++17, and brian2cuda's makefile asks for C++11; of two such flags nvcc takes the last.
STANDARD = "-std=c++17"


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
    try:
        yield
    except Exception as error:
        if (name := brian2_cuda.function_without_code(error)) is None:
            raise
        raise UserError(f"this network cannot run on cuda: {name} has no code for the GPU; {INSTEAD}.") from error


CUDA = Target(
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
