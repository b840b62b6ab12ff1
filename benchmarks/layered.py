"""Speed of layered networks: a training epoch of MNIST's size (784-500-10, 1,000 batches of 60, Adam) beside PyTorch on one thread.

python benchmarks/layered.py                      both precisions, backpropagation and DRTP; PyTorch where it is installed
python benchmarks/layered.py mnist FOLDER RULE    test errors after every epoch of training on MNIST (100 epochs; see --epochs)
"""

from __future__ import annotations

import argparse
import resource
from importlib.util import find_spec

import numpy as np

import brian2chip as bc
from brian2chip.core import registry
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import session
from brian2chip.learning.layered.program import DT, Program
from brian2chip.learning.layered.settings import changed, spec_of, with_rule
from brian2chip.learning.layered.start import initial_state

SAMPLES, BATCH, EPOCH = 6000, 60, 1000  # as many batches as 60,000 samples make, from fewer samples
RATE = 1.5e-4


def processor_time() -> float:
    """Return the seconds of processor time of this process and the programs it started: it hardly depends on other load."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def samples() -> StaticSamples:
    """Return random images with random classes: the time does not depend on them."""
    rng = np.random.default_rng(0)
    return StaticSamples(rng.random((SAMPLES, 784)), rng.integers(0, 10, SAMPLES))


def ours(rule: str, dtype: str, updates: int) -> float:
    """Return seconds of processor time of an epoch, from runs of two lengths: what a start costs is left out."""
    task = with_rule(changed(registry.get("layered_task", "mnist"), {}, {"rule": rule, "batch": BATCH}), "cpp_standalone")
    spec, data, rng = spec_of(task, dtype), samples(), np.random.default_rng(1)
    with session("cpp_standalone", dt=DT, dtype=np.dtype(dtype).type) as s:
        program, state, taken = Program(s, spec), initial_state(spec, 1), []
        for n in (1, 1 + updates // 10, updates + updates // 10):
            order = np.stack([rng.permutation(SAMPLES)[:BATCH] for _ in range(n)])
            start = processor_time()
            program.run(data, order, np.ones(n, bool), state, RATE)
            taken.append(processor_time() - start)
    return (taken[2] - taken[1]) * EPOCH / (updates - 1)


def pytorch(dtype: str, updates: int) -> float:
    """Return the same of PyTorch on one thread, data in memory."""
    import torch

    torch.set_num_threads(1)
    data, kind = samples(), getattr(torch, dtype)
    x, t = torch.tensor(data.x, dtype=kind), torch.tensor(data.wanted(10), dtype=kind)
    layers = [torch.nn.Linear(784, 500), torch.nn.Tanh(), torch.nn.Linear(500, 10), torch.nn.Sigmoid()]
    net, loss = torch.nn.Sequential(*layers).to(kind), torch.nn.BCELoss()
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE)
    taken = []
    for n in (updates // 10, updates):
        start = processor_time()
        for _ in range(n):
            chosen = torch.randperm(SAMPLES)[:BATCH]
            optimiser.zero_grad()
            loss(net(x[chosen]), t[chosen]).backward()
            optimiser.step()
        taken.append(processor_time() - start)
    return taken[1] * EPOCH / updates


def speed(updates: int) -> None:
    """Print one row a precision and method."""
    print(f"{'precision':<10}{'method':<22}{'s an epoch (processor time)':>28}{'of PyTorch':>12}")
    for dtype in ("float64", "float32"):
        peer = pytorch(dtype, updates) if find_spec("torch") else float("nan")
        for name, taken in [("PyTorch, BP", peer), *((f"brian2chip, {rule}", ours(rule, dtype, updates)) for rule in ("bp", "drtp"))]:
            print(f"{dtype:<10}{name:<22}{taken:>28.2f}{taken / peer:>12.2f}", flush=True)


def mnist(folder: str, rule: str, epochs: int) -> None:
    """Print the held-out error after every epoch."""
    result = bc.train("mnist", rule=rule, data=folder, epochs=epochs, dtype="float32")
    print((100 * result.history.set_index("epoch")[["error", "test_error"]]).round(2).to_string())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="speed", choices=["speed", "mnist"])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("rule", nargs="?", default="drtp")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--updates", type=int, default=300)
    args = parser.parse_args()
    speed(args.updates) if args.what == "speed" else mnist(args.folder, args.rule, args.epochs)
