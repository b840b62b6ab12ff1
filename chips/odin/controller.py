"""ODIN's controller and scheduler as Brian2 code on one element: one time step is one operation.

With burst scheduling the source of a sweep may change under it; then one time step is one neuron of the operation. Times are clock
cycles: ``now`` is the cycle of the decision, and after it the first working cycle of the step.
"""

#: Configuration registers, as the controller sees them.
CONFIGURATION = (
    "open_loop", "burst_timeref", "aer_src_ctrl_nneur", "out_aer_monitor_en", "monitor_neur_addr", "monitor_syn_addr",
    "update_unmapped_syn", "propagate_unmapped_syn", "sdsp_on_syn_stim",
)  # fmt: skip

CLOCK = ("now", "request", "work_start", "step_start")
REGISTERS = (
    "n_events", "k", "requested", "index", "serve", "served",  # input link
    "rd", "wr", "fill", "peak", "lost",  # main FIFO
    "bursting", "prio_r", "prio_w", "burst_r", "burst_w", "word_r", "word_w", "row_r", "row_w", "end_w", "waiting",  # burst FIFOs
    "finished", "running", "stepping", "begins", "sweep", "virt", "synapse", "reference", "row_only", "pushed", # operation
    "op_row", "op_first", "op_last", "pos", "ended",
    "active", "first", "last", "from_row", "drive_now", "tref", "flip", "burst_end", "work", "torn",  # neurons of this step
    "transmit_from", "learn_from",
    "fetch", "special", "row", "all_rows", "syn_first", "syn_last", "writes", "peek", "paste", "paste_row", "sign_row",  # synapses
    "written_row", "source_out", "neuron_out", "synapse_out", "together", "burst_spikes", "burst_isi",  # output link, burst request
)  # fmt: skip

#: What an output event records: when and where, and the two bytes of the monitored neuron and the nibble of the monitored synapse.
REPORT = (
    "step_start", "first", "written_row", "sweep", "row_only", "all_rows", "stepping", "source_out", "neuron_out",
    "synapse_out", "together",
)  # fmt: skip
SEEN = ("seen_state", "seen_membrane", "seen_nibble", "seen_row")
MONITORED = tuple(f"monitored_{v}" for v in ("lif", "V", "core", "up", "down", "Ca", "rsign", "fired", "disable", "held"))

#: Section 5.3: the burst FIFO that is selected in this cycle (read) and in the next one (write).
PRIORITY = """
prio_r = bursting * ((now // (burst_timeref + 1)) % 57)
prio_w = bursting * (((now + 1) // (burst_timeref + 1)) % 57)
wr = (rd + fill) % 32
"""
SOURCE = """
burst_r = bursting * int(written_r > read_r)
burst_w = bursting * int(written_w > read_w)
head_r = e0_r * int(read_r == 0) + e1_r * int(read_r == 1) + e2_r * int(read_r == 2) + e3_r * int(read_r == 3)
head_w = e0_w * int(read_w == 0) + e1_w * int(read_w == 1) + e2_w * int(read_w == 2) + e3_w * int(read_w == 3)
word_r = burst_r * (head_r % 256) + (1 - burst_r) * head
word_w = burst_w * (head_w % 256) + (1 - burst_w) * head
end_w = burst_w * (head_w // 256)
row_r = word_r % 256
row_w = word_w % 256
"""

#: Sections 2 and 5.2: decode the pending event and choose between it, the FIFOs, and waiting.
DECIDE = """
address = stimulus(k, 0)
is_synapse = address // 65536 % 2
one = address // 128 % 2
high = address // 256 % 256
is_tref = (1 - is_synapse) * int(address % 128 == 127)
is_bist = (1 - is_synapse) * int(address % 128 == 0)
is_push = 1 - is_synapse - is_tref - is_bist
entry = address // 8 % 32 * 256 + high
deciding = 1 - running
visible = requested * int(now >= request + 2)
full = int(fill == 32)
shown = 1 - int(fill == 0) * (1 - burst_r)
pop = deciding * (1 - (1 - full) * (1 - shown * (1 - visible * (1 - is_bist))))
idle = deciding * (1 - pop) * (1 - visible)
alone = int(fill == 0) * int(waiting == 0)
ask = idle * (1 - requested) * alone
finished = ask * int(k >= n_events)
request = request + ask * (now - request)
requested = requested + ask * (1 - finished)
jump = idle * requested * alone
now = now + jump * (request + 2 - now)
serve = deciding * (1 - pop) * int(visible + jump > 0)
tick = idle * (1 - jump) * (1 - finished)
now = now + tick * (requested + (1 - requested) * (burst_timeref + 1 - now % (burst_timeref + 1)))
done = stop_run(finished)
"""

#: Set up the operation. A spike that finds the FIFO empty is pushed and swept in one time step (``straight``).
BEGIN = """
index = index + serve * (k - index)
work_start = work_start + serve * (now + 1 - work_start)
pushed = serve * is_push
straight = pushed * int(fill == 0) * (1 - bursting)
tail = tail + pushed * (entry - tail)
fill = fill + pushed
pushed = pushed - straight
k = k + serve
now = now + int(pop + serve > 0) + straight * 5
requested = requested * (1 - serve) + straight * int(k < n_events) * (1 - stimulus(k, 1))
request = request + straight * (now - 1 - request)
served = served + deciding * (serve - straight - served)
take = pop + straight
word = word_r + straight * (entry - word_r)
sweep = sweep + deciding * (take * int(word < 256) - sweep)
virt = virt + deciding * (take * int(word >= 256) - virt)
synapse = synapse + deciding * (serve * is_synapse - synapse)
reference = reference + deciding * (serve * is_tref - reference)
row_only = serve * is_bist
every = sweep + reference * (1 - one)
target = take * (word % 256) + serve * (is_synapse * (address % 256) + is_tref * high)
op_row = op_row + deciding * (take * (word % 256) + serve * high * (1 - straight) - op_row)
op_first = op_first + deciding * (target * (1 - every) - op_first)
op_last = op_last + deciding * (every * 255 + target * (1 - every) - op_last)
begins = deciding * bursting * (sweep + virt + synapse + reference)
pos = pos + deciding * (op_first - pos)
"""

#: Which neurons and synapses this step touches, and with what (sections 2.1 and 5.3a).
AIM = """
active = (sweep + virt + synapse + reference) * (1 - begins) * (1 - paste)
turning = running * sweep
first = active * (running * pos + (1 - running) * op_first) + (1 - active)
last = active * (running * pos + (1 - running) * op_last)
work = row_only * (one * 64 + (1 - one) * 16384) + pushed + 2 * active * (last - first + 1)
fetch = active * (sweep * (1 - turning * int(pos % 8 > 0)) + synapse)
peek = fetch * turning * int(row_r != row_w)
special = paste + row_only
all_rows = row_only * (1 - one)
row = paste * paste_row + (1 - paste) * (turning * row_r + (1 - turning) * (op_row + all_rows * (monitor_syn_addr - op_row)))
learns = 1 - synapse * (1 - sdsp_on_syn_stim)
syn_first = paste * (pos - 1) + (1 - paste) * (turning * pos + synapse * op_first)
syn_last = paste * (pos + 6) + (1 - paste) * (turning * (pos + 7) + synapse * op_first + (1 - turning) * (1 - synapse) * 255)
writes = learns
sign_row = turning * row_w + (1 - turning) * row
from_row = active * (sweep + synapse)
virtual_word = running * word_w + (1 - running) * word
torn = virt * running * active * int(word_r != word_w)
drive_now = active * virt * (virtual_word // 1024) * (1 - 2 * (virtual_word // 512 % 2))
tref = active * (reference + virt * (virtual_word // 256 % 2))
burst_end = turning * end_w * int(pos == row_w)
paste_row = row_w
transmit_from = 8 * (1 - propagate_unmapped_syn)
learn_from = 8 * (1 - update_unmapped_syn)
done = stop_run(torn)
"""
SIGN = "flip = 1 - 2 * row_sign"

#: Section 6 and 7: output bytes, stalls, the FIFO after the step, the cycle of the next decision.
SETTLE = """
step_start = now
more = running * int(pos != op_last)
ended = row_only + pushed + active * (1 - more)
watches = active * int(first <= monitor_neur_addr) * int(last >= monitor_neur_addr)
source_out = watches * sweep * aer_src_ctrl_nneur * (1 - out_aer_monitor_en)
neuron_out = watches * out_aer_monitor_en
written_row = running * sweep * row_w + (1 - running * sweep) * row
of_word = int(syn_first // 8 <= monitor_neur_addr // 8) * int(syn_last // 8 >= monitor_neur_addr // 8)
of_row = 1 - (1 - all_rows) * int(written_row != monitor_syn_addr)
synapse_out = out_aer_monitor_en * (fetch + row_only) * of_word * of_row
lane = sweep * (monitor_neur_addr % 8)
together = neuron_out * synapse_out * int(lane == 0)
own_sweep = sweep * int(written_row == monitor_neur_addr)
event_bit = aer_src_ctrl_nneur * own_sweep + (1 - aer_src_ctrl_nneur) * monitored_fired * (1 - monitored_disable)
seen_state = 128 * event_bit + 64 * monitored_up + 32 * monitored_down + 4 * monitored_Ca + (1 - monitored_lif) * monitored_rsign
seen_membrane = monitored_lif * monitored_V + (1 - monitored_lif) * monitored_core
seen_nibble = 240 + monitored_held
seen_row = monitor_syn_addr
stepping = running
spikes_sent = (1 - out_aer_monitor_en) * (1 - aer_src_ctrl_nneur)
monitored_last = int(last == monitor_neur_addr)
stall = 6 * source_out + 6 * spikes_sent * n_spikes + 13 * neuron_out + (6 + together) * synapse_out
end_stall = 6 * source_out * monitored_last + 6 * spikes_sent * int(n_spikes > 0) * int(latest == last) + 13 * neuron_out * monitored_last
end_word = row_only * int(monitor_neur_addr // 8 == 31) * (1 - all_rows * int(monitor_syn_addr != 255))
tail_stall = active * (end_stall + int(first == last) * (stall - end_stall)) + end_word * stall
work_end = now + work + stall - tail_stall
answered = ended * served
now = now + work + stall
now = now + answered * (work_end + 3 - now) * int(work_end + 3 > now)
requested = requested + answered * int(k < n_events) * (1 - stimulus(k, 1))
request = request + answered * (work_end + 3 - request)

taken = ended * (sweep + virt)
gone = taken * (1 - burst_w) * int(fill > 0)
gone_burst = taken * burst_w
over = (fill + n_spikes - 32) * int(fill + n_spikes > 32) * (1 - open_loop)
lost = lost + over
held = fill + (1 - open_loop) * n_spikes - over
peak = peak + (held - peak) * int(held > peak)
fill = held - gone
rd = (rd + gone) % 32
read_w = read_w + gone_burst
burst_spikes = bursting * active * n_spikes * spk_first
burst_isi = isi_first
waiting = waiting + burst_spikes - gone_burst
running = int(begins + running > 0) * (1 - ended)
pos = pos + running * active
paste = peek
"""
