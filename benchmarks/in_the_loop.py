"""Yin-Yang on BrainScaleS-2 with mismatch: weights of an ideal chip put on others, training in the loop, and another chip as control.

Run: python benchmarks/in_the_loop.py [--chips N] [--seeds N] [--epochs N] [--spreads S ...] [--split validation|test] [--mean-out W]

All chips of all seeds are replicas of one program; the mean over chips and seeds is printed, and the worst. A spread is that of time
constants, thresholds and synapses alike.
"""

import argparse
import itertools
import time

import numpy as np
import pandas as pd

import brian2chip as bc
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.learning.in_the_loop.settings import LoopTraining
from brian2chip.learning.in_the_loop.train import evaluate_on_chips, loop_network, train_in_the_loop
from brian2chip.substrates.brainscales2 import converter_of
from brian2chip.tasks.yin_yang_spikes import YIN_YANG_SPIKES, published

SPREADS = (0.0, 0.1, 0.2, 0.3)


def chip(spread, number):
    """Return a chip whose time constants, thresholds and synapses have that spread."""
    spreads = dict.fromkeys(("spread_tau", "spread_threshold", "spread_weight"), spread)
    return ChipInstance(bc.substrate("brainscales2").with_parameters(**spreads), number)


def study(spreads, chips, seeds, settings, split, mean_out):
    """Return a row for every spread, chip and seed: accuracies of transfer, in the loop and on another chip, and spikes."""
    converter = converter_of(bc.substrate("brainscales2"))
    # Without spread all chips are one; it is what the transferred weights are trained on.
    cases = [(0.0, 0, seed) for seed in range(1, seeds + 1)]
    cases += list(itertools.product([s for s in spreads if s], range(chips), range(1, seeds + 1)))
    own = [chip(spread, number) for spread, number, _ in cases]
    others = [chip(spread, number + chips) for spread, number, _ in cases]
    start = [loop_network(YIN_YANG_SPIKES, seed, mean_out=mean_out) for *_, seed in cases]
    order = [seed for *_, seed in cases]
    trained = train_in_the_loop(start, own, published("train"), settings=settings, converter=converter, seeds=order, progress=True).networks
    ideal = [trained[seed - 1] for *_, seed in cases]
    test, table = published(split), pd.DataFrame(cases, columns=["spread", "chip", "seed"])
    for name, nets, where in (("transfer", ideal, own), ("in the loop", trained, own), ("on another chip", trained, others)):
        found = evaluate_on_chips(nets, where, test, converter=converter)
        table[name] = 100 * found.accuracy
        table[f"spikes, {name}"] = found.spikes
    return table


def main():
    """Print what the docstring says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chips", type=int, default=5, help="chips of each spread (default 5)")
    parser.add_argument("--seeds", type=int, default=3, help="initial weights and orders of samples (default 3)")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--decay", type=float, default=0.8, help="factor of the rate every three epochs (default 0.8)")
    parser.add_argument("--mean-out", type=float, default=0.1, help="mean of the readout's first weights (default 0.1)")
    parser.add_argument("--spreads", type=float, nargs="+", default=SPREADS)
    parser.add_argument("--split", choices=("validation", "test"), default="test", help="what accuracy is taken on (default test)")
    parser.add_argument("--out", help="a CSV file of all rows")
    args = parser.parse_args()
    settings = LoopTraining(epochs=args.epochs, rate=args.rate, decay=args.decay, every=3)
    clock, busy = time.perf_counter(), time.process_time()
    table = study(args.spreads, args.chips, args.seeds, settings, args.split, args.mean_out)
    if args.out:
        table.to_csv(args.out, index=False)
    print(f"5-120-3, {args.split} set, % right: mean (worst); {args.chips} chips, {args.seeds} seeds, {args.epochs} epochs")
    for spread, rows in table.groupby("spread"):
        said = "; ".join(f"{n} {rows[n].mean():.1f} ({rows[n].min():.1f})" for n in ("transfer", "in the loop", "on another chip"))
        print(
            f"spread {100 * spread:2.0f} %: {said}; {rows['spikes, in the loop'].mean():.2f} spikes a hidden neuron and sample in the loop"
        )
    best = table[table.spread == 0]["in the loop"].mean()
    for name in ("transfer", "in the loop"):
        lost = {spread: best - rows[name].mean() for spread, rows in table.groupby("spread") if spread}
        print(f"points lost, {name}: {', '.join(f'{100 * s:.0f} %: {np.round(x, 1)}' for s, x in lost.items())}")
    print(f"{time.perf_counter() - clock:.0f} s on the clock, {time.process_time() - busy:.0f} s of this process beside the program's")


if __name__ == "__main__":
    main()
