"""Show a model, rule, protocol, task, chip or substrate: equations, parameters with units, presets, source."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from brian2chip.commands import _shared
from brian2chip.core import registry
from brian2chip.errors import unknown


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", help=_shared.RULE)
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print everything that a definition's file says."""
    from brian2chip.commands import _describe  # Brian2: see the package's docstring
    from brian2chip.core.output import plain

    found = _find(args.name)
    described = [(kind, thing.name, _describe.describe(kind, thing)) for kind, thing in found]
    if args.json:
        shown = [{"kind": kind, **_describe.records(said)} for kind, _, said in described]
        print(json.dumps(plain(shown[0] if len(shown) == 1 else shown), indent=2))
    else:
        print("\n\n".join(_describe.text(kind, name, said) for kind, name, said in described))
    return 0


def _find(name: str) -> list[tuple[str, Any]]:
    """Return (kind, definition) of a name or a file; a model and a rule may share a name."""
    from brian2chip.core.recordings.data_files import is_data  # with the next ones: Brian2, see the package's docstring
    from brian2chip.core.resolve import definitions, is_file
    from brian2chip.core.task import Task

    base = name.partition(":")[0]
    kinds = [kind for kind in registry.KINDS.values() if base in registry.catalogue(kind)]
    if not kinds and is_data(name):
        return [("task", Task.from_file(name))]
    if is_file(name):
        return definitions(name)
    if not kinds:
        raise unknown("definition", base, {known for kind in registry.KINDS.values() for known in registry.catalogue(kind)})
    return [(kind, registry.get(kind, name)) for kind in kinds]
