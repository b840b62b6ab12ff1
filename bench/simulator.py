"""The emulated chips behind the transport of a bench: the driver without hardware."""

from __future__ import annotations

from brian2chip.bench.folder import BenchFolder
from brian2chip.bench.simulated_odin import SimulatedOdin
from brian2chip.bench.simulated_reckon import SimulatedReckon
from brian2chip.bench.transport import Transport
from brian2chip.chips.odin.mapping import INTERFACE as ODIN
from brian2chip.chips.tinyodin.mapping import INTERFACE as TINYODIN


def simulator(folder: BenchFolder) -> Transport:
    """Return the emulator of a folder's chip; its memories are zero at reset."""
    if folder.chip == "reckon":
        return SimulatedReckon()
    return SimulatedOdin({"odin": ODIN, "tinyodin": TINYODIN}[folder.chip])
