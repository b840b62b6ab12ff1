"""Steps in which nothing happens are left out: a spike source, the queues of its spikes, code at spikes and monitors of spikes.

A clock whose every piece of code is of these kinds has nothing to do until the next spike of a source or the next one that a queue
holds. Then time goes there at once: the clock's step is counted up and its time computed from the step, as it always is, and queues are
turned by as many places. What else looks at the clock (neurons with equations, recordings at every step, code at fixed times on the
same clock) forbids it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from brian2chip.core.brian2_run_code import RunCode
from brian2chip.engine.interleaved import TEMPLATE as PATHWAY
from brian2chip.engine.interleaved import queue_of

SOURCE, PUSH, MONITOR = "spikegenerator", "synapses_push_spikes", "spikemonitor"

NOTHING = """\
static Clock* b2c_quiet_clock() { return 0; }
static inline int64_t b2c_next_step(int64_t step) { return step; }
static inline void b2c_leave_out(int64_t steps) {}
"""

QUIET = """\
static inline int64_t b2c_of_source(int64_t step, int32_t now, const std::vector<int32_t>& bins, int32_t last, int32_t period)
{
    if (now || period > 0) return step;  // what was sent is taken back in this step; and a period starts over
    return (size_t)last < bins.size() ? std::max<int64_t>(step, bins[last]) : INT64_MAX;
}
static inline int64_t b2c_of_queue(int64_t step, const CSpikeQueue& q)
{
    const size_t n = q.queue.size();
    if (!q.queue[q.offset].empty()) return step;  // what was delivered is removed in this step
    for (size_t d = 1; d < n; d++)
        if (!q.queue[(q.offset + d) %% n].empty()) return step + d - 1;
    return INT64_MAX;
}
static inline void b2c_turn(CSpikeQueue& q, int64_t steps) { q.offset = (q.offset + steps) %% q.queue.size(); }

static Clock* b2c_quiet_clock()
{
    using namespace brian;
    return &%(clock)s;
}
static inline int64_t b2c_next_step(int64_t step)
{
    using namespace brian;
    int64_t next = INT64_MAX;
    %(looks)s
    return next;
}
static inline void b2c_leave_out(int64_t steps)
{
    using namespace brian;
    %(turns)s
}
"""


def quiet_clock(runs: Sequence[Sequence[RunCode]], sources: Mapping[str, str]) -> str:
    """Return the clock whose steps may be left out, as C++ names it; empty where there is none.

    Parameters
    ----------
    runs : sequence of sequence of RunCode
        What each run calls. Runs of several networks have none: the spikes of one wait while another runs.
    sources : mapping of str to str
        The C++ of each piece of code, by its name.
    """
    if len({frozenset((each.clock, each.template, each.queue, each.events) for each in run) for run in runs}) != 1:
        return ""
    code = [each for run in runs for each in run]
    for clock in dict.fromkeys(each.clock for each in code):
        own = [each for each in code if each.clock == clock]
        rest = [each for each in code if each.clock != clock]
        if _only_spikes(own, sources) and not any(_looks_at(each, clock) for each in rest) and not _share_events(own, rest):
            return clock
    return ""


def _only_spikes(own: Sequence[RunCode], sources: Mapping[str, str]) -> bool:
    """Return whether code is of the known kinds, its events are those of the sources, and what it does without spikes is nothing."""
    made = {each.events for each in own if each.template == SOURCE}
    read = {each.events for each in own if each.template in (PUSH, MONITOR)}
    filled = {each.queue for each in own if each.template == PUSH}
    emptied = {queue_of(sources[each.name]) for each in own if each.template == PATHWAY}
    known = all(each.template in (SOURCE, PUSH, PATHWAY, MONITOR) for each in own)
    at_spikes = all(_writes_at_spikes_alone(sources[each.name]) for each in own if each.template == PATHWAY)
    vectors = all(each.arrays["_timebins"].vector for each in own if each.template == SOURCE)
    return bool(made) and known and vectors and "" not in made | read and read <= made and emptied <= filled and at_spikes


def _writes_at_spikes_alone(text: str) -> bool:
    """Return whether a pathway's code assigns nothing but constants of its own before the loop over its spikes."""
    _, scalar, rest = text.partition("// scalar code\n")
    before, loop, _ = rest.partition("std::vector<int> *_spiking_synapses")
    lines = [line.strip() for line in before.replace("\n{", "\n").splitlines()]
    allowed = re.compile(r"(const .*|\{|b2c_record_\w+\* __restrict .*|)")
    return bool(scalar and loop) and all(allowed.fullmatch(line) and "_rand" not in line for line in lines)


def _looks_at(code: RunCode, clock: str) -> bool:
    """Return whether code of another clock reads a clock's time or step."""
    return any(array.name in (f"_array_{clock}_t", f"_array_{clock}_timestep") for array in code.arrays.values())


def _share_events(own: Sequence[RunCode], rest: Sequence[RunCode]) -> bool:
    return bool({each.events for each in own} & {each.events for each in rest if each.events})


def next_step(code: Sequence[RunCode], clock: str) -> str:
    """Return the C++ that finds the next step at which a quiet clock has something to do, and leaves out those before it."""
    if not clock:
        return NOTHING
    looks, turns = [], []
    for each in code:
        if each.clock == clock and each.template == SOURCE:
            (events,) = (array for array in each.arrays.values() if array.name == each.events)
            bins, last, period = (each.arrays[name] for name in ("_timebins", "_lastindex", "_period_bins"))
            now = f"{events.name}[{events.size - 1}]"
            looks.append(f"next = std::min(next, b2c_of_source(step, {now}, {bins.vector}, {last.name}[0], {period.name}[0]));")
        elif each.clock == clock and each.template == PUSH:
            looks.append(f"next = std::min(next, b2c_of_queue(step, *{each.queue}.queue[0]));")
            turns.append(f"b2c_turn(*{each.queue}.queue[0], steps);")
    lines = {name: "\n    ".join(dict.fromkeys(each)) for name, each in (("looks", looks), ("turns", turns))}
    return QUIET % {"clock": clock, **lines}
