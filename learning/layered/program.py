"""A layered network as a function: weights and samples in, losses, outputs and weights out, without compiling again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.learning.layered.network import build
from brian2chip.learning.layered.spec import LayeredSpec

#: Seconds of a time step, which is one presentation.
DT = 1e-3
#: What the optimisers keep beside the weights.
OPTIMISER_STATE = ("m", "u")


@dataclass(frozen=True)
class Outcome:
    """What a run of presentations gave.

    Attributes
    ----------
    loss_of_samples : float array [presentations, batch]
    y : float array [presentations, batch, n_out]
        The output.
    state : dict of arrays
        ``"w0"``, ``"b0"`` ... the weights as matrices and the biases, ``"w0.m"`` ... the optimiser's memory, ``"updates"``, and the
        fixed matrices, after the last presentation.
    gradient, signal : dict of arrays
        Of the last presentation: the gradient of ``"w0"``, ``"b0"`` ..., and ``"dz0"`` ... [batch, units].
    """

    loss_of_samples: np.ndarray
    y: np.ndarray
    state: dict[str, np.ndarray]
    gradient: dict[str, np.ndarray]
    signal: dict[str, np.ndarray]

    @property
    def loss(self) -> np.ndarray:
        """The mean loss of each presentation."""
        return self.loss_of_samples.mean(1)


def kept_beside(spec: LayeredSpec) -> tuple[str, ...]:
    """Return what is kept beside each weight: the optimiser's memory, and of weights of n bits the real ones and the random walk."""
    return (*OPTIMISER_STATE, *(("real", "dice") if spec.grids else ()))


def weight_shapes(spec: LayeredSpec) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight matrix and bias that the layers have, by name."""
    shapes: dict[str, tuple[int, ...]] = {}
    for k, layer in enumerate(spec.layers):
        shapes |= {f"w{k}": layer.weights, f"b{k}": layer.weights[:1]}
    return shapes


def fixed_shapes(spec: LayeredSpec) -> dict[str, tuple[int, int]]:
    """Return the shape of every fixed matrix that the rule reads, by name."""
    shapes: dict[str, tuple[int, int]] = {}
    for k, layer in enumerate(spec.layers[:-1]):
        if "B_above" in spec.rule.matrices:
            shapes[f"B_above{k}"] = spec.layers[k + 1].weights
        if "B" in spec.rule.matrices:
            shapes[f"B{k}"] = (spec.n_out, layer.units)
    return shapes


class Program:
    """A layered network built once inside a session; :meth:`run` presents batches to it from any weights.

    Parameters
    ----------
    session : Session
    spec : LayeredSpec
    """

    def __init__(self, session: Session, spec: LayeredSpec):
        self.session, self.spec = session, spec
        empty, index = np.zeros((1, 1), spec.dtype), np.zeros((1, 1), np.int64)
        tables = {"pixels": empty, "wanted": empty, "order": index.astype(np.int32), "learns": index.astype(np.int8)}
        functions = {name: session.table(name, values) for name, values in tables.items()}
        self.objects, self.namespace = build(session, spec, functions)
        self._declared: set[str] = set()

    def run(self, samples: StaticSamples, order: np.ndarray, learns: np.ndarray, state: dict[str, np.ndarray], rate: float) -> Outcome:
        """Present batches one after another.

        Parameters
        ----------
        samples : StaticSamples
        order : int array [presentations, batch]
            Which samples are shown.
        learns : bool array [presentations]
            Whether the weights change.
        state : dict of arrays
            As in :class:`Outcome`; what the optimiser keeps is zero where it is not given.
        rate : float
            Learning rate.

        Raises
        ------
        UserError
            For weights or fixed matrices of another shape.
        """
        spec = self.spec
        values = {"pixels": samples.x.astype(spec.dtype, copy=False), "wanted": samples.wanted(spec.n_out).astype(spec.dtype, copy=False)}
        values |= {"order": np.asarray(order, np.int32), "learns": np.asarray(learns, np.int8)[:, None]}
        self.start({**values, **self._state_in(state, rate)}, len(order))
        return self._outcome()

    def start(self, values: dict, presentations: int) -> None:
        """Run the network with these inputs and tables."""
        for name, value in values.items():
            if "." in name and name not in self._declared:
                group, _, variable = name.partition(".")
                self.session.input(name, self.objects[group], variable, value)
                self._declared.add(name)
        dt = DT
        if not self.session.queued:
            self.session.queue(self.objects["network"], presentations * dt, self.namespace)
        self.session.execute(values, [presentations * dt])

    def _state_in(self, state: dict[str, np.ndarray], rate: float) -> dict[str, np.ndarray]:
        values: dict = {}
        for name, shape in weight_shapes(self.spec).items():
            values[f"{name}.w"] = _checked(state, name, shape)
            values |= {f"{name}.{v}": np.ravel(state.get(f"{name}.{v}", np.zeros(shape))) for v in kept_beside(self.spec)}
            values |= {f"{name}.rate": rate, f"{name}.updates": state.get("updates", 0.0)}
        for name, shape in fixed_shapes(self.spec).items():
            values[f"{name}.B"] = _checked(state, name, shape)
        return values

    def _outcome(self) -> Outcome:
        spec, o = self.spec, self.objects
        y, loss = (np.asarray(getattr(o["record"], v)[:]).T.reshape(-1, spec.batch, spec.n_out) for v in ("y", "loss"))
        state, gradient = {}, {}
        for name, shape in weight_shapes(spec).items():
            state[name] = np.array(o[name].w[:]).reshape(shape)
            gradient[name] = np.array(o[name].gradient[:]).reshape(shape)
            state |= {f"{name}.{v}": np.array(getattr(o[name], v)[:]).reshape(shape) for v in kept_beside(spec)}
        state |= {name: np.array(o[name].B[:]).reshape(shape) for name, shape in fixed_shapes(spec).items()}
        trained = next(name for name, shape in reversed(weight_shapes(spec).items()))
        state["updates"] = float(np.ravel(o[trained].updates[:])[0])
        signal = {f"dz{k}": np.array(o[f"layer{k}"].dz[:]).reshape(spec.batch, -1) for k in range(len(spec.layers))}
        return Outcome(loss.sum(2), y, state, gradient, signal)


def _checked(state: dict[str, np.ndarray], name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return a matrix of the state as a row."""
    given = np.asarray(state[name])
    if given.shape != shape:
        what = "feedback matrix" if name.startswith("B") else "weight matrix" if name.startswith("w") else "bias"
        raise UserError(f"the {what} {name} has shape {given.shape}; the network needs {shape}.")
    return given.ravel()
