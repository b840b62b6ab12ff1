"""verify ep: recorded numbers of equilibrium propagation."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from brian2chip.learning.equilibrium import verify as equilibrium


def main(args: Namespace) -> int:
    """Print the differences of equilibrium propagation from recorded numbers; 1 when one is too large."""
    files = [equilibrium.DATA / name for name in equilibrium.FILES] if args.file is None else [args.file]
    every = True
    for file in files:
        found, within = equilibrium.verify(file, args.device or "cpp_standalone")
        print(f"{Path(file).name}: largest differences from the recorded numbers")
        print(found.to_string(index=False, float_format="{:.2g}".format))
        every &= within
    print(
        f"{'all' if every else 'not all'} within tolerance: {equilibrium.TOLERANCE:.0e}; one-sided and symmetric gradients "
        f"{equilibrium.TOLERANCE_SYMMETRIC:.0e}; their error falls by 2 and 4 (each +- 0.2) where the nudge is halved"
    )
    return int(not every)
