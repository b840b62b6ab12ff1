"""The demonstration: pair STDP, triplet STDP and SDSP against three published experiments, on one page."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace

from brian2chip.commands import _comparison


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--out", default="demo", help="folder for the page, the tables and the pictures (default demo)")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")


def main(args: Namespace) -> int:
    """Compare the rules, write the page, and say where to look."""
    start = time.perf_counter()
    print("Pair STDP, triplet STDP and SDSP on Bi & Poo 1998, Sjöström 2001 and Wang 2005 ...", flush=True)
    page = _comparison.write_page(args.out, args.force, progress=True)
    print(f"{time.perf_counter() - start:.0f} s. Open {page}")
    return 0
