"""ReckOn's stochastic weight updates: steps of one bit, with a probability proportional to what e-prop asks for.

A number of a shift register is compared with the size of the change; where it is not larger the weight moves by +1 or -1.
"""

from __future__ import annotations

#: The learning signal takes the output weights before their own update.
FEEDBACK = """
S_pre += error_post*w_out
prob = error_post*a_out_pre
size = asr(limit(shl(abs(prob), LR_P_WOUT_pre), 28), LR_R_WOUT_pre)
r = lfsr(WOUT, window_wout_pre, 448*(advances_out_pre + a_out_rank_pre) + 28*j, 28)
w_out = saturate(w_out + int(prob != 0 and (prob == -134217728 or size >= r))*(2*int(prob > 0) - 1), 8)
"""


def _learn(kind: str, last: str, self_weight: str) -> str:
    """Return the update of the input ("inp") or recurrent ("rec") weights onto a unit whose events say that some may change."""
    W = f"W{kind.upper()}"
    return f"""
E = wrap(tv_post*L_post*a_{kind}_pre*h_post, 32)
K = int(E < 0)*shl(E, 4) + int(E >= 0)*c_post*E
s = wrap(asr(K, 4) - R_{kind}_post, 32)
prob = s + int(s >= 0 and bits(asr(K, 31), 1) == 1)*(-2147483648 - s)
size = asr(limit(shl(abs(prob), LR_P_{W}_post), 32), LR_R_{W}_post)
updated = int(i <= {last}_post and (a_{kind}_pre != 0 or any_g_post == 1))
r = lfsr({W}, window_w{kind}_post, bit_{kind}_post + 512*(any_g_post*i + (1 - any_g_post)*a_{kind}_rank_pre), 32)
fire = int(updated == 1 and prob != 0 and (prob == -2147483648 or size >= r))
w_{kind} = saturate(w_{kind} + fire*(2*int(prob > 0) - 1), 8){self_weight}
"""


#: Bit 31 of the 37-bit K is taken for its sign: a large positive E turns into the most negative probability.
LEARN_INP = _learn("inp", "NI", "")
#: A recurrent weight of a unit to itself becomes zero when it is updated.
LEARN_REC = _learn("rec", "NR", "*(1 - fire*int(i == j))")
