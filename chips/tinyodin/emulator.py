"""Run tinyODIN: configuration and input events in, output events, memories and clock cycles out, register for register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from brian2chip.chips.codec import pack, unpack
from brian2chip.chips.odin_family.emulator import Machine, open_emulator
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.fields import NEURON, SYNAPSE
from brian2chip.chips.tinyodin.network import build
from brian2chip.errors import UserError


def inputs(configuration: Configuration) -> dict[str, Any]:
    """Return what a configuration sets, ``{"object.variable": codes}``."""
    values = {f"neurons.{name}": code for name, code in unpack(NEURON, configuration.words).items()}
    values["crossbar.x"] = unpack(SYNAPSE, configuration.synapses)["w"].ravel()
    return {**values, **{f"controller.{name}": code for name, code in configuration.registers.items()}}


def check_end(objects: Mapping[str, Any], limit: int) -> None:
    """Raise ``UserError`` when the chip did not come to rest."""
    controller = objects["controller"]
    if not controller.finished[0]:
        raise UserError(
            f"tinyODIN is still busy after {limit} operations and {int(controller.now[0])} clock cycles: the network keeps itself "
            "active; weaken its recurrent synapses."
        )


def contents(objects: Mapping[str, Any], configuration: Configuration) -> Configuration:
    """Return what the chip holds at rest."""
    codes = {**unpack(NEURON, configuration.words), "V": np.asarray(objects["neurons"].V[:])}
    return replace(configuration, words=pack(NEURON, codes).astype(np.int64))


TINYODIN = Machine("tinyODIN", build, inputs, check_end, contents)
#: Opens tinyODIN's emulator.
emulator = partial(open_emulator, TINYODIN)
