"""Transports by name, as the command line gives them."""

from __future__ import annotations

from brian2chip.bench.folder import BenchFolder
from brian2chip.bench.serial_transport import SerialTransport
from brian2chip.bench.simulator import simulator
from brian2chip.bench.spidev_transport import SpidevTransport
from brian2chip.bench.transport import Transport
from brian2chip.errors import UserError


def open_transport(name: str, folder: BenchFolder) -> Transport:
    """Return the transport of that name.

    Parameters
    ----------
    name : str
        ``"simulator"``, ``"serial:PORT"`` or ``"spidev:BUS.DEVICE"``.
    folder : BenchFolder
        Says which chip it leads to.

    Raises
    ------
    UserError
        For another name, and where the medium cannot be opened.
    """
    kind, _, where = name.partition(":")
    if kind == "simulator" and not where:
        return simulator(folder)
    if kind == "serial" and where:
        return SerialTransport(where, folder)
    if kind == "spidev" and where:
        return SpidevTransport(where, folder)
    raise UserError(
        f"the transport {name!r:.80} is none of simulator, serial:PORT (serial:/dev/ttyACM0) and spidev:BUS.DEVICE (spidev:0.0)."
    )
