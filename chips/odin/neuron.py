"""The two neurons of the ODIN chip as integer event code: 8-bit LIF and phenomenological Izhikevich with 20 behaviours."""

from __future__ import annotations

import re

from brian2.units import ms

from brian2chip.chips.odin_family.event_code import commit, integers
from brian2chip.core.model import Model

# One access of a neuron: a time reference (tref = 1) or a synaptic input of signed weight `drive`. Every assigned name that ends
# in `_next` is the register after the access; all others are wires. Registers are unsigned codes, as they lie in the memory.
CALCIUM_COUNTER = """
ca_tick = ca_en * tref * int(ca_leak != 0)
ca_pulse = ca_tick * int(cacnt == ca_leak - 1)
ca_count = (cacnt + ca_tick) * (1 - ca_pulse)
cacnt_next = ca_count * int(ca_count < 32)
"""

LIF = f"""
V_in = V + drive - tref * (drive + leak_en * leak_str)
V_in = V_in * int(V_in > 0)
V_in = V_in - (V_in - 255) * int(V_in > 255)
fired_next = int(V_in >= thr)
V_next = V_in * (1 - fired_next)
{CALCIUM_COUNTER.strip()}
Ca_next = Ca + ca_en * (fired_next * (1 - ca_pulse) * int(Ca < 7) - ca_pulse * (1 - fired_next) * int(Ca > 0))
above = int(V_next >= thetamem)
up_next = ca_en * above * int(Ca_next >= theta1) * int(Ca_next < theta3)
down_next = ca_en * (1 - above) * int(Ca_next >= theta1) * int(Ca_next < theta2)
"""

IZHIKEVICH = f"""
inacc_next = (inacc + drive - tref * (drive + leak_en * leak_str)) % 2048
unit = 8 * (1 + fi_sel % 2) * (1 + 3 * (fi_sel // 2 % 2)) * (1 + 15 * (fi_sel // 4))
carry = int(inacc // unit % 2 != inacc_next // unit % 2)
exc = (1 - tref) * carry * int(drive > 0)
inh = (1 - tref) * carry * int(drive < 0)
ge = (1 - ss // 8) * int(ss % 8 >= stim_thr)
tge = (1 - st // 8) * int(st % 8 >= stim_thr)
tgi = (st // 8) * int(16 - st >= stim_thr)
zero = tref * int(st == 0)
lone_exc = zero * (1 - stim0 // 2) * (inhexc % 2)
lone_inh = zero * (1 - stim0 // 2) * (inhexc // 2)
st_next = (1 - tref) * ((st + exc * int(st != 7) - inh * int(st != 9)) % 16)
ss_next = ss + tref * (st - ss)
stim0_next = stim0 + tref * (stim0 % 2 * 2 + int(st != 0) - stim0)
inhexc_next = inhexc + tref * (2 * tgi + tge - inhexc)
T = (thr + thrmod) % 16

at_rest = int(core == 0)
hold = int(spklat_en * dapcnt + plock * at_rest > 0)
swing = rsign % 2
dap_end = dap_en * int(dapcnt == 1) * int(core != 0)
leak_step = carry * int(core != 0) * (2 * (core // 8) - 1)
rest_step = (1 - acc_en) * (dap_end * (0 - core) + (1 - dap_end) * leak_step) - acc_en * (1 - done) * st
tref_step = (1 - reson_en) * (refrac * (1 - bulock) + (1 - refrac) * rest_step) - reson_en * int(rsign == 3)
inh_step = reson_en * (swing * int(core != 7) - (1 - swing) * int(core != 0)) - (1 - reson_en) * (1 - refrac) * int(core != 8 * neg_en)
weak = class2_en * (1 - ge) * (1 - tge)
exc_step = reson_en * ((1 - swing) * int(core != 7) - swing * int(core != 0)) + (1 - reson_en) * (1 - refrac) * (1 - weak) * int(core != 7)
c = (core + (1 - hold) * (tref * tref_step + inh * inh_step + exc * exc_step)) % 16

turn = int(core != 0) * (3 * int(rsign == 0) + 2 * int(rsign == 1) + int(rsign == 3) * int(c != 0))
phase = reson_en * (rsign + tref * (turn - rsign))
at_T = int(c == T)
sharp = exc * int(dapcnt == reson_sharp_amt)
late = tref * int(dapcnt == 1)
rebound = 1 - (1 - lone_inh) * (1 - at_T)
returned = int(c == 0)
bistable = int((1 - block) * lone_exc + block * returned + at_T > 0)
plain = ilock * returned + (1 - ilock) * (1 - reson_en * int(phase != 0)) * at_T
without_lat = rebound_en * rebound + (1 - rebound_en) * (bist_en * bistable + (1 - bist_en) * plain)
fired_next = reson_sharp_en * sharp + (1 - reson_sharp_en) * (spklat_en * late + (1 - spklat_en) * without_lat)

ilock_set = inhin_en * (1 - refrac) * int((16 - core) % 16 == T)
ilock_next = ilock_set + (1 - ilock_set) * ilock * (1 - zero)
locked = 1 - (1 - fired_next) * (1 - ilock_next)
refrac_next = locked * (1 - dap_en) * int(rfr != 0) * (1 - reson_en) + (1 - locked) * refrac * int(c != 0)
reset_sign = 1 - 2 * (1 - dap_en) * (1 - reson_en)
core_next = fired_next * ((reset_sign * rfr) % 16) + (1 - fired_next) * c
rsign_next = phase + fired_next * reson_en * (1 - phase)
sharp_count = (dapcnt + tref * int(dapcnt != 7)) * (1 - exc)
moved = int(core != T)
reload = int(dap_en * fired_next + spklat_en * at_T * moved > 0)
delay_count = reload * dapdel + (1 - reload) * (dapcnt - tref * int(dapcnt != 0))
dapcnt_next = reson_sharp_en * sharp_count + (1 - reson_sharp_en) * delay_count
relock = int(fired_next * (tge + ge) + tref * done * (at_rest + refrac) * tge > 0)
plock_next = relock * phasic_en + (1 - relock) * ge * plock
mlock_next = relock * mixed_en + (1 - relock) * ge * mlock
done_next = (1 - tref) * (1 - (1 - fired_next) * (1 - done))
block_next = block + bist_en * lone_exc * (1 - 2 * block)
spk_next = spk_ref * (1 - mlock)
isi_next = isi_ref * (1 - mlock)
bursting = fired_next * int(spk_next != 0)
bulock_next = bursting + (1 - bursting) * (1 - burst_end) * bulock

thr_tick = thrvar_en * tref * int(thrleak != 0)
thr_pulse = thr_tick * int(thrlcnt == thrleak - 1)
thrlcnt_next = ((thrlcnt + thr_tick) % 16) * (1 - thr_pulse)
inc = spk_next + int(spk_next != 7)
raised = (st + thr) % 16 // 8
accommodated = raised * ((7 - 6 * (st // 8) - thr) % 16) + (1 - raised) * st
rise = thr_sel_of * fired_next + (1 - thr_sel_of) * exc
fall = (1 - thr_sel_of) * inh
full = int((7 - T) % 16 < inc)
burst_rise = full * 7 + (1 - full) * ((thrmod + inc) % 16)
risen = burst_incr * burst_rise + (1 - burst_incr) * ((thrmod + int(T != 7)) % 16)
fallen = (thrmod - int(T != 1)) % 16
relaxed = (thrmod + thr_pulse * int(thrmod != 0) * (2 * (thrmod // 8) - 1)) % 16
varied = rise * risen + (1 - rise) * (fall * fallen + (1 - fall) * relaxed)
thrmod_next = thrmod + acc_en * tref * (accommodated - thrmod) + (1 - acc_en) * thrvar_en * (varied - thrmod)

{CALCIUM_COUNTER.strip()}
ca_inc = 1 + burst_incr * (inc - 1)
ca_up = ca_inc - (Ca + ca_inc - 7) * int(Ca + ca_inc > 7)
Ca_next = Ca + ca_en * (fired_next * (1 - ca_pulse) * ca_up - ca_pulse * (1 - fired_next) * int(Ca > 0))
above = int(core_next >= thetamem)
learns = ca_en * int(core_next < 8) * int(Ca_next >= theta1)
up_next = learns * above * int(Ca_next < theta3)
down_next = learns * (1 - above) * int(Ca_next < theta2)
"""

LIF_PARAMETERS = ("leak_str", "leak_en", "thr", "ca_en", "thetamem", "theta1", "theta2", "theta3", "ca_leak")
LIF_STATE = ("V", "Ca", "cacnt")
IZHIKEVICH_PARAMETERS = (
    "leak_str", "leak_en", "fi_sel", "spk_ref", "isi_ref", "reson_sharp_en", "thr", "rfr", "dapdel", "spklat_en", "dap_en", "stim_thr",
    "phasic_en", "mixed_en", "class2_en", "neg_en", "rebound_en", "inhin_en", "bist_en", "reson_en", "thrvar_en", "thr_sel_of", "thrleak",
    "acc_en", "ca_en", "thetamem", "theta1", "theta2", "theta3", "ca_leak", "burst_incr", "reson_sharp_amt",
)  # fmt: skip
IZHIKEVICH_STATE = (
    "inacc", "refrac", "core", "dapcnt", "ss", "st", "plock", "mlock", "done", "stim0", "inhexc", "block", "ilock", "rsign", "thrmod",
    "thrlcnt", "Ca", "cacnt", "bulock",
)  # fmt: skip
FLAGS = ("fired", "up", "down")
BURST = ("spk", "isi")


def flags(suffix: str = "") -> str:
    """Return the code that computes the SDSP flags from membrane and calcium; ``suffix`` is ``"_post"`` in a synapse."""
    V, Ca, up, down, ca_en, thetamem, theta1, theta2, theta3 = (
        f"{n}{suffix}" for n in ("V", "Ca", "up", "down", "ca_en", "thetamem", "theta1", "theta2", "theta3")
    )
    return (
        f"{up} = {ca_en}*int({V} >= {thetamem})*int({Ca} >= {theta1})*int({Ca} < {theta3})\n"
        f"{down} = {ca_en}*int({V} < {thetamem})*int({Ca} >= {theta1})*int({Ca} < {theta2})\n"
    )


# A neuron that its teacher has just lifted to the threshold fires in this time step: the leak must not take that back.
TIME_REFERENCE = f"""
now = 1
drive = 0
waits = int(V < thr)
{re.sub(r"(?<!_)tref(?!_)", "now", LIF)}
{commit(("V", "up", "down"), "waits")}
{commit(("Ca", "cacnt"))}
"""

# The parameters are ours: a time reference each millisecond, calcium that forgets a spike in 20 ms, and a teacher that holds the
# membrane above thetamem for `pulse` before a prescribed spike.
ODIN_LIF = Model(
    name="odin_lif",
    source="ODIN's leaky integrate-and-fire neuron with calcium (Frenkel et al. 2019, IEEE TBioCAS 13:145)",
    equations=integers(("V", "Ca", "cacnt", "up", "down")),
    threshold="V >= thr",
    reset="V = 0\nCa = Ca + ca_en*int(Ca < 7)\n" + flags(),
    parameters={
        "thr": 255, "leak_en": 1, "leak_str": 40, "ca_en": 1, "thetamem": 128, "theta1": 1, "theta2": 3, "theta3": 7, "ca_leak": 20,
        "tref": 1 * ms, "v_pulse": 250, "pulse": 3 * ms,
    },
    bounds={
        "thr": (1, 255), "leak_en": (0, 1), "leak_str": (0, 127), "ca_en": (0, 1), "thetamem": (0, 255), "theta1": (0, 7), "theta2": (0, 7),
        "theta3": (0, 7), "ca_leak": (0, 31), "tref": (0.1 * ms, None), "v_pulse": (0, 254), "pulse": (0 * ms, None),
    },
    regular=((TIME_REFERENCE, "tref"),),
    teacher=(f"V_post = v_pulse_post\n{flags('_post')}", "V_post = thr_post"),
)  # fmt: skip
"""ODIN's 8-bit leaky integrate-and-fire neuron in integers."""
