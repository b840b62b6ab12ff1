"""ReckOn's hidden units: leaky integrate-and-fire membranes and the three presynaptic traces that learning reads, in 16, 12 and 10 bits."""

from __future__ import annotations

from brian2chip.chips.reckon.tick import LOAD_TICK, TICK, TickPhase

EQUATIONS = (
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

EVENTS = {
    "step": ("stepping == 1 and i < 2*N_STEPPED", 2),
    "open": (
        "last == 0 and dirty == 0 and ((i < N_TOUCHED and total(VISITS) > 0)"
        " or (i >= N_TOUCHED and x_word == 1 and (do_inp == 1 or FORCE_TRACES == 1)))",
        21,
    ),
    "visit": ("visit == 1", 22),
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

PHASES = (LOAD, STEP)
