"""Run spikes through the emulated chip of a folder that translate wrote; prints answers, writes spikes."""

import numpy as np

from brian2chip.chips import export
from brian2chip.chips.behaviour import decisions
from brian2chip.chips.float_run import check_channels
from brian2chip.chips.samples_io import load_samples
from brian2chip.chips.translate import emulate
from brian2chip.results import check_writable
from brian2chip.spiking_network import write_npz


def arguments(parser):
    """Declare the options."""
    parser.add_argument("folder", metavar="DIR", help="a folder that brian2chip translate wrote")
    parser.add_argument("--input", required=True, metavar="SPIKES", help="input spikes (.npz)")
    parser.add_argument("--out", metavar="FILE", help="write the spikes of every population to this .npz")


def main(args):
    """Emulate and print one line a sample, at most twenty, then the accuracy."""
    exported, samples = export.load(args.folder), load_samples(args.input)
    check_channels(exported.network, samples)
    if args.out:
        check_writable(args.out)
    run = emulate(exported.chip, exported.config, samples)
    answers = decisions(exported.network, run, samples.mask)
    for k, answer in enumerate(answers[:20]):
        spikes = sum(int(np.sum(sample == k)) for sample, _, _ in run.spikes.values())
        print(f"sample {k}: answer {answer}, {spikes} spikes" + ("" if run.cycles is None else f", {run.cycles[k]} cycles"))
    if samples.label is not None:
        print(f"{np.sum(answers == samples.label)} of {len(samples)} answers equal the labels ({np.mean(answers == samples.label):.2%})")
    if args.out:
        arrays = {f"{name}_{part}": a for name, trains in run.spikes.items() for part, a in zip(("sample", "t", "i"), trains)}
        write_npz(args.out, {**arrays, **{f"{name}_v": v for name, v in run.readout.items()}, "answer": answers})
        print(f"written to {args.out}")
    return 0
