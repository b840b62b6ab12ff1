"""What ReckOn's e-prop computes of each unit: presynaptic traces, surrogate derivative, learning signal and regularisation.

Of these the weights change by ``L*trace*h`` (hidden weights) or ``error*trace`` (output weights), see ``weight_updates.py``; Frenkel and
Indiveri 2022 describe the rule.
"""

from __future__ import annotations

from brian2chip.chips.reckon.tick import TickPhase

#: Of a hidden unit, beside those of ``neuron.py``.
EQUATIONS = """
u_read : integer                    # what e-prop reads of this unit, and the last word that was read from the neuron memory
trace_inp_last : integer
trace_rec_last : integer
u_last : integer
a_inp : integer                     # presynaptic traces
a_rec : integer
a_out : integer
a_inp_rank : integer
a_rec_rank : integer
a_out_rank : integer
h : integer                         # surrogate derivative
g : integer                         # rate above REGUL_F0
L : integer                         # learning signal
S : integer                         # sum of error times output weight
any_g : integer                     # some unit of this block of 16 has g > 0
bit_inp : integer                   # where this unit's numbers start in the shift registers
bit_rec : integer
R_inp : integer                     # additive and multiplicative regularisation
R_rec : integer
c : integer
run_inp : integer (shared)
run_rec : integer (shared)
advances_inp : integer (shared)     # advances of the weights' shift registers
advances_rec : integer (shared)
advances_out : integer (shared)
window_winp : integer (shared, constant)
window_wrec : integer (shared, constant)
window_wout : integer (shared, constant)
N_COLUMNS : integer (shared, constant)   # hidden units in whole blocks of 16
LEARN_SIG_SCALE : integer (shared, constant)
REGUL_W_INP : integer (shared, constant)
REGUL_W_REC : integer (shared, constant)
REGUL_F0 : integer (shared, constant)
REGUL_K_INP_P : integer (shared, constant)
REGUL_K_INP_R : integer (shared, constant)
REGUL_K_REC_P : integer (shared, constant)
REGUL_K_REC_R : integer (shared, constant)
REGUL_K_MUL : integer (shared, constant)
THR_H_0 : integer (shared, constant)
THR_H_1 : integer (shared, constant)
THR_H_2 : integer (shared, constant)
THR_H_3 : integer (shared, constant)
H_0 : integer (shared, constant)
H_1 : integer (shared, constant)
H_2 : integer (shared, constant)
H_3 : integer (shared, constant)
H_4 : integer (shared, constant)
LR_P_WINP : integer (shared, constant)
LR_R_WINP : integer (shared, constant)
LR_P_WREC : integer (shared, constant)
LR_R_WREC : integer (shared, constant)
LR_P_WOUT : integer (shared, constant)
LR_R_WOUT : integer (shared, constant)
"""

EVENTS = {
    # Without a target the chip does not read the neuron memory again: all it sees is the word that the STEP read last, before its update.
    "latch_step": ("stepping == 1 and last == 0 and tv == 0 and REGUL_MODE >= 6 and asr(i, 1) == asr(RO, 1)", 1),
    "latch_read": ("learning == 1 and tv == 1 and NN < N_COLUMNS and asr(i, 1) == asr(NN, 1)", 11),
    "read": ("learning == 1 and (i < N_COLUMNS or i <= NN)", 12),
    "feedback": ("learning == 1 and i <= NR", 13.2),
    "signal": ("learning == 1 and (i < N_COLUMNS or i <= NN)", 13.8),
    # Of these columns of weights some may change: those of most units ask for nothing.
    "learn_inp": ("learning == 1 and run_inp == 1 and (tv*L*h != 0 or R_inp != 0)", 15),
    "learn_rec": ("learning == 1 and run_rec == 1 and (tv*L*h != 0 or R_rec != 0)", 15),
}

LATCH = """
u_last_post = u_pre
trace_inp_last_post = trace_inp_pre
trace_rec_last_post = trace_rec_pre
"""

# The hard sigmoid maps -2048..2047 to 0..2047; 2048 stands for 1.
ERROR = TickPhase(
    "output",
    None,
    10,
    """
y = NO_OUT_ACT*v + (1 - NO_OUT_ACT)*(int(v > 2047)*2048 + int(v >= -2048 and v <= 2047)*asr(v + 2048, 1))
label = ticks(t_in_timesteps, 7)
target = REGRESSION*ticks(t_in_timesteps, 9 + i) + (1 - REGRESSION)*2048*int(label == i)
error = learning*tv*int(i <= NO)*saturate(target - y, 16)
""",
)

# Which weights this pass may change at all.
RUN = TickPhase(
    "hidden",
    None,
    10,
    """
run_inp = int(do_inp == 1 and (tv == 1 or (REGUL_MODE >= 6 and REGUL_W_INP == 1)))
run_rec = int(do_rec == 1 and (tv == 1 or (REGUL_MODE >= 6 and REGUL_W_REC == 1)))
""",
)

READ = TickPhase(
    "hidden",
    "read",
    13,
    """
own = int(tv == 1 and i <= NN)
u_read = own*u + (1 - own)*u_last
seen_inp = own*trace_inp + (1 - own)*trace_inp_last
seen_rec = own*trace_rec + (1 - own)*trace_rec_last
h = H_4
h = h + int(u_read < THR_H_3)*(H_3 - h)
h = h + int(u_read < THR_H_2)*(H_2 - h)
h = h + int(u_read < THR_H_1)*(H_1 - h)
h = h + int(u_read < THR_H_0)*(H_0 - h)
g = int(REGUL_MODE != 0 and asr(seen_rec, FP_LOC_TREC) > REGUL_F0)*(asr(seen_rec, FP_LOC_TREC) - REGUL_F0)
a_inp = do_inp*int(i <= NI)*asr(seen_inp, FP_LOC_TINP)
a_rec = do_rec*int(i <= NR)*asr(seen_rec, FP_LOC_TREC)
a_out = do_out*tv*int(i <= NR)*asr(trace_out, FP_LOC_TOUT)
a_inp_rank = sum_before(ACTIVE_INP, int(i == 0), int(a_inp != 0))
a_rec_rank = sum_before(ACTIVE_REC, int(i == 0), int(a_rec != 0))
a_out_rank = sum_before(ACTIVE_OUT, int(i == 0), int(a_out != 0))
any_g = sum_before(BLOCK + asr(i, 4), int(bits(i, 4) == 0), g)
S = 0
""",
)

# A shift register advances once for each (block of 16 units, presynaptic unit) that is updated, blocks first.
SIGNALS = TickPhase(
    "hidden",
    "signal",
    14,
    """
L = int(i <= NR and do_inp + do_rec > 0)*saturate(asr(shl(S, LEARN_SIG_SCALE), 12), 16)
any_g = int(total(BLOCK + asr(i, 4)) > 0)
head = int(bits(i, 4) == 0)
mine = run_inp*int(i < N_COLUMNS)*(any_g*(NI + 1) + (1 - any_g)*total(ACTIVE_INP))
before = sum_before(WORDS_INP, int(i == 0), head*mine)
bit_inp = 512*(advances_inp + before - (1 - head)*mine) + 32*bits(i, 4)
mine = run_rec*int(i < N_COLUMNS)*(any_g*(NR + 1) + (1 - any_g)*total(ACTIVE_REC))
before = sum_before(WORDS_REC, int(i == 0), head*mine)
bit_rec = 512*(advances_rec + before - (1 - head)*mine) + 32*bits(i, 4)
R_inp = bits(asr(REGUL_MODE, 1), 1)*REGUL_W_INP*wrap(asr(bits(shl(g, REGUL_K_INP_P), 32), REGUL_K_INP_R), 32)
R_rec = bits(asr(REGUL_MODE, 1), 1)*REGUL_W_REC*wrap(asr(bits(shl(g, REGUL_K_REC_P), 32), REGUL_K_REC_R), 32)
below = int(asr(g, REGUL_K_MUL) < 16)*(16 - asr(g, REGUL_K_MUL))
c = 16 - int(REGUL_W_INP + REGUL_W_REC > 0)*bits(REGUL_MODE, 1)*(16 - below)
""",
)


ADVANCE = TickPhase(
    "hidden",
    None,
    19,
    """
advances_inp = advances_inp + learning*total(WORDS_INP)
advances_rec = advances_rec + learning*total(WORDS_REC)
advances_out = advances_out + learning*total(ACTIVE_OUT)
""",
)

PHASES = (ERROR, RUN, READ, SIGNALS, ADVANCE)
