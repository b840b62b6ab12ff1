"""The compiled network of e-prop as a function: weights and samples in, results and weights out, without compiling again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.learning.network import NetworkSpec, build

PROJECTIONS = ("w_in", "w_rec", "w_out")
OPTIMISER_STATE = ("w", "m", "u")
GRID_STATE = ("real", "dice")


@dataclass(frozen=True)
class Outcome:
    """What a run of trials gave.

    Attributes
    ----------
    loss : float array [trials]
    score : float array [trials, n_out]
        Sum of the readout over the steps at which the target is valid; the largest is the decision.
    count : float array [trials, n_rec]
        Spikes of each neuron.
    state : dict of arrays
        Weights, broadcast weights and optimiser state after the last trial.
    """

    loss: np.ndarray
    score: np.ndarray
    count: np.ndarray
    state: dict[str, np.ndarray]


class Program:
    """A network built once inside a session; :meth:`run` starts it with any weights, constants and samples.

    Parameters
    ----------
    session : Session
    shape : Shape
    """

    def __init__(self, session: Session, shape: NetworkSpec):
        self.session, self.shape = session, shape
        self.objects = build(shape)
        self._declared: set[str] = set()

    def run(self, samples: Samples, state: dict[str, np.ndarray], constants: dict[str, dict], *, trials_per_update: int) -> Outcome:
        """Run the samples one after another (each replica takes every replicas-th) and update the weights after each batch.

        Parameters
        ----------
        samples : Samples
            A multiple of ``shape.replicas``, at most ``shape.trials`` times that.
        state : dict
            ``"w_in.w"``, ``"w_in.m"`` ... and ``"w_out.B"``, ``"updates"``, as in :class:`Outcome`.
        constants : dict of object name to dict of variable to value
        trials_per_update : int
            Trials of each replica between two updates.

        Raises
        ------
        UserError
            When the samples do not fit the program.
        """
        shape = self.shape
        trials = self._check(samples, state)
        values = {**self._stimulus(samples, trials), **self._state_in(state, trials_per_update)}
        values |= {f"{o}.{v}": value for o, names in constants.items() for v, value in names.items()}
        self._declare(values)
        duration = (trials * shape.n_steps + 1) * shape.dt
        if not self.session.queued:
            self.session.queue(self.objects["network"], duration)
        self.session.execute(values, [duration])
        return self._outcome(trials)

    def _check(self, samples: Samples, state: dict[str, np.ndarray]) -> int:
        shape = self.shape
        sizes = {"w_in": shape.n_in * shape.n_rec, "w_rec": shape.n_rec * (shape.n_rec - 1), "w_out": shape.n_rec * shape.n_out}
        for name, size in sizes.items():
            if np.size(state[f"{name}.w"]) != size:
                raise UserError(f"{name} has shape {np.shape(state[f'{name}.w'])}; the network of {shape.n_rec} neurons needs ({size},).")
        if (samples.n_steps, samples.n_in) != (shape.n_steps, shape.n_in):
            raise UserError(
                f"the samples have {samples.n_steps} steps and {samples.n_in} inputs; the program was built for "
                f"{shape.n_steps} steps and {shape.n_in} inputs: build it for these samples."
            )
        trials, rest = divmod(len(samples), shape.replicas)
        if rest or trials > shape.trials:
            allowed = f"multiples of {shape.replicas} up to {shape.trials * shape.replicas}"
            raise UserError(f"{len(samples)} samples were given; the program takes {allowed}.")
        return trials

    def _stimulus(self, samples: Samples, trials: int) -> dict[str, np.ndarray]:
        shape = self.shape
        rows = shape.trials * shape.n_steps + 1
        x = np.zeros((rows, shape.replicas, shape.n_in), bool)
        target = np.zeros((rows, shape.replicas, shape.n_out))
        step = samples.t + shape.n_steps * (samples.sample // shape.replicas)
        x[step, samples.sample % shape.replicas, samples.i] = True
        wanted = np.eye(shape.n_out)[samples.label][:, None, :] if samples.target is None else samples.target
        if wanted.shape[2] != shape.n_out:
            raise UserError(f"the targets have {wanted.shape[2]} outputs; the network has {shape.n_out}.")
        wanted = np.broadcast_to(wanted, (len(samples), shape.n_steps, shape.n_out)).reshape(trials, shape.replicas, shape.n_steps, -1)
        target[: trials * shape.n_steps] = wanted.swapaxes(1, 2).reshape(trials * shape.n_steps, shape.replicas, shape.n_out)
        return {"stimulus.x": x.ravel(), "teacher.target": target.ravel(), "window.valid": samples.mask.astype(float)}

    def _holder(self, projection: str) -> str:
        return projection if self.shape.online and projection != "w_out" else f"{projection}_store"

    def _state_names(self) -> dict[str, str]:
        """Return ``{name in the state: input of the session}``."""
        names = {"w_out.B": "w_out_store.B"}
        if self.shape.online and self.shape.nbit:
            names |= {"input.u": "input.u", "rec.u": "rec.u"}
        kept = OPTIMISER_STATE + (GRID_STATE if self.shape.nbit else ())
        for p in PROJECTIONS:
            holder = self._holder(p)
            names |= {f"{p}.{v}": f"{holder}.{v}" for v in (("w",) if holder == p else kept)}
        return names

    def _state_in(self, state: dict[str, np.ndarray], trials_per_update: int) -> dict[str, np.ndarray]:
        values = {target: state.get(name, 0.0) for name, target in self._state_names().items()}
        for p in PROJECTIONS:
            if self._holder(p) != p:
                values[f"{p}_store.updates"] = state["updates"]
                values[f"{p}_store.trials"] = 1 if self.shape.online else trials_per_update
        return values

    def _declare(self, values: dict) -> None:
        for name, value in values.items():
            if name not in self._declared:
                group, _, variable = name.partition(".")
                self.session.input(name, self.objects[group], variable, value)
                self._declared.add(name)

    def _outcome(self, trials: int) -> Outcome:
        shape = self.shape
        take = slice(1, trials + 1)  # what was recorded at the start of the first trial is nothing yet
        loss = self.objects["trials"].loss[:].T[take].reshape(trials * shape.replicas, shape.n_out).sum(1)
        score = self.objects["trials"].score[:].T[take].reshape(trials * shape.replicas, shape.n_out)
        count = self.objects["rates"].count[:].T[take].reshape(trials * shape.replicas, shape.n_rec)
        state = {}
        for name, source in self._state_names().items():
            group, _, variable = source.partition(".")
            state[name] = np.array(getattr(self.objects[group], variable)[:])
        state["updates"] = float(np.asarray(self.objects["w_out_store"].updates[:]).ravel()[0])
        return Outcome(loss, score, count, state)
