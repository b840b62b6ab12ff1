"""Draw the table of a sweep: lines over one quantity, a heat map over two, a scatter plot of random points."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from brian2chip.errors import UserError


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("table", help="the table that brian2chip sweep wrote (.parquet or .csv)")
    parser.add_argument("--value", metavar="NAME", help="the result to draw (default: the first one)")
    parser.add_argument("--x", metavar="NAME", help="the quantity of the x axis (default: the first that varies)")
    parser.add_argument("--y", metavar="NAME", help="that of the y axis (default: the second that varies, if there is one)")
    parser.add_argument("--lines", action="store_true", help="draw lines, one for each value of the second quantity")
    parser.add_argument("--out", metavar="FIGURE", help="the picture (default: beside the table, with its name)")


def main(args: Namespace) -> int:
    """Read, draw, and say where the picture is."""
    from pathlib import Path

    from matplotlib.figure import Figure  # with the next ones: see the package's docstring

    from brian2chip.core.output import check_writable
    from brian2chip.sweeps.plot import plot_sweep
    from brian2chip.sweeps.results import read_sweep

    out = check_writable(args.out or Path(args.table).absolute().with_suffix(".png"))
    figure = Figure(figsize=(6, 4.2), layout="constrained")
    plot_sweep(read_sweep(args.table), args.value, x=args.x, y=args.y, lines=args.lines, ax=figure.subplots())
    try:
        figure.savefig(out, dpi=150)
    except ValueError as error:  # an ending that is no kind of picture
        raise UserError(f"{out.name!r} cannot be drawn: {error}; give a name that ends in .png, .pdf or .svg.") from None
    print(f"drawn in {out}")
    return 0
