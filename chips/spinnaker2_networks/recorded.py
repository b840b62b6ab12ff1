"""Run a recurrent network of one neuron model in Brian2 and keep its spikes and connections: what the power account reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from brian2chip.analysis.power import Workload, workload
from brian2chip.core.later import brian2
from brian2chip.core.model import Model
from brian2chip.core.seed import checked_seed
from brian2chip.core.units import second
from brian2chip.engine.session import session
from brian2chip.errors import UserError

DT = 1e-3
#: Simulated seconds that are taken at most.
LONGEST = 600.0


@dataclass(frozen=True)
class Connections:
    """A network of neurons: which synapses it has, how its neurons begin and what drives them.

    Attributes
    ----------
    source, target : int arrays [synapses]
    weight : float array [synapses]
        Step of the synaptic current in A.
    delay_steps : int array [synapses]
        At least 1.
    core : int array [neurons]
        The core on which each neuron is computed.
    v : float array [neurons]
        Membrane potential at the start in V.
    current : float array [neurons]
        Constant input in A.
    """

    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    delay_steps: np.ndarray
    core: np.ndarray
    v: np.ndarray
    current: np.ndarray


@dataclass(frozen=True)
class LoadNetwork:
    """A network that loads cores in its own way.

    Attributes
    ----------
    name, about : str
    model : Model
        With a variable ``I_syn``, to which a spike adds the weight, and ``I``, the constant input.
    connections : callable
        ``rng -> Connections``.
    parameters : mapping
        Changes to the model's, with units.
    """

    name: str
    about: str
    model: Model
    connections: Callable[[np.random.Generator], Connections]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """Spikes of a network and what they had to travel."""

    spike_neuron: np.ndarray
    spike_step: np.ndarray
    n_steps: int
    connections: Connections

    def workload(self) -> Workload:
        """Return what the cores had to do in steps of 1 ms."""
        c = self.connections
        return workload(
            self.spike_neuron,
            self.spike_step,
            c.source,
            c.target,
            core=c.core,
            n_sources=len(c.core),
            n_steps=self.n_steps,
            delay_steps=c.delay_steps,
        )


def record(network: LoadNetwork, seconds: float = 1.0, *, seed: int = 1, device: str = "auto") -> Recorded:
    """Return what a network did in steps of 1 ms.

    Parameters
    ----------
    network : LoadNetwork
    seconds : float
        Simulated time.
    seed : int
        Of the connections and the start.
    device : str
        As :func:`brian2chip.engine.session.session` takes it.

    Raises
    ------
    UserError
        For a time that is no whole number of steps up to 600 s.
    """
    steps = seconds / DT
    if not 1 <= steps <= LONGEST / DT or abs(steps - round(steps)) > 1e-6:
        raise UserError(f"a simulated time of {seconds!r} s was given; give a whole number of steps of 1 ms, up to {LONGEST:g} s.")
    seed, n_steps = checked_seed(seed), round(steps)
    c = network.connections(np.random.default_rng([seed, 0]))
    with session(device, work=n_steps * len(c.core), dt=DT, seed=seed) as s:
        group = network.model.neurons(len(c.core), name="neurons", **network.parameters)
        group.v_, group.I_ = c.v, c.current
        synapses = brian2.Synapses(group, group, "weight : amp", on_pre="I_syn_post += weight", name="synapses")
        synapses.connect(i=c.source, j=c.target)
        synapses.weight_ = c.weight
        synapses.delay = c.delay_steps * DT * second
        spikes = brian2.SpikeMonitor(group, name="spikes")
        s.run(brian2.Network(group, synapses, spikes), seconds)
        neuron, step = np.array(spikes.i[:], np.int64), np.rint(np.asarray(spikes.t_[:]) / DT).astype(np.int64)
    return Recorded(neuron, step, n_steps, c)
