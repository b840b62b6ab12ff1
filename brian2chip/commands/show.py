"""Show a model, rule, protocol or chip: equations, parameters with units, presets, source."""

import json
import textwrap

from brian2chip.core import registry
from brian2chip.errors import unknown

#: Fields of these types that hold nothing are not shown.
EMPTY = (type(None), str, tuple, bool)


def arguments(parser):
    """Declare the options."""
    parser.add_argument("name", help="a name that brian2chip list prints, or the path of a file with a rule")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _find(name):
    """Return every (kind, thing) of that name: a rule may be called like the neuron that it learns with."""
    if name.endswith(".py") or "/" in name:
        from brian2chip.core.user_rules import resolve

        return [("rule", resolve(name))]
    base = name.partition(":")[0]
    names = {kind: registry.catalogue(kind) for kind in registry.KINDS.values()}
    found = [(kind, registry.get(kind, name)) for kind, things in names.items() if base in things]
    if not found:
        raise unknown("model, rule, protocol, task or chip", base, {n for things in names.values() for n in things})
    return found


def main(args):
    """Print everything that a thing's file says."""
    found = _find(args.name)
    if args.json:
        described = [_as_json(kind, thing) for kind, thing in found]
        print(json.dumps(described[0] if len(described) == 1 else described, indent=2, default=str))
        return 0
    for k, (kind, thing) in enumerate(found):
        print(("\n" if k else "") + f"{kind} {thing.name}")
        _print_fields(thing)
    return 0


def _fields(thing):
    return {k: v for k, v in vars(thing).items() if not callable(v) and not (isinstance(v, EMPTY) and not v)}


def _as_json(kind, thing):
    from brian2chip.core.output import plain

    listed = {k: list(map(str, v)) if isinstance(v, tuple) else v for k, v in _fields(thing).items()}
    if "kind" in listed:  # a task's own, classification or regression
        listed[f"{kind}_kind"] = listed.pop("kind")
    return {"kind": kind, **plain(listed)}


def _print_fields(thing):
    for key, value in _fields(thing).items():
        if key == "name":
            continue
        if isinstance(value, str) and "\n" in value:
            print(f"\n{key}:\n{textwrap.indent(textwrap.dedent(value).strip(), '    ')}")
        elif hasattr(value, "items"):
            if value:
                print(f"\n{key}:")
            for k, v in value.items():
                low_high = getattr(thing, "bounds", {}).get(k) if key == "parameters" else None
                shown = ", ".join(f"{a} = {b}" for a, b in v.items()) if hasattr(v, "items") else v
                print(f"    {k} = {shown}" + (f"   (from {low_high[0]} to {low_high[1]})" if low_high else ""))
        elif isinstance(value, tuple):
            short = len(str(value)) < 120
            print(f"{key}: " + ", ".join(map(str, value)) if short else f"\n{key}:\n" + "\n".join(f"    {v}" for v in value))
        else:
            print(f"{key}: {value}")
