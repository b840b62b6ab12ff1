"""ReckOn's neurons in its fixed-point arithmetic: hidden leaky integrate-and-fire units, leaky output units, their traces and their noise.

One Brian2 time step is one tick of the chip. Within it the phases run in ascending order: load the events and levels of the tick, STEP
(leak, spike, reset), winner, learning (see ``plasticity/reckon_eprop.py``), PROP (delivery of events through the crossbar of weights).
All numbers are integers as in the hardware; ``asr(v, 15)`` is v/2**15 rounded down, ``wrap(v, 16)`` keeps 16 bits of two's complement.
"""

from __future__ import annotations

from typing import NamedTuple

from brian2chip.engine.functions.lfsr import Trinomial


class TickPhase(NamedTuple):
    """Code that runs at one place in the tick, in every tick or, with an event, for the units of that event."""

    group: str
    event: str | None
    order: float
    code: str


class Generator(NamedTuple):
    """One linear-feedback shift register: its sequence, and the bits that one advance consumes."""

    trinomial: Trinomial
    jump: int


#: The thirteen shift registers; in the equations a register is its place in this table.
GENERATORS = {
    "winp": Generator(Trinomial(25, 3), 512),
    "wrec": Generator(Trinomial(25, 3), 512),
    "wout": Generator(Trinomial(22, 1), 448),
    "noise": Generator(Trinomial(17, 3), 32),
    "neur0": Generator(Trinomial(15, 1), 15),
    "neur1": Generator(Trinomial(15, 1), 15),
    "tinp0": Generator(Trinomial(15, 1), 15),
    "tinp1": Generator(Trinomial(15, 1), 15),
    "trec0": Generator(Trinomial(15, 1), 15),
    "trec1": Generator(Trinomial(15, 1), 15),
    "tout0": Generator(Trinomial(15, 1), 7),
    "tout1": Generator(Trinomial(15, 1), 7),
    "oneur": Generator(Trinomial(15, 1), 7),
}

N_HIDDEN, N_OUTPUT = 256, 16

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

HIDDEN = (
    TICK
    + """
u : integer                         # membrane, 16 bits
trace_inp : integer                 # traces of this unit as presynaptic input, as presynaptic hidden unit, and of the output weights
trace_rec : integer
trace_out : integer
dirty : integer                     # 0: the four above read as zero
x : integer                         # input event and own spike to be delivered
z : integer
x_word : integer                    # an input event of this unit or of the other one in its word
visit : integer
visit_rank : integer
thr : integer (constant)
alpha : integer (constant)          # 2**15 is 1
step_rank : integer (constant)      # stepped words before this unit's whose alpha is not 1
window_neur : integer (constant)    # shift registers of this unit's half of the word
window_tinp : integer (constant)
window_trec : integer (constant)
window_tout : integer (constant)
N_STEPPED : integer (shared, constant)   # words, and those of them whose alpha is not 1
N_ROUNDED : integer (shared, constant)
N_TOUCHED : integer (shared, constant)   # units that PROP writes
noise_words : integer (shared)           # words that the noise register has given
window_noise : integer (shared, constant)
RST_MODE : integer (shared, constant)
FORCE_TRACES : integer (shared, constant)
NOISE_EN : integer (shared, constant)
NOISE_STR : integer (shared, constant)
FP_LOC_WINP : integer (shared, constant)
FP_LOC_WREC : integer (shared, constant)
FP_LOC_WOUT : integer (shared, constant)
FP_LOC_TINP : integer (shared, constant)
FP_LOC_TREC : integer (shared, constant)
FP_LOC_TOUT : integer (shared, constant)
"""
)

OUTPUT = (
    TICK
    + """
v : integer                         # membrane, 16 bits
wins : integer                     # ticks won
rank : integer
label : integer
error : integer
REGRESSION : integer (shared, constant)
NO_OUT_ACT : integer (shared, constant)
SEND_PER_TIMESTEP : integer (shared, constant)
N_OUT_STEPPED : integer (shared, constant)
window_oneur : integer (shared, constant)
"""
)

HIDDEN_EVENTS = {
    "step": ("stepping == 1 and i < 2*N_STEPPED", 2),
    "open": (
        "last == 0 and dirty == 0 and ((i < N_TOUCHED and total(VISITS) > 0)"
        " or (i >= N_TOUCHED and x_word == 1 and (do_inp == 1 or FORCE_TRACES == 1)))",
        21,
    ),
    "visit": ("visit == 1", 22),
}
OUTPUT_EVENTS = {
    "step": ("stepping == 1 and i <= NO", 2),
    "compare": ("stepping == 1 and i <= NO", 3.5),
    "send": ("stepping == 1 and i <= NO and (last == 1 or SEND_PER_TIMESTEP == 1)", 6),
}

LOAD = TickPhase(
    "hidden",
    None,
    0,
    LOAD_TICK
    + """
x = int(i <= NN)*events(t_in_timesteps, i)
x_word = int(x == 1 or (i + 1 - 2*bits(i, 1) <= NN and events(t_in_timesteps, i + 1 - 2*bits(i, 1)) == 1))
z = 0
dirty = dirty*(1 - ticks(t_in_timesteps, 8))
""",
)

LOAD_OUTPUT = TickPhase(
    "output",
    None,
    0,
    LOAD_TICK
    + """
v = v*(1 - ticks(t_in_timesteps, 8))
wins = wins*(1 - ticks(t_in_timesteps, 8))
""",
)

# Rounding: a number r of a shift register adds 1 where the fraction is at least r, unless the factor is exactly 1 or the result is 0.
STEP = TickPhase(
    "hidden",
    "step",
    3,
    """
rounds = int(EN_STOCH_ROUND == 1 and alpha != 32768)
product = u*dirty*alpha
leaked = wrap(asr(product, 15), 16)
r = lfsr(NEUR0 + bits(i, 1), window_neur, 15*(steps*N_ROUNDED + step_rank), 15)
leaked = wrap(leaked + int(rounds == 1 and leaked != 0 and bits(product, 15) >= r), 16)
z = int(u*dirty >= thr)
u = (1 - z)*leaked + z*(1 - RST_MODE)*wrap(leaked - thr, 16)
product = trace_inp*dirty*alpha
leaked = bits(asr(product, 15), 12)
r = lfsr(TINP0 + bits(i, 1), window_tinp, 15*(steps*N_STEPPED + asr(i, 1)), 15)
trace_inp = bits(leaked + int(rounds == 1 and leaked != 0 and bits(product, 15) >= r), 12)
product = trace_rec*dirty*alpha
leaked = bits(asr(product, 15), 12)
r = lfsr(TREC0 + bits(i, 1), window_trec, 15*(steps*N_STEPPED + asr(i, 1)), 15)
trace_rec = bits(leaked + int(rounds == 1 and leaked != 0 and bits(product, 15) >= r), 12)
rounds = int(EN_STOCH_ROUND == 1 and KAPPA != 128)
product = trace_out*dirty*KAPPA
leaked = bits(asr(product, 7), 10)
r = lfsr(TOUT0 + bits(i, 1), window_tout, 7*(steps*N_STEPPED + asr(i, 1)), 7)
trace_out = bits(leaked + int(rounds == 1 and leaked != 0 and bits(product, 7) >= r), 10)
dirty = 1
""",
)

STEP_OUTPUT = TickPhase(
    "output",
    "step",
    3,
    """
leaked = wrap(asr(v*KAPPA, 7), 16)
r = lfsr(ONEUR, window_oneur, 7*(steps*N_OUT_STEPPED + i), 7)
v = wrap(leaked + int(EN_STOCH_ROUND == 1 and KAPPA != 128 and leaked != 0 and bits(v*KAPPA, 7) >= r), 16)
rank = running_max(BEST, int(i == 0), 16*v + 15 - i)
""",
)

# The largest output wins, the lowest index among equals; in regression the ticks are counted by output 0.
WINNER = TickPhase(
    "output",
    "compare",
    4,
    """
won = int((REGRESSION == 1 and i == 0) or (REGRESSION == 0 and 16*v + 15 - i == total(BEST)))
wins = bits(wins + ticks(t_in_timesteps, 3)*won, 16)
""",
)

VISIT = TickPhase(
    "hidden",
    None,
    20,
    """
visit = int(last == 0 and i <= NN and x + z > 0)
visit_rank = sum_before(VISITS, int(i == 0), visit)
""",
)

# First access to a word whose content is stale: PROP clears it; the extra access for an input beyond the hidden units leaves u as it was.
OPEN = TickPhase(
    "hidden",
    "open",
    21.5,
    """
u = u*int(i >= N_TOUCHED)
trace_inp = 0
trace_rec = 0
trace_out = 0
dirty = 1
""",
)

# An input beyond the hidden units is served by an extra access; in the last word that PROP writes anyway it counts twice.
TRACES = TickPhase(
    "hidden",
    "visit",
    23,
    """
trace_inp = limit(trace_inp + x*int(do_inp + FORCE_TRACES > 0)*int(i < N_TOUCHED)*shl(8, FP_LOC_TINP), 12)
trace_inp = limit(trace_inp + x*int(do_inp + FORCE_TRACES > 0)*int(i > NR)*shl(8, FP_LOC_TINP), 12)
trace_rec = limit(trace_rec + z*int(do_rec + FORCE_TRACES > 0)*int(i < N_TOUCHED)*shl(8, FP_LOC_TREC), 12)
trace_out = limit(trace_out + z*int(do_out + FORCE_TRACES > 0)*int(i < N_TOUCHED)*shl(2, FP_LOC_TOUT), 10)
""",
)

NOISE = TickPhase("hidden", None, 26, "noise_words = noise_words + NOISE_EN*total(VISITS)*asr(N_TOUCHED, 1)")

PHASES = (LOAD, LOAD_OUTPUT, STEP, STEP_OUTPUT, WINNER, VISIT, OPEN, TRACES, NOISE)

CROSSBAR = """
w_inp : integer
w_rec : integer
"""
#: Delivery of an event of slot i (input, spike of a hidden unit, or both at once) to hidden unit j. The overflow test ignores the noise.
DELIVER = """
w = z_pre*shl(w_rec, FP_LOC_WREC_post) + x_pre*shl(w_inp, FP_LOC_WINP_post)
bit = 32*(noise_words_post + visit_rank_pre*asr(N_TOUCHED_post, 1) + asr(j, 1)) + 16*bits(j, 1)
noise = NOISE_EN_post*asr(wrap(lfsr(NOISE_REGISTER, window_noise_post, bit, 16), 16), NOISE_STR_post)
n = wrap(u_post + w + noise, 16)
over = int(u_post >= 0 and w >= 0 and n < 0)
under = int(u_post < 0 and w < 0 and n >= 0)
u_post = u_post + int(j < N_TOUCHED_post)*((1 - over - under)*n + over*32767 - under*32768 - u_post)
"""

READOUT = "w_out : integer"
DELIVER_OUTPUT = "v_post = saturate(v_post + z_pre*shl(w_out, FP_LOC_WOUT_pre), 16)"
