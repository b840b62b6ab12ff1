"""ODIN: 256 neurons (LIF or phenomenological Izhikevich), 64k 4-bit synapses with on-line SDSP (Frenkel et al. 2019), bit for bit."""

from dataclasses import replace

from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.emulator import Emulator, emulator
from brian2chip.chips.odin.fields import IZHIKEVICH, LIF, REGISTERS, SOURCE, SYN_SIGN, SYNAPSE
from brian2chip.chips.odin.replay import replay

__all__ = ["ODIN", "Configuration", "Emulator", "emulator", "replay"]

ODIN = Chip(
    name="odin",
    source=SOURCE,
    verified="bit-exact emulator, checked against traces of the open-source RTL",
    fields=(*LIF, *SYNAPSE, *REGISTERS, SYN_SIGN, *(replace(f, name=f"izhikevich.{f.name}") for f in IZHIKEVICH)),
    roles={"weight": "w", "v_threshold": "thr", "v": "V"},
    kinds=("lif", "if"),
    resets=("zero",),
    leak=LeakLaw("leak_str", "linear", code=lambda lost: lost, factor=lambda code: code),
    sign="pre",
    limits={"addresses": 256, "delay_steps": 1},
    units={"weight": 1.0, "v_threshold": 1.0},
    energy={"synaptic operation at 0.55 V": (8.43e-12, "published figure of the 28 nm chip")},
    mapping="brian2chip.chips.odin.mapping",
)
