"""The compiled network of e-prop as a function: weights and samples in, results and weights out, without compiling again."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.core.user_rules import explained
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.learning.network import build
from brian2chip.learning.network_spec import NetworkSpec

PROJECTIONS = ("w_in", "w_rec", "w_out")
OPTIMISER_STATE = ("w", "m", "u")
GRID_STATE = ("real", "dice")
#: Fields of a learning rule that do not reach its network; ``block`` does as the number of steps that it gives.
NOT_BUILT = ("source", "file", "block", "bounds", "convention", "devices")


@dataclass(frozen=True)
class Outcome:
    """What a run of samples gave.

    Attributes
    ----------
    loss : float array [samples]
    score : float array [samples, n_out]
        Sum of the readout over the steps at which the target is valid; the largest is the decision.
    count : float array [samples, n_rec]
        Spikes of each neuron.
    state : dict of arrays
        Weights, broadcast weights and optimiser state after the last sample.
    """

    loss: np.ndarray
    score: np.ndarray
    count: np.ndarray
    state: dict[str, np.ndarray]


def holder(shape: NetworkSpec, projection: str) -> str:
    """Return the object that holds the weights of a projection: its synapses, or the store that all replicas share."""
    return projection if shape.online and projection != "w_out" else f"{projection}_store"


def state_names(shape: NetworkSpec) -> dict[str, str]:
    """Return ``{name in the state: input of the session}``."""
    names = {"w_out.B": "w_out_store.B"}
    if shape.rule.rounds:
        names |= {"input.u": "input.u", "rec.u": "rec.u"}
    kept = OPTIMISER_STATE + (GRID_STATE if shape.nbit else ()) + (shape.memory.kept if shape.memory else ())
    for p in PROJECTIONS:
        where = holder(shape, p)
        names |= {f"{p}.{v}": f"{where}.{v}" for v in (("w",) if where == p else kept)}
    return names


def weight_sizes(shape: NetworkSpec) -> dict[str, int]:
    """Return how many weights each projection has."""
    return {"w_in": shape.n_in * shape.n_rec, "w_rec": shape.n_rec * (shape.n_rec - 1), "w_out": shape.n_rec * shape.n_out}


def state_shapes(shape: NetworkSpec) -> dict[str, tuple[int]]:
    """Return the shape of every array of the state that a run leaves, by name."""
    sizes = {**weight_sizes(shape), "input": shape.n_in, "rec": shape.n_rec}
    return {name: (sizes[name.partition(".")[0]],) for name in state_names(shape)}


def known_by(shape: NetworkSpec) -> tuple:
    """Return what determines the program of a network beside the values that every run is given."""
    rule = {field.name: getattr(shape.rule, field.name) for field in fields(shape.rule) if field.name not in NOT_BUILT}
    plain = {field.name: getattr(shape, field.name) for field in fields(shape) if field.name not in ("rule", "memory")}
    return "learning", plain, rule, shape.memory and shape.memory.built


class Program:
    """A network built once inside a session; :meth:`run` starts it with any weights, constants and samples.

    Parameters
    ----------
    session : Session
    shape : NetworkSpec
    """

    def __init__(self, session: Session, shape: NetworkSpec):
        self.session, self.shape = session, shape
        self.objects: dict = {}
        self._declared: set[str] = set()
        if session.recalled:
            return
        with explained(shape.rule.as_rule()):
            self.objects = build(shape)
        for name in ("samples.loss", "samples.score", "rates.count", "w_out_store.updates", *state_names(shape).values()):
            group, _, variable = name.partition(".")
            session.result(self.objects[group], variable)

    def run(self, samples: Samples, state: dict[str, np.ndarray], constants: dict[str, dict], *, samples_per_update: int) -> Outcome:
        """Run the samples one after another (each replica takes every replicas-th) and update the weights after each batch.

        Parameters
        ----------
        samples : Samples
            A multiple of ``shape.replicas``, at most ``shape.samples`` times that.
        state : dict
            ``"w_in.w"``, ``"w_in.m"`` ... and ``"w_out.B"``, ``"updates"``, as in :class:`Outcome`.
        constants : dict of object name to dict of variable to value
        samples_per_update : int
            Samples of each replica between two updates.

        Raises
        ------
        UserError
            When the samples do not fit the program.
        """
        shape = self.shape
        each = self._check(samples, state)
        values = {**self._stimulus(samples, each), **self._state_in(state, samples_per_update)}
        values |= {f"{o}.{v}": value for o, names in constants.items() for v, value in names.items()}
        self._declare(values)
        duration = (each * shape.n_steps + 1) * shape.dt
        with explained(shape.rule.as_rule()):
            if not self.session.queued:
                self.session.queue(self.objects["network"], duration)
            self.session.execute(values, [duration])
        return self._outcome(each)

    def _check(self, samples: Samples, state: dict[str, np.ndarray]) -> int:
        """Return how many samples each replica runs."""
        shape = self.shape
        for name, size in weight_sizes(shape).items():
            if np.size(state[f"{name}.w"]) != size:
                raise UserError(f"{name} has shape {np.shape(state[f'{name}.w'])}; the network of {shape.n_rec} neurons needs ({size},).")
        if (samples.n_steps, samples.n_in) != (shape.n_steps, shape.n_in):
            raise UserError(
                f"the samples have {samples.n_steps} steps and {samples.n_in} inputs; the program was built for "
                f"{shape.n_steps} steps and {shape.n_in} inputs: build it for these samples."
            )
        each, rest = divmod(len(samples), shape.replicas)
        if rest or each > shape.samples:
            allowed = f"multiples of {shape.replicas} up to {shape.samples * shape.replicas}"
            raise UserError(f"{len(samples)} samples were given; the program takes {allowed}.")
        return each

    def _stimulus(self, samples: Samples, each: int) -> dict[str, np.ndarray]:
        shape = self.shape
        rows = shape.samples * shape.n_steps + 1
        x = np.zeros((rows, shape.replicas, shape.n_in), bool)
        target = np.zeros((rows, shape.replicas, shape.n_out))
        step = samples.t + shape.n_steps * (samples.sample // shape.replicas)
        x[step, samples.sample % shape.replicas, samples.i] = True
        wanted = np.eye(shape.n_out)[samples.label][:, None, :] if samples.target is None else samples.target
        if wanted.shape[2] != shape.n_out:
            raise UserError(f"the targets have {wanted.shape[2]} outputs; the network has {shape.n_out}.")
        wanted = np.broadcast_to(wanted, (len(samples), shape.n_steps, shape.n_out)).reshape(each, shape.replicas, shape.n_steps, -1)
        target[: each * shape.n_steps] = wanted.swapaxes(1, 2).reshape(each * shape.n_steps, shape.replicas, shape.n_out)
        return {"stimulus.x": x.ravel(), "teacher.target": target.ravel(), "window.valid": samples.mask.astype(float)}

    def _state_in(self, state: dict[str, np.ndarray], samples_per_update: int) -> dict[str, np.ndarray]:
        values = {target: state.get(name, 0.0) for name, target in state_names(self.shape).items()}
        for p in PROJECTIONS:
            if holder(self.shape, p) != p:
                values[f"{p}_store.updates"] = state["updates"]
                values[f"{p}_store.samples"] = 1 if self.shape.online else samples_per_update
        return values

    def _declare(self, values: dict) -> None:
        for name, value in values.items():
            if name not in self._declared and not self.session.recalled:
                group, _, variable = name.partition(".")
                self.session.input(name, self.objects[group], variable, value)
                self._declared.add(name)

    def _outcome(self, each: int) -> Outcome:
        shape = self.shape
        take = slice(1, each + 1)  # what was recorded at the start of the first sample is nothing yet
        read = self.session.read
        loss = read("samples.loss")[take].reshape(each * shape.replicas, shape.n_out).sum(1)
        score = read("samples.score")[take].reshape(each * shape.replicas, shape.n_out)
        count = read("rates.count")[take].reshape(each * shape.replicas, shape.n_rec)
        state = {name: read(source) for name, source in state_names(shape).items()}
        state["updates"] = float(read("w_out_store.updates")[0])
        return Outcome(loss, score, count, state)
