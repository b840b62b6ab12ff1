"""The commands that there are, by file name, and their options; listing them imports none."""

from __future__ import annotations

import ast
import importlib
from argparse import ArgumentParser
from pathlib import Path
from types import ModuleType

from brian2chip import __version__


def commands() -> dict[str, str]:
    """Return ``{command: first line of its file}``, without importing them."""
    files = sorted(Path(__file__).parent.glob("[!_]*.py"))
    return {f.stem.replace("_", "-"): (ast.get_docstring(ast.parse(f.read_text(encoding="utf-8"))) or "").split("\n")[0] for f in files}


def module(name: str) -> ModuleType:
    """Return the module of a command."""
    return importlib.import_module(f"brian2chip.commands.{name.replace('-', '_')}")


def declared(parser: ArgumentParser, name: str) -> ArgumentParser:
    """Return a parser with the options of a command."""
    module(name).arguments(parser)
    parser.add_argument("--version", action="version", version=__version__)
    return parser
