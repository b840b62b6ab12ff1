"""Builds and runs one simulation in a process of its own: ``python -m brian2chip.bench.rtl_child``."""

from __future__ import annotations

import os
import sys

from brian2chip.bench.cocotb_testbench import FOLDER, HOW, RESULT
from brian2chip.bench.cocotb_versions import runner_of
from brian2chip.bench.rtl import SYSTEM_VERILOG, VERILOG, shell


def main(simulator: str, chip: str, folder: str, how: str, result: str, build: str, *given: str) -> None:
    """Compile the sources with the package's shell and run the testbench."""
    sources = [path for path in given if not path.startswith("+")]
    plusargs = [text for text in given if text.startswith("+")]
    told = SYSTEM_VERILOG if any(path.endswith(".sv") for path in sources) else VERILOG
    runner, top = runner_of(simulator), f"bench_{chip}"
    runner.build(
        verilog_sources=[*sources, *map(str, shell(chip))],
        hdl_toplevel=top,
        build_dir=build,
        build_args=told[simulator],
        timescale=("1ns", "1ps"),
        always=True,
    )
    runner.test(
        hdl_toplevel=top,
        test_module="brian2chip.bench.cocotb_testbench",
        build_dir=build,
        plusargs=plusargs,
        extra_env={FOLDER: folder, HOW: how, RESULT: result, "COCOTB_LOG_LEVEL": "WARNING", "PYTHONPATH": os.environ["PYTHONPATH"]},
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
