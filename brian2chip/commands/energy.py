"""What a network costs on every chip that holds it, and what learning rules would add: counts, and joules where published."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("network", metavar="NET", help="a network file of brian2chip (.npz)")
    parser.add_argument("--test", required=True, metavar="SPIKES", help="samples over which the counts are means (.npz)")
    parser.add_argument("--chips", nargs="+", metavar="CHIP", help="chips by name (default: all)")
    parser.add_argument("--rules", nargs="+", metavar="RULE", default=[], help="rules whose updates at these spikes are counted too")
    parser.add_argument("--out", metavar="DIR", help="write energy.csv, hops.csv, rules.csv and energy.png")
    parser.add_argument("--force", action="store_true", help="replace the folder")
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Print and write the tables."""
    import json

    from matplotlib.figure import Figure  # with the next ones: Brian2, see the package's docstring

    from brian2chip.analysis import energy, energy_plots
    from brian2chip.core import output
    from brian2chip.core.provenance import provenance
    from brian2chip.core.resolve import rule as resolve_rule
    from brian2chip.core.spiking_network import SpikingNetwork
    from brian2chip.translation.energy import energy_table
    from brian2chip.translation.reference_simulator import float_run
    from brian2chip.translation.spike_files import load_samples

    if args.out:
        output.check_folder(args.out, args.force)
    rules = [resolve_rule(name) for name in args.rules]
    network, samples = SpikingNetwork.load(args.network), load_samples(args.test)
    table = energy_table(network, samples, args.chips)
    run = float_run(network, samples)
    found, hops = energy.counts(network, samples, run), energy.hops(network, samples, run)
    updates = energy.rule_updates(rules, network, samples, run)
    if args.json:
        said = {"network": found, "chips": table.to_dict("records"), "hops": hops.to_dict("records"), "rules": updates.to_dict("records")}
        print(json.dumps(output.plain(said), indent=2))
    else:
        print("a sample in floating point: " + ", ".join(f"{name} {value:.6g}" for name, value in found.items()))
        print(hops.to_string(index=False, float_format="{:.6g}".format))
        print(
            table.drop(columns=["standing_source", "energy_source"], errors="ignore").to_string(
                index=False, na_rep="", float_format="{:.4g}".format
            )
        )
        for chip, rows in table.fillna("").groupby("chip"):
            said = {row.get(name, "") for _, row in rows.iterrows() for name in ("energy_source", "standing_source")}
            if words := "; ".join(sorted(filter(None, said))):
                print(f"{chip}: {words}")
        if len(updates):
            print(updates.to_string(index=False, float_format="{:.6g}".format))
    if args.out:
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        energy_plots.draw(table, figure.subplots(1, 2))
        with output.folder(args.out, force=args.force) as folder:
            output.write_table(folder / "energy.csv", table)
            output.write_table(folder / "hops.csv", hops)
            if len(updates):
                output.write_table(folder / "rules.csv", updates)
            output.write_json(folder / output.MARK, {"network": args.network, "test": args.test, "counts": found, **provenance()})
            figure.savefig(folder / "energy.png", dpi=120)
    return 0
