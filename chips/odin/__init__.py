"""ODIN: 256 neurons (LIF or phenomenological Izhikevich), 64k 4-bit synapses with on-line SDSP (Frenkel et al. 2019), bit for bit."""

from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.emulator import Emulator, emulator
from brian2chip.chips.odin.replay import replay

__all__ = ["Configuration", "Emulator", "emulator", "replay"]
