"""Every field of tinyODIN: the 32-bit neuron word, the signed synapse nibble, configuration registers."""

from __future__ import annotations

from brian2chip.chips.field import MEMBRANE, Field

SOURCE = "tinyODIN documentation and RTL (Frenkel, Delft University of Technology)"


def _field(name: str, bits: int, lsb: int, word: str, meaning: str, **more) -> Field:
    return Field(name, bits, lsb=lsb, word=word, meaning=meaning, source=SOURCE, **more)


NEURON = (
    _field("V", 12, 0, "neuron", "membrane potential", signed=True, shared="neuron", unit=MEMBRANE),
    _field("thr", 12, 12, "neuron", "firing threshold; above 2047 the neuron never fires", shared="neuron", unit=MEMBRANE),
    _field("leak", 7, 24, "neuron", "step towards zero per time reference", shared="neuron", unit=MEMBRANE),
    _field("disable", 1, 31, "neuron", "no output spikes", shared="neuron"),
)
SYNAPSE = (_field("w", 4, 0, "synapse", "weight", signed=True, shared="synapse", unit=MEMBRANE),)
#: ``lsb`` is the SPI register address.
REGISTERS = (
    _field("open_loop", 1, 1, "register", "local spikes are not fed back", default=1),
    _field("aer_src_ctrl_nneur", 1, 2, "register", "the output link sends swept events (1) or neuron spikes (0)"),
    _field("max_neur", 8, 3, "register", "last neuron that sweeps visit", default=255),
)
GATE_ACTIVITY = _field("gate_activity", 1, 0, "register", "1: memories may be programmed, the chip is idle")
