"""Steps left out and variables side by side: the same bits as Brian2's own program, fewer steps, and only where the network allows it."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, second
from own_loop import needs_our_loop

from brian2chip.core.brian2_run_code import Array, RunCode
from brian2chip.engine import changed_source, compiler, generated_source, interleaved, quiet_steps, session

SPIKES = ([0, 1, 2, 0, 2, 1], [0.0, 0.0, 0.0405, 0.3, 0.3005, 0.6995])  # at the first step, in neighbouring steps, after the last of a run
DT, END = 0.5e-3, 0.7

COUNTED = {
    "        t = clock->t[0];\n": "        t = clock->t[0]; b2c_count++;\n",
    "static inline StepClock* b2c_next_clocks": "static long b2c_count = 0;\nstatic inline StepClock* b2c_next_clocks",
    "    b2c_after_steps();\n": '    b2c_after_steps();\n    std::ofstream("steps") << b2c_count;\n',
}


def computed(directory):
    """Run delayed and undelayed event-driven synapses with a slow clock beside them, twice, and return everything it computed."""
    with session.session("cpp_standalone", directory=directory, dt=DT, seed=1, compile_args=["-O1"]) as s:
        source = SpikeGeneratorGroup(3, SPIKES[0], np.array(SPIKES[1]) * second, name="source")
        other = SpikeGeneratorGroup(2, [0, 1], [0.02, 0.31] * second, name="other")
        slow = NeuronGroup(1, "m : 1", dt=50 * ms, name="slow")
        slow.run_regularly("m = 2*m + t/second", name="count")
        equations = "dx/dt = -x/(20*ms) : 1 (event-driven)\nw : 1\nk : integer"
        at_once = Synapses(source, other, equations, on_pre="x += 1\nw += rand()*x", on_post="w -= x", name="at_once")
        delayed = Synapses(source, other, equations, on_pre={"a": "x += w", "b": "w *= 1.5"}, on_post="k += 1", name="delayed")
        for synapses in (at_once, delayed):
            synapses.connect(i=[0, 0, 1, 1, 2, 2], j=[0, 1] * 3)
        delayed.a.delay = "(131*i + 3*j)*dt"
        delayed.b.delay = 2 * ms
        spikes = SpikeMonitor(source, name="spikes")
        s.input("w", delayed, "w", 1.0)
        s.queue(Network(source, other, slow, at_once, delayed, spikes), END)
        found = {}
        for run, (value, seconds) in enumerate([(1.0, END), (0.25, 0.5 * END)]):
            s.execute({"w": value}, [seconds])
            for group, names in ((at_once, "x w lastupdate"), (delayed, "x w k lastupdate"), (slow, "m"), (spikes, "i t count")):
                found |= {f"{run} {group.name} {name}": np.array(getattr(group, name)[:]) for name in names.split()}
        return found


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    if compiler.compiler() is None:
        pytest.skip("needs a C++ compiler")
    ours, plain = (tmp_path_factory.mktemp(name) for name in ("ours", "plain"))
    with pytest.MonkeyPatch.context() as patch:
        loop = generated_source.LOOP
        for old, new in COUNTED.items():
            assert loop.count(old) == 1
            loop = loop.replace(old, new)
        patch.setattr(generated_source, "LOOP", loop)
        found = computed(ours)
        patch.setattr(generated_source, "with_loop", lambda network, steps: network)
        return ours, found, computed(plain)


def test_the_same_bits_as_brian2s_own_program(both):
    _, ours, plain = both
    assert len(plain["0 spikes t"]) == 6 and plain["0 delayed k"].sum() == 6 and plain["0 slow m"] > plain["1 slow m"] > 0
    assert not np.array_equal(plain["0 delayed x"], plain["1 delayed x"])
    for name, value in plain.items():
        assert ours[name].tobytes() == value.tobytes(), name


@needs_our_loop
def test_steps_without_events_are_left_out(both):
    """Half of the time: a step for each moment of a spike or of its arrival and the one after it, and those of the slow clock."""
    folder, _, _ = both
    assert 14 < int((folder / "steps").read_text()) < 60  # of 700; the slow clock has 7 of its own


@needs_our_loop
def test_variables_lie_side_by_side(both):
    folder, _, _ = both
    header = (folder / "b2c_records.h").read_text()
    assert (
        "struct alignas(32) b2c_record_at_once" in header and "_array_delayed_k" in header and "delay" not in header.replace("delayed", "")
    )


# --- what allows it ---


def array(name, vector="", size=1, synapses="", constant=False, type="double"):
    return Array(name, vector, size, synapses, type, constant)


EVENTS = {"_spikespace": array("_array_s__spikespace", size=4)}
SOURCE = RunCode("s", "defaultclock", "spikegenerator", "", "_array_s__spikespace", {**EVENTS, "_timebins": array("b", "_dynamic_b")})
PUSH = RunCode("push", "defaultclock", "synapses_push_spikes", "syn_pre", "_array_s__spikespace", EVENTS)
W = array("_array_syn_w", "_dynamic_array_syn_w", 0, "syn")
X = array("_array_syn_x", "_dynamic_array_syn_x", 0, "syn")
PRE = RunCode("pre", "defaultclock", "synapses", "", "", {"w": W, "x": X, "t": array("_array_defaultclock_t")})
SLOW = RunCode("slow", "clock", "stateupdate", "", "", {"t": array("_array_clock_t")})
TEXT = """
    double* __restrict  _ptr_array_syn_w = _array_syn_w;
    double* __restrict  _ptr_array_syn_x = _array_syn_x;
    // scalar code
    const size_t _vectorisation_idx = -1;
    const double t = _ptr_array_defaultclock_t[0];
    {
    std::vector<int> *_spiking_synapses = syn_pre.peek();
        const size_t _idx = (*_spiking_synapses)[_spiking_synapse_idx];
        double w = _ptr_array_syn_w[_idx];
        double x = _ptr_array_syn_x[_idx];
"""
SOURCES = {"s": "", "push": "", "pre": TEXT, "slow": "", "other": ""}
NETWORK = [SOURCE, PUSH, PRE, SLOW]


def test_a_network_of_spikes_has_a_quiet_clock():
    assert quiet_steps.quiet_clock([NETWORK], SOURCES) == "defaultclock"
    assert quiet_steps.quiet_clock([NETWORK, NETWORK], SOURCES) == "defaultclock"


@pytest.mark.parametrize(
    "code, sources",
    [
        ([*NETWORK, replace(SLOW, clock="defaultclock")], {}),  # equations, or code at every step
        ([*NETWORK, replace(SLOW, name="other", arrays={"t": array("_array_defaultclock_t")})], {}),  # a look at the time
        ([*NETWORK, replace(SLOW, name="other", events="_array_s__spikespace")], {}),  # another that counts spikes
        ([SOURCE, replace(PUSH, events="_array_n__spikespace"), PRE, SLOW], {}),  # spikes of neurons
        ([SOURCE, PRE, SLOW], {}),  # a queue that is filled by nobody here
        (NETWORK, {"pre": TEXT.replace("const double t =", "_ptr_array_syn_shared[0] =")}),  # a shared variable, changed at every step
        (NETWORK, {"pre": TEXT.replace("= _ptr_array_defaultclock_t[0]", "= _rand(-1)")}),
        ([PUSH, PRE], {}),
        ([], {}),
    ],
)
def test_what_else_happens_at_a_step_forbids_it(code, sources):
    assert quiet_steps.quiet_clock([code], SOURCES | sources) == ""


def test_several_networks_have_none():
    other = [SOURCE, replace(PUSH, queue="syn_post"), SLOW]
    assert quiet_steps.quiet_clock([NETWORK, other], SOURCES) == "" == quiet_steps.quiet_clock([], SOURCES)


def test_what_only_pathways_use_becomes_a_record():
    assert interleaved.records(NETWORK, SOURCES) == {"syn": [W, X]}
    changed = interleaved.with_records(TEXT, PRE, {"syn": [W, X]})
    assert "b2c_syn[_idx]._array_syn_w" in changed and changed.count("__builtin_prefetch(&b2c_syn[b2c_next], 1);") == 1
    assert quiet_steps.quiet_clock([NETWORK], SOURCES | {"pre": changed}) == "defaultclock"


@pytest.mark.parametrize(
    "code, text",
    [
        ([*NETWORK, replace(SLOW, name="other", arrays={"w": W})], TEXT),  # code of all synapses, or a recording
        (NETWORK, TEXT + "_ptr_array_syn_w[_other];"),  # at another synapse
        (NETWORK, TEXT.replace("// scalar code", "")),
    ],
)
def test_what_others_use_stays_an_array(code, text):
    assert interleaved.records(code, SOURCES | {"pre": text}) == {}


def test_what_does_not_change_may_be_read_by_others():
    fixed, third = replace(W, constant=True), array("_array_syn_y", "_dynamic_array_syn_y", 0, "syn")
    text = TEXT + "        double y = _ptr_array_syn_y[_idx];\n"
    code = [SOURCE, PUSH, replace(PRE, arrays={"w": fixed, "x": X, "y": third}), replace(SLOW, arrays={"w": fixed})]
    sources = SOURCES | {"pre": text.replace("    // scalar code", "    double* _ptr_array_syn_y = _array_syn_y;\n    // scalar code")}
    found = interleaved.records(code, sources)
    assert found == {"syn": [fixed, X, third]}
    after = interleaved.around_run(found, []).partition("b2c_after_steps")[2]
    assert "_dynamic_array_syn_x[k] = " in after and "_dynamic_array_syn_w[k]" not in after


def test_one_variable_needs_no_record():
    code = [SOURCE, PUSH, replace(PRE, arrays={"w": replace(W, constant=True), "x": X})]
    assert interleaved.records(code, SOURCES) == {}


def test_memory_is_asked_for_where_there_is_no_record():
    assert "__builtin_prefetch(&_ptr_array_syn_w[b2c_next], 1);" in interleaved.with_records(TEXT, PRE, {})
    assert interleaved.with_records("int x;", PRE, {}) == "int x;"


@pytest.mark.parametrize("types, expected", [(["double"] * 3, 32), (["double", "int32_t"], 16), (["double"] * 8, 64), (["double"] * 9, 8)])
def test_a_record_crosses_no_line_of_memory(types, expected):
    arrays = [array(f"a{k}", f"v{k}", 0, "syn", type=type) for k, type in enumerate(types)]
    assert f"alignas({expected}) " in interleaved.header({"syn": arrays}, [])


def test_nothing_is_changed_where_brian2s_loop_stays(tmp_path, monkeypatch):
    for name in ("objects.cpp", "makefile", "network.cpp", "synapses_classes.h"):
        (tmp_path / name).write_text("int x;\n")
    changed_source.change(tmp_path, [])
    assert (tmp_path / "network.cpp").read_text() == "int x;\n" and not (tmp_path / "b2c_records.h").exists()
