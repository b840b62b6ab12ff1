"""Run tinyODIN: configuration and input events in, output events, memories and clock cycles out, register for register."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.codec import unpack
from brian2chip.chips.odin_family import emulator
from brian2chip.chips.tinyodin import fields
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.network import build
from brian2chip.errors import UserError


class Emulator(emulator.Emulator):
    """One compiled tinyODIN."""

    name = "tinyODIN"
    build = staticmethod(build)

    @staticmethod
    def inputs(configuration: Configuration) -> dict[str, np.ndarray]:
        """Return what a configuration sets."""
        values = {f"neurons.{name}": code for name, code in unpack(fields.NEURON, configuration.words).items()}
        values["crossbar.x"] = unpack(fields.SYNAPSE, configuration.synapses)["w"].ravel()
        return {**values, **{f"controller.{name}": code for name, code in configuration.registers.items()}}

    def check_end(self, limit: int) -> None:
        """Raise ``UserError`` when the chip did not come to rest."""
        controller = self.objects["controller"]
        if not controller.finished[0]:
            raise UserError(
                f"tinyODIN is still busy after {limit} operations and {int(controller.now[0])} clock cycles: the network keeps itself "
                "active; weaken its recurrent synapses."
            )


emulator = Emulator.open
