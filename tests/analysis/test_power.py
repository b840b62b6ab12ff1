"""The energy of a core that chooses its level in every step: hand-made cycles, order in the thresholds, deadlines, and published bounds."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from brian2chip.analysis.power import Workload, energy, explore, reductions, thresholds_in_time, totals, workload
from brian2chip.analysis.power_model import PerformanceLevel, PowerModel, bounds
from brian2chip.chips.spinnaker2 import ASSUMED, PUBLISHED
from brian2chip.errors import UserError

#: Round numbers, so that the account below can be made by hand: half the voltage at a quarter of the frequency, no leakage.
MODEL = PowerModel(
    levels=(PerformanceLevel(0.5, 1000.0), PerformanceLevel(1.0, 4000.0)),
    thresholds=(3,),
    step_s=1.0,
    step_cycles=100,
    neuron_cycles=10,
    spike_cycles=20,
    synapse_cycles=5,
    baseline_W=16.0,
    leakage_share=0.0,
    neuron_J=0.4,
    synapse_J=0.08,
)
#: One core of 10 neurons; 0, 2, 3 and 40 spikes come in, each with 4 events.
WORK = Workload(np.array([[0], [2], [3], [40]]), np.array([[0], [8], [12], [160]]), np.array([10]))


def test_every_step_is_the_one_counted_by_hand():
    table = energy(WORK, MODEL)
    # cycles: 100 + 10 neurons x 10 + 20 a spike + 5 an event
    assert table.cycles.tolist() == [200, 280, 320, 1800]
    assert table.level.tolist() == [0, 0, 1, 1]  # three spikes reach the threshold of three
    assert table.busy_s.tolist() == pytest.approx([0.2, 0.28, 0.08, 0.45], rel=1e-15)
    # baseline 16 W at 1 V and 4 kHz, 16 x 0.25 x 0.25 = 1 W at 0.5 V and 1 kHz, where the core also waits
    assert table.baseline_J.tolist() == pytest.approx([1.0, 1.0, 16 * 0.08 + 0.92, 16 * 0.45 + 0.55], rel=1e-15)
    assert table.neurons_J.tolist() == pytest.approx([1.0, 1.0, 4.0, 4.0], rel=1e-15)  # 10 x 0.4, a quarter at half the voltage
    assert table.synapses_J.tolist() == pytest.approx([0.0, 8 * 0.02, 12 * 0.08, 160 * 0.08], rel=1e-15)
    assert not table.missed.any()


def test_savings_are_beside_a_core_that_stays_at_its_fastest_level():
    found = reductions(WORK, MODEL)
    managed, fast = 1 + 1 + 2.2 + 7.75, 4 * 16.0  # J of the baseline, from the table above
    assert found["baseline"] == pytest.approx(1 - managed / fast, rel=1e-14)
    operations, full = 1 + 1 + 4 + 4 + 180 * 0.08 - 8 * 0.06, 4 * 4 + 180 * 0.08
    assert found["operation"] == pytest.approx(1 - operations / full, rel=1e-14)
    assert found["total"] == pytest.approx(1 - (managed + operations) / (fast + full), rel=1e-14)
    assert reductions(WORK, MODEL.unmanaged()) == pytest.approx({"total": 0, "baseline": 0, "operation": 0}, abs=1e-15)


def test_a_late_core_is_counted_and_an_exact_fit_is_not():
    late = Workload(np.array([[2]]), np.array([[152]]), np.array([10]))  # 200 + 40 + 760 cycles: exactly one second
    assert totals(late, MODEL)["missed"] == 0
    assert totals(replace(late, events=np.array([[153]])), MODEL)["missed"] == 1


def test_higher_thresholds_never_cost_energy():
    rng = np.random.default_rng(1)
    received = rng.poisson(rng.choice([1, 60, 200], (300, 3)))
    work = Workload(received, 7 * received, np.array([100, 120, 90]))
    grid = range(0, 300, 30)
    table = explore(work, ASSUMED, [grid, grid]).set_index(["threshold_1", "threshold_2"])
    assert len(table) == len(grid) * (len(grid) + 1) // 2
    for low, high in itertools.combinations_with_replacement(grid, 2):
        for more in ((low + 30, high), (low, high + 30)):
            if more in table.index:
                assert table.power_W[more] <= table.power_W[low, high] * (1 + 1e-12)
                assert table.missed[more] >= table.missed[low, high]


def test_the_largest_thresholds_in_time_miss_nothing_and_the_next_ones_do():
    received = np.arange(400)[:, None]
    work = Workload(received, 20 * received, np.array([250]))
    model = replace(ASSUMED, thresholds=thresholds_in_time(work, ASSUMED))
    # 125,000 - 2,000 - 25,000 cycles at 60 + 20 x 15 a spike: 272 spikes are in time, 273 are not; no step needs the third level
    assert model.thresholds[0] == 273
    assert totals(work, model)["missed"] == 0
    assert totals(work, model.with_thresholds((274, model.thresholds[1])))["missed"] == 1


def test_spikes_reach_a_core_once_for_each_delay():
    # source 0 has two synapses to core 0 (delays 1, 1) and two to core 1 (delays 1, 3); source 1 one to core 1 without delay
    source, target = np.array([0, 0, 0, 0, 1]), np.array([0, 1, 2, 3, 2])
    work = workload(
        np.array([0, 1, 0]),
        np.array([0, 2, 4]),
        source,
        target,
        core=np.array([0, 0, 1, 1]),
        n_sources=2,
        n_steps=5,
        delay_steps=np.array([1, 1, 1, 3, 0]),
    )
    assert work.received.tolist() == [[0, 0], [1, 1], [0, 1], [0, 1], [0, 0]]
    assert work.events.tolist() == [[0, 0], [2, 1], [0, 1], [0, 1], [0, 0]]
    assert work.neurons.tolist() == [2, 2]


def test_the_assumed_levels_allow_what_is_published():
    """Bounds from the published corners, FACTS on dynamic voltage and frequency scaling: 0.49; 0.1225 without leakage; shares of time."""
    assert 1 - bounds(ASSUMED)["operation_saved"] == pytest.approx(0.49)
    assert bounds(replace(ASSUMED, leakage_share=0.0))["baseline_saved"] == pytest.approx(1 - 0.1225)
    assert bounds(replace(ASSUMED, leakage_share=0.0))["fastest_for_80"] == pytest.approx(0.09, abs=0.005)
    assert bounds(replace(ASSUMED, leakage_share=0.2))["fastest_for_80"] == pytest.approx(0.005, abs=0.001)
    assert bounds(replace(ASSUMED, leakage_share=0.3))["fastest_for_80"] < 0
    # a leakage share of 0.1 and 5 % of the time at the fastest level: 78 to 81 %
    power = ASSUMED.baseline_power()
    assert 0.78 <= 1 - (0.05 + 0.95 * power[0] / power[-1]) <= 0.81
    assert bounds(ASSUMED)["baseline_saved"] >= PUBLISHED["baseline"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"levels": MODEL.levels[::-1]}, "out of order"),
        ({"levels": ()}, "give at least one"),
        ({"thresholds": (3, 1)}, "rising whole numbers"),
        ({"thresholds": ()}, "for 2 performance levels; give 1"),
        ({"thresholds": (2.5,)}, "rising whole numbers"),
        ({"neuron_J": -1.0}, "neuron_J"),
        ({"leakage_share": 1.5}, "leakage share"),
        ({"step_s": 0.0}, "a step of 0.0 s"),
    ],
)
def test_wrong_numbers_are_told(change, said):
    with pytest.raises(UserError, match=said):
        replace(MODEL, **change)


def test_too_many_settings_and_wrong_shapes_are_told():
    with pytest.raises(UserError, match="settings of the thresholds"):
        explore(WORK, ASSUMED, [range(1000), range(1000)])
    with pytest.raises(UserError, match="values were given for 1 thresholds"):
        explore(WORK, ASSUMED, [range(10)])
    with pytest.raises(UserError, match="give \\[steps, cores\\]"):
        Workload(np.zeros((3, 2)), np.zeros((3, 2)), np.zeros(3))


def test_a_spike_arrives_a_step_later_where_no_delay_is_given():
    work = workload(np.array([0]), np.array([1]), np.array([0]), np.array([0]), core=np.array([0]), n_sources=1, n_steps=4)
    assert work.received.ravel().tolist() == work.events.ravel().tolist() == [0, 0, 1, 0]
