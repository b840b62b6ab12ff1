"""Chips as replicas: 100 chips of a 40-100-2 network beside 100 warm calls with one chip each, and 1,000 draws of a rule; memory.

Run: python benchmarks/robustness.py [--samples N]   (about a minute with the default of 100 samples)
"""

import argparse
import resource
import subprocess
import sys
import time

import numpy as np

import brian2chip as bc
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.on_chip import on_chip
from brian2chip.translation.reference_simulator import float_run

CHIPS, STEPS, SIZES = 100, 200, (40, 100, 2)
#: Of the inputs, per step; the network's neurons then fire at some tens of Hz.
RATE = 0.02


def seconds():
    """Return processor seconds of this process and the programs that it started."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def network(rng):
    """Return a recurrent network of untrained weights."""
    n_in, n_rec, n_out = SIZES
    neurons = {"tau_m": 0.02, "v_threshold": 0.6, "refractory": 0.005}
    return SpikingNetwork(
        (
            Population("input", "input", n_in),
            Population("rec", "lif", n_rec, neurons),
            Population("out", "li", n_out, {"tau_m": 0.02}),
        ),
        (
            Projection("input", "rec", rng.normal(0, 0.4, (n_in, n_rec))),
            Projection("rec", "rec", rng.normal(0, 0.1, (n_rec, n_rec)), 1),
            Projection("rec", "out", rng.normal(0, 0.3, (n_rec, n_out))),
        ),
        1e-3,
    )


def networks(n_samples):
    """100 chips of one network."""
    rng = np.random.default_rng(1)
    net, substrate = network(rng), bc.substrate("analogue_mismatch")
    samples = Samples.from_dense(rng.random((n_samples, STEPS, SIZES[0])) < RATE, np.ones(STEPS, bool), label=np.zeros(n_samples, int))
    samples = Samples(**{**vars(samples), "label": decisions(net, float_run(net, samples), samples.mask)})
    how = {"test": samples, "device": "cpp_standalone"}
    bc.robustness(net, substrate, chips=1, **how)
    bc.robustness(net, substrate, chips=CHIPS, **how)
    float_run(net, samples, device="cpp_standalone")
    start = seconds()
    table = bc.robustness(net, substrate, chips=CHIPS, **how)
    together = seconds() - start
    start, accuracy = seconds(), []
    for k in range(CHIPS):
        realised = on_chip(net, ChipInstance(substrate, k))
        accuracy.append(np.mean(decisions(realised, float_run(realised, samples, device="cpp_standalone"), samples.mask) == samples.label))
    apart = seconds() - start
    print(f"{CHIPS} chips of a {'-'.join(map(str, SIZES))} network, {n_samples} samples of {STEPS} steps, warm:")
    print(f"    together {together:.2f} s, one call a chip {apart:.2f} s, ratio {together / apart:.2f}")
    print(f"    spikes of a neuron in a sample {table.spikes.mean():.1f}; same accuracies: {np.allclose(table.accuracy, accuracy)}")
    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    stated = table.attrs["run"]["memory_bytes"]
    print(f"    memory of the replicas, as stated {stated / 1e6:.0f} MB; of the whole process {largest / 1e3:.0f} MB")


def rule():
    """1,000 draws of the triplet rule's parameters, before and after retuning."""
    for spread in (0.02, 0.05, 0.1, 0.2, 0.3):
        substrate = bc.substrate("analogue_mismatch").with_parameters(spread=spread)
        start, clock = seconds(), time.perf_counter()
        table = bc.robustness("triplet:visual_cortex_all_full", substrate, chips=1000, protocol="sjostrom_2001")
        took = f"{seconds() - start:.2f} s, {time.perf_counter() - clock:.2f} s on the clock"
        E = {stage: rows.E for stage, rows in table.groupby("stage")}
        said = "; ".join(f"{stage} median {E[stage].median():.3f}, 95 % {E[stage].quantile(0.95):.3f}" for stage in ("transfer", "retuned"))
        print(f"triplet rule, 1,000 chips at {100 * spread:g} %: E {table.attrs['run']['ideal']['E']:.4f} ideal; {said}   ({took})")


def main():
    """Print what the docstring says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=100, help="samples of the network (default 100)")
    n_samples = parser.parse_args().samples
    command = [sys.executable, "-c", "import time; t = time.process_time(); import brian2; print(time.process_time() - t)"]
    print(f"import brian2 {float(subprocess.run(command, capture_output=True, text=True, check=True).stdout):.2f} s on this machine")
    networks(n_samples)
    rule()


if __name__ == "__main__":
    main()
