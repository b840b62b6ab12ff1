"""Memories and SPI words in every format: read back by small readers that know the formats, they are the same."""

import csv
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from brian2chip.chips.memory_images import FORMATS, Images, write
from brian2chip.chips.odin import files as odin_files
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.mapping import INTERFACE
from brian2chip.chips.odin_family import costs as odin_costs
from brian2chip.chips.odin_family.placed import PlacedNetwork
from brian2chip.chips.reckon import presets
from brian2chip.chips.reckon.files import memory_rows
from brian2chip.chips.reckon.memory import Memory
from brian2chip.errors import UserError

RNG = np.random.default_rng(0)
MEMORIES = {"wide": RNG.integers(0, 256, (5, 16), dtype=np.uint8), "narrow": RNG.integers(0, 256, (3, 4), dtype=np.uint8)}
PROGRAMS = {"full": [[1, 2, 3], [0xFFFFFFFF, 5]], "sparse": [[7, 8]]}


def numbers(rows):
    """Words as integers: byte k holds bits 8k to 8k + 7."""
    return [sum(int(byte) << 8 * k for k, byte in enumerate(row)) for row in rows]


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, Images(MEMORIES, PROGRAMS), tuple(FORMATS))
    return tmp_path


def test_mem(folder):
    """$readmemh: an address after @, then words in hexadecimal."""
    for name, rows in MEMORIES.items():
        head, *words = (folder / f"{name}.mem").read_text().split()
        assert head == "@0" and [int(word, 16) for word in words] == numbers(rows) and {len(w) for w in words} == {2 * rows.shape[1]}


def test_coe(folder):
    """Xilinx: radix, then words separated by commas and ended by a semicolon."""
    for name, rows in MEMORIES.items():
        text = re.sub(r"\s", "", (folder / f"{name}.coe").read_text())
        found = re.fullmatch(r"memory_initialization_radix=16;memory_initialization_vector=([0-9a-f,]+);", text)
        assert [int(word, 16) for word in found[1].split(",")] == numbers(rows)


def test_csv(folder):
    for name, rows in MEMORIES.items():
        with open(folder / f"{name}.csv", newline="") as file:
            head, *lines = csv.reader(file)
        assert head == ["word", *(f"byte{k}" for k in range(rows.shape[1]))]
        assert [[int(cell) for cell in line] for line in lines] == [[n, *row] for n, row in enumerate(rows.tolist())]


def test_json_and_npz(folder):
    found = json.loads((folder / "memories.json").read_text())
    with np.load(folder / "memories.npz") as arrays:
        for name, rows in MEMORIES.items():
            assert found["memories"][name]["bits"] == 8 * rows.shape[1]
            assert [int(word, 16) for word in found["memories"][name]["words"]] == numbers(rows)
            assert np.array_equal(arrays[name], rows)
        for name, transactions in PROGRAMS.items():
            assert [[int(word, 16) for word in words] for words in found["programs"][name]] == transactions
            assert arrays[f"spi_{name}"].tolist() == [word for words in transactions for word in words]
            assert arrays[f"spi_{name}_lengths"].tolist() == [len(words) for words in transactions]


def test_c_header(folder):
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    program = folder / "main.c"
    program.write_text(
        '#include <stdio.h>\n#include "spi_words.h"\nint main(void) { unsigned k;\n'
        'printf("%u %u\\n", SPI_FULL_TRANSACTIONS, SPI_SPARSE_TRANSACTIONS);\n'
        'for (k = 0; k < SPI_FULL_WORDS; k++) printf("%u\\n", (unsigned)spi_full[k]);\n'
        'for (k = 0; k < SPI_SPARSE_WORDS; k++) printf("%u\\n", (unsigned)spi_sparse[k]);\nreturn 0; }\n'
    )
    subprocess.run(["gcc", "-Wall", "-Werror", "-std=c99", "-o", str(folder / "main"), str(program)], check=True)
    printed = subprocess.run([str(folder / "main")], capture_output=True, text=True, check=True).stdout.split()
    assert [int(word) for word in printed] == [2, 1, 1, 2, 3, 0xFFFFFFFF, 5, 7, 8]


def test_an_unknown_format_is_named(tmp_path):
    with pytest.raises(UserError, match="coe"):
        write(tmp_path, Images(MEMORIES, PROGRAMS), ["koe"])
    assert list(tmp_path.iterdir()) == []


def test_the_memories_of_odin_are_those_of_its_images(tmp_path):
    synapses = RNG.integers(0, 16, (256, 256), dtype=np.uint8)
    blank = Configuration.blank()
    held = Configuration(blank.registers, blank.syn_sign, blank.words, synapses, blank.up, blank.down)
    images = odin_costs.images(INTERFACE, PlacedNetwork(held, {"out": (0, 2)}, 0, 0, {"out": 1.0}))
    odin_files.write(tmp_path, held, np.zeros((0, 2), np.int32))
    for name, rows in images.memories.items():
        assert [int(line, 16) for line in (tmp_path / f"{name}.hex").read_text().split()] == numbers(rows)
    assert {name: rows.shape for name, rows in images.memories.items()} == {"neurons": (256, 16), "synapses": (8192, 4)}
    assert images.programs["full"] == odin_files.spi_transactions(held).tolist()


def test_the_memories_of_reckon_are_whole():
    """RTL of ReckOn (srnn.v): 128, 4096, 4096 and 512 words of 128 bits; of the last the first 256 are used."""
    configuration = presets.configuration(4, 6, 2)
    memory = Memory.of(configuration, np.full((4, 6), -3), np.full((6, 6), 2), np.full((6, 2), 5))
    rows = memory_rows(configuration, memory)
    assert {name: r.shape for name, r in rows.items()} == {"neurons": (128, 16), "winp": (4096, 16), "wrec": (4096, 16), "wout": (512, 16)}
    assert rows["wout"][:6, :3].tolist() == [[5, 5, 0]] * 6 and not rows["wout"][6:].any()
    assert rows["winp"][16 * 3, :7].tolist() == [253] * 6 + [0]  # word 16 i + j div 16
