"""A 40-100-2 network on chips of phase-change memory: accuracy against time since programming and drift compensation.

Run: python benchmarks/pcm_inference.py [--chips N]   (about a minute). The labels are the answers of the ideal network, whose weights are
random: many of its decisions are close ones.
"""

import argparse

import numpy as np
import pandas as pd
from brian2 import second
from robustness import RATE, SIZES, STEPS, network

import brian2chip as bc
from brian2chip.core.samples import Samples
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.reference_simulator import float_run

TIMES = {"programmed": 0, "day": 86_400, "year": 31_536_000}
COMPENSATION = {"none": 0, "array": 1, "columns": 2}


def main():
    """Print what the docstring says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chips", type=int, default=50, help="chips (default 50)")
    chips, rng = parser.parse_args().chips, np.random.default_rng(1)
    net = network(rng)
    samples = Samples.from_dense(rng.random((100, STEPS, SIZES[0])) < RATE, np.ones(STEPS, bool), label=np.zeros(100, int))
    samples = Samples(**{**vars(samples), "label": decisions(net, float_run(net, samples), samples.mask)})
    rows = []
    for name in ("pcm", "pcm_hermes", "pcm_hermes_one_device"):
        for kind, number in COMPENSATION.items():
            row = {"substrate": name, "compensation": kind}
            for when, t in TIMES.items():
                substrate = bc.substrate(name).with_parameters(t=t * second, compensation=number)
                table = bc.robustness(net, substrate, chips=chips, test=samples)
                row[when] = f"{100 * table.accuracy.mean():.1f} % ({table.spikes.mean():.1f})"
            rows.append(row)
    print(f"accuracy (spikes of a neuron in a sample), means of {chips} chips; ideal {table.attrs['run']['ideal']}")
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main()
