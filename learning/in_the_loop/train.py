"""Train networks in the loop: every chip computes forward as it is, and learns by e-prop with the constants that it should have."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.progress import Progress, callback
from brian2chip.core.samples import Samples
from brian2chip.core.seed import checked_seed
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.core.task import Task
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.in_the_loop.program import OPTIMISER, PROJECTIONS, Program, spec_of
from brian2chip.learning.in_the_loop.settings import Converter, LoopTraining

logger = logging.getLogger(__name__)

#: Samples a start of the program at most where nothing is learned.
AT_ONCE = 250


@dataclass(frozen=True)
class LoopTrained:
    """What a training in the loop gave.

    Attributes
    ----------
    networks : list of SpikingNetwork
        One a chip, with nominal parameters and real-valued weights: what is to be put on that chip.
    history : DataFrame
        One row an epoch and chip: ``epoch``, ``chip`` (its place in the list), ``loss``, ``accuracy`` (both while it learned), ``spikes``
        (of a hidden neuron in a sample).
    """

    networks: list[SpikingNetwork]
    history: pd.DataFrame


def loop_network(
    task: Task, seed: int, *, hidden: int | None = None, tau_m=6e-6, tau_syn=6e-6, mean=0.005, std_in=1.25, mean_out=0.1, std_out=0.1
):
    """Return a chain of LIF neurons with synaptic currents and a leaky readout, with random weights, for a task.

    Parameters
    ----------
    task : Task
        Its sizes, step and number of hidden neurons are taken.
    seed : int
    hidden : int, optional
        Hidden neurons, instead of the task's number.
    tau_m, tau_syn : float
        Time constants of membranes and synaptic currents, s.
    mean, std_in : float
        Of the normally distributed weights of an input. hxtorch's demonstration sends each input over five rows of the chip with mean 0.001
        and standard deviation 0.25; the sum of five with the same sign has five times as much.
    mean_out, std_out : float
        Mean and standard deviation of the readout's weights; 0 and 0.1 in the demonstration. An output that no spike lifts above its
        resting membrane has its maximum before the first spike and learns nothing; a positive mean keeps outputs from that.

    Returns
    -------
    SpikingNetwork
    """
    rng, n = np.random.default_rng([checked_seed(seed), 0]), task.network.n_rec if hidden is None else hidden
    alpha = float(np.exp(-task.dt / tau_m))
    shared = {"tau_m": tau_m, "tau_syn": tau_syn, "gain": 1 - alpha}
    fires = {"v_threshold": 1.0, "reset": "zero", "fires": ">"}
    populations = (
        Population("input", "input", task.n_in),
        Population("rec", "lif", n, {**shared, **fires}),
        Population("out", "li", task.n_out, shared),
    )
    w_in, w_out = mean + std_in * rng.standard_normal((task.n_in, n)), mean_out + std_out * rng.standard_normal((n, task.n_out))
    return SpikingNetwork(populations, (Projection("input", "rec", w_in), Projection("rec", "out", w_out)), task.dt, {"seed": seed})


def train_in_the_loop(
    networks: Sequence[SpikingNetwork],
    chips: Sequence[ChipInstance],
    samples: Samples,
    *,
    settings: LoopTraining | None = None,
    converter: Converter | None = None,
    seeds: Sequence[int] | None = None,
    device: str = "cpp_standalone",
    progress: Progress = None,
) -> LoopTrained:
    """Train a network on each chip, all as replicas of one program.

    Parameters
    ----------
    networks : sequence of SpikingNetwork
        One a chip, of the same neurons and sizes; their weights are where the training begins, their parameters are nominal.
    chips : sequence of ChipInstance
        What realises weights (anew at every update) and parameters of the forward pass.
    samples : Samples
        Labelled.
    settings : LoopTraining, optional
    converter : Converter, optional
        What reads the membranes; without it they are read as they are.
    seeds : sequence of int, optional
        Of each chip's order of samples; 1, 2, ... by default.
    device : str
    progress : callable, bool or None

    Raises
    ------
    UserError
        For lists of different lengths, networks that cannot be trained so, samples without labels or fewer than a batch.
    """
    settings = LoopTraining() if settings is None else settings
    seeds = range(1, len(chips) + 1) if seeds is None else seeds
    _check(networks, chips, samples)
    if len(seeds) != len(chips):
        raise UserError(f"{len(seeds)} seeds were given for {len(chips)} chips; give one for each chip.")
    if len(samples) < settings.batch:
        raise UserError(f"{len(samples)} samples were given, and a batch has {settings.batch}; give more, or set a smaller batch.")
    learning = "shown_again" if settings.showings == 2 else "kept"
    spec = spec_of(networks[0], samples.n_steps, len(chips), settings.batch, converter, learning)
    orders = [np.random.default_rng([checked_seed(seed), 1]) for seed in seeds]
    state, rows, writes = _state(networks), [], 0
    with callback(progress, "training in the loop") as report, session(device, dt=spec.dt, known_by=("in the loop", spec)) as s:
        program = Program(s, networks[0], chips, spec, settings)
        for epoch in range(settings.epochs):
            shuffled, best, count = [rng.permutation(len(samples)) for rng in orders], [], []
            full = len(samples) // settings.batch * settings.batch
            for first in range(0, full, settings.batch):
                own = [samples.take(order[first : first + settings.batch]) for order in shuffled]
                outcome = program.run(own, state, settings.rate_at(epoch), write=writes)
                state, writes = outcome.state, writes + 1
                best.append(outcome.best)
                count.append(outcome.count)
            rows += _rows(epoch, np.concatenate(best), np.concatenate(count), samples.label, [o[:full] for o in shuffled], settings)
            report((epoch + 1) / settings.epochs)
    trained = [net.with_weights({name: state[f"{p}.w"][r] for p, name in PROJECTIONS.items()}) for r, net in enumerate(networks)]
    return LoopTrained(trained, pd.DataFrame(rows))


def evaluate_on_chips(
    networks: Sequence[SpikingNetwork],
    chips: Sequence[ChipInstance],
    samples: Samples,
    *,
    converter: Converter | None = None,
    write: int = 0,
    device: str = "cpp_standalone",
) -> pd.DataFrame:
    """Return ``accuracy`` and ``spikes`` (of a hidden neuron in a sample) of each network on its chip: the largest membrane decides.

    Raises
    ------
    UserError
        As :func:`train_in_the_loop`.
    """
    _check(networks, chips, samples)
    spec = spec_of(networks[0], samples.n_steps, len(chips), min(AT_ONCE, len(samples)), converter, None)
    right, spikes = np.zeros(len(chips)), np.zeros(len(chips))
    with session(device, dt=spec.dt, known_by=("in the loop", spec)) as s:
        program, state = Program(s, networks[0], chips, spec, LoopTraining()), _state(networks)
        for first in range(0, len(samples), spec.samples):
            part = samples.take(np.arange(first, min(first + spec.samples, len(samples))))
            outcome = program.run([part] * len(chips), state, 0.0, write=write)
            right += (outcome.best.argmax(2) == part.label[:, None]).sum(0)
            spikes += outcome.count.mean(2).sum(0)
    return pd.DataFrame({"accuracy": right / len(samples), "spikes": spikes / len(samples)})


def _check(networks: Sequence[SpikingNetwork], chips: Sequence[ChipInstance], samples: Samples) -> None:
    if not len(chips) or len(networks) != len(chips):
        raise UserError(f"{len(networks)} networks were given for {len(chips)} chips; give one for each chip, and at least one.")
    if late := next((chip.substrate.name for chip in chips if chip.substrate.jitter is not None), None):
        raise UserError(f"substrate {late!r} lets times of spikes jitter, which training in the loop leaves out; give one without jitter.")
    if samples.label is None or not len(samples):
        raise UserError("training in the loop needs labelled samples, at least one; give samples with labels.")
    first = networks[0]
    for net in networks[1:]:
        if repr(net.populations) != repr(first.populations) or net.dt != first.dt:
            raise UserError("the networks differ in their neurons; all chips of a run take the same neurons and sizes, with other weights.")
    n_in, n_out = first.populations[0].size, first.populations[-1].size
    if samples.n_in != n_in or samples.label.max() >= n_out:
        raise UserError(
            f"the samples have {samples.n_in} channels and labels up to {samples.label.max()}; the network takes {n_in} channels and "
            f"labels below {n_out}."
        )


def _state(networks: Sequence[SpikingNetwork]) -> dict[str, np.ndarray]:
    """Return the state with which a training begins."""
    state: dict = {"updates": 0.0}
    for p, name in PROJECTIONS.items():
        w = np.stack([np.array(net.weights()[name], float) for net in networks])
        state |= {f"{p}.{v}": w if v == "w" else np.zeros_like(w) for v in OPTIMISER}
    return state


def _rows(epoch: int, best: np.ndarray, count: np.ndarray, label: np.ndarray, orders, settings: LoopTraining) -> list[dict]:
    """Return the history's rows of an epoch."""
    rows = []
    for r, order in enumerate(orders):
        score, wanted = settings.scale * best[:, r], label[order]
        score -= score.max(1, keepdims=True)
        loss = np.log(np.exp(score).sum(1)) - score[np.arange(len(wanted)), wanted]
        row = {"epoch": epoch + 1, "chip": r, "loss": loss.mean(), "accuracy": np.mean(score.argmax(1) == wanted)}
        rows.append({**row, "spikes": count[:, r].mean()})
        logger.info("epoch %(epoch)d, chip %(chip)d: loss %(loss).4f, accuracy %(accuracy).3f, spikes %(spikes).3f", rows[-1])
    return rows
