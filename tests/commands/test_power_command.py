"""brian2chip power: three networks that load the cores in different ways, a network of the user's, and wrong input."""

import numpy as np
import pandas as pd
import pytest

from brian2chip import cli
from brian2chip.analysis.network_workload import workload_of
from brian2chip.chips import spinnaker2_networks
from brian2chip.chips.spinnaker2_networks.recorded import record
from brian2chip.core.population import Population, Projection
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.translation.reference_simulator import float_run


@pytest.fixture(scope="module")
def recorded():
    """A second of each network."""
    return {name: record(spinnaker2_networks.network(name), 1.0, device="numpy") for name in spinnaker2_networks.names()}


def test_the_three_networks_do_what_their_names_say(recorded):
    rates = {name: np.bincount(r.spike_step, minlength=r.n_steps) for name, r in recorded.items()}
    chain = rates["synfire_chain"]
    assert chain[950:].sum() > 0 and np.mean(chain == 0) > 0.8  # the packet still travels, and most steps are silent
    late = rates["bursting"][300:]
    assert np.mean(late == 0) > 0.3 and late.max() > 20 * late.mean() / 3
    steady = rates["asynchronous_irregular"][300:]
    assert steady.min() > 0 and np.std(steady) < np.mean(steady)
    r = recorded["asynchronous_irregular"]
    intervals = [np.diff(r.spike_step[r.spike_neuron == k]) for k in range(1000)]
    cv = [i.std() / i.mean() for i in intervals if len(i) >= 5]
    assert 0.5 < np.mean(cv) < 1.5


def test_a_named_network_is_written_and_printed(tmp_path, capsys):
    assert cli.main(["power", "synfire_chain", "--seconds", "0.2", "--out", str(tmp_path / "p")]) == 0
    said = capsys.readouterr().out
    assert "published 75%" in said and "assumed" in said
    steps, explored = (pd.read_csv(tmp_path / "p" / f"{name}.csv") for name in ("steps", "thresholds"))
    assert len(steps) == 200 * 4 and {"baseline_J", "missed"} <= set(steps)
    assert explored["missed"].min() == 0 and (tmp_path / "p" / "power.png").stat().st_size > 5000


def test_a_network_of_the_users_is_counted_by_hand(tmp_path, capsys):
    weight = np.array([[2.0, 0.0], [0.0, 2.0]])  # two inputs, two neurons that fire at once, one of them onto the other
    neurons = {"tau_m": 0.02, "v_threshold": 1.0}
    network = SpikingNetwork(
        (Population("input", "input", 2, {}), Population("rec", "lif", 2, neurons)),
        (Projection("input", "rec", weight), Projection("rec", "rec", np.array([[0.0, 0.1], [0.0, 0.0]]), delay_steps=1)),
        dt=1e-3,
    )
    x = np.zeros((1, 5, 2), bool)
    x[0, 1] = True, False
    network.save(tmp_path / "net.npz")
    samples = Samples.from_dense(x, np.ones(5, bool), label=np.array([0]))
    work = workload_of(network, samples, float_run(network, samples, device="numpy"))
    assert work.received.ravel().tolist() == [0, 1, 1, 0, 0]  # the input's spike, and a step later the neuron's
    assert work.events.ravel().tolist() == [0, 1, 1, 0, 0]
    assert work.neurons.tolist() == [2]
    one_each = workload_of(network, samples, float_run(network, samples, device="numpy"), neurons_per_core=1)
    assert one_each.received.tolist() == [[0, 0], [1, 0], [0, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["synfire"], "synfire_chain"),
        (["synfire_chain", "--seconds", "0"], "whole number of steps"),
        (["synfire_chain", "--seconds", "0.0005"], "whole number of steps"),
        (["synfire_chain", "--seconds", "0.01", "--thresholds", "9", "3"], "rising whole numbers"),
        (["synfire_chain", "--input", "x.npz"], "--input is for a network file"),
        (["net.npz"], "give --input"),
    ],
)
def test_wrong_input_is_one_sentence(given, said, capsys):
    assert cli.main(["power", *given]) == 2
    assert said in capsys.readouterr().err
