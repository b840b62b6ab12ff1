"""ReckOn as Brian2 objects: groups, crossbars, the phases of a tick in their order, and monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brian2chip.chips.reckon import learning, neuron, output_unit, propagation, weight_updates
from brian2chip.chips.reckon.fields import N_HIDDEN, N_OUTPUT
from brian2chip.chips.reckon.memory import NEURON_STATE
from brian2chip.chips.reckon.shift_registers import SHIFT_REGISTERS
from brian2chip.chips.reckon.tick import CHANNELS
from brian2chip.core.later import brian2
from brian2chip.engine.functions.fixed_point import ARITHMETIC
from brian2chip.engine.functions.lfsr import lfsr_function
from brian2chip.engine.functions.scan import scan_functions
from brian2chip.engine.session import Session

if TYPE_CHECKING:
    from brian2 import NeuronGroup, Synapses

#: Numbers that outgrow 32 bits in a long run, or within a sum.
WIDE = ("steps", "noise_words", "advances_inp", "advances_rec", "advances_out", "bit_inp", "bit_rec", "S")


def build(s: Session, given: dict, tables: dict[str, np.ndarray], *, record: bool) -> dict:
    """Return the objects by name, with ``"network"`` among them, their inputs declared to the session.

    Parameters
    ----------
    s : Session
    given : dict
        Values of the inputs, from :func:`program_inputs.program_inputs`.
    tables : dict of str to array
        ``ticks`` and ``events``.
    record : bool
        Monitor the state after every STEP.
    """
    channels = brian2.NeuronGroup(32, "result : integer", dtype={"result": np.int64}, name="channels")
    names = _names(s, tables, channels)
    hidden = _group(N_HIDDEN, neuron.EQUATIONS + learning.EQUATIONS, {**neuron.EVENTS, **learning.EVENTS}, "hidden", names)
    output = _group(N_OUTPUT, output_unit.EQUATIONS, output_unit.EVENTS, "output", names)
    groups = {"hidden": hidden, "output": output}
    for phase in (*neuron.PHASES, *output_unit.PHASES, *propagation.PHASES, *learning.PHASES):
        run_at = {"when": "start", "order": phase.order}
        if phase.event is None:
            groups[phase.group].run_regularly(phase.code, **run_at)
        else:
            groups[phase.group].run_on_event(phase.event, phase.code, **run_at)
    _declare(s, groups, given)
    synapses = _connect(hidden, output, names)  # after the inputs: how many there are depends on the sizes in use
    _declare(s, synapses, given)
    monitors = _monitors(hidden, output, channels, record)
    network = brian2.Network(channels, hidden, output, *synapses.values(), *monitors.values())
    return {**groups, **synapses, **monitors, "network": network}


def _names(s: Session, tables: dict[str, np.ndarray], channels: NeuronGroup) -> dict:
    """Return the functions and numbers that the equations call by name."""
    return {
        **ARITHMETIC,
        **scan_functions(channels, "result"),
        "lfsr": lfsr_function([register.trinomial for register in SHIFT_REGISTERS.values()]),
        **{name: s.table(name, rows) for name, rows in tables.items()},
        **CHANNELS,
        **{name.upper(): k for k, name in enumerate(SHIFT_REGISTERS) if name != "noise"},
        "NOISE_REGISTER": list(SHIFT_REGISTERS).index("noise"),
    }


def _declare(s: Session, objects: dict, given: dict) -> None:
    for name, group in objects.items():
        for variable, value in given.get(name, {}).items():
            s.input(f"{name}.{variable}", group, variable, value)


def _group(n: int, equations: str, events: dict[str, tuple[str, float]], name: str, names: dict) -> NeuronGroup:
    """Return a group whose events happen at their place in the tick."""
    wide = {variable: np.int64 for variable in WIDE if f"{variable} : integer" in equations}
    conditions = {event: condition for event, (condition, _) in events.items()}
    group = brian2.NeuronGroup(n, equations, events=conditions, dtype=wide, namespace=names, name=name)
    for event, (_, order) in events.items():
        group.set_event_schedule(event, when="start", order=order)
    return group


def _connect(hidden: NeuronGroup, output: NeuronGroup, names: dict) -> dict[str, Synapses]:
    crossbar = brian2.Synapses(
        hidden,
        hidden,
        propagation.CROSSBAR,
        on_pre={"deliver": propagation.DELIVER},
        on_post={"learn_inp": weight_updates.LEARN_INP, "learn_rec": weight_updates.LEARN_REC},
        on_event={"deliver": "visit", "learn_inp": "learn_inp", "learn_rec": "learn_rec"},
        namespace=names,
        name="crossbar",
    )
    crossbar.connect(j="k for k in range(N_COLUMNS_pre) if i <= NN_pre")
    readout = brian2.Synapses(
        hidden,
        output,
        propagation.READOUT,
        on_pre={"deliver": propagation.DELIVER_OUTPUT, "feedback": weight_updates.FEEDBACK},
        on_event={"deliver": "visit", "feedback": "feedback"},
        namespace=names,
        name="readout",
    )
    readout.connect(j="k for k in range(NO_pre + 1) if i <= NN_pre")
    bus = brian2.Synapses(
        hidden,
        hidden,
        on_pre={"step": learning.LATCH, "read": learning.LATCH},
        on_event={"step": "latch_step", "read": "latch_read"},
        namespace=names,
        name="memory_bus",
    )
    bus.connect(j="k for k in range(256) if i % 2 == k % 2")
    learns = ((bus.step, 1.5), (bus.read, 11.5), (readout.feedback, 13.5), (crossbar.learn_inp, 16), (crossbar.learn_rec, 17))
    for pathway, order in (*learns, (crossbar.deliver, 24), (readout.deliver, 25)):
        pathway.when, pathway.order = "start", order
    return {"crossbar": crossbar, "readout": readout, "bus": bus}


def _monitors(hidden: NeuronGroup, output: NeuronGroup, channels: NeuronGroup, record: bool) -> dict:
    at_end = {"when": "start", "order": 27}
    monitors = {
        "send": brian2.EventMonitor(output, "send", variables=["v", "wins"], when="start", order=7, name="send"),
        "ticks": brian2.StateMonitor(hidden, ["learning"], record=[0], name="tick_monitor", **at_end),
        "visits": brian2.StateMonitor(channels, ["result"], record=[0], name="visit_monitor", **at_end),
    }
    if record:
        after_step = {"record": True, "when": "start", "order": 5}
        monitors["hidden_steps"] = brian2.StateMonitor(hidden, ["z", *NEURON_STATE, "dirty"], name="hidden_monitor", **after_step)
        monitors["output_steps"] = brian2.StateMonitor(output, ["v", "wins"], name="output_monitor", **after_step)
    return monitors
