"""Show a model, rule, protocol or chip: equations, parameters with units, presets, source."""

import json
import textwrap

from brian2chip.core import registry
from brian2chip.errors import unknown


def arguments(parser):
    """Declare the options."""
    parser.add_argument("name", help="a name that brian2chip list prints, or the path of a file with a rule")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _find(name):
    if name.endswith(".py") or "/" in name:
        from brian2chip.core.user_rules import resolve

        return "rule", resolve(name)
    base = name.partition(":")[0]
    names = {kind: registry.catalogue(kind) for kind in registry.KINDS.values()}
    for kind, things in names.items():
        if base in things:
            return kind, registry.get(kind, name)
    raise unknown("model, rule, protocol or chip", base, {n for things in names.values() for n in things})


def main(args):
    """Print everything that a thing's file says."""
    from brian2chip.core.output import plain

    kind, thing = _find(args.name)
    fields = {k: v for k, v in vars(thing).items() if v not in (None, "", (), False) and not callable(v)}
    if args.json:
        listed = {k: list(map(str, v)) if isinstance(v, tuple) else v for k, v in fields.items()}
        print(json.dumps({"kind": kind, **plain(listed)}, indent=2))
        return 0
    print(f"{kind} {thing.name}")
    for key, value in fields.items():
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
    return 0
