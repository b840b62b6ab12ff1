"""tinyODIN: 256 12-bit LIF neurons and 64k signed 4-bit synapses without learning (Frenkel, TU Delft), bit for bit."""

from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.limits import addresses
from brian2chip.chips.odin_family.backend import backend
from brian2chip.chips.odin_family.constraints import input_spikes, one_leak_for_all
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.fields import NEURON, REGISTERS, SOURCE, SYNAPSE
from brian2chip.chips.tinyodin.files import read
from brian2chip.chips.tinyodin.mapping import INTERFACE
from brian2chip.chips.tinyodin.replay import REPLAY

TINYODIN = Chip(
    name="tinyodin",
    source=SOURCE,
    verified="bit-exact emulator, checked against traces of the open-source RTL",
    fields=(*NEURON, *SYNAPSE, *REGISTERS),
    roles={"weight": "w", "v_threshold": "thr", "v": "V"},
    kinds=("lif", "if"),
    resets=("zero",),
    event_driven=True,
    leak=LeakLaw("leak", "linear", value=lambda lost: lost, factor=lambda lost: lost),
    constraints=(addresses(256), one_leak_for_all, input_spikes),
    backend=backend(INTERFACE, Configuration, read, REPLAY),
)
