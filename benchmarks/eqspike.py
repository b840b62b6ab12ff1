"""EqSpike: what spikes learn of digits and of MNIST, how near their updates are to the rate rule's, and how it fails.

python benchmarks/eqspike.py                      digits: accuracy of three seeds beside rate equilibrium propagation; the gradient
python benchmarks/eqspike.py failures             digits: a free phase that is too short, and learning rates that do not decay
python benchmarks/eqspike.py mnist FOLDER         test error of 784-100-10 after every epoch; --out FOLDER can be resumed (--resume)
python benchmarks/eqspike.py choose FOLDER        how batch and learning rates were chosen: 6,000 training images, 2,000 others to validate

The published system reaches 97.6 % on MNIST (Martin et al. 2021); its constants are not known, those here are this package's.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

import brian2chip as bc
from brian2chip.core import registry
from brian2chip.core.eqspike_config import EqSpikeConfig
from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.engine.session import session
from brian2chip.learning.equilibrium.backends import RateBackend, SpikingBackend
from brian2chip.learning.equilibrium.program import DT
from brian2chip.learning.equilibrium.settings import initial_weights

SEEDS, LAST = (0, 1, 2), 5
#: For 784-100-10, chosen by the command `choose`; 28 is the root of the inputs, as in the start of the weights.
MNIST = {"hidden": 100, "rates": (0.06, 0.02), "rate_decay": 0.5, "batch": 20, "epochs": 5, "dtype": "float32"}
#: Batch and learning rates.
CHOICES = ((50, (0.06, 0.02)), (50, (0.12, 0.04)), (20, (0.06, 0.02)), (10, (0.06, 0.02)), (10, (0.03, 0.01)), (5, (0.03, 0.01)))
#: Deviations from the settings of the rule that make it fail.
FAILURES = {
    "as it is": {},
    "free phase of 60 steps": {"network": {"free": 60}},
    "filters of 20, 20 and 40 steps, free 250": {"network": {"tau_s": 20.0, "tau_1": 20.0, "tau_2": 40.0, "free": 250}},
    "constant rates": {"rate_decay": 1.0},
    "constant rates, twice as large": {"rate_decay": 1.0, "rates": (0.4, 0.06)},
}


def digits() -> None:
    """Print mean accuracy of the last epochs, by seed."""
    print(f"{'rule':<10}{'seed':>5}{'accuracy of the last 5 epochs, %':>36}{'lowest':>8}{'highest':>9}{'s an epoch':>12}")
    for rule in ("ep", "eqspike"):
        for seed in SEEDS:
            result = bc.train("digits", rule=rule, seed=seed).history
            last = 100 * (1 - result.test_error.to_numpy()[-LAST:])
            print(f"{rule:<10}{seed:>5}{last.mean():>36.2f}{last.min():>8.2f}{last.max():>9.2f}{result.wall_s.median():>12.2f}", flush=True)


def gradient() -> None:
    """Print cosine and ratio of norms of one update by spikes and by rates, of an untrained network."""
    sizes, batch = (64, 32, 10), 100
    samples = registry.get("layered_task", "digits").samples()["train"].take(np.arange(batch))
    start = initial_weights(sizes, registry.get("equilibrium_rule", "eqspike").training.biases, 0)
    rng, rate = np.random.default_rng(0), 1e-6
    with session("cpp_standalone", dt=DT) as s:
        rates = RateBackend(s, EquilibriumConfig("energy", "hard_sigmoid", 200, 200, 1.0), sizes, batch, "float64")
        wanted = rates.present(samples, start, (rate, rate), rng).weights
    with session("cpp_standalone", dt=DT) as s:
        found = SpikingBackend(s, EqSpikeConfig(), sizes, batch, "float64").present(samples, start, (rate, rate), rng).weights
    for name in start:
        a, b = (np.ravel(each[name] - start[name]) for each in (found, wanted))
        long, wide = np.linalg.norm(a), np.linalg.norm(b)
        print(f"{name}: cosine {a @ b / long / wide:.3f}, ratio of norms {long / wide:.2f}")


def failures() -> None:
    """Print accuracy and the hidden neurons' rate after some epochs, for settings that fail."""
    epochs = (1, 3, 6, 10, 15, 20)
    print(f"{'held-out accuracy in % / rate of hidden neurons after epoch':<60}" + "".join(f"{n:>12}" for n in epochs))
    for name, change in FAILURES.items():
        result = bc.train("digits", rule="eqspike", seed=0, **change).history.set_index("epoch")
        shown = (f"{100 * (1 - result.test_error[n]):.1f} / {result.hidden_rate[n]:.2f}" for n in epochs)
        print(f"{name:<60}" + "".join(f"{each:>12}" for each in shown), flush=True)


def choose(folder: str) -> None:
    """Print the error on images of the training set that were not learned."""
    task = registry.get("layered_task", "mnist")
    every = task.samples(folder)["train"]
    some = {"train": every.take(np.arange(6000)), "test": every.take(np.arange(55000, 57000))}
    for batch, rates in CHOICES:
        how = {**MNIST, "epochs": 3, "batch": batch, "rate_decay": 0.7, "rates": rates}
        result = bc.train(replace(task, load=lambda data=None: some), rule="eqspike", seed=0, **how)
        print(batch, rates, (100 * result.history.test_error).round(2).tolist(), flush=True)


def mnist(folder: str, out: str | None, resume: bool, epochs: int) -> None:
    """Print error and rate after every epoch."""
    result = bc.train("mnist", rule="eqspike", data=folder, seed=0, out=out, resume=resume, **{**MNIST, "epochs": epochs})
    shown = result.history.set_index("epoch")[["error", "test_error", "hidden_rate", "wall_s"]]
    print(shown.assign(error=100 * shown.error, test_error=100 * shown.test_error).round(2).to_string())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="digits", choices=["digits", "failures", "mnist", "choose"])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--out")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--epochs", type=int, default=MNIST["epochs"])
    args = parser.parse_args()
    if args.what == "digits":
        digits()
        gradient()
    elif args.what == "failures":
        failures()
    elif args.what == "choose":
        choose(args.folder)
    else:
        mnist(args.folder, args.out, args.resume, args.epochs)
