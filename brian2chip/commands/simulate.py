"""Run spikes through the emulated chip of a folder that translate wrote; print answers, write spikes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("folder", metavar="DIR", help="a folder that brian2chip translate wrote")
    parser.add_argument("--input", required=True, metavar="SPIKES", help="input spikes (.npz, or NIR data .nir or .h5)")
    parser.add_argument(
        "--out", metavar="FILE", help="write the spikes of every population to this .npz, or as NIR data to this .nir or .h5"
    )


def main(args: Namespace) -> int:
    """Simulate and print one line a sample, at most twenty, then the accuracy."""
    import numpy as np  # with the next ones: Brian2, see the package's docstring

    from brian2chip.core.output import check_writable
    from brian2chip.translation import folder
    from brian2chip.translation.evaluate import decisions
    from brian2chip.translation.nir_data import SUFFIXES, write_nir_data
    from brian2chip.translation.reference_simulator import check_channels
    from brian2chip.translation.spike_files import load_samples, save_run

    exported = folder.load(args.folder)
    samples = load_samples(args.input, dt=exported.network.dt)
    check_channels(exported.network, samples)
    if args.out:
        check_writable(args.out)
    run = exported.emulate(samples)
    answers = decisions(exported.network, run, samples.mask)
    for k, answer in enumerate(answers[:20]):
        spikes = sum(int(np.sum(sample == k)) for sample, _, _ in run.spikes.values())
        print(f"sample {k}: answer {answer}, {spikes} spikes" + ("" if run.cycles is None else f", {run.cycles[k]} cycles"))
    if samples.label is not None:
        print(f"{np.sum(answers == samples.label)} of {len(samples)} answers equal the labels ({np.mean(answers == samples.label):.2%})")
    if args.out:
        if Path(args.out).suffix in SUFFIXES:
            write_nir_data(run, exported.network, args.out, samples)
        else:
            save_run(run, args.out, answer=answers)
        print(f"written to {args.out}")
    return 0
