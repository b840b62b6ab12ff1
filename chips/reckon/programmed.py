"""What SPI writes can leave in ReckOn, so that it goes on from there as the emulator does from its memory between two samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import N_HIDDEN
from brian2chip.chips.reckon.memory import NEURON_STATE, Memory
from brian2chip.chips.reckon.shift_registers import seeds_of
from brian2chip.errors import UserError


def programmed(configuration: Configuration, memory: Memory) -> tuple[Configuration, Memory]:
    """Return configuration and memory as a program leaves them from which the chip goes on as from this memory.

    The seed registers hold what the shift registers hold now. A write to the neuron memory makes a unit's state count, so a state that
    does not count, as after every sample, is written as the zero that it reads as.

    One thing is not kept. With ``REGUL_MODE`` 6 or 7 the chip regularises in ticks without ``TARGET_VALID`` too, and there looks at the
    last word of the neuron memory in use even when its state does not count; in a first tick before which no event came, that is what an
    earlier sample left there, here 0.

    Raises
    ------
    UserError
        For a membrane that does not count now and will later on, which no write can leave.
    """
    dead = memory.dirty == 0
    kept = np.arange(N_HIDDEN) >= 2 * ((configuration["NUM_REC_NEUR"] >> 1) + 1)  # an event of an input beyond the hidden units keeps u
    if np.any(stale := dead & kept & (memory.u != 0) & (np.arange(N_HIDDEN) < configuration.n_inputs)):
        raise UserError(
            f"unit {np.flatnonzero(stale)[0]} of ReckOn has a membrane left from an earlier sample that the next input event there would "
            "bring back, and no SPI write leaves it so; set u of units that are inputs only to 0 before the first sample."
        )
    states = {name: np.where(dead, 0, getattr(memory, name)) for name in NEURON_STATE}
    return configuration.with_registers(**seeds_of(memory.lfsr)), replace(memory, **states, dirty=np.ones(N_HIDDEN, np.int64))
