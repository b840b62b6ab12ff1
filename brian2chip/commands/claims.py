"""The headline figures of the systems this package is about, beside what it computes or measures, and how."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help="reckon, odin, ... (default: all)")
    parser.add_argument("--markdown", action="store_true", help="print a table for the documentation")
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print the table; 1 when a figure that should be reproduced is not."""
    import json

    from brian2chip.commands.published._claim import table  # Brian2: see the package's docstring
    from brian2chip.core import output

    found = table(args.systems)
    if args.json:
        print(json.dumps(output.plain(found.to_dict("records")), indent=2))
    elif args.markdown:
        print("| system | figure | published | here | outcome | how | source |\n|---|---|---|---|---|---|---|")
        for row in found.itertuples():
            here = "" if row.here is None or row.here != row.here else f"{row.here:.4g} {row.unit}"
            how = f"`{row.how}`" if row.outcome != "not obtainable here" and row.how else row.how
            there = "" if row.published is None or row.published != row.published else f"{row.published:.4g} {row.unit}"
            print(f"| {row.system} | {row.figure} | {there} | {here} | {row.outcome} | {how} | {row.source} |")
    else:
        print(found.drop(columns="source").to_string(index=False, na_rep="", float_format="{:.4g}".format))
        for line in dict.fromkeys(f"{row.system}: {row.source}" for row in found.itertuples()):
            print(line)
    return 0
