"""The testbench that runs inside the simulator: the driver of the bench on the chip's RTL; :mod:`brian2chip.bench.rtl` starts it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cocotb

from brian2chip.bench.cocotb_transport import CocotbTransport
from brian2chip.bench.cocotb_versions import bridge
from brian2chip.bench.folder import BenchFolder
from brian2chip.bench.run import run
from brian2chip.errors import UserError

#: Variables of the environment: the folder, how it is programmed, and the file for what came of it.
FOLDER, HOW, RESULT = "BRIAN2CHIP_BENCH_FOLDER", "BRIAN2CHIP_BENCH_PROGRAM", "BRIAN2CHIP_BENCH_RESULT"


@cocotb.test()
async def bench(dut: Any) -> None:
    """Program, verify, play, compare."""
    folder = BenchFolder.read(os.environ[FOLDER])
    transport = CocotbTransport(dut, folder)
    try:
        result = await bridge(run)(folder, transport, how=os.environ[HOW])
        said = {
            "table": result.table.to_dict("records"),
            "output": result.output if result.output is None else result.output.values.tolist(),
        }
    except UserError as error:
        said = {"error": str(error)}
    Path(os.environ[RESULT]).write_text(json.dumps(said), encoding="utf-8")
