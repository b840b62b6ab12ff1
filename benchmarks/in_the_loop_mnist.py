"""MNIST of 16 x 16 pixels in latency code on BrainScaleS-2 with mismatch, trained in the loop; another chip as control.

Run: python benchmarks/in_the_loop_mnist.py FOLDER   (the four IDX files; ten minutes of processor time). The spread is that of time
constants, thresholds and synapses. Settings were chosen on the last 5,000 training images, which are not learned, with seed and chip 11.
"""

import argparse

import numpy as np
import pandas as pd
import yardstick

import brian2chip as bc
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.learning.in_the_loop.settings import LoopTraining
from brian2chip.learning.in_the_loop.train import evaluate_on_chips, loop_network, train_in_the_loop
from brian2chip.substrates.brainscales2 import converter_of
from brian2chip.tasks.mnist_latency import MNIST_LATENCY, whole


def study(data, spread, seeds, images, split, settings):
    """Return a row for every seed, which is also the number of its chip: accuracy and spikes in the loop and on another chip."""
    spreads = dict.fromkeys(("spread_tau", "spread_threshold", "spread_weight"), spread)
    substrate = bc.substrate("brainscales2").with_parameters(**spreads)
    converter, learned, test = converter_of(substrate), whole("train", data), whole(split, data)
    own, others = ([ChipInstance(substrate, seed + more) for seed in seeds] for more in (0, 1000))
    start = [loop_network(MNIST_LATENCY, seed, mean=0.0, std_in=0.3, mean_out=0.03) for seed in seeds]
    how = {"settings": settings, "converter": converter, "seeds": seeds, "progress": True}
    trained = train_in_the_loop(start, own, learned.take(np.arange(min(images, len(learned)))), **how)
    print(trained.history.round(4).to_string(index=False), flush=True)
    table = pd.DataFrame({"seed": seeds})
    for name, chips in (("in the loop", own), ("on another chip", others)):
        found = evaluate_on_chips(trained.networks, chips, test, converter=converter)
        table[f"% right {name}"], table[f"spikes {name}"] = 100 * found.accuracy, found.spikes
    return table


def main():
    """Print what the docstring says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", help="folder of the four IDX files of MNIST")
    parser.add_argument("--spread", type=float, default=0.1)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[1, 2, 3], help="of weights, order and chip; all are replicas of one program"
    )
    parser.add_argument("--images", type=int, default=55000, help="to learn (default 55,000)")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--split", choices=("validation", "test"), default="test", help="what accuracy is taken on (default test)")
    args = parser.parse_args()
    settings = LoopTraining(epochs=args.epochs, batch=50, rate=0.01, decay=0.4, every=1, width=0.2, showings=2)
    before = yardstick.busy()
    table = study(args.data, args.spread, args.seeds, args.images, args.split, settings)
    print(f"256-{MNIST_LATENCY.network.n_rec}-10, spread {args.spread:g}, {args.split} set; spikes of a hidden neuron and sample")
    print(table.round(3).to_string(index=False))
    print(f"{yardstick.busy() - before:.0f} s of processor time, programs included")


if __name__ == "__main__":
    main()
