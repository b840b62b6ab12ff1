"""List the models, rules, learning rules, protocols, tasks, chips and substrates, with one line each."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared
from brian2chip.core import registry


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("kind", nargs="?", choices=sorted(registry.KINDS.values()), help="only this kind")
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print the catalogue; reads the files and imports none of them."""
    kinds = [args.kind] if args.kind else list(registry.KINDS.values())
    found = {kind: {name: entry.summary for name, entry in registry.catalogue(kind).items()} for kind in kinds}
    if args.json:
        print(json.dumps(found, indent=2))
        return 0
    for kind, things in found.items():
        print(f"{registry.words(kind)}s")
        width = max(map(len, things), default=0)
        for name, summary in things.items():
            print(f"  {name:<{width}}  {summary}")
    return 0
