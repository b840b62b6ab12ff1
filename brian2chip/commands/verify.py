"""Recompute published, recorded and live numbers: e-prop (eprop), layered networks (drtp), equilibrium propagation (ep), soft LIF, NEST."""

from __future__ import annotations

import importlib
from argparse import ArgumentParser, Namespace
from pathlib import Path

from brian2chip.errors import UserError

#: What there is to verify: a file of this folder each.
WHAT = sorted(file.stem.removeprefix("_verify_") for file in Path(__file__).parent.glob("_verify_*.py"))


def arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("what", choices=WHAT, help="what to verify")
    parser.add_argument("--file", help="drtp, ep: recorded numbers (.npz) of the same layout (default: those that come with the package)")
    parser.add_argument("--rate", type=float, help="drtp with --file: its learning rate (default: a usual one that fits)")
    parser.add_argument("--task", default="pattern_generation", help="eprop: pattern_generation or evidence_accumulation")
    parser.add_argument("--batch", type=int, default=1, help="eprop: samples per update, run as replicas with shared weights")
    parser.add_argument("--rule", default="eprop_events", help="eprop: eprop (every step) or eprop_events (the same gradient, faster)")
    parser.add_argument(
        "--device", help="numpy, cython or cpp_standalone (default: numpy for drtp, soft_lif and nest, cpp_standalone for the others)"
    )


def main(args: Namespace) -> int:
    """Print what was recomputed; 1 when it differs from the published, recorded or live numbers."""
    if args.rate is not None and args.what != "drtp" or args.file is not None and args.what not in ("drtp", "ep"):
        raise UserError("--file is for verify drtp and verify ep, and --rate for verify drtp; leave them out.")
    if args.what == "nest" and args.device not in (None, "numpy"):
        raise UserError(f"verify nest runs on numpy, not on {args.device!r}; leave --device out.")
    return importlib.import_module(f"brian2chip.commands._verify_{args.what}").main(args)
