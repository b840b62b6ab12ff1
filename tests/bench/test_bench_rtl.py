"""The cocotb testbench on Verilog stand-ins of our own: passes, and finds what is wrong; ``make bench-rtl`` runs it."""

import pytest
from bench_folders import CHIPS, SOURCES, standin_files, written

from brian2chip.bench.folder import READBACK, BenchFolder
from brian2chip.bench.rtl import missing, run_rtl
from brian2chip.bench.run import run
from brian2chip.bench.transports import open_transport
from brian2chip.cli import main
from brian2chip.errors import UserError
from tests.chips.task_folders import WRITERS


def needs(simulator):
    if lacks := missing(simulator):
        pytest.skip(lacks)


@pytest.fixture(scope="module", params=CHIPS)
def folder(request, tmp_path_factory):
    needs("icarus")
    return written(request.param, tmp_path_factory.mktemp("rtl") / request.param)


def on_standin(folder, tmp_path, *faults, simulator="icarus", how="sparse"):
    """Run a folder on the stand-in of its chip, with faults as its Verilog takes them."""
    files = standin_files(folder, tmp_path)
    plusargs = [f"+{name}={path}" for name, path in files.items()]
    return run_rtl(folder, SOURCES[folder.chip], simulator, how=how, plusargs=[*plusargs, *faults])


def test_a_folder_passes_on_a_standin(folder, tmp_path):
    result = on_standin(folder, tmp_path)
    assert result.verdict.startswith("PASS: ") and list(result.table.step) == ["program", "verify", "play", "verify after"]
    assert len(result.output) == folder.document["expected"]["output"]["entries"]


@pytest.mark.slow
@pytest.mark.parametrize("chip", WRITERS)
def test_a_task_passes_in_the_emulator_and_on_a_standin(chip, tmp_path):
    """Digits that ODIN learns, digits on tinyODIN, 40-100-2 on ReckOn: the folder comes back bit for bit from both."""
    needs("icarus")
    folder = BenchFolder.read(WRITERS[chip](tmp_path))
    emulated = run(folder, open_transport("simulator", folder))
    simulated = on_standin(folder, tmp_path)
    assert emulated.verdict.startswith("PASS: ") and simulated.verdict == emulated.verdict
    assert simulated.output.equals(emulated.output) and len(emulated.output) == folder.document["expected"]["output"]["entries"]


def test_a_flipped_bit_is_named(folder, tmp_path):
    table = folder.table(folder.document["readback"], READBACK)
    row = table[table.memory != "neurons"].iloc[0]
    if folder.word_bits == 20:
        at = row.address ^ (3 << 18)  # the write bit in place of the read bit
    else:
        at = next(words[0] for words in folder.program("sparse") if words[0] & 0x7000FFFF == row.address & 0x7000FFFF)
    said = on_standin(folder, tmp_path, f"+flip={at:x}").first_difference
    digits, width = (5, 2) if folder.word_bits == 20 else (8, 8)
    assert f"address {row.address:0{digits}x} ({row.memory}, word {row.word}, " in said
    assert f"expected {row.expected:0{width}x}, got {row.expected ^ 1:0{width}x}" in said


def test_a_lost_answer_is_named(folder, tmp_path):
    assert on_standin(folder, tmp_path, "+lose=1").first_difference.startswith("output 1: expected byte ")


def test_verilator_says_the_same(tmp_path):
    needs("verilator")
    folder = written("tinyodin", tmp_path / "folder")
    try:
        assert on_standin(folder, tmp_path, simulator="verilator").verdict.startswith("PASS")
    except UserError as error:
        if "VerilatedVpi" not in str(error):
            raise
        pytest.skip("this Verilator is too old for this cocotb; take cocotb 1.9, or a later Verilator")


def test_verilog_that_does_not_compile(folder, tmp_path):
    broken = tmp_path / "broken.v"
    broken.write_text("module ODIN (input wire CLK endmodule\n")
    with pytest.raises(UserError, match="with icarus ended without a result: .*[Ss]yntax error"):
        run_rtl(folder, [broken])


def test_what_the_command_refuses(tmp_path, capsys):
    folder = written("tinyodin", tmp_path / "folder")
    assert main(["bench", str(folder.path), "--rtl", str(tmp_path / "none.v")]) == 2
    assert main(["bench", str(folder.path), "--rtl", "a.v", "--transport", "simulator"]) == 2
    assert main(["bench", str(folder.path), "--simulator", "icarus"]) == 2
    assert main(["bench", str(folder.path), "--rtl", "a.v", "--simulator", "modelsim"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert "no Verilog file" in said[0] or "needs" in said[0]
    assert "leave these out" in said[1] and "give these too" in said[2] and "'modelsim'" in said[3]
