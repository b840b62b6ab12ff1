"""Spikes in NIR's data files: tables and events, read and written, here and by the package nir."""

import numpy as np
import pytest
from translation_networks import recurrent, samples_of

from brian2chip.core.samples import Samples
from brian2chip.errors import UserError
from brian2chip.translation.nir_data import read_nir_data, write_nir_data
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.spike_files import load_samples

nir = pytest.importorskip("nir", reason="the extra [nir] is not installed")
h5py = pytest.importorskip("h5py", reason="the extra [nir] is not installed")
pytest.importorskip("nir.data_ir", reason="this version of nir has no data files")

RNG = np.random.default_rng(0)
X = RNG.random((3, 25, 4)) < 0.2
TABLE = nir.TimeGriddedData(X, 1e-3)


def written(path, observables, node="input"):
    nir.write_data(path, nir.NIRGraphData({node: nir.NIRNodeData(observables)}))
    return path


@pytest.mark.parametrize("node, observable", [("input", "spikes"), ("cochlea", "events")])
def test_tables_and_events_are_the_same_samples(node, observable, tmp_path):
    table = written(tmp_path / "table.nir", {observable: TABLE}, node)
    events = written(tmp_path / "events.h5", {observable: TABLE.to_event(40)}, node)
    for found in (read_nir_data(table), read_nir_data(table, dt=1e-3), read_nir_data(events, dt=1e-3), load_samples(events, dt=1e-3)):
        assert np.array_equal(found.dense(), X) and found.mask.all() and np.array_equal(found.label, [0, 0, 0])


def test_an_event_is_of_the_step_in_which_it_falls(tmp_path):
    """``np.floor(0.3e-3/1e-4)`` is 2 in floating point; 0.3 ms begins step 3."""
    times = np.array([[0.3e-3, 0.399e-3, 0.4e-3, np.inf]])
    data = nir.EventData(np.array([[0, 1, 0, -1]]), times, 2, 5e-4)
    found = read_nir_data(written(tmp_path / "e.nir", {"spikes": data}), dt=1e-4)
    assert (found.t.tolist(), found.i.tolist(), found.n_steps, found.n_in) == ([3, 3, 4], [0, 1, 0], 5, 2)


def test_what_a_network_did_is_read_by_nir(tmp_path):
    net, samples = recurrent()
    run = float_run(net, samples, device="numpy")
    assert write_nir_data(run, net, tmp_path / "run.nir", samples).name == "run.nir"
    back = nir.read_data(tmp_path / "run.nir").nodes
    assert set(back) == {"input", "hidden", "out"}
    hidden = np.zeros((4, 50, 12), bool)
    hidden[run.spikes["hidden"]] = True
    assert np.array_equal(back["hidden"].observables["spikes"].data, hidden) and hidden.any()
    assert np.array_equal(back["input"].observables["spikes"].data, samples.dense())
    np.testing.assert_array_equal(back["out"].observables["v"].data, run.readout["out"])
    assert {one.dt for node in back.values() for one in node.observables.values()} == {net.dt}
    again = read_nir_data(tmp_path / "run.nir", dt=net.dt)
    assert np.array_equal(again.dense(), samples.dense())
    assert np.array_equal(read_nir_data(tmp_path / "run.nir", node="hidden").dense(), hidden)


def test_two_inputs_take_their_own_channels(tmp_path):
    from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork

    populations = (Population("a", "input", 1), Population("b", "input", 3), Population("h", "if", 1, {"v_threshold": 1.0}))
    net = SpikingNetwork(populations, (Projection("b", "h", np.ones((3, 1))),), 1e-3)
    samples = samples_of(X)
    write_nir_data(float_run(net, samples, device="numpy"), net, tmp_path / "r.h5", samples)
    back = nir.read_data(tmp_path / "r.h5").nodes
    parts = [back[name].observables["spikes"].data for name in "ab"]
    assert np.array_equal(np.concatenate(parts, axis=2), X)


EVENTS = TABLE.to_event(40)
TWICE = nir.EventData(np.array([[1, 1]]), np.array([[1e-4, 2e-4]]), 2, 5e-3)
LATE = nir.EventData(np.array([[1]]), np.array([[6e-3]]), 2, 5e-3)
FAR = nir.EventData(np.array([[2]]), np.array([[1e-3]]), 2, 5e-3)
BEFORE = nir.EventData(np.array([[0]]), np.array([[-1e-3]]), 2, 5e-3)
VALUED = nir.ValuedEventData(EVENTS.idx, EVENTS.time, EVENTS.n_neurons, EVENTS.t_max, np.ones(EVENTS.idx.shape))


@pytest.mark.parametrize(
    "data, how, sentence",
    [
        (TABLE, {"dt": 1e-4}, "in steps of 0.001 s, the network in steps of 0.0001 s"),
        (TABLE, {"node": "outptu"}, "no node of .* called 'outptu'"),
        (nir.TimeGriddedData(RNG.normal(size=(1, 2, 3)), 1e-3), {}, "real numbers"),
        (EVENTS, {}, "give the step dt"),
        (VALUED, {"dt": 1e-3}, "holds ValuedEventData"),
        (TWICE, {"dt": 1e-3}, "several events of a neuron in one step of 0.001 s"),
        (LATE, {"dt": 1e-3}, "an event at 0.006 s, after its end"),
        (FAR, {"dt": 1e-3}, "idx .* allowed is -1 to 1"),
        (BEFORE, {"dt": 1e-3}, "time .* at least 0"),
        (TWICE, {"dt": 1e9}, "no number of steps"),
        (nir.EventData(np.array([[1]]), np.array([[1e-3]]), 2, 1e9), {"dt": 1e-3}, "lasts 1e.09 s, which is no number of steps"),
    ],
)
def test_what_is_no_spikes_is_one_sentence(data, how, sentence, tmp_path):
    with pytest.raises(UserError, match=sentence) as error:
        read_nir_data(written(tmp_path / "d.nir", {"spikes": data}), **how)
    assert "\n" not in str(error.value)


def test_other_files_are_one_sentence(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["nodes/input/x"] = np.ones(3)
    for name, sentence in (("a.h5", "no NIRGraphData"), ("b.h5", "no NIR data file")):
        with pytest.raises(UserError, match=sentence):
            read_nir_data(tmp_path / name)
    written(tmp_path / "two.nir", {"u": TABLE, "w": TABLE})
    with pytest.raises(UserError, match="2 observables and none called 'spikes'"):
        read_nir_data(tmp_path / "two.nir")
    with h5py.File(tmp_path / "list.h5", "w") as file:
        file.attrs["__type__"] = np.arange(3)
    with pytest.raises(UserError, match="neither a number nor a text"):
        read_nir_data(tmp_path / "list.h5")
    with pytest.raises(UserError, match="cannot be written|writable"):
        net, samples = recurrent()
        write_nir_data(float_run(net, samples, device="numpy"), net, "/proc/nowhere/n.nir")


def test_too_many_spikes_are_refused_before_memory_is_taken(monkeypatch, tmp_path):
    net, samples = recurrent()
    run = float_run(net, samples, device="numpy")
    monkeypatch.setattr("brian2chip.translation.nir_data.LARGEST_DENSE", 10)
    with pytest.raises(UserError, match="as tables would take"):
        write_nir_data(run, net, tmp_path / "n.nir")
    assert isinstance(samples, Samples) and not list(tmp_path.iterdir())
