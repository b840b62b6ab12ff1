"""Run a rule through a protocol: score, table.csv, figure.png and run.json."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("protocol", help="a protocol that brian2chip list protocol prints, or a file (.csv, .py)")
    parser.add_argument("--rule", default="stdp", help=f"{_shared.RULE} (default stdp)")
    _shared.add_run_options(parser)
    parser.add_argument("--post", help="the neuron, in the place of the rule's: a name that brian2chip list model prints, or a file")
    parser.add_argument("--drive", help='how it is made to fire: prescribed, "current_pulse(2nA, 3ms)" or "voltage_step(-20mV, 2ms)"')
    parser.add_argument("--signal", action="append", default=[], metavar="NAME=FILE", help="a third factor over time: time_ms,value")
    parser.add_argument("--record", help="variables of the rule or its neuron to record over time, e.g. w,v")
    parser.add_argument("--record-dt", help="how often, e.g. 1ms (default: every step, if that fits)")
    parser.add_argument("--replicas", type=int, help="independent runs of every condition (default 20 for a random rule)")
    parser.add_argument("--out", help="folder for table.csv, figure.png, traces.csv and run.json")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")


def main(args: Namespace) -> int:
    """Run, print the score, write the folder."""
    from brian2chip.core import output  # NumPy: see the package's docstring

    if args.out:
        output.check_folder(args.out, args.force)
    from brian2chip.core.quantities import parse_start, parse_value  # Brian2, which a folder in use need not wait for
    from brian2chip.core.signal import Signal
    from brian2chip.protocols.run import run, write

    signals = _shared.pairs(args.signal, Signal.from_csv)
    more = {} if args.replicas is None else {"replicas": args.replicas}
    table = run(
        args.protocol,
        args.rule,
        parameters=_shared.pairs(args.set, parse_start) | signals,
        post=args.post,
        drive=args.drive,
        record=[name.strip() for name in (args.record or "").split(",") if name.strip()],
        record_dt=None if args.record_dt is None else parse_value(args.record_dt),
        device=args.device,
        seed=args.seed,
        dt=None if args.dt is None else parse_value(args.dt),
        progress=args.progress,
        **_shared.options(args.option),
        **more,
    )
    about = table.attrs["run"]
    if args.out:
        write(table, args.out, args.force)
    if args.json:
        print(json.dumps(output.plain(about), indent=2))
    else:
        sem = about["score_sem"]
        scores = ", ".join(
            f"{name} = {value:.6g}" + (f" +- {sem[name]:.2g}" if sem.get(name) else "") for name, value in about["scores"].items()
        )
        print(f"{about['rule']} on {about['protocol']}: {scores}  (device {about['device']})")
    return 0
