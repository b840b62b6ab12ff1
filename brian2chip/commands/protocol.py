"""Write a commented template for your own experiment: brian2chip protocol new mine.csv, or mine.py."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from brian2chip.errors import UserError

STARTS = Path(__file__).with_name("starts")


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("action", choices=["new"], help="new writes a file")
    parser.add_argument("file", help="what to write: a table (.csv) of pairings, or Python (.py) for any stimulus")


def main(args: Namespace) -> int:
    """Write the file, never over another one, and say what to do with it."""
    path = Path(args.file)
    if path.suffix not in (".csv", ".py"):
        raise UserError(f"{args.file!r} should end in .csv (a table of pairings) or .py (any stimulus); give it such a name.")
    text = (STARTS / f"protocol{path.suffix}.txt").read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileNotFoundError:
        raise UserError(f"{args.file!r} would lie in a folder that does not exist; make the folder first.") from None
    except FileExistsError:
        raise UserError(f"{args.file!r} is there already; give another name.") from None
    print(f"{path} is an experiment; change it, then: brian2chip run {path} --rule stdp --out results")
    return 0
