"""Inputs and tables on a GPU: loaded when the program starts, held by the host for code that makes synapses and by the GPU for all other.

Each table is declared in one header, which every file of code includes, and defined in one source file.
"""

from __future__ import annotations

from pathlib import Path

from brian2chip.core.later import brian2
from brian2chip.engine.functions.lookup_table import Table

HEADER, SOURCE = "b2c_gpu.h", "b2c_gpu.cu"

HEAD = r"""
#pragma once
#include <cstdint>
#include <vector>
#include "objects.h"
#include "brianlib/cuda_utils.h"
#include "b2c_loader.h"
template <typename T> inline void b2c_load_to_gpu(const char* name, T* host, T* gpu, size_t n)
{
    b2c_load(name, host, n);
    CUDA_SAFE_CALL(cudaMemcpy(gpu, host, n * sizeof(T), cudaMemcpyHostToDevice));
}
"""
DECLARED = """
extern std::vector<%(ctype)s> _table_%(name)s;
extern int64_t _table_%(name)s_shape[2];
extern __device__ %(ctype)s* _gpu_table_%(name)s;
extern __device__ int64_t _gpu_table_%(name)s_shape[2];
void _load_table_%(name)s();
static inline __host__ __device__ %(result)s %(name)s(int64_t row, int64_t column)
{
#ifdef __CUDA_ARCH__
    const %(ctype)s* values = _gpu_table_%(name)s;
    const int64_t* shape = _gpu_table_%(name)s_shape;
#else
    const %(ctype)s* values = _table_%(name)s.data();
    const int64_t* shape = _table_%(name)s_shape;
#endif
    if (row < 0 || column < 0 || row >= shape[0] || column >= shape[1]) return 0;
    return values[row * shape[1] + column];
}
"""
DEFINED = """
std::vector<%(ctype)s> _table_%(name)s;
int64_t _table_%(name)s_shape[2];
__device__ %(ctype)s* _gpu_table_%(name)s;
__device__ int64_t _gpu_table_%(name)s_shape[2];
void _load_table_%(name)s()
{
    b2c_load("%(name)s.shape", _table_%(name)s_shape, 2);
    _table_%(name)s.resize(_table_%(name)s_shape[0] * _table_%(name)s_shape[1]);
    %(ctype)s* values = 0;
    CUDA_SAFE_CALL(cudaMalloc((void**)&values, _table_%(name)s.size() * sizeof(%(ctype)s)));
    b2c_load_to_gpu("%(name)s", _table_%(name)s.data(), values, _table_%(name)s.size());
    CUDA_SAFE_CALL(cudaMemcpyToSymbol(_gpu_table_%(name)s, &values, sizeof(values)));
    CUDA_SAFE_CALL(cudaMemcpyToSymbol(_gpu_table_%(name)s_shape, _table_%(name)s_shape, sizeof(_table_%(name)s_shape)));
}
"""


def begin(folder: Path) -> None:
    """Write the files that hold no table yet."""
    (folder / HEADER).write_text(HEAD)
    (folder / SOURCE).write_text(f'#include "{HEADER}"\n')


def add(folder: Path, table: Table) -> None:
    """Let the program load a table when it comes to this place, before any code that reads it."""
    for file, text in ((HEADER, DECLARED), (SOURCE, DEFINED)):
        with open(folder / file, "a") as f:
            f.write(text % table.c_names)
    table.function.implementations.add_implementation("cuda", "")  # the header holds it
    brian2.get_device().insert_code("main", f"_load_table_{table.name}();")
