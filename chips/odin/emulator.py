"""Run ODIN: configuration and input events in, output events, memories and clock cycles out, register for register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from brian2chip.chips.odin.configuration import CODES, Configuration, codes_of, words_with
from brian2chip.chips.odin.network import build
from brian2chip.chips.odin_family.emulator import Machine, open_emulator
from brian2chip.errors import UserError


def inputs(configuration: Configuration) -> dict[str, Any]:
    """Return what a configuration sets, ``{"object.variable": codes}``."""
    values = {f"neurons.{name}": code for name, code in codes_of(configuration.words).items()}
    flags = {"up": configuration.up, "down": configuration.down, "syn_sign": configuration.syn_sign}
    values.update({f"neurons.{name}": flag for name, flag in flags.items()})
    values["crossbar.x"] = configuration.synapses.ravel()
    values.update({f"controller.{name}": code for name, code in configuration.registers.items()})
    values["controller.bursting"] = not configuration.registers["open_loop"] and configuration.registers["burst_timeref"] > 0
    return values


def check_end(objects: Mapping[str, Any], limit: int) -> None:
    """Raise ``UserError`` when the chip did not come to rest, overran a burst FIFO, or did what only its RTL can tell."""
    controller = objects["controller"]
    cycle = int(controller.now[0])
    if np.any(np.asarray(objects["burst_fifos"].written[:]) > 4):
        raise UserError(
            "a burst FIFO was given a fifth spike, and ODIN's burst FIFOs have four defined places after entering closed loop; "
            "use fewer or shorter bursts, or restart from the memories of an earlier event."
        )
    if controller.torn[0]:
        raise UserError(
            f"at clock cycle {cycle} the burst priority moved between the two cycles of a virtual event, which then is applied "
            f"to another neuron's word; change burst_timeref, or send virtual events when no burst is under way."
        )
    if not controller.finished[0]:
        raise UserError(
            f"ODIN is still busy after {limit} operations and {cycle} clock cycles, at input event {int(controller.index[0])}: "
            "the network keeps itself active (or burst_timeref is below 513 and a burst entry is swept for ever); "
            "weaken the recurrent synapses."
        )


def contents(objects: Mapping[str, Any], configuration: Configuration) -> Configuration:
    """Return what the chip holds at rest, or raise ``UserError`` when bursts may come, whose clock runs on."""
    codes, closed = codes_of(configuration.words), not configuration.registers["open_loop"]
    if closed and configuration.registers["burst_timeref"] and np.any((codes["lif"] == 0) & (codes["spk_ref"] > 0)):
        raise UserError(
            "ODIN's burst FIFOs run on with a clock that no SPI write sets, so that a chip programmed now would burst at other times; "
            "write it before its first event, or set burst_timeref to 0."
        )
    cells = objects["neurons"]
    return replace(
        configuration,
        words=words_with(configuration.words, {name: np.asarray(getattr(cells, name)[:]) for name in CODES}),
        synapses=np.asarray(objects["crossbar"].x[:]).reshape(256, 256).astype(np.uint8),
        up=np.asarray(cells.up[:]).astype(np.uint8),
        down=np.asarray(cells.down[:]).astype(np.uint8),
    )


# GCC vectorises the loop over the neurons only if it may check that the controller's registers lie apart from theirs.
ODIN = Machine("ODIN", build, inputs, check_end, contents, compile_args=("--param=vect-max-version-for-alias-checks=1000",))
#: Opens ODIN's emulator; beside the common objects there are ``burst_fifos``.
emulator = partial(open_emulator, ODIN)
