"""The contract test of what the engine reads from a network that Brian2 has turned into C++."""

import re

import brian2
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, second
from brian2.core.functions import DEFAULT_FUNCTIONS, Function

from brian2chip.core import brian2_internals as internals
from brian2chip.core.brian2_run_code import _exact, code_file, run_code


def test_run_code(tmp_path):
    with internals.kept_state():
        device = internals.activate_fresh_device("cpp_standalone", build_on_run=False)
        source = SpikeGeneratorGroup(3, [0], [0] * second, name="source")
        slow = NeuronGroup(2, "m : 1\nn : integer (shared)", dt=2 * ms, name="slow")
        slow.run_regularly("m += 1", name="count")
        synapses = Synapses(source, slow, "w : 1\nk : integer (constant)", on_pre="w += k\nm_post += w", name="syn")
        synapses.connect()
        network = Network(source, slow, synapses, SpikeMonitor(source, name="spikes"), NeuronGroup(1, "x : 1", dt=3 * ms, name="idle"))
        network.run(10 * ms, namespace={})
        network.run(10 * ms, namespace={})
        first, second_run = run_code()
        device.build(directory=str(tmp_path), compile=False, run=False, with_output=False)
    assert [(c.clock, c.template) for c in first] == [(c.clock, c.template) for c in second_run]
    assert [c.name for c in first if c.name] != [c.name for c in second_run if c.name]  # code is written for each run
    found = {c.template: c for c in first}
    assert set(found) == {"", "spikegenerator", "synapses_push_spikes", "synapses", "spikemonitor", "stateupdate"}
    assert {found[name].clock for name in ("spikegenerator", "synapses", "spikemonitor")} == {"defaultclock"}
    assert len({found[name].clock for name in ("", "stateupdate", "synapses")}) == 3
    assert {found[name].events for name in ("spikegenerator", "synapses_push_spikes", "spikemonitor")} == {"_array_source__spikespace"}
    assert found["synapses_push_spikes"].queue == "syn_pre" and found["synapses"].queue == found["synapses"].events == ""
    assert found["spikegenerator"].arrays["_spikespace"].size == 4  # three spikes and their number
    w, k, m = (found["synapses"].arrays[name] for name in ("w", "k", "m_post"))
    assert (w.name, w.vector, w.size, w.synapses, w.type, w.constant) == ("_array_syn_w", "_dynamic_array_syn_w", 0, "syn", "double", False)
    assert (k.type, k.constant) == ("int32_t", True)
    assert (m.name, m.vector, m.size, m.synapses) == ("_array_slow_m", "", 2, "")
    text = code_file(tmp_path, found["synapses"].name).read_text()
    assert "_ptr_array_syn_w[_idx]" in text and re.search(r"= syn_pre\.peek\(\);", text)
    assert brian2.get_device() is not device


def test_functions_of_integers_without_a_state_are_told_apart():
    """What has a state, or is Brian2's own, or may return a broken number, is not exact: its calls stay where they are."""

    def function(stateless=True, kind="integer"):
        return Function(lambda x: x, arg_units=[1], return_unit=1, return_type=kind, stateless=stateless)

    assert _exact("mine", function())
    assert not _exact("mine", function(stateless=False)) and not _exact("mine", function(kind="float"))
    assert not _exact("int", DEFAULT_FUNCTIONS["int"]) and not _exact("exp", DEFAULT_FUNCTIONS["exp"])
    assert _exact("int", function())  # a user's own under a name of Brian2's
