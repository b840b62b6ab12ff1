"""What the Brian2 networks of ODIN and tinyODIN share."""

from __future__ import annotations

from brian2 import NeuronGroup, Synapses

from brian2chip.engine.functions.links import refer_all


def pushes(cells: NeuronGroup, fifo: NeuronGroup, controller: NeuronGroup, code: str) -> Synapses:
    """Return the synapses by which spikes of neurons enter the main FIFO, each at the place that ``code`` finds."""
    synapses = Synapses(cells, fifo, on_pre={"push": code}, on_event={"push": "spike_out"}, name="pushes")
    synapses.connect()
    refer_all(synapses, controller, ("rd", "fill", "open_loop"))
    synapses.push.when = "resets"
    return synapses
