"""Program a chip from a folder of translate --test, read back, play, and compare: on a bench, on its RTL, or on the emulator."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from brian2chip.commands import _shared


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("folder", metavar="DIR", help="a folder that brian2chip translate --test wrote")
    parser.add_argument(
        "--transport", metavar="HOW", help="simulator (default), serial:PORT, e.g. serial:/dev/ttyACM0, or spidev:BUS.DEVICE"
    )
    parser.add_argument(
        "--program", default="full", metavar="WHAT", help="full (default), clear (the clear, then what is used), or sparse (memories are 0)"
    )
    parser.add_argument("--no-play", action="store_true", help="only program and read back")
    parser.add_argument("--rtl", nargs="+", metavar="FILE.v", help="the chip's Verilog sources, simulated in place of a transport")
    parser.add_argument("--simulator", metavar="NAME", help="of Verilog: icarus (default) or verilator")
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="write the bytes that came out: sample, event or tick, byte")
    _shared.add_progress(parser)
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print a line a step and PASS or the first difference; return 1 when something differs."""
    import json
    from contextlib import closing

    from brian2chip.bench.folder import BenchFolder
    from brian2chip.bench.rtl import run_rtl
    from brian2chip.bench.run import run
    from brian2chip.bench.transports import open_transport
    from brian2chip.core import output
    from brian2chip.errors import UserError

    folder = BenchFolder.read(args.folder)
    if args.out is not None:
        output.check_writable(args.out)
    if args.rtl is None:
        if args.simulator is not None:
            raise UserError("--simulator is the one that runs --rtl FILE.v ...; give these too, or leave it out.")
        with closing(open_transport(args.transport or "simulator", folder)) as transport:
            result = run(folder, transport, how=args.program, playing=not args.no_play, progress=args.progress or None)
    else:
        if args.transport is not None or args.no_play:
            raise UserError("--rtl plays the folder on simulated RTL and takes neither --transport nor --no-play; leave these out.")
        result = run_rtl(folder, args.rtl, args.simulator or "icarus", how=args.program)
    if args.out is not None and result.output is not None:
        output.write_table(args.out, result.output)
    if args.json:
        print(json.dumps(output.plain({"steps": result.table.to_dict("records"), "verdict": result.verdict}), indent=2))
    else:
        print(result.table.drop(columns="first_difference").to_string(index=False))
        print(result.verdict)
    return int(result.first_difference is not None)
