"""Check this machine: versions, compiler, cache and extras; what is wrong, what will be slow, and how to fix it."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from brian2chip.commands import _doctor, _shared

#: How a finding of each state begins.
SIGNS = {"fine": "ok     ", "slow": "slow   ", "absent": "absent ", "wrong": "WRONG  "}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print a line for everything that was looked at; the exit code is 1 when something is wrong, 0 otherwise."""
    findings = _doctor.findings()
    if args.json:
        print(json.dumps([asdict(one) for one in findings], indent=2))
    else:
        for one in findings:
            print(f"{SIGNS[one.state]} {one.what}: {one.found}")
            if one.remedy:
                print(f"         {one.remedy}")
        print(_doctor.summary(findings))
    return int(any(one.state == "wrong" for one in findings))
