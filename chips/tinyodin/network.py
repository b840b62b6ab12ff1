"""tinyODIN as a Brian2 network: 256 neurons, the crossbar, a FIFO of 128, and the controller; one time step is one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brian2chip.chips.odin_family.event_code import commit, integers
from brian2chip.chips.odin_family.network import pushes
from brian2chip.chips.tinyodin.neuron import LIF, PARAMETERS, STATE
from brian2chip.core.later import brian2
from brian2chip.engine.functions.links import refer, refer_all

if TYPE_CHECKING:
    from brian2 import Network

DEPTH = 128
CONFIGURATION = ("open_loop", "aer_src_ctrl_nneur", "max_neur")
CLOCK = ("now", "request", "work_start", "step_start")
REGISTERS = (
    "n_events", "k", "requested", "serve", "served", "finished", "rd", "wr", "fill", "peak", "lost",
    "sweep", "virt", "reference", "pushed", "row", "first", "last", "from_row", "drive_now", "tref", "active", "ended", "source_out",
)  # fmt: skip
TO_NEURONS = ("first", "last", "from_row", "drive_now", "tref", "sweep", "row", "ended")

PLACE = "wr = (rd + fill) % 128"

#: Decode the pending event and choose: a full FIFO, the event, the FIFO, waiting. A push into an empty FIFO is popped in the same step.
DECIDE = """
address = stimulus(k, 0)
low = address % 256
is_tref = address // 256 % 2
is_virtual = address // 512 % 2
entry = is_virtual * (low // 16 * 256 + low % 16) + (1 - is_virtual) * low
visible = requested * int(now >= request + 2)
full = int(fill == 128)
empty = int(fill == 0)
pop = 1 - (1 - full) * (1 - (1 - empty) * (1 - visible))
idle = (1 - pop) * (1 - visible)
ask = idle * (1 - requested)
finished = ask * int(k >= n_events)
request = request + ask * (now - request)
requested = requested + ask * (1 - finished)
jump = idle * requested
now = now + jump * (request + 2 - now)
serve = (1 - pop) * (1 - (1 - visible) * (1 - jump))
done = stop_run(finished)

work_start = work_start + serve * (now + 1 - work_start)
pushing = serve * (1 - is_tref)
straight = pushing * empty
tail = tail + pushing * (entry - tail)
fill = fill + pushing
pushed = pushing - straight
k = k + serve
now = now + pop + serve + straight * 5
requested = requested * (1 - serve) + straight * int(k < n_events) * (1 - stimulus(k, 1))
request = request + straight * (now - 1 - request)
served = serve - straight
take = pop + straight
word = head + straight * (entry - head)
sweep = take * int(word < 256)
virt = take * int(word >= 256)
reference = serve * is_tref
every = sweep + reference * int(low == 255)
active = sweep + virt + reference
row = word % 256
target = take * row + reference * low
first = active * (1 - every) * target + (1 - active)
last = every * max_neur + active * (1 - every) * target
from_row = sweep
drive_now = virt * (word // 256 - 16 * (word // 2048))
tref = reference
"""

SETTLE = """
step_start = now
ended = active + pushed
source_out = sweep * aer_src_ctrl_nneur
outputs = source_out + (1 - aer_src_ctrl_nneur) * n_spikes
at_end = source_out + (1 - aer_src_ctrl_nneur) * int(n_spikes > 0) * int(latest == last)
work = 2 * active * (last - first + 1) + pushed
work_end = now + work + 6 * (outputs - at_end)
now = now + work + 6 * outputs + sweep
now = now + served * (work_end + 3 - now) * int(work_end + 3 > now)
requested = requested + served * int(k < n_events) * (1 - stimulus(k, 1))
request = request + served * (work_end + 3 - request)
over = (fill + n_spikes - 128) * int(fill + n_spikes > 128) * (1 - open_loop)
lost = lost + over
held = fill + (1 - open_loop) * n_spikes - over
peak = peak + (held - peak) * int(held > peak)
fill = held - sweep - virt
rd = (rd + sweep + virt) % 128
"""

ACCESS = f"""
accessed = int(i >= first) * int(i <= last)
drive = from_row * psp + drive_now
{LIF}
{commit((*STATE, "fired"), "accessed")}
"""
FIFO_PUSH = """
entry_post = entry_post + int(j == (rd + fill + n_spikes_post) % 128) * int(fill + n_spikes_post < 128) * (1 - open_loop) * (i - entry_post)
n_spikes_post = n_spikes_post + 1
latest_post = i
"""


def build() -> tuple[Network, dict]:
    """Return the network and its objects by name."""
    events = {"begin": "serve > 0", "report": "n_spikes + source_out > 0"}
    controller = brian2.NeuronGroup(
        1,
        integers((*CONFIGURATION, *REGISTERS, *CLOCK)),
        events=events,
        name="controller",
        dtype={c: np.int64 for c in CLOCK},
    )
    fifo = brian2.NeuronGroup(DEPTH, integers(("entry", "n_spikes", "latest")), name="main_fifo")
    cells = brian2.NeuronGroup(
        256,
        integers((*PARAMETERS, *STATE, "disable", "fired", "watched", "psp")),
        events={
            "row_input": "sweep == 1 and i == row",
            "spike_out": "fired == 1 and disable == 0 and i >= first and i <= last",
            "watch": "watched == 1 and ended == 1",
        },
        name="neurons",
    )
    refer(controller, fifo, "entry", "rd", name="head")
    refer(controller, fifo, "entry", "wr", name="tail")
    refer_all(controller, fifo, ("n_spikes", "latest"))
    refer_all(cells, controller, TO_NEURONS)
    fifo.run_regularly("n_spikes = 0", when="start", order=-1, name="fifo_clear")
    controller.run_regularly(PLACE, when="start", order=0, name="place")
    controller.run_regularly(DECIDE, when="start", order=1, name="decide")
    cells.run_regularly(ACCESS, when="after_synapses", name="access")
    cells.set_event_schedule("spike_out", when="before_resets")
    controller.run_regularly(SETTLE, when="end", order=0, name="settle")
    for event in events:
        controller.set_event_schedule(event, when="end", order=1)
    cells.set_event_schedule("watch", when="after_end")
    crossbar = brian2.Synapses(
        cells, cells, "x : integer", on_pre={"input": "psp_post = x"}, on_event={"input": "row_input"}, name="crossbar"
    )
    crossbar.connect()
    pushing = pushes(cells, fifo, controller, FIFO_PUSH)
    spikes = brian2.EventMonitor(cells, "spike_out", name="spikes")
    begins = brian2.EventMonitor(controller, "begin", variables=["work_start"], name="begins")
    reports = brian2.EventMonitor(controller, "report", variables=["step_start", "first", "last", "row", "source_out"], name="reports")
    traces = brian2.EventMonitor(cells, "watch", variables=["V"], name="traces")
    objects = [controller, fifo, cells, crossbar, pushing, spikes, begins, reports, traces]
    return brian2.Network(objects), {o.name: o for o in objects}
