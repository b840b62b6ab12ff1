"""What the Brian2 networks of ODIN and tinyODIN share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brian2chip.core.later import brian2
from brian2chip.engine.functions.links import refer_all

if TYPE_CHECKING:
    from brian2 import NeuronGroup, Synapses


def pushes(cells: NeuronGroup, fifo: NeuronGroup, controller: NeuronGroup, code: str) -> Synapses:
    """Return the synapses by which spikes of neurons enter the main FIFO, each at the place that ``code`` finds."""
    synapses = brian2.Synapses(cells, fifo, on_pre={"push": code}, on_event={"push": "spike_out"}, name="pushes")
    synapses.connect()
    refer_all(synapses, controller, ("rd", "fill", "open_loop"))
    synapses.push.when = "resets"
    return synapses
