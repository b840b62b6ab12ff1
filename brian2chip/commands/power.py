"""What a processor saves on a network by choosing voltage and frequency in every step, and what other thresholds would save."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from brian2chip.errors import UserError

#: Values that the exploration tries for each threshold.
TRIED = 25


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("network", help="synfire_chain, bursting, asynchronous_irregular, or a network file (.npz) with --input")
    parser.add_argument("--input", metavar="SPIKES", help="of a network file: the samples that it is run on (.npz)")
    parser.add_argument("--seconds", type=float, help="of the named networks: simulated time (default 2)")
    parser.add_argument(
        "--thresholds", type=int, nargs=2, metavar="SPIKES", help="spikes of a step from which the second and third level is taken"
    )
    parser.add_argument("--neurons-per-core", type=int, default=250, help="of a network file (default 250)")
    parser.add_argument("--seed", type=int, default=1, help="of the named networks (default 1)")
    parser.add_argument("--out", metavar="DIR", help="write steps.csv, thresholds.csv and power.png")
    parser.add_argument("--force", action="store_true", help="replace the folder")


def main(args: Namespace) -> int:
    """Print the savings beside the published ones and the assumptions; write tables and figure."""
    import numpy as np  # with the next ones: Brian2, see the package's docstring
    from matplotlib.figure import Figure

    from brian2chip.analysis import power, power_plots
    from brian2chip.chips import spinnaker2
    from brian2chip.core import output
    from brian2chip.core.provenance import provenance

    work = _workload(args)
    model = spinnaker2.managed(work) if args.thresholds is None else spinnaker2.ASSUMED.with_thresholds(args.thresholds)
    found, saved = power.totals(work, model), power.reductions(work, model)
    size = f"{len(work.neurons)} core{'s' if len(work.neurons) > 1 else ''}, {work.neurons.sum()} neurons, {len(work.received)} steps"
    print(f"{size}; thresholds {', '.join(map(str, model.thresholds))}")
    print("saved beside a core that stays at its fastest level (published: three other networks on the chip itself)")
    for name, words in power_plots.PARTS.items():
        print(f"  {words:<24} {saved[name]:6.1%}   published {spinnaker2.PUBLISHED[name]:.0%}")
    print(f"steps in which a core was late: {found['missed']} of {found['core_steps']}")
    print("busy at levels 1 to 3: " + ", ".join(f"{found[f'busy_share_{k}']:.1%}" for k in range(len(model.levels))) + " of the time")
    for name, said in model.assumptions.items():
        print(f"  {name}: {said}")
    if args.out:
        high = max(int(work.received.max()), 1)
        tried = np.unique(np.linspace(0, high + 1, TRIED).astype(int)).tolist()
        table, explored = power.energy(work, model), power.explore(work, model, [tried, tried])
        figure = Figure(figsize=(10, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        busiest = int(work.received.sum(0).argmax())
        power_plots.draw_steps(table, left, core=busiest, step_ms=1e3 * model.step_s)
        power_plots.draw_exploration(explored, right, spinnaker2.PUBLISHED)
        about = {"network": str(args.network), "seed": args.seed, "thresholds": list(model.thresholds), **provenance()}
        with output.folder(args.out, force=args.force) as folder:
            output.write_table(folder / "steps.csv", table)
            output.write_table(folder / "thresholds.csv", explored)
            output.write_json(folder / output.MARK, about)
            figure.savefig(folder / "power.png", dpi=120)
        print(f"written to {args.out}: steps.csv, thresholds.csv, power.png")
    return 0


def _workload(args: Namespace):
    """Return the workload of a named network or of a network file."""
    from brian2chip.analysis.network_workload import workload_of
    from brian2chip.chips import spinnaker2_networks
    from brian2chip.chips.spinnaker2_networks.recorded import record
    from brian2chip.core.spiking_network import SpikingNetwork
    from brian2chip.translation.reference_simulator import float_run
    from brian2chip.translation.spike_files import load_samples

    if not Path(args.network).suffix:
        if args.input is not None:
            raise UserError("--input is for a network file; leave it out, or give the file of a network.")
        return record(spinnaker2_networks.network(args.network), 2.0 if args.seconds is None else args.seconds, seed=args.seed).workload()
    if args.input is None or args.seconds is not None:
        raise UserError("a network file is run on samples: give --input SPIKES (.npz), and no --seconds.")
    network, samples = SpikingNetwork.load(args.network), load_samples(args.input)
    return workload_of(network, samples, float_run(network, samples), neurons_per_core=args.neurons_per_core)
