"""A network of EqSpike as a function: weights and samples in, answers and weights out, without compiling again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from brian2chip.core.eqspike_config import EqSpikeConfig
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.learning.equilibrium.spiking import SpikingSpec, Step, build

#: Seconds of a time step.
DT = 1e-3
CONSTANTS = ("rate", "beta", "tau_s", "tau_1", "tau_2", "low", "high")


class SpikingOutcome(NamedTuple):
    """What a run gave.

    Attributes
    ----------
    answers : float array [presentations, batch, n_out]
        The filtered rates of the output at the end of each free phase.
    weights : dict of arrays
        ``"w1"`` [units, units below], ``"b1"`` ...
    rates : dict of arrays
        ``"layer1"`` ... [batch, units]: the filtered rates after the last step.
    membranes : float array [batch, n_in]
        Of the inputs, after the last step.
    """

    answers: np.ndarray
    weights: dict[str, np.ndarray]
    rates: dict[str, np.ndarray]
    membranes: np.ndarray


class SpikingProgram:
    """A network built once inside a session; :meth:`run` presents samples to it from any weights.

    Parameters
    ----------
    session : Session
    spec : SpikingSpec
    """

    def __init__(self, session: Session, spec: SpikingSpec):
        self.session, self.spec = session, spec
        empty = np.zeros((1, 1), spec.dtype)
        tables = {"pixels": empty, "wanted": empty, "schedule": np.zeros((1, len(Step._fields)), np.int32)}
        self.objects, self.namespace = build(session, spec, {name: session.table(name, values) for name, values in tables.items()})
        self._declared: set[str] = set()

    def run(
        self,
        samples: StaticSamples,
        steps: list[Step],
        weights: dict[str, np.ndarray],
        config: EqSpikeConfig,
        rates: Sequence[float],
        phases: np.ndarray,
    ) -> SpikingOutcome:
        """Run the steps of a schedule.

        Parameters
        ----------
        samples : StaticSamples
            Batch k of the schedule is samples k*batch to (k + 1)*batch.
        steps : list of Step
        weights : dict of arrays
            ``"w1"`` [units, units below], ``"b1"`` ... from below.
        config : EqSpikeConfig
        rates : sequence of float
            Learning rate of each layer of weights and its biases, from below.
        phases : float array [batch, n_in]
            Membranes of the inputs, from 0 to 1, with which the first sample begins.

        Raises
        ------
        UserError
            For weights of another shape, or phases outside 0 to 1.
        """
        spec, dtype = self.spec, self.spec.dtype
        if np.shape(phases) != (spec.batch, spec.sizes[0]) or not (np.min(phases) >= 0 and np.max(phases) < 1):
            raise UserError(f"the phases of the inputs have shape {np.shape(phases)}; give {spec.batch} x {spec.sizes[0]} numbers "
                            "of at least 0 and below 1.")  # fmt: skip
        values: dict = {"pixels": samples.x.astype(dtype), "wanted": samples.wanted(spec.sizes[-1]).astype(dtype)}
        values |= {"schedule": np.array(steps, np.int32), "layer0.u": np.ravel(phases), "layer0.rate": config.rate}
        for k in range(1, len(spec.sizes)):
            shape = spec.sizes[k], spec.sizes[k - 1]
            for name, needed, stored in ((f"w{k}", shape, np.transpose(weights[f"w{k}"])), (f"b{k}", shape[:1], weights[f"b{k}"])):
                if np.shape(weights[name]) != needed:
                    raise UserError(f"{name} has shape {np.shape(weights[name])}; the network needs {needed}.")
                values |= {f"{name}.w": np.ravel(stored), f"{name}.learning_rate": rates[k - 1], f"{name}.norm": config.beta * spec.batch}
            values |= {f"layer{k}.{name}": getattr(config, name) for name in CONSTANTS}
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

    def _outcome(self) -> SpikingOutcome:
        spec, o, weights, rates = self.spec, self.objects, {}, {}
        for k in range(1, len(spec.sizes)):
            weights[f"w{k}"] = np.array(o[f"w{k}"].w[:]).reshape(spec.sizes[k - 1], spec.sizes[k]).T
            weights[f"b{k}"] = np.array(o[f"b{k}"].w[:])
            rates[f"layer{k}"] = np.array(o[f"layer{k}"].f2[:]).reshape(spec.batch, -1)
        answers = np.array(o["record"].f2[:]).reshape(-1, spec.batch, spec.sizes[-1])
        return SpikingOutcome(answers, weights, rates, np.array(o["layer0"].u[:]).reshape(spec.batch, -1))
