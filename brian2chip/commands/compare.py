"""Compare rules on protocols: one page with pictures, scores, and what each rule needs."""

import json

from brian2chip.commands import _shared
from brian2chip.core import output


def _names(text):
    return [name for name in text.replace(",", " ").split() if name]


def arguments(parser):
    """Declare the options."""
    parser.add_argument("--rules", nargs="+", metavar="RULE", help="names, name:preset, or paths of files that define a rule")
    parser.add_argument("--protocols", nargs="+", metavar="PROTOCOL", help="protocols (default: those with data points)")
    parser.add_argument("--out", required=True, help="folder for index.html, CSV and PNG")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")
    parser.add_argument("--device", default="auto", help="auto (default), numpy, cython, cpp_standalone or genn")
    parser.add_argument("--seed", type=int, default=1, help="seed of the stimuli (default 1)")
    parser.add_argument("--progress", action="store_true", help="show progress")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args):
    """Run everything, write the folder, print the scores."""
    output.check_folder(args.out, args.force)
    from brian2chip.protocols.compare import compare

    chosen = {}
    if args.rules:
        chosen["rules"] = [name for text in args.rules for name in _names(text)]
    if args.protocols:
        chosen["protocols"] = [name for text in args.protocols for name in _names(text)]
    found = compare(**chosen, device=args.device, seed=args.seed, progress=_shared.bar if args.progress else None)
    page = found.write(args.out, args.force)
    if args.json:
        print(json.dumps(output.plain({"scores": found.scores.to_dict("records"), "page": str(page)}), indent=2))
    else:
        wide = found.scores.pivot(index="rule", columns="protocol", values="score").reindex(found.scores["rule"].unique())
        print(wide.to_string(float_format=lambda x: f"{x:.3g}", na_rep="-"))
        for row in found.scores.itertuples():
            if row.why:
                print(f"{row.rule} on {row.protocol}: {row.why}")
        print(f"page: {page}")
    return 0
