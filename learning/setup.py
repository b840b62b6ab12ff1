"""From a task, its network and its training to the program of e-prop: shape, constants, state."""

from __future__ import annotations

import numpy as np

from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.resolve import resolve
from brian2chip.core.substrate import Substrate
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.core.weight_memory import WeightMemory
from brian2chip.learning.network_spec import NetworkSpec
from brian2chip.learning.rule_checks import check_rule
from brian2chip.learning.tasks import check_count
from brian2chip.learning.weight_grid import Grid, fit


def shape_of(task: Task, network: NetworkConfig, training: TrainingConfig, *, replicas: int = 1, samples: int = 1) -> NetworkSpec:
    """Return what is compiled for a task.

    Raises
    ------
    UserError
        For an unknown rule, or a combination that the rule does not allow.
    """
    rule = resolve(LearningRule, training.rule)
    check_rule(rule, network, training, replicas)
    check_count(task, samples * replicas)
    return NetworkSpec(
        n_in=task.n_in,
        n_rec=network.n_rec,
        n_out=task.n_out,
        n_steps=task.n_steps,
        dt=task.dt,
        kind=task.kind,
        rule=rule,
        surrogate=network.surrogate,
        optimiser=training.optimiser,
        broadcast=training.broadcast,
        nbit=training.bits is not None,
        memory=memory_of(training),
        replicas=replicas,
        samples=samples,
        block=rule.block(network, task.dt) if rule.block else 0,
    )


def constants_of(
    task: Task,
    network: NetworkConfig,
    training: TrainingConfig,
    shape: NetworkSpec,
    *,
    grids: dict[str, Grid] | None = None,
    learn: bool = True,
) -> dict[str, dict]:
    """Return ``{object: {variable: value}}`` for the program; with ``learn`` false the weights stay as they are.

    ``grids`` are those of :func:`on_grid`, which weights of n bits need.
    """
    c = network.constants(task.dt)
    steps = float(task.mask.sum()) if training.average_steps else 1.0
    resolution = training.limit / 2 ** ((training.bits or 2) - 1)
    rates = {"w_in": training.rate, "w_rec": training.rate, "w_out": training.rate if training.rate_out is None else training.rate_out}
    rec = {
        **c,
        "beta": np.tile(c["beta"], shape.replicas),
        "n_steps": float(task.n_steps),
        "c_reg": training.c_reg,
        "f_target": training.f_target * task.dt,
        "resolution": resolution,
        "limit": training.limit,
    }
    held = {} if shape.memory is None else shape.memory.constants(training.substrate.numbers(), learn)
    constants = {"input": {k: c[k] for k in ("alpha", "gain")}, "rec": rec, "out": {"kappa": c["kappa"]}}
    for name, rate in rates.items():
        rate = rate if learn else 0.0
        if shape.online and name != "w_out":
            constants[name] = {"rate": rate / steps}
        else:
            decay = training.decay if learn and name == "w_out" and training.broadcast == "adaptive" else 0.0
            constants[f"{name}_store"] = {
                "rate": rate,
                "decay": decay,
                "norm": steps * training.batch,
                **_grid_constants(grids[name] if grids else None, training),
                **held,
            }
    return constants


def memory_of(training: TrainingConfig) -> WeightMemory | None:
    """Return how the hardware of a training holds its weights.

    Raises
    ------
    UserError
        For a substrate that cannot.
    """
    if training.substrate is None:
        return None
    substrate = resolve(Substrate, training.substrate)
    substrate.needs("a training", "memory")
    return substrate.memory


def in_memory(state: dict[str, np.ndarray], training: TrainingConfig, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return a state whose weights were put into the memory of the training's hardware; without hardware it stays as it is."""
    if (memory := memory_of(training)) is None:
        return state
    p = training.substrate.numbers()
    for name in ("w_in", "w_rec", "w_out"):
        state = {**state, **{f"{name}.{v}": x for v, x in memory.start(state[f"{name}.w"], p, rng).items()}}
    return state


def _grid_constants(grid: Grid | None, training: TrainingConfig) -> dict[str, float]:
    if grid is None:
        return {}
    kept = float(training.rounding == "nearest")
    return {"step": grid.step, "low": float(grid.low), "high": float(grid.high), "offset": grid.offset, "kept": kept}


def on_grid(
    state: dict[str, np.ndarray], training: TrainingConfig, shape: NetworkSpec
) -> tuple[dict[str, np.ndarray], dict[str, Grid] | None]:
    """Return the state with its weights of n bits at the nearest values of their grids, and the grids; real-valued weights as they are.

    Each matrix has the grid of least squared error; rules that change the weights at every step have that of ``limit``, as chips do.
    """
    if not shape.nbit:
        return state, None
    names = ("w_in", "w_rec", "w_out")
    if shape.online:
        return state, {name: Grid(training.limit / 2 ** (training.bits - 1), training.bits) for name in names}
    grids = {name: fit(state[f"{name}.real"], training.bits) for name in names}
    return {**state, **{f"{name}.w": grid.nearest(state[f"{name}.real"]) for name, grid in grids.items()}}, grids


def state_of(weights: dict[str, np.ndarray], rng: np.random.Generator | None = None) -> dict[str, np.ndarray]:
    """Return the program's state for weight matrices [pre, post] ``w_in``, ``w_rec``, ``w_out`` and broadcast weights ``B`` [rec, out].

    Weights of n bits need ``rng``, which draws where each walk of the numbers for random rounding starts.
    """
    off = ~np.eye(len(weights["w_rec"]), dtype=bool)
    flat = {"w_in": weights["w_in"].ravel(), "w_rec": weights["w_rec"][off], "w_out": weights["w_out"].ravel()}
    state = {f"{name}.w": np.array(w, float) for name, w in flat.items()}
    if rng is not None:
        state |= {f"{name}.dice": rng.random(w.size) for name, w in flat.items()}
        state |= {f"{name}.real": np.array(w, float) for name, w in flat.items()}
        state |= {"input.u": rng.random(len(weights["w_in"])), "rec.u": rng.random(len(weights["w_rec"]))}
    return {**state, "w_out.B": np.array(weights["B"], float).ravel(), "updates": 0.0}


def matrices_of(state: dict[str, np.ndarray], shape: NetworkSpec, variable: str = "w") -> dict[str, np.ndarray]:
    """Return a variable of the stores (weights, or gradients) as matrices [pre, post]; the inverse of :func:`state_of`."""
    rec = np.zeros((shape.n_rec, shape.n_rec))
    rec[~np.eye(shape.n_rec, dtype=bool)] = state[f"w_rec.{variable}"]
    matrices = {
        "w_in": state[f"w_in.{variable}"].reshape(shape.n_in, shape.n_rec),
        "w_rec": rec,
        "w_out": state[f"w_out.{variable}"].reshape(shape.n_rec, shape.n_out),
    }
    return {**matrices, "B": state["w_out.B"].reshape(shape.n_rec, shape.n_out)} if variable == "w" else matrices
