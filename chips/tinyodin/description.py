"""tinyODIN: 256 12-bit LIF neurons and 64k signed 4-bit synapses without learning (Frenkel, TU Delft), bit for bit."""

from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.emulator import Emulator, emulator
from brian2chip.chips.tinyodin.fields import NEURON, REGISTERS, SOURCE, SYNAPSE
from brian2chip.chips.tinyodin.replay import replay

__all__ = ["TINYODIN", "Configuration", "Emulator", "emulator", "replay"]

TINYODIN = Chip(
    name="tinyodin",
    source=SOURCE,
    verified="bit-exact emulator, checked against traces of the open-source RTL",
    fields=(*NEURON, *SYNAPSE, *REGISTERS),
    roles={"weight": "w", "v_threshold": "thr", "v": "V"},
    kinds=("lif", "if"),
    resets=("zero",),
    leak=LeakLaw("leak", "linear", code=lambda lost: lost, factor=lambda code: code),
    limits={"addresses": 256, "delay_steps": 1},
    units={"weight": 1.0, "v_threshold": 1.0},
    mapping="brian2chip.chips.tinyodin.mapping",
)
