"""A network of equilibrium propagation as a function: weights and samples in, states and weights out, without compiling again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.learning.equilibrium.network import EquilibriumSpec, build
from brian2chip.learning.equilibrium.schedule import Step, table

#: Seconds of a time step, which is one step of relaxation.
DT = 1e-3


@dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Attributes
    ----------
    output : float array [steps, batch, n_out]
        The states of the output after every step.
    states, kept : dict of arrays
        ``"layer1"`` ... [batch, units] from below: the states after the last step, and the rates that were kept last.
    weights, gradient : dict of arrays
        ``"w1"`` [units, units below], ``"b1"`` ..., and their gradients of the loss, at the last step.
    """

    output: np.ndarray
    states: dict[str, np.ndarray]
    kept: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]
    gradient: dict[str, np.ndarray]


def weight_shapes(spec: EquilibriumSpec) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight matrix and bias by name."""
    shapes: dict[str, tuple[int, ...]] = {}
    for k in range(1, len(spec.sizes)):
        shapes |= {f"w{k}": (spec.sizes[k], spec.sizes[k - 1]), f"b{k}": (spec.sizes[k],)}
    return shapes


class Program:
    """A network built once inside a session; :meth:`run` lets it relax and learn from any weights.

    Parameters
    ----------
    session : Session
    spec : EquilibriumSpec
    """

    def __init__(self, session: Session, spec: EquilibriumSpec):
        self.session, self.spec = session, spec
        empty = np.zeros((1, 1), spec.dtype)
        tables = {"pixels": empty, "wanted": empty, "schedule": table([Step(0)])}
        self.objects, self.namespace = build(session, spec, {name: session.table(name, values) for name, values in tables.items()})
        self._declared: set[str] = set()

    def run(
        self, samples: StaticSamples, steps: list[Step], weights: dict[str, np.ndarray], config: EquilibriumConfig, rates: Sequence[float]
    ) -> Outcome:
        """Run the steps of a schedule.

        Parameters
        ----------
        samples : StaticSamples
            Batch k of the schedule is samples k*batch to (k + 1)*batch.
        steps : list of Step
        weights : dict of arrays
            ``"w1"``, ``"b1"`` ... from below.
        config : EquilibriumConfig
        rates : sequence of float
            Learning rate of the weights and biases of each layer, from below.

        Raises
        ------
        UserError
            For weights of another shape, or as many rates as there are not layers.
        """
        spec, dtype = self.spec, self.spec.dtype
        if len(rates) != len(spec.sizes) - 1:
            raise UserError(f"{len(rates)} learning rates were given; give {len(spec.sizes) - 1}, one a layer of weights.")
        values: dict = {"pixels": samples.x.astype(dtype), "wanted": samples.wanted(spec.sizes[-1]).astype(dtype), "schedule": table(steps)}
        for name, shape in weight_shapes(spec).items():
            if np.shape(weights[name]) != shape:
                raise UserError(f"{name} has shape {np.shape(weights[name])}; the network needs {shape}.")
            values |= {f"{name}.w": np.ravel(weights[name]), f"{name}.rate": rates[int(name[1:]) - 1]}
            values |= {f"{name}.scale": config.scale / spec.batch, f"{name}.updates": 0.0, f"{name}.m": 0.0, f"{name}.u": 0.0}
        for k in range(1, len(spec.sizes)):
            values |= {f"layer{k}.beta": config.beta, f"layer{k}.step": config.step}
        self._start(values, len(steps))
        return self._outcome()

    def _start(self, values: dict, steps: int) -> None:
        for name, value in values.items():
            if "." in name and name not in self._declared:
                group, _, variable = name.partition(".")
                self.session.input(name, self.objects[group], variable, value)
                self._declared.add(name)
        if not self.session.queued:
            self.session.queue(self.objects["network"], steps * DT, self.namespace)
        self.session.execute(values, [steps * DT])

    def _outcome(self) -> Outcome:
        spec, o = self.spec, self.objects
        layers = [f"layer{k}" for k in range(1, len(spec.sizes))]
        of = lambda group, variable, shape: np.array(getattr(o[group], variable)[:]).reshape(shape)  # noqa: E731
        shapes = weight_shapes(spec)
        return Outcome(
            output=np.asarray(o["record"].s[:]).T.reshape(-1, spec.batch, spec.sizes[-1]),
            states={name: of(name, "s", (spec.batch, -1)) for name in layers},
            kept={name: of(name, "r", (spec.batch, -1)) for name in layers},
            weights={name: of(name, "w", shape) for name, shape in shapes.items()},
            gradient={name: of(name, "gradient", shape) for name, shape in shapes.items()},
        )
