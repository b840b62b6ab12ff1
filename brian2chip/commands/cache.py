"""Show the cache of compiled programs, clear it, or fill it in advance: cache, cache clear, cache warm."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from brian2chip.commands import _shared
from brian2chip.core import cache_contents
from brian2chip.core.cache_folder import cache_directory
from brian2chip.errors import UserError, unknown

if TYPE_CHECKING:
    from brian2chip.core.protocol import Protocol
    from brian2chip.core.rule import Rule


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", nargs="?", choices=("show", "clear", "warm"), default="show", help="show (default), clear or warm")
    parser.add_argument("names", nargs="*", metavar="RULE or TASK", help="for warm: what is compiled for (default: all rules)")
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print place, entries and size after what was asked for."""
    if args.names and args.what != "warm":
        raise UserError(f"cache {args.what} takes no names; see brian2chip cache --help.")
    freed = cache_contents.remove(cache_contents.entries()) if args.what == "clear" else 0
    made = _warm(args.names) if args.what == "warm" else 0
    found = cache_contents.entries()
    counts = {kind: sum(entry.kind == kind for entry in found) for kind in cache_contents.KINDS}
    about = {"place": str(cache_directory()), **counts, "bytes": sum(entry.size for entry in found), "freed": freed, "made": made}
    if args.json:
        print(json.dumps(about, indent=2))
        return 0
    if args.what == "clear":
        print(f"cleared {_megabytes(freed)}")
    if args.what == "warm":
        print(f"{made} programs made")
    print(f"{about['place']}: {counts['programs']} programs, {_megabytes(about['bytes'])} with what belongs to them")
    print(f"(entries go after {cache_contents.DAYS} days without use, and the oldest above {_megabytes(cache_contents.BYTES)})")
    return 0


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB"


def _warm(names: list[str]) -> int:
    """Run rules through the protocols of independent synapses, and trainings for a moment; return how many programs that compiled.

    The program of a training's first update is that of any number of updates and any seed.
    """
    from brian2chip.core import registry  # Brian2 from here on, which the other two do without
    from brian2chip.core.protocol import Protocol
    from brian2chip.core.resolve import is_file, resolve
    from brian2chip.core.rule import Rule
    from brian2chip.learning.train import train

    before = sum(entry.kind == "programs" for entry in cache_contents.entries())
    protocols = [resolve(Protocol, name) for name in registry.catalogue("protocol")]
    trainings = dict.fromkeys(registry.catalogue("task"), {"iterations": 1}) | dict.fromkeys(
        registry.catalogue("layered_task"), {"epochs": 1}
    )
    rules = registry.catalogue("rule")
    for name in names:
        if not is_file(name) and name.partition(":")[0] not in {*rules, *trainings}:
            raise unknown("rule or task called", name, [*rules, *trainings])
    asked = [name if name in trainings else resolve(Rule, name) for name in names or rules]
    with _shared.logged():
        for thing in asked:
            if isinstance(thing, Rule):
                _warm_rule(thing, [each for each in protocols if each.simulate is None], asked=bool(names))
            else:
                train(thing, **trainings[thing])
                _shared.logger.info("%s: trained for a moment", thing)
    return sum(entry.kind == "programs" for entry in cache_contents.entries()) - before


def _warm_rule(rule: Rule, protocols: list[Protocol], asked: bool) -> None:
    from brian2chip.protocols.run import run

    for protocol in protocols:
        try:
            table = run(protocol, rule)
        except UserError as error:
            if asked:
                raise
            _shared.logger.info("%s on %s: left out, %s", rule.name, protocol.name, error)
        else:
            _shared.logger.info("%s on %s: device %s", rule.name, protocol.name, table.attrs["run"]["device"])
