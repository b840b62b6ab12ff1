"""A folder on a chip's own RTL in Icarus Verilog or Verilator, by cocotb."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pandas as pd

from brian2chip.bench.folder import BenchFolder
from brian2chip.bench.run import BenchResult
from brian2chip.core.json_files import read_json
from brian2chip.errors import UserError, unknown

#: Simulators with the program that is looked for.
SIMULATORS = {"icarus": "iverilog", "verilator": "verilator"}
#: What each is told besides: ``.v`` is Verilog of 2005, in which ``priority`` and the like are names.
VERILOG = {"icarus": ["-g2005"], "verilator": ["--timing", "-Wno-fatal", "-Wno-lint", "-Wno-style", "+1364-2005ext+v"]}
SYSTEM_VERILOG = {**VERILOG, "icarus": ["-g2012"]}
#: How a run ends that was not to be.
SAID = 4000


def missing(simulator: str) -> str | None:
    """Return what the testbench lacks on this machine, in a sentence, or None."""
    if simulator not in SIMULATORS:
        raise unknown("simulator of Verilog", simulator, SIMULATORS)
    try:
        import cocotb  # noqa: F401 an optional package
    except ImportError:
        return "the testbench needs cocotb; pip install 'brian2chip[bench]'."
    program = SIMULATORS[simulator]
    if shutil.which(program) is None:
        return f"the testbench needs {program}, which is not found; install {simulator}, or choose another simulator."
    return None


def run_rtl(
    folder: BenchFolder, sources: Sequence[str | os.PathLike], simulator: str = "icarus", *, how: str = "full", plusargs: Sequence[str] = ()
) -> BenchResult:
    """Run a folder on RTL.

    Parameters
    ----------
    folder : BenchFolder
        With stimulus.
    sources : sequence of path
        Verilog (``.v``) or SystemVerilog (``.sv``) of the chip, whose top module has the name and the pins that the folder says.
    simulator : {"icarus", "verilator"}
    how : {"full", "clear", "sparse"}
        As :func:`brian2chip.bench.program.program` takes it; ``"sparse"`` where the simulator's memories begin as zero.
    plusargs : sequence of str
        For the simulation.

    Raises
    ------
    UserError
        Without cocotb or the simulator, for sources that do not compile, and a chip that does not answer.
    """
    if lacks := missing(simulator):
        raise UserError(lacks)
    for source in sources:
        if not os.path.isfile(source):
            raise UserError(f"there is no Verilog file {str(source)!r}.")
    with tempfile.TemporaryDirectory(prefix="brian2chip-bench-") as build:
        result = Path(build) / "result.json"
        asked = {"folder": str(folder.path.resolve()), "how": how, "result": str(result), "build": build}
        given = [str(Path(source).resolve()) for source in sources]
        command = [sys.executable, "-m", "brian2chip.bench.rtl_child", simulator, folder.chip, *asked.values(), *given, *plusargs]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment, cwd=build
        )
        if not result.is_file():
            raise UserError(f"the simulation of {folder.document['top']} with {simulator} ended without a result: {_reason(done.stdout)}")
        said = read_json(result, "result", {"type": "object"})
    if "error" in said:
        raise UserError(said["error"])
    output = None if said["output"] is None else pd.DataFrame(said["output"], columns=["sample", "place", "byte"])
    return BenchResult(pd.DataFrame(said["table"]), output)


def shell(chip: str) -> list[Path]:
    """Return the Verilog of the package around a chip: its pins as variables, and the stream of SPI bits."""
    return [Path(str(files("brian2chip.bench") / "verilog" / name)) for name in ("spi_stream.v", f"bench_{chip}.v")]


def _reason(text: str) -> str:
    """Return the lines of a simulator's output that say what is wrong."""
    lines = [" ".join(line.split()) for line in text.splitlines() if "rror" in line] or text.splitlines()[-3:]
    return "; ".join(lines)[:SAID]
