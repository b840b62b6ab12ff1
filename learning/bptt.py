"""Backpropagation through time with a surrogate gradient, by snnTorch on PyTorch: the upper reference for learning rules."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from snntorch import surrogate

from brian2chip.core.expressions import value_of
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.progress import Progress, callback
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.engine.on_arrays import on_arrays
from brian2chip.learning.initial_weights import random_weights
from brian2chip.learning.tasks import samples_of
from brian2chip.learning.train import line
from brian2chip.models.eprop import PSEUDO_DERIVATIVES

logger = logging.getLogger(__name__)

WEIGHTS = ("w_in", "w_rec", "w_out")
TORCH = {"abs": torch.abs, "clip": torch.clamp, **{name: getattr(torch, name) for name in ("exp", "tanh", "cosh", "sqrt", "log", "sign")}}


def parameters(task: Task, seed: int) -> dict[str, torch.Tensor]:
    """Return the weights with which e-prop starts for that seed, float32."""
    weights = random_weights(task.n_in, task.network, task.n_out, np.random.default_rng([seed, 0]))
    return {name: torch.tensor(weights[name], dtype=torch.float32, requires_grad=True) for name in WEIGHTS}


def forward(task: Task, w: dict[str, torch.Tensor], x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return readout [steps, batch, n_out] and spikes [steps, batch, n_rec] for input [steps, batch, n_in], as models/eprop.py has it."""
    network, c = task.network, task.network.constants(task.dt)

    psi = _psi(network)

    def pseudo_derivative(distance, gradient, spikes):
        return gradient * psi(distance)

    spike = surrogate.custom_surrogate(pseudo_derivative)
    a, rho, kappa, gain = (float(c[k]) for k in ("alpha", "rho", "kappa", "gain"))
    beta = torch.tensor(c["beta"], dtype=torch.float32)
    w_rec = w["w_rec"] * (1 - torch.eye(network.n_rec))
    v, b, z, r = (torch.zeros(x.shape[1], network.n_rec) for _ in range(4))
    y, ys, zs = torch.zeros(x.shape[1], task.n_out), [], []
    for drive in x @ w["w_in"]:
        v = a * v + gain * (drive + z @ w_rec) - network.v_th * z.detach()
        b = rho * b + z
        z = spike(v - network.v_th - beta * b) * (r <= 0)
        r = torch.clamp(r + c["n_ref"] * z.detach() - 1, 0, c["n_ref"])
        y = kappa * y + (1 - kappa) * z @ w["w_out"]
        ys.append(y)
        zs.append(z)
    return torch.stack(ys), torch.stack(zs)


def _psi(network: NetworkConfig) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the pseudo-derivative as a function of the distance from the threshold."""
    own = {"gamma": network.gamma, "width": network.width}
    if network.surrogate in PSEUDO_DERIVATIVES:
        psi = on_arrays(f"psi = {PSEUDO_DERIVATIVES[network.surrogate]}", TORCH)
        return lambda distance: psi({"v": distance, "A": 0.0, **own})["psi"]
    own |= {"A": network.v_th, "v_th": network.v_th}
    return lambda distance: value_of(network.surrogate, {"v": distance + network.v_th, **own}.__getitem__, dict, lambda: TORCH)


def loss_of(task: Task, y: torch.Tensor, z: torch.Tensor, samples: Samples) -> tuple[torch.Tensor, float]:
    """Return the loss with regularisation as e-prop's rule descends it, and the error (NaN for regression)."""
    mask = torch.tensor(samples.mask)
    if samples.label is None:
        wanted = torch.tensor(samples.target, dtype=torch.float32).swapaxes(0, 1)
        loss, error = 0.5 * ((y - wanted)[mask] ** 2).sum() / len(samples), np.nan
        steps = 1
    else:
        label = torch.tensor(samples.label)
        steps = int(mask.sum())
        chosen = y[mask].log_softmax(2).gather(2, label.expand(steps, -1)[:, :, None])
        loss, error = -chosen.mean(), float((y[mask].sum(0).argmax(1) != label).float().mean())
    rate = z.mean(0)  # of each neuron in each sample
    regularisation = 0.5 * ((rate - task.training.f_target * task.dt) ** 2).sum(1).mean()
    return loss + task.training.c_reg * regularisation / steps, error


def _input(samples: Samples) -> torch.Tensor:
    return torch.tensor(samples.dense().swapaxes(0, 1), dtype=torch.float32)


def train(task: Task, *, seed: int = 1, data=None, n_test: int = 512, progress: Progress = None) -> tuple[pd.DataFrame, float]:
    """Return the history (as :func:`brian2chip.learning.train.train` has it) and the error on held-out samples; same samples, same start.

    ``progress`` is called with the fraction done, or ``True`` for a bar; every update is logged.
    """
    with callback(progress, f"training {task.name} by BPTT") as report:
        w, rows = _learned(task, seed, data, report)
    return pd.DataFrame(rows), _held_out_error(task, w, seed, data, n_test)


def _learned(task: Task, seed: int, data, report: Callable[[float], None]) -> tuple[dict[str, torch.Tensor], list[dict]]:
    """Return the weights after training and the history's rows."""
    torch.manual_seed(seed)
    settings, w, rows = task.training, parameters(task, seed), []
    optimiser = torch.optim.Adam(w.values(), lr=settings.rate)
    for k in range(settings.iterations):
        start = time.perf_counter()
        optimiser.param_groups[0]["lr"] = settings.at(k).rate
        samples = samples_of(task, settings.batch, np.random.default_rng([seed, 1, k]), data=data)
        y, z = forward(task, w, _input(samples))
        loss, error = loss_of(task, y, z, samples)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        row = {"update": k + 1, "samples": (k + 1) * settings.batch, "loss": float(loss.detach()), "error": error}
        rows.append({**row, "rate_hz": float(z.detach().mean()) / task.dt, "wall_s": time.perf_counter() - start})
        logger.info("%s", line(rows[-1]))
        report((k + 1) / settings.iterations)
        if len(rows) >= settings.stop_batches and np.mean([r["error"] for r in rows[-settings.stop_batches :]]) < settings.stop_error:
            break
    report(1.0)
    return w, rows


def _held_out_error(task: Task, w: dict[str, torch.Tensor], seed: int, data, n_test: int) -> float:
    """Return the error on held-out samples."""
    held_out, errors = samples_of(task, n_test, np.random.default_rng([seed, 2]), split="test", data=data), []
    with torch.no_grad():
        for first in range(0, len(held_out), 64):
            part = held_out.take(np.arange(first, min(first + 64, len(held_out))))
            errors.append((len(part), loss_of(task, *forward(task, w, _input(part)), part)[1]))
    n, error = np.array(errors).T
    return float(np.average(error, weights=n))


def bytes_kept(task: Task, samples: Samples) -> int:
    """Return the bytes that PyTorch keeps of a forward pass of the samples until the way back."""
    kept = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss_of(task, *forward(task, parameters(task, 1), _input(samples)), samples)
    return sum(kept.values())


def seconds_per_sample(task: Task, batch: int, *, repeats: int = 3) -> tuple[float, float]:
    """Return the seconds of wall time and of processor time of a sample in one training step on one core, the best of a few."""
    torch.set_num_threads(1)
    w = parameters(task, 1)
    optimiser, wall, busy = torch.optim.Adam(w.values(), lr=task.training.rate), [], []
    for k in range(repeats):
        samples = samples_of(task, batch, np.random.default_rng(k))
        start, before = time.perf_counter(), time.process_time()
        loss, _ = loss_of(task, *forward(task, w, _input(samples)), samples)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        wall.append(time.perf_counter() - start)
        busy.append(time.process_time() - before)
    return min(wall) / batch, min(busy) / batch
