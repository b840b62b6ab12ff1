"""MorphIC as a Brian2 network: the neurons and synapses of four cores, the queue, the controller; one step is one row of one core.

The controller takes an event (from the queue, else from the input) and gives it to its cores one after the other; ``lanes`` are the 512
neurons of the core in turn, whose state lies in ``neurons``. An input event is taken when the queue is empty. The order is our choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brian2chip.chips.morphic.fields import CORE, CORES, DEPTH, NEURON, NEURONS, ROUTE, ROWS
from brian2chip.chips.morphic.learning import ELIGIBLE, FLIP
from brian2chip.chips.morphic.neuron import LIF, PARAMETERS, STATE
from brian2chip.chips.odin_family.event_code import commit, integers, wires
from brian2chip.core.later import brian2
from brian2chip.engine.functions.links import refer, refer_all

if TYPE_CHECKING:
    from brian2 import Network, NeuronGroup

#: Registers of a core as the controller sees them, and copies of them that the lanes read.
OF_CORE = tuple(f.name for f in CORE if f.name != "lfsr")
COUNTS = ("drawn", "rows_swept", "lost")
REGISTERS = (
    "n_events", "k", "rd", "fill", "n_pushed", "popped", "own", "from_queue", "finished", "took",
    "kind", "address", "value", "own_row", *(f"to{c}" for c in range(CORES)),
    "core", "row", "active", "sweep", "virt", "tref", "single", "plastic",
)  # fmt: skip
TO_LANES = ("core", "row", "active", "sweep", "virt", "tref", "single", "plastic", "address", "value")

#: Choose: more cores of the same event, the queue, the input, the end.
DECIDE = f"""
more = int({" + ".join(f"to{c}" for c in range(CORES))} > 0)
from_queue = (1 - more) * int(fill > 0)
took = (1 - more) * (1 - from_queue) * int(k < n_events)
finished = 1 - more - from_queue - took
done = stop_run(finished)
kind = kind * more + took * stimulus(k, 0)
mask = took * stimulus(k, 1) + from_queue * star
address = address * more + took * stimulus(k, 2) + from_queue * link_row
value = value * more + took * stimulus(k, 3)
own = more * own + from_queue * (popped // {NEURONS}) + took * {CORES}
own_row = more * own_row + from_queue * (popped % {NEURONS})
inside = from_queue * crossbar
{"".join(f"to{c} = to{c} + mask // {2**c} % 2 + inside * int(own == {c}){chr(10)}" for c in range(CORES))}
core = (1 - int(to0 > 0)) * (1 + (1 - int(to1 > 0)) * (1 + (1 - int(to2 > 0))))
active = 1 - finished
{"".join(f"to{c} = to{c} * int(core != {c}){chr(10)}" for c in range(CORES))}
row = address + int(own == core) * (own_row - address)
sweep = active * int(kind == 0)
virt = active * int(kind == 2)
tref = active * int(kind == 1)
row = sweep * row
single = int(kind == 2) + int(kind == 1) * int(address < {NEURONS})
k = k + took
rd = (rd + from_queue) % {DEPTH}
fill = fill - from_queue
n_pushed = 0
rows_swept = rows_swept + sweep
"""
#: Once the core is known.
AT_CORE = (
    "\n".join(f"at_{name} = {name}" for name in OF_CORE)
    + "\nnow_drawn = drawn\nnow_lfsr_start = lfsr_of_core\nplastic = sweep * learn * ca_en"
)
SETTLE = f"""
over = (fill + n_pushed - {DEPTH}) * int(fill + n_pushed > {DEPTH})
fill = fill + n_pushed - over
lost = lost + over
drawn = drawn + {NEURONS} * plastic
"""

ADDRESS = f"place = {NEURONS} * core + i\ncell = {NEURONS} * ({ROWS} * core + row) + i"
READ = "\n".join(f"{name} = at_{name}" for name in (*STATE, *PARAMETERS)) + "\nbit = x"
ACCESS = f"""
{ELIGIBLE.strip()}
hit = active * (1 - single * int(i != address))
drive = sweep * (bit * (1 + bipolar) - bipolar) + virt * value
{LIF.strip()}
{commit(STATE, "hit")}
fired = hit * fired_next * (1 - disable)
may_flip = may_rise + may_fall
"""
WRITE = "\n".join(f"at_{name} = {name}" for name in STATE)
#: A neuron that sends nowhere on this chip takes no place in the queue.
SLOT = f"slot = (rd + fill + n_pushed) % {DEPTH}\nfits = int(fill + n_pushed < {DEPTH})\nn_pushed = n_pushed + 1"
PUSH = "entry = entry + fits * (place - entry)"


def lanes(controller, neurons, synapses, queue) -> NeuronGroup:
    """Return the 512 neurons of the core that is served."""
    own = ("place", "cell", "zero", "slot", "fits", "fired", "may_flip", *STATE, *PARAMETERS)
    names = dict.fromkeys((*own, *wires(ACCESS + FLIP), "bit"))
    events = {"flip": "may_flip > 0", "spike_out": "fired > 0", "slot": "fired > 0 and inside_reach > 0"}
    events["push"] = events["slot"]
    group = brian2.NeuronGroup(NEURONS, integers(names), events=events, name="lanes")
    refer_all(group, controller, (*TO_LANES, "rd", "fill"))
    refer(group, controller, "n_pushed", "zero")  # through an index of its own, as Brian2 writes to no element that all share
    for name in ("bipolar", "ca_en", "ca_leak", "theta1", "theta2", "theta3", "thetamem", "k_up", "k_down"):
        refer(group, controller, f"at_{name}", "0", name=name)
    for name in ("drawn", "lfsr_start"):
        refer(group, controller, f"now_{name}", "0", name=name)
    for name in (*STATE, *PARAMETERS):
        refer(group, neurons, name, "place", name=f"at_{name}")
    refer(group, neurons, "reach", "place", name="inside_reach")
    refer(group, synapses, "x", "cell")
    refer(group, queue, "entry", "slot")
    # Short loops, so that the compiler vectorises each.
    group.run_regularly(ADDRESS, when="before_synapses", order=0, name="lane_address")
    group.run_regularly(READ, when="before_synapses", order=1, name="lane_read")
    group.run_regularly(ACCESS, when="before_synapses", order=2, name="lane_access")
    group.run_regularly(WRITE, when="before_synapses", order=3, name="lane_write")
    group.set_event_schedule("flip", when="synapses", order=0)
    group.run_on_event("flip", FLIP + "x = bit_next", when="synapses", order=1)
    group.set_event_schedule("spike_out", when="synapses", order=2)
    for k, (event, code) in enumerate((("slot", SLOT), ("push", PUSH))):
        group.set_event_schedule(event, when="synapses", order=3 + 2 * k)
        group.run_on_event(event, code, when="synapses", order=4 + 2 * k)
    return group


def build() -> tuple[Network, dict]:
    """Return the network and its objects by name."""
    neurons = brian2.NeuronGroup(CORES * NEURONS, integers((*(f.name for f in (*NEURON, *ROUTE)), "reach")), name="neurons")
    synapses = brian2.NeuronGroup(CORES * ROWS * NEURONS, "x : integer", name="synapses")
    queue = brian2.NeuronGroup(DEPTH, "entry : integer", name="queue")
    cores = brian2.NeuronGroup(CORES, integers((*OF_CORE, "lfsr", "drawn")), dtype={"drawn": np.int64}, name="cores")
    copies = ("now_drawn", "now_lfsr_start", *(f"at_{name}" for name in OF_CORE))
    controller = brian2.NeuronGroup(
        1,
        integers(dict.fromkeys((*REGISTERS, *copies, "rows_swept", "lost", *wires(DECIDE)))),
        events={"begin": "took > 0"},
        dtype={"rows_swept": np.int64, "now_drawn": np.int64},
        name="controller",
    )
    refer(controller, queue, "entry", "rd")
    for name in ("star", "crossbar"):
        refer(controller, neurons, name, "popped")
    refer(controller, neurons, "row", "popped", name="link_row")
    for name in (*OF_CORE, "drawn"):
        refer(controller, cores, name, "core")
    refer(controller, cores, "lfsr", "core", name="lfsr_of_core")
    for k, (name, code) in enumerate((("pop", "popped = entry"), ("decide", DECIDE), ("of_core", AT_CORE))):
        controller.run_regularly(code, when="start", order=k, name=name)
    served = lanes(controller, neurons, synapses, queue)
    controller.run_regularly(SETTLE, when="end", order=0, name="settle")
    controller.set_event_schedule("begin", when="end", order=1)
    spikes = brian2.EventMonitor(served, "spike_out", variables=["place"], name="spikes")
    begins = brian2.EventMonitor(controller, "begin", name="begins")
    objects = [neurons, synapses, queue, cores, controller, served, spikes, begins]
    return brian2.Network(objects), {o.name: o for o in objects}
