"""ODIN: 256 neurons, 64k synapses of 3 bits with on-line SDSP, LIF and phenomenological Izhikevich (Frenkel et al. 2019), bit for bit."""

from dataclasses import replace

from brian2chip.chips.chip import Chip, Law
from brian2chip.chips.odin.fields import IZHIKEVICH, LIF, REGISTERS, SOURCE, SYN_SIGN, SYNAPSE

ODIN = Chip(
    name="odin",
    source=SOURCE,
    verified="bit-exact emulator, checked against traces of the open-source RTL",
    fields=(*LIF, *SYNAPSE, *REGISTERS, SYN_SIGN, *(replace(f, name=f"izhikevich.{f.name}") for f in IZHIKEVICH)),
    roles={"weight": "w", "v_threshold": "thr", "v": "V"},
    kinds=("lif", "if"),
    resets=("zero",),
    leak=Law("leak_str", "linear", code=lambda lost: lost, factor=lambda code: code),
    sign="pre",
    limits={"addresses": 256, "delay_steps": 1},
    units={"weight": 1.0, "v_threshold": 1.0},
    mapping="brian2chip.chips.odin.mapping",
)
