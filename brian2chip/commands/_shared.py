"""Options that several commands have: rule parameters, protocol options, device, seed, progress."""

import sys

from brian2chip.errors import UserError


def add_run_options(parser):
    """Declare --set, --option, --device, --seed, --progress and --json."""
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter with its unit, e.g. tau_plus=20ms")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the protocol, e.g. pairs=30")
    parser.add_argument("--device", default="auto", help="auto (default), numpy, cython, cpp_standalone or genn")
    parser.add_argument("--seed", type=int, default=1, help="seed of the stimuli (default 1)")
    parser.add_argument("--progress", action="store_true", help="show progress")
    parser.add_argument("--json", action="store_true", help="print JSON")


def pairs(items, convert=lambda text: text):
    """Return ``{name: value}`` from ``NAME=VALUE`` texts."""
    out = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name or not value:
            raise UserError(f"{item!r} is not NAME=VALUE; write e.g. tau_plus=20ms.")
        out[name.strip()] = convert(value)
    return out


def bar(fraction):
    """Draw progress on standard error."""
    done = int(round(30 * fraction))
    sys.stderr.write(f"\r[{'#' * done}{'.' * (30 - done)}] {100 * fraction:3.0f} %" + ("\n" if fraction >= 1 else ""))
    sys.stderr.flush()
