"""ODIN as a Brian2 network: 256 neurons, the 256 x 256 crossbar, the FIFOs and the controller."""

from __future__ import annotations

import numpy as np
from brian2 import EventMonitor, Network, NeuronGroup, Synapses, linked_var

from brian2chip.chips.odin import controller as code
from brian2chip.models.odin import (
    BURST,
    FLAGS,
    IZHIKEVICH,
    IZHIKEVICH_PARAMETERS,
    IZHIKEVICH_STATE,
    LIF,
    LIF_PARAMETERS,
    LIF_STATE,
    commit,
    integers,
    wires,
)
from brian2chip.plasticity.odin_sdsp import DRIFT, STEP

NEURON = tuple(dict.fromkeys((*LIF_PARAMETERS, *LIF_STATE, *IZHIKEVICH_PARAMETERS, *IZHIKEVICH_STATE)))
OWN = ("lif", "disable", "syn_sign", "watched", *FLAGS, *BURST, "psp", "held")
TO_NEURONS = ("first", "last", "from_row", "drive_now", "tref", "flip", "burst_end", "fetch", "special", "row", "all_rows", "ended")
TO_SYNAPSES = ("syn_first", "syn_last", "writes", "transmit_from", "learn_from", "peek", "row_only", "paste", "monitor_syn_addr")

#: A neuron is accessed when it lies between ``first`` and ``last``; its input is a crossbar row or a virtual event.
INPUT = "drive = from_row * flip * psp + drive_now\n"
ACCESSED = "int(i >= first) * int(i <= last)"

#: A presynaptic event reads the weights and lets SDSP write; ``held`` is what goes to the memory (section 2.1).
CROSSBAR = f"""
hit = int(j >= syn_first) * int(j <= syn_last) * int(x >= learn_from)
w = x - 8 * int(x >= 8)
psp_post = w * int(x >= transmit_from)
dw = hit * ({STEP})
held_post = x + writes * dw
x = held_post - peek * dw
"""
#: Bistability; and a word written to another row than it was read from, when the source of a sweep changed between the two cycles.
SPECIAL = f"""
hit = int(j >= syn_first) * int(j <= syn_last)
w = x - 8 * int(x >= 8)
psp_post = w * int(x >= transmit_from)
dw = row_only * int(x >= learn_from) * ({DRIFT})
x = x + dw + paste * hit * (held_post - x)
unseen = every_row * int(i != monitor_syn_addr)
held_post = held_post + (1 - unseen) * (x - held_post)
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


def _link(group, source, names, **more):
    for name in names:
        setattr(group, name, linked_var(source, name, **more))


def neurons(controller) -> NeuronGroup:
    """Return the 256 neurons; both models' registers are there, ``lif`` chooses."""
    access = f"accessed = lif * {ACCESSED}\n{INPUT}{LIF}"
    equations = "\n".join((integers((*NEURON, *OWN, *wires(access))), integers(TO_NEURONS, " (linked)")))
    events = {
        "row": "fetch == 1 and i == row",
        "special": "special == 1 and (i == row or all_rows == 1)",
        "izhikevich": "lif == 0 and i >= first and i <= last",
        "spike_out": "fired == 1 and disable == 0 and i >= first and i <= last",
        "watch": "watched == 1 and ended == 1",
    }
    group = NeuronGroup(256, equations, events=events, name="neurons")
    _link(group, controller, TO_NEURONS)
    group.run_regularly(access + commit((*LIF_STATE, *FLAGS), "accessed"), when="after_synapses", order=0, name="lif_access")
    group.set_event_schedule("izhikevich", when="after_synapses", order=1)
    group.run_on_event("izhikevich", INPUT + IZHIKEVICH + commit((*IZHIKEVICH_STATE, *FLAGS, *BURST)), when="after_synapses", order=2)
    group.set_event_schedule("spike_out", when="before_resets")
    group.set_event_schedule("watch", when="after_end")
    return group


def build() -> tuple[Network, dict]:
    """Return the network and its objects by name."""
    links = ("head", "tail", "n_spikes", "latest", *(f"{v}_{s}" for v in ("e0", "e1", "e2", "e3", "read", "written") for s in "rw"))
    neuron_links = ("row_sign", "spk_first", "isi_first", *code.MONITORED)
    equations = "\n".join(
        (integers((*code.CONFIGURATION, *code.REGISTERS, *code.SEEN, *code.CLOCK)), integers((*links, *neuron_links), " (linked)"))
    )
    events = {
        "begin": "serve > 0",
        "report": "n_spikes + source_out + neuron_out + synapse_out > 0",
        "burst": "burst_spikes > 0",
    }
    controller = NeuronGroup(1, equations, events=events, name="controller", dtype={name: np.int64 for name in code.CLOCK})
    fifo = NeuronGroup(32, integers(("entry", "n_spikes", "latest")), name="main_fifo")
    bursts = NeuronGroup(57, integers(("e0", "e1", "e2", "e3", "read", "written")), name="burst_fifos")
    cells = neurons(controller)
    controller.head, controller.tail = linked_var(fifo, "entry", index="rd"), linked_var(fifo, "entry", index="wr")
    _link(controller, fifo, ("n_spikes", "latest"), index=np.array([0]))
    for side in "rw":
        for name in ("e0", "e1", "e2", "e3", "read", "written"):
            setattr(controller, f"{name}_{side}", linked_var(bursts, name, index=f"prio_{side}"))
    controller.row_sign = linked_var(cells, "syn_sign", index="sign_row")
    for name in BURST:
        setattr(controller, f"{name}_first", linked_var(cells, name, index="first"))
    for name in code.MONITORED:
        setattr(controller, name, linked_var(cells, name.removeprefix("monitored_"), index="monitor_neur_addr"))
    controller.run_regularly(code.PRIORITY, when="start", order=0, name="priority")
    controller.run_regularly(code.SOURCE, when="start", order=1, name="source")
    controller.run_regularly(code.DECIDE + code.BEGIN + code.AIM, when="start", order=2, name="decide")
    controller.run_regularly(code.SIGN, when="start", order=3, name="sign_of_row")
    controller.run_regularly(code.SETTLE, when="end", order=0, name="settle")
    fifo.run_regularly("n_spikes = 0", when="start", order=-1, name="fifo_clear")
    for event in events:
        controller.set_event_schedule(event, when="end", order=2)

    crossbar = Synapses(
        cells, cells, "x : integer\n" + integers((*TO_SYNAPSES, "every_row"), " (linked)"), on_pre={"fetch": CROSSBAR, "special": SPECIAL},
        on_event={"fetch": "row", "special": "special"},
        name="crossbar",
    )  # fmt: skip
    pushes = Synapses(
        cells,
        fifo,
        integers(("rd", "fill", "open_loop"), " (linked)"),
        on_pre={"push": FIFO_PUSH},
        on_event={"push": "spike_out"},
        name="pushes",
    )
    bursting = Synapses(controller, bursts, on_pre={"push": BURST_PUSH}, on_event={"push": "burst"}, name="burst_pushes")
    for synapses in (crossbar, pushes, bursting):
        synapses.connect()
    _link(crossbar, controller, TO_SYNAPSES)
    crossbar.every_row = linked_var(controller, "all_rows")
    _link(pushes, controller, ("rd", "fill", "open_loop"))
    pushes.push.when = "resets"
    bursting.push.when = "after_end"

    # Brian2's monitors read their variables at the index of the event, so only the group's own variables are recorded.
    spikes = EventMonitor(cells, "spike_out", name="spikes")
    begins = EventMonitor(controller, "begin", variables=["work_start"], name="begins")
    reports = EventMonitor(controller, "report", variables=[*code.REPORT, *code.SEEN], name="reports")
    traces = EventMonitor(cells, "watch", variables=[*NEURON, "up", "down"], name="traces")
    objects = [controller, fifo, bursts, cells, crossbar, pushes, bursting, spikes, begins, reports, traces]
    return Network(objects), {o.name: o for o in objects}
