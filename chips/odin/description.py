"""ODIN: 256 neurons (LIF or phenomenological Izhikevich), 64k 4-bit synapses with on-line SDSP (Frenkel et al. 2019), bit for bit."""

from dataclasses import replace

from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.limits import addresses
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.fields import IZHIKEVICH, LIF, REGISTERS, SOURCE, SYN_SIGN, SYNAPSE
from brian2chip.chips.odin.files import read
from brian2chip.chips.odin.mapping import INTERFACE
from brian2chip.chips.odin.replay import REPLAY
from brian2chip.chips.odin.teaching import fine_tune
from brian2chip.chips.odin_family.backend import backend
from brian2chip.chips.odin_family.constraints import input_spikes, one_leak_for_all
from brian2chip.chips.standing_power import StandingPower

ODIN = Chip(
    name="odin",
    source=SOURCE,
    verified="bit-exact emulator, checked against traces of the open-source RTL",
    fields=(*LIF, *SYNAPSE, *REGISTERS, SYN_SIGN, *(replace(f, name=f"izhikevich.{f.name}") for f in IZHIKEVICH)),
    roles={"weight": "w", "v_threshold": "thr", "v": "V"},
    kinds=("lif", "if"),
    resets=("zero",),
    event_driven=True,
    leak=LeakLaw("leak_str", "linear", value=lambda lost: lost, factor=lambda lost: lost),
    sign="pre",
    constraints=(addresses(256), one_leak_for_all, input_spikes),
    energy={"synaptic operation at 0.55 V": (8.43e-12, "published figure of the 28 nm chip")},
    standing=StandingPower(
        27.3e-6,
        1.78e-12,
        75e6,
        "assumed: leakage and idle power are not in what could be read; with them the published 12.7 and 54 pJ an operation come out",
    ),
    backend=backend(INTERFACE, Configuration, read, REPLAY, fine_tune=fine_tune),
)
