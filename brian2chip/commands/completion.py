"""Print shell completion for this command: brian2chip completion bash > FILE."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from brian2chip.commands import _found
from brian2chip.errors import UserError

SHELLS = ("bash", "zsh", "tcsh")


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("shell", choices=SHELLS, help=f"{', '.join(SHELLS[:-1])} or {SHELLS[-1]}")


def main(args: Namespace) -> int:
    """Print the script, made from the options of every command."""
    try:
        import shtab  # an extra
    except ImportError:
        raise UserError("completion needs shtab, which is not installed; run pip install 'brian2chip[completion]'.") from None
    whole = ArgumentParser(prog="brian2chip")
    commands = whole.add_subparsers()
    for name, line in _found.commands().items():
        _found.declared(commands.add_parser(name, help=line, description=line), name)
    print(shtab.complete(whole, args.shell))
    return 0
