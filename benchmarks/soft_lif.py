"""Soft-LIF networks trained and run as LIF neurons with alpha synapses, beside the published table of five data sets.

python benchmarks/soft_lif.py MNIST                        test errors of the networks below, MNIST being the folder of the four IDX files
python benchmarks/soft_lif.py MNIST --speech RECORDINGS    and of spoken digits, RECORDINGS being those of the Free Spoken Digit Dataset
python benchmarks/soft_lif.py MNIST --validate             errors on 10,000 of the training images instead, for several read-outs: of these
                                                           the settings below were chosen
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

import brian2chip as bc
from brian2chip.core import registry
from brian2chip.core.layered_config import Convolution
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.learning.conversion.published import table

VALIDATION = 10_000
#: When the output is read, s: the first is that of the tables unless a network names its own.
WINDOWS = ((0.02, 0.06), (0.04, 0.1), (0.1, 0.2))
NOISE = bc.SoftLif(noise="gaussian")
ADAM = {"rate": 1e-3, "optimiser": "adam_pytorch"}


@dataclass(frozen=True)
class Setting:
    """A network of the tables: its task, units, changes of the network, training, copies of shifted images, and when it is read."""

    task: str
    network: dict
    training: dict
    neurons: bc.SoftLif = NOISE
    shifted: int = 0
    window: tuple[float, float] = WINDOWS[0]
    dtype: str = "float64"


NETWORKS = {
    "784-600-10": Setting("mnist", {"hidden": (600,)}, {**ADAM, "batch": 100, "epochs": 20, "halve_after": 4}),
    "conv 16 5x5, 2304-128-10": Setting(
        "mnist",
        {"convolution": Convolution(16, 5, pooling="average"), "hidden": (128,)},
        {**ADAM, "rate": 2e-3, "batch": 50, "epochs": 6, "halve_after": 2},
        neurons=bc.SoftLif(smoothing=0.002),  # most units see background, just below the threshold, where LIF neurons are silent
        shifted=1,
        window=(0.05, 0.15),
        dtype="float32",
    ),
    "64-100-10": Setting("digits", {}, ADAM),
    "256-200-10": Setting("spoken_digits_counts", {}, ADAM),
}
FOLDERS = {"mnist": "mnist", "spoken_digits_counts": "speech"}


def validating(task: LayeredTask) -> LayeredTask:
    """Return a task whose held-out samples are some of its training samples; the test samples are not read."""

    def load(data=None):
        every = task.load(data=data)["train"]
        order, n = np.random.default_rng(0).permutation(len(every)), min(VALIDATION, len(every) // 5)
        return {"train": every.take(order[n:]), "test": every.take(order[:n])}

    return replace(task, name=f"{task.name}_validation", load=load)


def shifting(task: LayeredTask, copies: int) -> LayeredTask:
    """Return a task with copies of the training images beside them, each moved by a pixel in one of eight directions."""

    def load(data=None):
        sets, rng = task.load(data=data), np.random.default_rng(1)
        train, (_, rows, columns) = sets["train"], task.image
        images = np.pad(train.x.reshape(-1, rows, columns), ((0, 0), (1, 1), (1, 1)))
        moves = np.array([(down, right) for down in range(3) for right in range(3) if (down, right) != (1, 1)])
        moved = [train.x]
        for _ in range(copies):
            drawn, copy = moves[rng.integers(len(moves), size=len(train))], np.empty((len(train), rows, columns))
            for down, right in moves:
                of = (drawn == (down, right)).all(1)
                copy[of] = images[of, down : down + rows, right : right + columns]
            moved.append(copy.reshape(len(train), -1))
        return {**sets, "train": StaticSamples(np.concatenate(moved), np.tile(train.label, copies + 1))}

    return replace(task, name=f"{task.name}_shifted", load=load) if copies else task


def measured(name: str, args: argparse.Namespace) -> pd.DataFrame:
    """Return one row for each read-out of a network: errors of the rate and the spiking network, rates, efficiency."""
    of = NETWORKS[name]
    data = getattr(args, FOLDERS.get(of.task, ""), None)
    task = registry.get("layered_task", of.task)
    task = validating(task) if args.validate else task
    shown, task = task.name, shifting(task, of.shifted)
    dtype = args.dtype or of.dtype
    out = None if args.out is None else Path(args.out) / f"{task.name}_{of.network.get('convolution') is not None}_{dtype}"
    how = {"data": data, "dtype": dtype, "out": out, "resume": out is not None and (out / "checkpoint.npz").exists()}
    trained = bc.train(task, neurons=of.neurons, network=of.network, seed=args.seed, **how, **of.training)
    converted, test, rows = bc.convert(trained), trained.task.samples(data)["test"], []
    for t_c, t_p in dict.fromkeys((of.window, *(WINDOWS if args.validate else ()))):
        found = converted.evaluate(test, t_c, t_p)
        row = {"data set": shown, "network": name, "read_ms": f"{1e3 * t_c:g}-{1e3 * t_p:g}"}
        row |= {"soft_lif_percent": 100 * trained.test_error, "spiking_percent": 100 * found.error}
        rates = ", ".join(f"{rate:.1f}" for rate in found.layers.rate_hz)
        rows.append({**row, "rates_hz": rates, "efficiency": found.efficiency.ratio, "images": len(test)})
    return pd.DataFrame(rows)


def main(args: argparse.Namespace) -> None:
    """Print a table for each network as it is there, and then the published table with ours below."""
    found = []
    for name in args.network or NETWORKS:
        if getattr(args, FOLDERS.get(NETWORKS[name].task, "seed")) is not None:
            found.append(measured(name, args))
            print(found[-1].to_string(index=False, float_format="{:.2f}".format), flush=True)
    published = table("errors").rename(columns={"dataset": "data set"}).assign(whose="published")
    ours = pd.concat(found)[["data set", "network", "soft_lif_percent", "spiking_percent"]].assign(whose="ours")
    print(pd.concat([published, ours]).to_string(index=False, float_format="{:.2f}".format, na_rep=""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mnist", nargs="?", help="the folder of the four IDX files; without it digits alone")
    parser.add_argument("--speech", help="the folder of recordings")
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--network", nargs="+", choices=list(NETWORKS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dtype", help="precision of every network (default: its own)")
    parser.add_argument("--out", help="a folder for checkpoints, from which an interrupted training goes on")
    main(parser.parse_args())
