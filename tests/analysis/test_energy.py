"""The energy account against counts made by hand, and ODIN's published energies from its assumed standing power."""

import numpy as np
import pytest

from brian2chip.analysis.energy import counts, hops, rule_updates
from brian2chip.chips.odin.description import ODIN
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.population import Population, Projection
from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork

LIF = {"tau_m": 0.02, "v_threshold": 1.0}
#: 3 inputs, 2 recurrent neurons, 2 readouts; 5 of 6, 1 of 4 and 3 of 4 weights are not zero.
NETWORK = SpikingNetwork(
    (Population("input", "input", 3, {}), Population("rec", "lif", 2, LIF), Population("out", "li", 2, {"tau_m": 0.02})),
    (
        Projection("input", "rec", np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 1.0]])),
        Projection("rec", "rec", np.array([[0.0, 1.0], [0.0, 0.0]]), delay_steps=1),
        Projection("rec", "out", np.array([[1.0, 1.0], [0.0, 1.0]])),
    ),
    dt=1e-3,
)


@pytest.fixture(scope="module")
def recorded():
    """Two samples of ten steps: inputs 0, 1, 2 fire 2, 1, 3 times, the neurons 4 and 2 times."""
    x = np.zeros((2, 10, 3), bool)
    x[0, 1, 0] = x[1, 2, 0] = x[0, 3, 1] = x[0, 4, 2] = x[1, 4, 2] = x[1, 5, 2] = True
    spikes = {"rec": (np.array([0, 0, 0, 0, 1, 1]), np.array([2, 3, 4, 5, 6, 7]), np.array([0, 0, 0, 1, 0, 1]))}
    return Samples.from_dense(x, np.ones(10, bool), label=np.array([0, 1])), NetworkRun(spikes, {}, {}, n_samples=2, n_steps=10)


def test_hops_are_those_counted_by_hand(recorded):
    table = hops(NETWORK, *recorded)
    assert table.hop.tolist() == ["input", "within", "between"]
    assert table.synapses.tolist() == [5, 1, 3]
    # inputs: 2 + 1 + 3 spikes; the recurrent projection takes those of neuron 0 alone; all 6 go on to the readout; two samples
    assert table.spikes.tolist() == [3.0, 2.0, 3.0]
    # 2 x 2 + 1 x 1 + 3 x 2 = 11; 4 x 1 = 4; 4 x 2 + 2 x 1 = 10
    assert table.synaptic_operations.tolist() == [5.5, 2.0, 5.0]
    assert table.dense_operations.tolist() == [60.0, 40.0, 40.0]


def test_counts_are_those_counted_by_hand(recorded):
    found = counts(NETWORK, *recorded)
    assert found == pytest.approx(
        {
            "steps": 10,
            "neuron_updates": 40,
            "input_spikes": 3.0,
            "spikes": 3.0,
            "synaptic_operations": 12.5,
            "dense_operations": 140.0,
            "footprint_bytes": 4 * (14 + 2 + 1),  # 14 weights, two constants of the LIF neurons, one of the readouts
            "connection_sparsity": 1 - 9 / 14,
            "activation_sparsity": 1 - 3 / 20,
        }
    )


def test_updates_of_a_rule_are_its_events(recorded):
    table = rule_updates([get("rule", "stdp")], NETWORK, *recorded).iloc[0]
    # presynaptic events 12.5 a sample; postsynaptic: neuron 0 fires 4 times and has 2 synapses, neuron 1 twice and has 3 + 1
    pre, post = 12.5, (4 * 2 + 2 * 4) / 2
    assert table.weight_updates == pre + post
    # each side: one exponential for the decay of each of its two traces that the code reads or changes; see operations.at_event
    assert table.additions > 0 and table.exponentials > 0


def test_odins_published_energies_follow_from_the_assumed_standing_power():
    """12.7 pJ at full rate and 54 pJ in real time: abstract of Frenkel et al. 2019 and a review; two cycles an operation."""
    operation = ODIN.energy["synaptic operation at 0.55 V"][0]
    full = operation + ODIN.standing.joules(2, 75e6)
    assert full == pytest.approx(12.7e-12, abs=0.05e-12)
    rate = 256 * 256 * 10  # operations a second of all neurons at 10 Hz
    real_time = operation + ODIN.standing.joules(2, 2 * rate)
    assert real_time == pytest.approx(54e-12, abs=0.5e-12)
