"""Print what a folder of translate holds: verdict, parameters with codes and errors, notes, behaviour."""

import json

import pandas as pd

from brian2chip.translation import folder

COLUMNS = ["parameter", "place", "field", "values", "code_low", "code_high", "rms_error", "clipped", "zeroed", "range_used"]


def arguments(parser):
    """Declare the options."""
    parser.add_argument("folder", metavar="DIR", help="a folder that brian2chip translate wrote")
    parser.add_argument("--json", action="store_true", help="print everything but the configuration as JSON")


def main(args):
    """Print the folder's content."""
    document = folder.load(args.folder).document
    if args.json:
        print(json.dumps({k: v for k, v in document.items() if k != "configuration"}, indent=2))
        return 0
    print(f"{document['chip']}: {document['verdict']}\n")
    print(pd.DataFrame(document["table"])[COLUMNS].to_string(index=False))
    for text in document["notes"]:
        print(f"note: {text}")
    for what, remedy in document.get("problems", []):
        print(f"problem: {what} {remedy}")
    if document.get("behaviour"):
        found = document["behaviour"]
        accuracy = ", ".join(f"{name} {value:.2%}" for name, value in found["accuracy"].items())
        print(
            f"behaviour on {found['samples']} samples: same answer {found['agreement']:.2%}; accuracy {accuracy or 'unknown (no labels)'}"
        )
    return 0
