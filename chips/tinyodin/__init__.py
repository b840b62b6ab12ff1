"""tinyODIN: 256 12-bit LIF neurons and 64k signed 4-bit synapses without learning (Frenkel, TU Delft), bit for bit."""

from brian2chip.chips.tinyodin.emulator import Configuration, Emulator, emulator
from brian2chip.chips.tinyodin.replay import replay

__all__ = ["Configuration", "Emulator", "emulator", "replay"]
