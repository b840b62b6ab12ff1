"""List the models, rules, protocols, tasks and chips, with one line each."""

import json

from brian2chip.core import registry


def arguments(parser):
    """Declare the options."""
    parser.add_argument("kind", nargs="?", choices=sorted(registry.KINDS.values()), help="only this kind")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args):
    """Print the catalogue; reads the files' first lines and imports none of them."""
    kinds = [args.kind] if args.kind else list(registry.KINDS.values())
    found = {kind: {name: entry.summary for name, entry in registry.catalogue(kind).items()} for kind in kinds}
    if args.json:
        print(json.dumps(found, indent=2))
        return 0
    for kind, things in found.items():
        print(f"{registry.words(kind)}s")
        width = max(map(len, things))
        for name, summary in things.items():
            print(f"  {name:<{width}}  {summary}")
    return 0
