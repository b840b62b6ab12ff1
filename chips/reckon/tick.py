"""A tick of ReckOn, one Brian2 time step: the levels at the pins, the sizes in use, and code with its place in the tick.

The phases of a tick run in ascending order: load the events and levels, STEP (leak, spike, reset), winner, learning, PROP (delivery of
events through the crossbar of weights). All numbers are integers as in the hardware; ``asr(v, 15)`` is v/2**15 rounded down,
``wrap(v, 16)`` keeps 16 bits of two's complement.
"""

from __future__ import annotations

from typing import NamedTuple


class TickPhase(NamedTuple):
    """Code that runs at one place in the tick, in every tick or, with an event, for the units of that event."""

    group: str
    event: str | None
    order: float
    code: str


#: Columns of the table ``ticks``: the levels at the chip's pins in each tick. Targets of the outputs follow from column 9 on.
TICK_COLUMNS = ("first", "last", "target_valid", "infer_acc", "eprop_inp", "eprop_rec", "eprop_out", "label", "clear")

#: Channels of the running sums.
CHANNELS = {"VISITS": 0, "ACTIVE_INP": 1, "ACTIVE_REC": 2, "ACTIVE_OUT": 3, "WORDS_INP": 4, "WORDS_REC": 5, "BEST": 6, "BLOCK": 16}

TICK = """
first : integer (shared)
last : integer (shared)
tv : integer (shared)               # TARGET_VALID
stepping : integer (shared)         # this tick has a STEP
steps : integer (shared)            # STEPs before this one
learning : integer (shared)         # this tick has an e-prop pass
do_inp : integer (shared)           # DO_EPROP, bit by bit
do_rec : integer (shared)
do_out : integer (shared)
NI : integer (shared, constant)     # highest input, hidden and output unit in use
NR : integer (shared, constant)
NO : integer (shared, constant)
NN : integer (shared, constant)     # max(NI, NR)
RO : integer (shared, constant)     # max(NI, NR, NO)
REGUL_MODE : integer (shared, constant)
EN_STOCH_ROUND : integer (shared, constant)
KAPPA : integer (shared, constant)
"""

LOAD_TICK = """
steps = steps + stepping
first = ticks(t_in_timesteps, 0)
last = ticks(t_in_timesteps, 1)
tv = ticks(t_in_timesteps, 2)
do_inp = ticks(t_in_timesteps, 4)
do_rec = ticks(t_in_timesteps, 5)
do_out = ticks(t_in_timesteps, 6)
stepping = 1 - first
learning = int(first == 0 and last == 0 and do_inp + do_rec + do_out > 0 and (tv == 1 or REGUL_MODE >= 6))
"""
