"""ODIN as a Brian2 network: 256 neurons, the 256 x 256 crossbar, the FIFOs and the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brian2chip.chips.odin import controller as code
from brian2chip.chips.odin.learning import DRIFT, STEP
from brian2chip.chips.odin.neuron import (
    BURST,
    FLAGS,
    IZHIKEVICH,
    IZHIKEVICH_PARAMETERS,
    IZHIKEVICH_STATE,
    LIF,
    LIF_PARAMETERS,
    LIF_STATE,
)
from brian2chip.chips.odin_family.event_code import commit, integers, wires
from brian2chip.chips.odin_family.network import pushes
from brian2chip.core.later import brian2
from brian2chip.core.units import second
from brian2chip.engine.functions.links import refer, refer_all

if TYPE_CHECKING:
    from brian2 import Network, NeuronGroup

NEURON = tuple(dict.fromkeys((*LIF_PARAMETERS, *LIF_STATE, *IZHIKEVICH_PARAMETERS, *IZHIKEVICH_STATE)))
OWN = ("lif", "disable", "syn_sign", "watched", *FLAGS, *BURST, "psp", "held", "cell")
TO_NEURONS = (
    "first", "last", "from_row", "drive_now", "tref", "flip", "burst_end", "fetch", "special", "row", "row_only", "all_rows", "ended",
    "syn_first", "syn_last", "writes", "transmit_from", "learn_from", "peek", "paste",
)  # fmt: skip

#: A neuron is accessed when it lies between ``first`` and ``last``; its input is a crossbar row or a virtual event.
INPUT = "drive = from_row * flip * psp + drive_now\n"
ACCESSED = "int(i >= first) * int(i <= last)"

#: A sweep, a synapse event or a bistability event reads one row of the memory (section 2.1): its weights are the neurons' input, SDSP
#: and drift change it, and ``held`` is what goes back. When the source of a sweep changes between reading and writing, the row is
#: only looked at (``peek``), and its word is written to another row (``paste``) in the next step.
READ = "word = x"
ROW = f"""
w = word - 8 * int(word >= 8)
psp = psp + fetch * (w * int(word >= transmit_from) - psp)
hit = int(i >= syn_first) * int(i <= syn_last)
plastic = int(word >= learn_from)
dw = fetch * writes * hit * plastic * ({STEP.replace("_post", "")})
drift = row_only * (1 - all_rows) * plastic * ({DRIFT})
after = word + dw + drift + paste * hit * (held - word)
held = held + (fetch + special) * (after - held)
word = after - peek * dw
"""
WRITE = "x = word"
#: A bistability event of all rows.
DRIFT_OF_ALL = f"""
w = x_post - 8 * int(x_post >= 8)
x_post = x_post + int(x_post >= learn_from_pre) * ({DRIFT})
"""

FIFO_PUSH = """
entry_post = entry_post + int(j == (rd + fill + n_spikes_post) % 32) * int(fill + n_spikes_post < 32) * (1 - open_loop) * (i - entry_post)
n_spikes_post = n_spikes_post + 1
latest_post = i
"""

#: Section 5.3: spike k of a burst goes to FIFO (priority + k (isi + 1)) mod 57; 256 marks the last.
BURST_PUSH = """
offset = (j - prio_w_pre) % 57
step = burst_isi_pre + 1
order = offset // step
hit = int(order * step == offset) * int(order >= 1) * int(order <= burst_spikes_pre)
item = hit * (first_pre + 256 * int(order == burst_spikes_pre))
e0_post = e0_post + int(written_post == 0) * item
e1_post = e1_post + int(written_post == 1) * item
e2_post = e2_post + int(written_post == 2) * item
e3_post = e3_post + int(written_post == 3) * item
written_post = written_post + hit
"""


def neurons(controller, memory) -> NeuronGroup:
    """Return the 256 neurons; both models' registers are there, ``lif`` chooses."""
    registers = (*LIF_STATE, *FLAGS)
    names = dict.fromkeys((*NEURON, *OWN, *wires(ROW + INPUT + LIF)))
    events = {
        "izhikevich": "lif == 0 and i >= first and i <= last",
        "spike_out": "fired == 1 and disable == 0 and i >= first and i <= last",
        "watch": "watched == 1 and ended == 1",
    }
    group = brian2.NeuronGroup(256, integers(names), events=events, name="neurons")
    refer_all(group, controller, TO_NEURONS)
    # Short loops, so that the compiler vectorises each: the memory is read and written through an index, and before a loop it must
    # compare the address of every array that is written with every other.
    refer(group, memory, "x", "cell")
    group.run_regularly("cell = 256 * row + i", when="before_synapses", name="row_address")
    group.run_regularly(READ, when="after_synapses", order=-2, name="row_read")
    group.run_regularly(ROW, when="after_synapses", order=-1, name="row_access")
    group.run_regularly(WRITE, when="after_synapses", order=-1, name="row_write")
    group.run_regularly(INPUT + LIF, when="after_synapses", order=0, name="lif_access")
    group.run_regularly(commit(registers, f"(lif * {ACCESSED})"), when="after_synapses", order=1, name="lif_commit")
    group.set_event_schedule("izhikevich", when="after_synapses", order=2)
    group.run_on_event("izhikevich", INPUT + IZHIKEVICH + commit((*IZHIKEVICH_STATE, *FLAGS, *BURST)), when="after_synapses", order=3)
    group.set_event_schedule("spike_out", when="before_resets")
    group.set_event_schedule("watch", when="after_end")
    return group


def build() -> tuple[Network, dict]:
    """Return the network and its objects by name."""
    registers = (*code.CONFIGURATION, *code.REGISTERS, *code.SEEN, *code.CLOCK)
    events = {
        "begin": "serve > 0",
        "report": "n_spikes + source_out + neuron_out + synapse_out > 0",
        "burst": "burst_spikes > 0",
        "drift": "all_rows > 0",
    }
    controller = brian2.NeuronGroup(1, integers(registers), events=events, name="controller", dtype={name: np.int64 for name in code.CLOCK})
    fifo = brian2.NeuronGroup(32, integers(("entry", "n_spikes", "latest")), name="main_fifo")
    bursts = brian2.NeuronGroup(57, integers(("e0", "e1", "e2", "e3", "read", "written")), name="burst_fifos")
    memory = brian2.NeuronGroup(256 * 256, "x : integer", name="crossbar")
    cells = neurons(controller, memory)
    refer(controller, fifo, "entry", "rd", name="head")
    refer(controller, fifo, "entry", "wr", name="tail")
    refer_all(controller, fifo, ("n_spikes", "latest"))
    for side in "rw":
        for name in ("e0", "e1", "e2", "e3", "read", "written"):
            refer(controller, bursts, name, f"prio_{side}", name=f"{name}_{side}")
    refer(controller, cells, "syn_sign", "sign_row", name="row_sign")
    for name in BURST:
        refer(controller, cells, name, "first", name=f"{name}_first")
    for name in code.MONITORED:
        refer(controller, cells, name.removeprefix("monitored_"), "monitor_neur_addr", name=name)
    controller.run_regularly(code.PRIORITY, when="start", order=0, name="priority")
    controller.run_regularly(code.SOURCE, when="start", order=1, name="source")
    controller.run_regularly(code.DECIDE + code.BEGIN + code.AIM, when="start", order=2, name="decide")
    controller.run_regularly(code.SIGN, when="start", order=3, name="sign_of_row")
    controller.run_regularly(code.SETTLE, when="end", order=0, name="settle")
    fifo.run_regularly("n_spikes = 0", when="start", order=-1, name="fifo_clear")
    for event in ("begin", "report", "burst"):
        controller.set_event_schedule(event, when="end", order=2)

    drifting = brian2.Synapses(
        controller,
        memory,
        on_pre={"drift": DRIFT_OF_ALL},
        on_event={"drift": "drift"},
        delay={"drift": 0 * second},
        name="drifts",
    )
    pushing = pushes(cells, fifo, controller, FIFO_PUSH)
    bursting = brian2.Synapses(controller, bursts, on_pre={"push": BURST_PUSH}, on_event={"push": "burst"}, name="burst_pushes")
    for synapses in (drifting, bursting):
        synapses.connect()
    bursting.push.when = "after_end"

    # Brian2's monitors read their variables at the index of the event, so only the group's own variables are recorded.
    spikes = brian2.EventMonitor(cells, "spike_out", name="spikes")
    begins = brian2.EventMonitor(controller, "begin", variables=["work_start"], name="begins")
    reports = brian2.EventMonitor(controller, "report", variables=[*code.REPORT, *code.SEEN], name="reports")
    traces = brian2.EventMonitor(cells, "watch", variables=[*NEURON, "up", "down"], name="traces")
    objects = [controller, fifo, bursts, memory, cells, drifting, pushing, bursting, spikes, begins, reports, traces]
    return brian2.Network(objects), {o.name: o for o in objects}
