"""The demonstration: pair STDP, triplet STDP and SDSP against three published experiments, on one page."""

import time

from brian2chip.commands import _shared
from brian2chip.core import output


def arguments(parser):
    """Declare the options."""
    parser.add_argument("--out", default="demo", help="folder for the page, the tables and the pictures (default demo)")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")


def main(args):
    """Compare the rules, write the page, and say where to look."""
    output.check_folder(args.out, args.force)
    from brian2chip.protocols.compare import compare

    start = time.perf_counter()
    print("Pair STDP, triplet STDP and SDSP on Bi & Poo 1998, Sjostrom 2001 and Wang 2005 ...")
    found = compare(progress=_shared.bar)
    page = found.write(args.out, args.force)
    wide = found.scores.pivot(index="rule", columns="protocol", values="score").reindex(found.scores["rule"].unique())
    print(wide.to_string(float_format=lambda x: f"{x:.3g}", na_rep="-"))
    for row in found.scores.itertuples():
        if row.why:
            print(f"{row.rule} on {row.protocol}: {row.why}")
    print(f"{time.perf_counter() - start:.0f} s. Open {page}")
    return 0
