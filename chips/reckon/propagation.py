"""PROP, the last part of a tick: input events and spikes pass through the crossbar of weights, raise the traces and draw noise."""

from __future__ import annotations

from brian2chip.chips.reckon.tick import TickPhase

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

#: From 256 slots, each an input and a hidden unit, to the hidden units; and from hidden units to outputs.
CROSSBAR = """
w_inp : integer
w_rec : integer
"""
READOUT = "w_out : integer"

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
DELIVER_OUTPUT = "v_post = saturate(v_post + z_pre*shl(w_out, FP_LOC_WOUT_pre), 16)"

PHASES = (VISIT, OPEN, TRACES, NOISE)
