"""A chip whose neurons take a step together as Brian2 objects: inputs, neurons, blocks of synapses, monitors, in the order of a step.

In a step the inputs' spikes arrive, then those that neurons fired in the step before, block by block and in the order of their sources;
then every neuron takes its step.
"""

from __future__ import annotations

from dataclasses import dataclass

import brian2
import numpy as np

from brian2chip.core.later import internals
from brian2chip.engine.functions.fixed_point import ARITHMETIC
from brian2chip.engine.session import Session

#: Steps from the start of a sample to that of the next, and those in which neurons may fire; and spikes that a neuron fires in a step.
SHARED = "period : integer (shared, constant)\nn_run : integer (shared, constant)\nfired : integer\n"


@dataclass(frozen=True)
class SteppedNeuron:
    """The neuron of a chip as integer code.

    Attributes
    ----------
    states : dict of str to numpy integer type
        Its variables beside ``fired``, the spikes of the step; 0 at the start of a sample.
    constants : tuple of str
        Of which every neuron has its own.
    step : str
        What it computes in a step, ``fired`` among it. ``running`` is 0 between samples; ``beyond`` counts, over all samples, how often a
        number left its range.
    arrive : str
        What ``fired_pre`` spikes do that arrive through a synapse of weight ``w``.
    """

    states: dict[str, type]
    constants: tuple[str, ...]
    step: str
    arrive: str


@dataclass(frozen=True)
class Block:
    """All synapses from some inputs or neurons to some neurons.

    Attributes
    ----------
    from_inputs : bool
    source, target : (int, int)
        First, and last + 1.
    wait : int
        Steps that spikes wait.
    """

    from_inputs: bool
    source: tuple[int, int]
    target: tuple[int, int]
    wait: int = 0


@dataclass(frozen=True)
class Layout:
    """Everything that a program is compiled for.

    Attributes
    ----------
    n_inputs, n_neurons : int
    blocks : tuple of Block
        In the order in which spikes arrive.
    recorded : tuple of int
        Neurons whose states are recorded in every step.
    """

    n_inputs: int
    n_neurons: int
    blocks: tuple[Block, ...]
    recorded: tuple[int, ...] = ()

    @property
    def pause(self) -> int:
        """Steps between samples after which no spike is under way."""
        return 1 + max((b.wait for b in self.blocks), default=0)


def build(s: Session, neuron: SteppedNeuron, layout: Layout, values: dict, events: np.ndarray) -> tuple[brian2.Network, dict]:
    """Return the network and its objects by name, their inputs declared to the session.

    Parameters
    ----------
    s : Session
    neuron : SteppedNeuron
    layout : Layout
    values : dict of "object.variable" to array
        Values of the inputs.
    events : int array [steps, inputs]
        Spikes of every input in every step.
    """
    names = {**ARITHMETIC, "events": s.table("events", events)}
    inputs = brian2.NeuronGroup(layout.n_inputs, "fired : integer", threshold="fired > 0", reset="", namespace=names, name="inputs")
    inputs.run_regularly("fired = events(t_in_timesteps, i)", when="start", order=1)
    inputs.thresholder["spike"].when, inputs.thresholder["spike"].order = "start", 2
    equations = SHARED + "".join(f"{name} : integer\n" for name in neuron.states)
    equations += "running : integer\nbeyond : integer\n" + "".join(f"{name} : integer (constant)\n" for name in neuron.constants)
    neurons = brian2.NeuronGroup(
        layout.n_neurons, equations, threshold="fired > 0", reset="", dtype=dict(neuron.states), namespace=names, name="neurons"
    )
    inside = "int(t_in_timesteps % period > 0)"
    neurons.run_regularly("\n".join(f"{name} = {name}*{inside}" for name in neuron.states), when="start", order=0)
    neurons.run_regularly("running = int(t_in_timesteps % period < n_run)" + neuron.step, when="groups")
    objects = {"inputs": inputs, "neurons": neurons}
    for k, block in enumerate(layout.blocks):
        objects[f"block_{k}"] = _synapses(neuron, block, f"block_{k}", k, inputs if block.from_inputs else neurons, neurons, names)
    objects["spikes"] = brian2.SpikeMonitor(neurons, variables=["fired"], name="spikes")
    if layout.recorded:
        record = np.array(layout.recorded)
        objects["states"] = brian2.StateMonitor(neurons, [*neuron.states, "fired"], record=record, when="end", name="states")
    for name, value in values.items():
        group, _, variable = name.partition(".")
        s.input(name, objects[group], variable, value)
    with internals.order_is_meant():
        s.results_of({name: objects[name] for name in ("neurons", "spikes", "states") if name in objects})
    return brian2.Network(*objects.values()), objects


def _synapses(neuron: SteppedNeuron, block: Block, name: str, k: int, sources, neurons, names: dict) -> brian2.Synapses:
    (a, b), (c, d) = block.source, block.target
    synapses = brian2.Synapses(sources[a:b], neurons[c:d], "w : integer (constant)", on_pre=neuron.arrive, namespace=names, name=name)
    synapses.connect(i=np.repeat(np.arange(b - a), d - c), j=np.tile(np.arange(d - c), b - a))
    synapses.pre.when, synapses.pre.order = "start", 3 + k
    if block.wait:
        synapses.pre.delay = block.wait * brian2.second
    return synapses
