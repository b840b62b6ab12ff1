"""What is called otherwise in cocotb 1 and cocotb 2: the only file that knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cocotb

if int(cocotb.__version__.partition(".")[0]) >= 2:
    from cocotb.task import bridge, resume
    from cocotb.triggers import ValueChange
else:
    from cocotb import external as bridge
    from cocotb import function as resume
    from cocotb.triggers import Edge as ValueChange

__all__ = ["ValueChange", "bridge", "resume", "runner_of"]


def runner_of(simulator: str) -> Any:
    """Return cocotb's runner of a simulator."""
    get_runner: Callable[[str], Any]
    try:
        from cocotb_tools.runner import get_runner  # as of 2.0
    except ImportError:
        from cocotb.runner import get_runner
    return get_runner(simulator)
