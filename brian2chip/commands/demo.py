"""The demonstration: rules on published data, SDSP and its cost, learning by e-prop, and the network on ReckOn, on one page."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--out", default="demo", help="folder for the page and the tables (default demo)")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")
    parser.add_argument("--seed", type=int, default=1, help="of stimuli, weights and samples (default 1)")


def main(args: Namespace) -> int:
    """Compute the sections, write the page, and say where to look."""
    from brian2chip.core import output  # NumPy: see the package's docstring

    output.check_folder(args.out, args.force)
    from brian2chip.analysis import demo_page  # what follows imports Brian2, which a folder in use need not wait for
    from brian2chip.commands.demonstration import learning, published_data, rate_and_timing, sdsp
    from brian2chip.core.provenance import provenance

    start, sections, tables = time.perf_counter(), [], {}
    steps = {
        "Pair and triplet STDP on published data": published_data,
        "Their windows at every rate": rate_and_timing,
        "SDSP and its cost": sdsp,
        "Learning by e-prop, and the network on ReckOn": learning,
    }
    for what, step in steps.items():
        print(f"{what} ...", flush=True)
        section, found = step.section(args.seed)
        print(f"  {section.line}", flush=True)
        sections.append(section)
        tables |= found
    took = f"in {time.perf_counter() - start:.0f} s"
    about = provenance()
    with output.folder(args.out, args.force) as folder:
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)
        versions = [f"{name} {version}" for name, version in about["versions"].items()]
        page = demo_page.page(sections, took, versions, args.seed)
        (folder / "index.html").write_text(page, encoding="utf-8")
        output.write_json(folder / output.MARK, {"seed": args.seed, **about})
    print(f"{took}. Open {Path(args.out) / 'index.html'}")
    return 0
