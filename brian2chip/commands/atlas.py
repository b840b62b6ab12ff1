"""Every rule and preset against every protocol: one table and one page; continues where it was interrupted."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--out", required=True, help="folder for index.html, atlas.csv, atlas.md and run.json")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")
    parser.add_argument("--rules", nargs="+", metavar="RULE", help=f"{_shared.RULE} (default: all, with all presets)")
    parser.add_argument("--protocols", nargs="+", metavar="PROTOCOL", help="experiments (default: all but those that take minutes)")
    parser.add_argument("--most-updates", type=float, help="updates of clock-driven synapses that a cell may take (default 5e8)")
    parser.add_argument("--processes", type=int, help="worker processes (default: one per core)")
    _shared.add_device(parser)
    parser.add_argument("--seed", type=int, default=1, help="seed of the stimuli (default 1)")
    _shared.add_progress(parser)
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Run what is not kept, write the folder, print how many cells there are."""
    from brian2chip.core import output  # NumPy: see the package's docstring

    output.check_folder(args.out, args.force)
    from brian2chip.analysis.atlas_words import took  # Brian2, which a folder in use need not wait for
    from brian2chip.protocols.atlas import atlas

    names = ("rules", "protocols")
    chosen = {n: [w for text in getattr(args, n) for w in text.replace(",", " ").split()] for n in names if getattr(args, n) is not None}
    if args.most_updates is not None:
        chosen["most_updates"] = args.most_updates
    found = atlas(**chosen, device=args.device, seed=args.seed, processes=args.processes, progress=args.progress)
    page = found.write(args.out, args.force)
    if args.json:
        print(json.dumps(output.plain({"cells": found.table.to_dict("records"), "page": str(page)}), indent=2))
    else:
        print(f"{took(found.table)}\npage: {page}")
    return 0
