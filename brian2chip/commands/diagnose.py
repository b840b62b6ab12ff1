"""Say layer by layer why a network is silent, saturated or wrong, as it is or on a chip, and what to do."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from brian2chip.commands import _networks, _shared
from brian2chip.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

#: How the table is printed: shares in percent.
SHARES = ("silent_inputs", "silent", "silent_chip", "saturated", "saturated_chip", "weights_lost", "weights_clipped", "leak_error")


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("network", metavar="NET|FOLDER", help="a network (.npz), a NIR file (.nir), or a folder that translate wrote")
    parser.add_argument("--input", required=True, metavar="SPIKES", help="input spikes (.npz, or NIR data .nir or .h5)")
    parser.add_argument("--chip", help="of a network: the chip to examine; without one, the network itself is examined")
    parser.add_argument("--calibration", metavar="SPIKES", help="typical input for the translation (default: the input)")
    parser.add_argument("--split-signs", action="store_true", help="as for translate")
    _networks.add_nir(parser)
    _shared.add_device(parser)
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print the table and the causes."""
    from brian2chip.core.output import plain  # with the next ones: Brian2, see the package's docstring
    from brian2chip.translation import folder
    from brian2chip.translation.diagnose import diagnose
    from brian2chip.translation.spike_files import load_samples

    if os.path.isdir(args.network):
        if args.dt is not None or args.reset is not None or args.calibration or args.split_signs:
            given = "--dt, --reset, --calibration or --split-signs"
            raise UserError(f"{given} was given with a folder, which is translated already; leave it out.")
        given, step = args.network, folder.load(args.network).network.dt
    else:
        given = _networks.network_of(args)
        step = given.dt
    calibration = None if args.calibration is None else load_samples(args.calibration, dt=step)
    samples = load_samples(args.input, dt=step)
    how = dict(calibration=calibration, split_signs=args.split_signs, device=args.device)
    found = diagnose(given, samples, args.chip, **how)
    if args.json:
        causes = [vars(one) for one in found.findings]
        document = {"chip": found.chip, "where": found.where, "layers": found.table.to_dict("records"), "findings": causes}
        print(json.dumps(plain(document), indent=2))
        return 0
    print(f"{'no chip' if found.chip is None else found.chip}: {found.where}\n")
    print(_printed(found.table))
    for text in found.sentences():
        print(text)
    return 0


def _printed(table: pd.DataFrame) -> str:
    """Return the table as text: shares in percent, without columns in which nothing was measured."""
    table = table.dropna(axis="columns", how="all")
    written = {name: (lambda x: "-" if x is None or x != x else f"{x:.0%}" if abs(x) < 1e4 else "> 1e6%") for name in SHARES}
    return table.to_string(index=False, formatters=written, float_format="{:.3g}".format, na_rep="-")
