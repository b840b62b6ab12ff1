"""Recompute recorded numbers of equilibrium propagation: losses, states, first updates, later weights, and gradients against BPTT."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.core.files import shown
from brian2chip.core.npz import read_arrays
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.equilibrium.network import spec_of
from brian2chip.learning.equilibrium.program import DT, Program
from brian2chip.learning.equilibrium.schedule import presentation

DATA = Path(__file__).parents[1] / "data"
FILES = ("ep_rate_digits.npz", "ep_symmetric_digits.npz")
#: Configurations as ``ep_losses.csv`` writes them; one of that name beside the file takes their place.
CONFIGURATIONS = (
    "EP-disc-1h sigm T30 K10 beta0.1 lr .04 .08",
    "C-EP-disc-1h sigm T40 K15 beta0.2 lr .0028 .0056",
    "EP-cont-1h hardsigm dt0.2 T100 K25 beta0.5 lr .05 .1 clamp",
    "EP-disc-2h sigm T100 K20 beta0.5 lr .005 .05 .2",
    "C-EP-disc-2h sigm T100 K20 beta0.5 lr .00018 .0018 .01",
    "EP-cont-2h hardsigm dt0.2 T400 K40 beta0.5 lr .01 .1 .4 clamp",
)
#: The first part of a configuration's name, and what it is called in a file.
KINDS = {"EP-disc": "ep", "C-EP-disc": "cep", "EP-cont": "epcont"}
ACTIVATIONS = {"sigm": "sigmoid", "hardsigm": "hard_sigmoid", "tanh": "tanh"}
BATCH, UPDATES = 20, 5
#: Symmetric numbers went through float32 in the code that made them.
TOLERANCE, TOLERANCE_SYMMETRIC = 1e-10, 1e-7
PHASES_SYMMETRIC = 200
#: By how much the error against BPTT falls where the nudge is halved: first and second order.
RATIOS = {"one": (2.0, 0.2), "sym": (4.0, 0.2)}
HALVED = ((0.1, 0.05), (0.02, 0.01))


def configuration(text: str) -> tuple[str, str, EquilibriumConfig, list[float]]:
    """Return kind, size ("1h"), settings and learning rates (from the input) of a configuration in words."""
    name, activation, *rest = text.split()
    kind, _, size = name.rpartition("-")
    of = {match[1]: float(match[2]) for word in rest if (match := re.fullmatch(r"(T|K|beta|dt)([\d.]+)", word))}
    rates = [float(word) for word in rest[rest.index("lr") + 1 :] if re.fullmatch(r"[\d.e-]+", word)]
    dynamics = "energy" if kind == "EP-cont" else "prototypical"
    how = {"step": of["dt"]} if "dt" in of else {}
    config = EquilibriumConfig(
        dynamics, ACTIVATIONS[activation], int(of["T"]), int(of["K"]), of["beta"], continual=kind == "C-EP-disc", **how
    )
    return KINDS[kind], size, config, rates[::-1]


def _configurations(file: str | os.PathLike) -> list[str]:
    beside = Path(file).with_name("ep_losses.csv")
    if not beside.is_file():
        return list(CONFIGURATIONS)
    with open(beside, encoding="utf-8", newline="") as lines:
        return [row["config"] for row in csv.DictReader(lines)]


def verify(file: str | os.PathLike, device: str = "numpy") -> tuple[pd.DataFrame, bool]:
    """Return the largest differences from recorded numbers, and whether all are within tolerance.

    Parameters
    ----------
    file : path
        Of the layout of ``ep_rate_digits.npz`` or of ``ep_symmetric_digits.npz`` in ``learning/data``.
    device : {"numpy", "cpp_standalone"}

    Raises
    ------
    UserError
        For a file that is missing or damaged, or holds neither.
    """
    z = read_arrays(file, "recorded numbers")
    if "bptt0" in z:
        return _symmetric({**read_arrays(DATA / FILES[0], "recorded numbers"), **z}, device)
    every = [configuration(text) for text in _configurations(file)]
    known = [(kind, size, config, rates) for kind, size, config, rates in every if f"loss_{kind}{size}" in z]
    if not known or "X" not in z:
        raise UserError(f"{shown(file)} holds no losses of a known configuration; its arrays must be named as those of {FILES[0]}.")
    table = pd.DataFrame([_rates(z, *one, device) for one in known])
    return table, bool((table.drop(columns="configuration").fillna(0) <= TOLERANCE).all(axis=None))


def _weights(z: dict, size: str) -> dict[str, np.ndarray]:
    """Return weights by our names, which count from the input; files count from the output."""
    depth = int(size[:-1]) + 1
    return {f"{ours}{depth - k}": z[f"{theirs}{k}_{size}"] for k in range(depth) for ours, theirs in (("w", "W"), ("b", "b"))}


def _rates(z: dict, kind: str, size: str, config: EquilibriumConfig, rates: list[float], device: str) -> dict:
    """Return the differences of one configuration."""
    name, weights = f"{kind}{size}", _weights(z, size)
    depth, samples = len(rates), StaticSamples(z["X"], target=z["T"])
    sizes = (z["X"].shape[1], *(len(weights[f"b{k}"]) for k in range(1, depth + 1)))
    recorded = z[f"loss_{name}"]
    with session(device, dt=DT) as s:
        program = Program(s, spec_of(config, sizes, BATCH))
        run = lambda steps: program.run(samples, steps, weights, config, rates)  # noqa: E731
        free, first = run(presentation(config, 0, learns=False)), run(presentation(config, 0))
        every = run([step for k in range(UPDATES + 1) for step in presentation(config, k, learns=k < UPDATES)])
    ends = [k * (config.free + config.nudged) + config.free - 1 for k in range(UPDATES + 1)]
    wanted = z["T"].reshape(-1, BATCH, sizes[-1])
    losses = [((every.output[end] - wanted[k]) ** 2).sum() / (2 * BATCH) for k, end in enumerate(ends)]
    found = {"configuration": name, "losses": float(np.abs(np.array(losses) - recorded).max())}
    for k in range(depth):
        _most(found, "states", z, f"{name}_free{k}", free.states[f"layer{depth - k}"])
        _most(found, "states", z, f"{name}_nudged{k}", first.states[f"layer{depth - k}"])
        for ours, theirs in (("w", "W"), ("b", "b")):
            _most(found, "updates", z, f"{name}_d{theirs}{k}", -first.gradient[f"{ours}{depth - k}"])
            _most(found, "weights", z, f"{name}_{theirs}{k}_after1", first.weights[f"{ours}{depth - k}"])
            _most(found, "weights", z, f"{name}_{theirs}{k}_after{UPDATES}", every.weights[f"{ours}{depth - k}"])
    return found


def _most(found: dict, what: str, z: dict, name: str, ours: np.ndarray) -> None:
    """Note a difference from an array that the file has, where it is the largest so far."""
    if name in z:
        found[what] = max(found.get(what, 0.0), float(np.abs(ours - z[name]).max()))


def _symmetric(z: dict, device: str) -> tuple[pd.DataFrame, bool]:
    """Return gradients by one-sided and symmetric nudging beside recorded ones, and their relative error against BPTT."""
    weights, samples = _weights(z, "1h"), StaticSamples(z["X"][:BATCH], target=z["T"][:BATCH])
    rows, errors = [], {}
    for kind in RATIOS:
        betas = sorted({float(n.split("_b")[1].rpartition("_")[0]) for n in z if re.fullmatch(rf"{kind}_b[\d.]+_0", n)}, reverse=True)
        base = EquilibriumConfig("inside", "sigmoid", PHASES_SYMMETRIC, PHASES_SYMMETRIC, symmetric=kind == "sym")
        with session(device, dt=DT) as s:
            program = Program(s, spec_of(base, (z["X"].shape[1], len(weights["b1"]), len(weights["b2"])), BATCH))
            for beta in betas:
                config = EquilibriumConfig(**{**vars(base), "beta": beta})
                gradient = program.run(samples, presentation(config, 0), weights, config, (0.0, 0.0)).gradient
                names = ("w1", "b1", "w2", "b2")
                most = max(float(np.abs(gradient[name] - z[f"{kind}_b{beta:g}_{k}"]).max()) for k, name in enumerate(names))
                errors[kind, beta] = float(np.linalg.norm(gradient["w1"] - z["bptt0"]) / np.linalg.norm(z["bptt0"]))
                rows.append({"nudging": kind, "beta": beta, "gradients": most, "error_against_bptt": errors[kind, beta]})
    table, within = pd.DataFrame(rows), True
    for kind, (expected, tolerance) in RATIOS.items():
        for large, small in HALVED:
            if (kind, large) in errors and (kind, small) in errors:
                ratio = errors[kind, large] / errors[kind, small]
                table.loc[(table.nudging == kind) & (table.beta == small), "falls_by"] = ratio
                within &= abs(ratio - expected) <= tolerance
    return table, bool(within and table["gradients"].max() <= TOLERANCE_SYMMETRIC)
