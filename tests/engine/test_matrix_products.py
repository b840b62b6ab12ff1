"""Products of matrices in C++: every size that falls between the blocks, and what is refused."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from brian2 import NeuronGroup

from brian2chip.engine.functions import matrix_products
from brian2chip.engine.session import session
from brian2chip.errors import UserError

PROGRAM = """
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>
#define B2C_NUMBER %s
#include "matrix_products.h"
using namespace b2c_matrices;
int main(int, char** names)
{
    int64_t n[6]; // rows, columns, depth, and whether a and b are given transposed
    FILE* in = std::fopen(names[1], "rb"); FILE* out = std::fopen(names[2], "wb");
    while (std::fread(n, sizeof n[0], 5, in) == 5)
    {
        std::vector<number> a(n[0] * n[2]), b(n[2] * n[1]), c(n[0] * n[1], 1);
        if (std::fread(a.data(), sizeof(number), a.size(), in) + std::fread(b.data(), sizeof(number), b.size(), in) == 0) return 1;
        add_product(n[0], n[1], n[2], n[3] ? View{a.data(), 1, n[0]} : View{a.data(), n[2], 1},
                    n[4] ? View{b.data(), 1, n[2]} : View{b.data(), n[1], 1}, c.data());
        std::fwrite(c.data(), sizeof(number), c.size(), out);
    }
    std::fclose(out);
}
"""
#: Around the tile in registers (6 x 8 or 16), and beyond the blocks in the caches (72 rows, 512 or 1024 columns, 256 deep).
SIZES = [(1, 1, 1), (6, 8, 4), (7, 9, 5), (5, 17, 300), (73, 3, 257), (80, 530, 2), (13, 1030, 3), (12, 16, 256)]


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a compiler")
@pytest.mark.parametrize("number, dtype, tolerance", [("double", np.float64, 1e-12), ("float", np.float32, 1e-4)])
def test_the_product_is_numpys(tmp_path, number, dtype, tolerance):
    source, program = tmp_path / "main.cpp", tmp_path / "main"
    source.write_text(PROGRAM % number)
    folder = str(Path(matrix_products.__file__).parent)
    subprocess.run(["g++", "-O1", "-march=native", "-std=c++11", "-I", folder, source, "-o", program], check=True)
    rng, expected = np.random.default_rng(1), []
    with open(tmp_path / "in", "wb") as file:
        for (rows, columns, depth), left, right in [(size, a, b) for size in SIZES for a in (0, 1) for b in (0, 1)]:
            a, b = rng.uniform(-1, 1, (rows, depth)).astype(dtype), rng.uniform(-1, 1, (depth, columns)).astype(dtype)
            np.array([rows, columns, depth, left, right], np.int64).tofile(file)
            np.ascontiguousarray(a.T if left else a).tofile(file)
            np.ascontiguousarray(b.T if right else b).tofile(file)
            expected.append((1 + a.astype(float) @ b.astype(float)).ravel())
    subprocess.run([program, tmp_path / "in", tmp_path / "out"], check=True)
    np.testing.assert_allclose(np.fromfile(tmp_path / "out", dtype), np.concatenate(expected), atol=tolerance)


def test_another_device_and_another_size_are_one_sentence():
    with pytest.raises(UserError, match="do not run on 'cython'; use one of numpy, cpp_standalone"):
        matrix_products.MatrixProducts("cython")
    with session("numpy"):
        group = NeuronGroup(6, "w : 1", name="weights")
        with pytest.raises(UserError, match="weights.w has 6 elements; an array of 2 x 4 needs 8"):
            matrix_products.MatrixProducts("numpy").array(group, "w", 2, 4)
