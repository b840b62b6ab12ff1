"""The command line: finds the command by file name and imports nothing else, so that help and list answer at once."""

from __future__ import annotations

import argparse
import sys
import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from brian2chip import __version__
from brian2chip.commands._found import commands, declared, module
from brian2chip.core.termination import termination_unwinds
from brian2chip.errors import UserError, unknown

#: Commands that were called otherwise in version 0.1.0.
RENAMED = {"bits": "bit-width", "compare-learning": "compare --task", "emulate": "simulate"}
#: Characters of a sentence, and of the words in it that were typed.
LONGEST, LONGEST_WORDS = 4000, 500


class _Parser(argparse.ArgumentParser):
    """Wrong arguments are wrong input like any other: one sentence."""

    def error(self, message):
        raise UserError(f"{_short(message, LONGEST_WORDS)}; see {self.prog} --help.")


def main(argv: list[str] | None = None) -> int:
    """Run one command; return 0 for success, 1 if a difference was found, 2 for wrong input."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        if not argv or argv[0] in ("-h", "--help"):
            print(_overview(commands()))
            return 0
        if argv[0] == "--version":
            print(__version__)
            return 0
        return _run(argv[0], argv[1:])
    except UserError as error:
        print(f"brian2chip: {_printable(str(error))}", file=sys.stderr)
        return 2
    except MemoryError:
        print("brian2chip: there is not enough memory for this; make it smaller.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("brian2chip: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        print(f"brian2chip: {what}{error.strerror or error}", file=sys.stderr)
        return 2


def _printable(text: str) -> str:
    """Return a sentence in one line, whatever the words in it are made of."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in _short(text, LONGEST))


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest // 2]} ... {text[-longest // 2 :]}"


def _run(name: str, arguments: list[str]) -> int:
    known = commands()
    if name in RENAMED:
        raise UserError(f"the command {name!r} is now brian2chip {RENAMED[name]}; see brian2chip {RENAMED[name].split()[0]} --help.")
    if name not in known:
        raise unknown("command", name, known)
    args = declared(_Parser(prog=f"brian2chip {name}", description=known[name]), name).parse_args(arguments)
    with warnings.catch_warnings(), termination_unwinds(), _claimed(getattr(args, "out", None)):
        return int(module(name).main(args) or 0)


def _claimed(out: str | Path | None) -> AbstractContextManager[None]:
    """Hold what a command writes, so that no other process writes there."""
    if out is None or not str(out):
        return nullcontext()
    from brian2chip.core.claims import claimed  # list and help write nothing
    from brian2chip.core.output import check_writable

    check_writable(out)
    return claimed(out)


def _overview(known: dict[str, str]) -> str:
    """Return the help of the whole: every command with its line."""
    width = max(map(len, known))
    lines = [f"  {name:<{width}}  {text}" for name, text in known.items()]
    return "\n".join(["usage: brian2chip COMMAND [options]   (brian2chip COMMAND --help explains one)", "", *lines])
