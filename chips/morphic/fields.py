"""Every field of our MorphIC, and its sizes: the one place where what the sources leave open is declared as our choice.

From the abstract and secondary sources: four cores of 512 leaky integrate-and-fire neurons, binary synapses with stochastic SDSP, about
1,024 in and 2,048 out a neuron, a crossbar in the core, a star between cores, a mesh between chips, 27 bits of routing a neuron. Field
widths, the arithmetic, what the bit of a synapse stands for, the layout of the 27 bits, width and taps of the shift register, and the
order of events are not known: they are ours, the neuron and its calcium after ODIN, of which MorphIC is the rescaled successor.
"""

from __future__ import annotations

from brian2chip.chips.field import MEMBRANE, Field
from brian2chip.plasticity.sdsp_stochastic import WIDTH

SOURCE = "Frenkel, Legat, Bol 2019, IEEE TBioCAS 13:999 (abstract and secondary sources)"
OURS = "our choice"

#: Sizes that the sources give; the rows of a core are the synapses onto each of its neurons.
CORES, NEURONS, ROWS = 4, 512, 1024
#: Places in the queue of events that wait, as many as two spikes of each neuron: our choice.
DEPTH = 2 * CORES * NEURONS


def _field(name: str, bits: int, lsb: int, word: str, meaning: str, **more) -> Field:
    return Field(name, bits, lsb=lsb, word=word, meaning=meaning, source=OURS, **{"shared": word, **more})


#: The state and the constants of a neuron, 40 bits.
NEURON = (
    _field("V", 12, 0, "neuron", "membrane potential, saturates", signed=True, unit=MEMBRANE),
    _field("thr", 11, 12, "neuron", "firing threshold", unit=MEMBRANE, low=1, default=2047),
    _field("leak", 7, 23, "neuron", "step towards zero per time reference", unit=MEMBRANE),
    _field("Ca", 3, 30, "neuron", "calcium: own spikes, less the time references that take it back"),
    _field("cacnt", 5, 33, "neuron", "time references since calcium last fell"),
    _field("disable", 1, 38, "neuron", "no output spikes"),
    _field("reserved", 1, 39, "neuron", "unused", high=0),
)
#: Where a spike goes, 27 bits as published.
ROUTE = (
    _field("crossbar", 1, 40, "neuron", "to the row of its own core that has its number"),
    _field("star", 4, 41, "neuron", "to these other cores, one bit each"),
    _field("row", 10, 45, "neuron", "on this row of theirs, and of the cores of another chip"),
    _field("dx", 4, 55, "neuron", "hops of the mesh along x", signed=True),
    _field("dy", 4, 59, "neuron", "hops of the mesh along y", signed=True),
    _field("remote", 4, 63, "neuron", "to these cores of the chip there, none: not into the mesh"),
)
SYNAPSE = (Field("bit", 1, word="synapse", shared="synapse", unit=MEMBRANE, meaning="0: nothing, or -1; 1: +1", source=SOURCE),)
#: Registers of a core.
CORE = (
    _field("bipolar", 1, 0, "core", "a synapse of 0 stands for -1 (1) or for nothing (0)"),
    _field("learn", 1, 1, "core", "stochastic SDSP at every row"),
    _field("ca_en", 1, 2, "core", "calcium counts"),
    _field("theta1", 3, 3, "core", "lower end of both windows of calcium"),
    _field("theta2", 3, 6, "core", "upper end of the window of depression"),
    _field("theta3", 3, 9, "core", "upper end of the window of potentiation"),
    _field("ca_leak", 5, 12, "core", "time references by which calcium falls by one; 0: it does not"),
    _field("thetamem", 12, 17, "core", "membrane that divides potentiation from depression", signed=True, unit=MEMBRANE),
    _field("k_up", WIDTH, 29, "core", f"draws that set a synapse, of 2^{WIDTH} - 1"),
    _field("k_down", WIDTH, 29 + WIDTH, "core", f"draws that clear a synapse, of 2^{WIDTH} - 1"),
    _field("lfsr", WIDTH, 29 + 2 * WIDTH, "core", "state of the shift register, never 0", low=1, default=1),
)
