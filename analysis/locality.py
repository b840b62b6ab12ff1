"""The locality and cost account of a rule, computed from its equations: memory, operations, and what information an update needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd
from brian2 import Equations

from brian2chip.analysis import dataflow, information, operations
from brian2chip.analysis.account import Account
from brian2chip.analysis.dataflow import BOTH, NEITHER, POST, PRE, Flow
from brian2chip.analysis.statements import RANDOM
from brian2chip.core.brian2_internals import BOOLEAN, FLOAT
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError

#: Bytes of Brian2's integers, truth values and time stamps.
INTEGER_BYTES, BOOLEAN_BYTES, TIME_BYTES = 4, 1, 8


def account(rule: Rule, n_neurons: int = 1000, n_synapses: int | None = None, neuron: Model | None = None) -> Account:
    """Compute the locality and cost account of a rule from its equations.

    Parameters
    ----------
    rule : Rule
    n_neurons : int
        Neurons of the network; each is presynaptic and postsynaptic.
    n_synapses : int, optional
        ``n_neurons**2`` by default.
    neuron : Model, optional
        The postsynaptic neuron; by default the model that ``rule.post`` names.

    Raises
    ------
    UserError
        For numbers that are not positive, or a rule that cannot be read or integrated.
    """
    n_synapses = n_neurons**2 if n_synapses is None else n_synapses
    for name, value in (("n_neurons", n_neurons), ("n_synapses", n_synapses)):
        if not (math.isfinite(value) and value == int(value) and value > 0):
            raise UserError(f"{name} was given as {value!r}; give a positive whole number.")
    flow = dataflow.read(rule, neuron)
    levels = dataflow.levels(flow)
    places = {name: _place(name, flow, levels) for name in flow.stored}
    stored = {place: tuple(n for n, p in places.items() if p == place) for place in ("synapse", "pre", "post", "shared")}
    stamps = _time_stamps(flow, places)
    counts = {"synapse": int(n_synapses), "pre": int(n_neurons), "post": int(n_neurons), "shared": 1}
    memory = information.neuron_memory(flow)
    held = [(flow.stored[n], counts[p]) for n, p in places.items() if p in counts]
    held += [(Equations(flow.post.equations)[n], int(n_neurons)) for n in memory]
    stamp_bytes = TIME_BYTES * sum(counts[place] for place in stamps)
    needed = information.update(flow)
    reads = information.neuron_reads(needed, flow)
    ticking = dict.fromkeys(s.target for s in flow.statements if s.where in ("clock", "regular") and ":" not in s.target)
    at_synapse = [n for n in ticking if places.get(n, "synapse") == "synapse"]
    events = {side: operations.at_event(flow, side) for side in ("pre", "post")}
    remain = {side: _remaining(entries, side, flow, levels) for side, entries in events.items()}
    learned = information.learned(flow)
    return Account(
        rule=rule.name,
        n_neurons=int(n_neurons),
        n_synapses=int(n_synapses),
        per_synapse=stored["synapse"],
        per_pre=stored["pre"],
        per_post=stored["post"],
        shared=stored["shared"],
        neuron_memory=memory,
        time_stamps=stamps,
        bytes_float64=stamp_bytes + sum(n * _width(e, 64)[0] for e, n in held),
        bytes_float32=stamp_bytes + sum(n * _width(e, 32)[0] for e, n in held),
        bits_float32=8 * stamp_bytes + sum(n * _width(e, 32)[1] for e, n in held),
        pre_event=operations.total(events["pre"]),
        post_event=operations.total(events["post"]),
        time_step=operations.total(operations.at_step(flow)),
        period=operations.total(operations.regularly(flow)),
        pre_event_at_synapse=remain["pre"],
        post_event_at_synapse=remain["post"],
        updates_at=tuple(dict.fromkeys(s.where for s in flow.statements if s.target in learned)),
        reads_pre=tuple(sorted(reads["pre"])),
        reads_post=tuple(sorted(reads["post"])),
        third_factors=information.third_factors(flow, levels),
        traces=information.traces(flow, levels),
        clock_driven=tuple(at_synapse),
        clock_driven_per_neuron=tuple(n for n in ticking if n not in at_synapse),
        efficacy=dataflow.efficacy(flow),
        pathways=tuple(path.name for path in rule.pathways),
        delays={path.name: path.delay_s for path in rule.pathways if path.delay_s},
        summed=tuple(e.varname for e in flow.equations.values() if "summed" in e.flags),
        draws=tuple(dict.fromkeys(s.where for s in flow.statements if RANDOM in s.reads)),
    )


def _place(name: str, flow: Flow, levels: Mapping[str, frozenset[str]]) -> str:
    """Return where a variable can be stored: "synapse", "pre", "post", "shared", or "linked" (stored by another object)."""
    if "linked" in flow.stored[name].flags:
        return "linked"
    return {BOTH: "synapse", PRE: "pre", POST: "post", NEITHER: "shared"}[levels[name]]


def _time_stamps(flow: Flow, places: Mapping[str, str]) -> tuple[str, ...]:
    drifting = {places[s.target] for s in flow.statements if s.where == "drift"}
    if any("lastupdate" in s.reads for s in flow.statements):
        drifting.add("synapse")
    return tuple(place for place in ("synapse", "pre", "post") if place in drifting)


def _width(equation, float_bits: int) -> tuple[int, int]:
    """Return (bytes, bits) of one variable."""
    if equation.var_type == FLOAT:
        return float_bits // 8, float_bits
    return (BOOLEAN_BYTES, 1) if equation.var_type == BOOLEAN else (INTEGER_BYTES, 8 * INTEGER_BYTES)


def _remaining(entries, side: str, flow: Flow, levels: Mapping[str, frozenset[str]]) -> int:
    """Return the operations that every synapse makes at a spike when what belongs to the spiking neuron is done there."""
    code = [s for s in flow.statements if s.where == side]
    used = {n for s in code for n in s.reads}
    drifting = {s.target for s in flow.statements if s.where == "drift"}
    # A drift that nothing at this event reads is left for later.
    total = 0
    for target, counted in entries:
        name = target if target in levels else f"on_{side}:{target}"
        once = levels.get(name, BOTH) <= {side}
        idle = target in drifting and target not in used
        total += 0 if once or idle else sum(counted.values())
    return total


def account_table(rules: Iterable[Rule], n_neurons: int = 1000, n_synapses: int | None = None) -> pd.DataFrame:
    """Return the accounts of several rules, one row a rule; see :class:`Account` for the meaning of the columns.

    Parameters and errors are those of :func:`account`. Columns with operations count them for one synapse; several names in one
    cell are separated by spaces.
    """
    rows = []
    for a in (account(rule, n_neurons, n_synapses) for rule in rules):
        row = {
            "rule": a.rule,
            "per_synapse": a.per_synapse,
            "per_pre_neuron": a.per_pre,
            "per_post_neuron": a.per_post,
            "shared": a.shared,
            "neuron_memory": a.neuron_memory,
            "time_stamps": a.time_stamps,
            "neurons": a.n_neurons,
            "synapses": a.n_synapses,
            "memory_float64_bytes": a.bytes_float64,
            "memory_float32_bytes": a.bytes_float32,
            "memory_float32_bits": a.bits_float32,
            "memory_beyond_weight_growth": a.memory_growth,
            "local_in_space": a.local_in_space,
            "third_factors": a.third_factors,
            "reads_pre": a.reads_pre,
            "reads_post": a.reads_post,
            "local_in_time": a.local_in_time,
            "needs": a.needs,
            "updates_at": a.updates_at,
            "clock_driven": a.clock_driven,
            "clock_work_growth": a.clock_work_growth,
            "pathways": a.pathways,
            "delays_ms": tuple(f"{name}={1e3 * delay:g}" for name, delay in a.delays.items()),
            "summed_on_neuron": a.summed,
            "random_numbers_at": a.draws,
        }
        for name, counted in (("pre_event", a.pre_event), ("post_event", a.post_event), ("time_step", a.time_step), ("period", a.period)):
            row |= {f"{name}_{kind}": number for kind, number in counted.items()}
        row |= {"pre_event_at_synapse_operations": a.pre_event_at_synapse, "post_event_at_synapse_operations": a.post_event_at_synapse}
        rows.append({key: " ".join(value) if isinstance(value, tuple) else value for key, value in row.items()})
    return pd.DataFrame(rows)
