"""The command line: finds the command by file name and imports nothing else, so that help and list answer at once."""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
from pathlib import Path

from brian2chip.errors import UserError, unknown


class _Parser(argparse.ArgumentParser):
    """Wrong arguments are wrong input like any other: one sentence."""

    def error(self, message):
        raise UserError(f"{message}; see {self.prog} --help.")


def commands() -> dict[str, str]:
    """Return ``{command: first line of its file}`` from the ``commands`` folder, without importing them."""
    files = sorted((Path(__file__).parent / "commands").glob("[!_]*.py"))
    return {f.stem.replace("_", "-"): (ast.get_docstring(ast.parse(f.read_text(encoding="utf-8"))) or "").split("\n")[0] for f in files}


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 is success, 1 a found difference, 2 wrong input."""
    argv = list(sys.argv[1:] if argv is None else argv)
    known = commands()
    try:
        if not argv or argv[0] in ("-h", "--help"):
            width = max(map(len, known))
            print("usage: brian2chip COMMAND [options]   (brian2chip COMMAND --help explains one)\n")
            print("\n".join(f"  {name:<{width}}  {text}" for name, text in known.items()))
            return 0
        if argv[0] == "--version":
            from importlib.metadata import version

            print(version("brian2chip"))
            return 0
        if argv[0] not in known:
            raise unknown("command", argv[0], known)
        module = importlib.import_module(f"brian2chip.commands.{argv[0].replace('-', '_')}")
        parser = _Parser(prog=f"brian2chip {argv[0]}", description=known[argv[0]])
        module.arguments(parser)
        return int(module.main(parser.parse_args(argv[1:])) or 0)
    except UserError as error:
        print(f"brian2chip: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("brian2chip: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
