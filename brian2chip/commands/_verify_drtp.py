"""verify drtp: recorded numbers of layered networks."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from brian2chip.errors import UserError
from brian2chip.learning.layered import verify as layered


def main(args: Namespace) -> int:
    """Print the largest differences of each mode and optimiser of recorded numbers; 1 when one is too large."""
    files = [layered.DATA / name for name in layered.FILES] if args.file is None else [args.file]
    if args.file is None and args.rate is not None:
        raise UserError("--rate is the learning rate of a file; give --file too, or leave it out.")
    worst = 0.0
    for file in files:
        found = layered.verify(file, args.device or "numpy", args.rate)
        print(f"{Path(file).name}: largest differences of losses, first gradients, and weights after the last update")
        print(found.to_string(index=False, formatters=dict.fromkeys(layered.COMPARED, "{:.1e}".format)))
        worst = max(worst, found[list(layered.COMPARED)].to_numpy().max())
    print(f"largest difference from the recorded numbers: {worst:.1e} (allowed {layered.TOLERANCE:.0e})")
    return int(not worst <= layered.TOLERANCE)
