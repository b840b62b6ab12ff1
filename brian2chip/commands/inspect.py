"""Print the contents of a folder that translate wrote: verdict, parameters with codes and errors, notes, behaviour."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared

COLUMNS = ["parameter", "place", "field", "values", "code_low", "code_high", "rms_error", "clipped", "zeroed", "range_used"]


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("folder", metavar="DIR", help="a folder that brian2chip translate wrote")
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print the folder's content; as JSON everything but the configuration."""
    import pandas as pd  # with the next one: Brian2, see the package's docstring

    from brian2chip.translation import folder
    from brian2chip.translation.evaluate import in_words

    document = folder.load(args.folder).document
    if args.json:
        print(json.dumps({k: v for k, v in document.items() if k != "configuration"}, indent=2))
        return 0
    print(f"{document['chip']}: {document['verdict']}\n")
    print(pd.DataFrame(document["table"], columns=COLUMNS).to_string(index=False))
    for text in document["notes"]:
        print(f"note: {text}")
    for what, remedy in document.get("problems", []):
        print(f"problem: {what} {remedy}")
    if document.get("behaviour"):
        print(in_words(document["behaviour"]))
    return 0
