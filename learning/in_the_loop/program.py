"""The compiled network on chips as a function: weights, chips and samples in, largest membranes, spikes and weights out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.neuron_kinds import CHOICES, step_constants
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, SpikingNetwork
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.learning.in_the_loop.loop_spec import LoopSpec
from brian2chip.learning.in_the_loop.network import build
from brian2chip.learning.in_the_loop.settings import Converter, LoopTraining
from brian2chip.models.discrete import neuron_of

#: The two projections, and the chain of populations that they connect.
PROJECTIONS = {"w_in": "input->rec", "w_out": "rec->out"}
CHAIN = ("input", "rec", "out")
OPTIMISER = ("w", "m", "u")


@dataclass(frozen=True)
class Outcome:
    """What a run of samples gave on every chip.

    Attributes
    ----------
    best : float array [samples, chips, n_out]
        The largest membrane of each output, as it was read; the largest is the decision.
    count : float array [samples, chips, n_rec]
        Spikes.
    state : dict of arrays [chips, pre, post]
        ``"w_in.w"``, ``"w_in.m"`` ... after the last sample, and ``"updates"``.
    """

    best: np.ndarray
    count: np.ndarray
    state: dict[str, np.ndarray]


def check_network(network: SpikingNetwork) -> None:
    """Raise UserError unless a network can be trained in the loop: a chain input, rec (LIF), out (LI), with synaptic currents."""
    if tuple(p.name for p in network.populations) != CHAIN or list(network.weights()) != list(PROJECTIONS.values()):
        raise UserError(
            f"training in the loop takes a chain of the populations {', '.join(CHAIN)}; given were "
            f"{', '.join(network.weights()) or 'no projections'}; leave other projections out."
        )
    if any(c.delay_steps for c in network.projections):
        raise UserError("training in the loop takes projections without delay; set delay_steps = 0.")
    for name, kind in (("rec", "lif"), ("out", "li")):
        p = network.population(name)
        if p.kind != kind or "tau_syn" not in p.parameters or "refractory" in p.parameters:
            raise UserError(
                f"training in the loop takes {name!r} of kind {kind!r} with tau_syn and without refractory; given was kind {p.kind!r} "
                f"with {', '.join(p.parameters)}."
            )
        if many := [n for n, value in p.parameters.items() if np.ndim(value)]:
            raise UserError(f"{', '.join(many)} of {name!r} differ between neurons; the backward pass needs one nominal value: give that.")


def spec_of(
    network: SpikingNetwork, n_steps: int, replicas: int, samples: int, converter: Converter | None, learning: str | None = "kept"
) -> LoopSpec:
    """Return what is compiled for a network."""
    check_network(network)
    n_in, n_rec, n_out = (p.size for p in network.populations)
    hidden, readout = (neuron_of(p.kind, p.parameters) for p in network.populations[1:])
    return LoopSpec(n_in, n_rec, n_out, n_steps, network.dt, hidden, readout, converter, replicas, samples, learning)


def constants_of(population: Population, chips: Sequence[ChipInstance], dt: float) -> dict[str, np.ndarray]:
    """Return the constants of a population's neurons on every chip, one chip after another."""
    each = {n: np.full(population.size, float(v)) for n, v in population.parameters.items() if n not in CHOICES}
    real = {n: np.concatenate([chip.parameter(population.name, n, v) for chip in chips]) for n, v in each.items()}
    everything = {"v_reset": np.zeros(len(chips) * population.size), **step_constants(real, dt)}
    neuron = neuron_of(population.kind, population.parameters)
    return {f"{population.name}.{n}": np.array(everything[n], float) for n in neuron.constants}


def nominal_constants(network: SpikingNetwork, settings: LoopTraining) -> dict[str, float]:
    """Return what the backward pass takes for granted."""
    hidden, readout = (network.population(n).parameters for n in CHAIN[1:])
    of_hidden, of_readout = step_constants(hidden, network.dt), step_constants(readout, network.dt)
    rec = {"alpha_0": of_hidden["alpha"], "A": of_hidden["v_th"], "gamma": settings.gamma, "width": settings.width}
    rec |= {"kappa": of_readout["alpha"], "kappa_syn": of_readout["alpha_syn"], "gain_out": of_readout.get("gain", 1.0)}
    source = {"alpha_syn": of_hidden["alpha_syn"], "gain": of_hidden.get("gain", 1.0)}
    given = {"rec": rec, "input": source, "out": {"scale": settings.scale, "penalty": settings.penalty}}
    return {f"{o}.{n}": float(value) for o, names in given.items() for n, value in names.items()}


class Program:
    """A network on chips, built once inside a session; :meth:`run` starts it with any weights and samples.

    Parameters
    ----------
    session : Session
    network : SpikingNetwork
        Its parameters are the nominal ones.
    chips : sequence of ChipInstance
    spec : LoopSpec
    settings : LoopTraining
    """

    def __init__(self, session: Session, network: SpikingNetwork, chips: Sequence[ChipInstance], spec: LoopSpec, settings: LoopTraining):
        self.session, self.chips, self.spec, self.settings = session, list(chips), spec, settings
        self.fixed = nominal_constants(network, settings)
        for p in network.populations[1:]:
            self.fixed |= constants_of(p, self.chips, network.dt)
        self.shapes = {"w_in": (len(self.chips), spec.n_in, spec.n_rec), "w_out": (len(self.chips), spec.n_rec, spec.n_out)}
        self._declared = session.recalled
        if session.recalled:
            return
        self.objects = build(spec)
        stores = [f"{p}_store.{v}" for p in PROJECTIONS for v in (*OPTIMISER, "updates")] if spec.learning else []
        for name in ("best.best", "rates.count", *stores):
            group, _, variable = name.partition(".")
            session.result(self.objects[group], variable)

    def realised(self, state: Mapping[str, np.ndarray], write: int) -> dict[str, np.ndarray]:
        """Return the weights [chips, pre, post] that the chips make of the real-valued ones, ``"w_in"`` and ``"w_out"``."""
        return {
            p: np.stack([chip.weights(name, w, write=write) for chip, w in zip(self.chips, state[f"{p}.w"])])
            for p, name in PROJECTIONS.items()
        }

    def run(self, samples: Sequence[Samples], state: Mapping[str, np.ndarray], rate: float, write: int = 0) -> Outcome:
        """Run the samples of every chip one after another on weights as they are now; at the end one update at that rate, none at 0.

        Parameters
        ----------
        samples : sequence of Samples
            Those of each chip, equally many.
        state : dict of arrays
            As in :class:`Outcome`.
        rate : float
        write : int
            How often the chips were programmed before.
        """
        n = len(samples[0])
        values = {**self.fixed, **self._stimulus(samples)}
        for p, used in self.realised(state, write).items():
            values[f"{p}.used"] = used.ravel()
            if not self.spec.learning:
                continue
            values |= {f"{p}_store.{v}": np.ravel(state[f"{p}.{v}"]) for v in OPTIMISER}
            # Weights that do not learn see no update: it would come after more samples than there are.
            values |= {f"{p}_store.rate": rate, f"{p}_store.norm": float(n), f"{p}_store.updates": float(state["updates"])}
            values |= {f"{p}_store.samples": n if rate else n + 1, f"{p}_store.decay": 0.0}
        if not self._declared:
            for name, value in values.items():
                group, _, variable = name.partition(".")
                self.session.input(name, self.objects[group], variable, value)
            self._declared = True
        duration = (n * self.spec.showings * self.spec.n_steps + 1) * self.spec.dt
        if not self.session.queued:
            self.session.queue(self.objects["network"], duration)
        self.session.execute(values, [duration])
        return self._outcome(n, state)

    def _stimulus(self, samples: Sequence[Samples]) -> dict[str, np.ndarray]:
        spec = self.spec
        x = np.zeros((spec.samples * spec.n_steps + 1, spec.replicas, spec.n_in), bool)
        target = np.zeros((spec.samples + 1, spec.replicas, spec.n_out))
        for r, own in enumerate(samples):
            x[own.sample * spec.n_steps + own.t, r, own.i] = True
            target[np.arange(len(own)), r, own.label] = 1
        return {"stimulus.x": x.ravel(), "teacher.target": target.ravel()}

    def _outcome(self, n: int, state: Mapping[str, np.ndarray]) -> Outcome:
        read, spec = self.session.read, self.spec
        best = read("best.best")[1 : n + 1].reshape(n, spec.replicas, spec.n_out)
        count = read("rates.count")[1 : n + 1].reshape(n, spec.replicas, spec.n_rec)
        if not spec.learning:
            return Outcome(best, count, dict(state))
        state = {f"{p}.{v}": np.array(read(f"{p}_store.{v}")).reshape(self.shapes[p]) for p in PROJECTIONS for v in OPTIMISER}
        return Outcome(best, count, {**state, "updates": float(np.ravel(read("w_in_store.updates"))[0])})
