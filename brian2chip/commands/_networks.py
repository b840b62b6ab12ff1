"""Networks from files as several commands take them: of this package (.npz), or NIR with what such a file leaves open."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from brian2chip.errors import UserError

if TYPE_CHECKING:
    from brian2chip.core.spiking_network import SpikingNetwork


def add_nir(parser: ArgumentParser) -> None:
    """Declare --nir, --dt and --reset."""
    parser.add_argument("--nir", default="nir", metavar="CONVENTION", help="of a NIR file: nir (default), snntorch or norse")
    parser.add_argument("--dt", metavar="STEP", help="of a NIR file, e.g. 0.1ms: instead of what it states, or the convention has")
    parser.add_argument("--reset", help="of the neurons of a NIR file, instead of the file's: zero, subtract or subtract_at_once")


def network_of(args: Namespace) -> SpikingNetwork:
    """Return the network of a command's ``network``, ``nir``, ``dt`` and ``reset``.

    Raises
    ------
    UserError
        For files that cannot be read, and options of NIR files with another file.
    """
    from brian2chip.core.quantities import parse_value  # with the next ones: slow, see the package's docstring
    from brian2chip.core.spiking_network import SpikingNetwork
    from brian2chip.core.time_step import checked_step
    from brian2chip.translation.nir_read import from_nir

    dt = None if args.dt is None else checked_step(parse_value(args.dt), "--dt")
    if Path(args.network).suffix == ".nir":
        return from_nir(args.network, convention=args.nir, dt=dt, reset=args.reset)
    if dt is not None or args.reset is not None:
        raise UserError(f"--dt and --reset are of NIR files (.nir); {args.network!r:.120} says its own step and reset, leave them out.")
    return SpikingNetwork.load(args.network)
