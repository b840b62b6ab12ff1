"""What a network costs before any sample: bounds by hand, and bounds that hold for what the emulated chip does."""

from dataclasses import replace

import numpy as np
import pytest
from translation_networks import integrators, recurrent

from brian2chip.chips.costs import Costs
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.registry import get
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation.cost_table import UNBOUNDED, cost_section
from brian2chip.translation.translate import translate

MAKE = {"odin": (integrators, {}), "tinyodin": (integrators, {"low": -8}), "reckon": (recurrent, {})}


def table(translation, run=None, clock=None):
    rows = cost_section(translation.network, translation.chip, translation.configuration, run, clock)[2]
    assert not rows.what.duplicated().any()
    return dict(zip(rows.what, rows.value))


@pytest.fixture(scope="module", params=MAKE)
def translated(request):
    make, options = MAKE[request.param]
    net, samples = make(**options)
    translation = translate(net, request.param, calibration=samples, device="numpy")
    return translation, samples, translation.emulate(samples)


def test_bounds_hold_for_what_the_chip_does(translated):
    translation, samples, run = translated
    found = table(translation, run)
    low, high = (found[f"clock cycles of a sample of {samples.n_steps} steps, at {most}"] for most in ("least", "most"))
    assert low < run.cycles.min() and run.cycles.max() <= high
    assert found["clock cycles of the longest sample of the test"] == run.cycles.max()


def test_cycles_of_odin_s_events_are_exact():
    """SPEC section 7: 3 from REQ to work, 1 push, 3 to the answer, 1 to decide, 512 of a sweep, 6 an output; a reference is 3 + 512 + 3."""
    net, samples = integrators()
    translation = translate(net, "odin", calibration=samples, device="numpy")
    run = translation.emulate(samples)
    found = table(translation, run)
    assert found["clock cycles of an input spike, at least"] == 3 + 1 + 3 + 1 + 512
    assert found["clock cycles of an input spike, at most"] == 520 + 6 * 4
    references = translation.configuration.reset_references
    spikes = np.bincount(samples.sample, minlength=3)
    outputs = np.bincount(run.spikes["out"][0], minlength=3)
    exact = 520 * spikes + 518 * references + 6 * outputs
    assert translation.configuration.period == 0 and np.array_equal(run.cycles, exact - [0, 0, 3])  # the last one ends at rest


def test_the_queue_of_a_feedforward_network_holds_one_spike(translated):
    translation, _, run = translated
    found = table(translation, run)
    if translation.chip.name == "reckon":
        assert run.queue is None and not any("queue" in what for what in found)
        return
    places = {"odin": 32, "tinyodin": 128}[translation.chip.name]
    assert found[f"spikes that wait in the queue of {places} places, at most"] == 1
    assert run.queue == (1, 0) and found["spikes that waited at once in the test, at most"] == 1


def test_programs_at_two_clocks(translated):
    translation, _, _ = translated
    found = table(translation, clock=20e6)
    full = {"odin": (36_892, 40), "tinyodin": (33_798, 40)}.get(translation.chip.name)
    if full:
        transactions, bits = full
        assert found["SPI transactions, whole program"] == transactions
        assert found["seconds at a SPI clock of 1 MHz, whole program"] == pytest.approx(transactions * bits / 1e6)
        assert found["seconds at the fastest SPI clock, 5 MHz, whole program"] == pytest.approx(transactions * bits / 5e6)
    assert found["seconds at a SPI clock of 1 MHz, sparse program after a clear"] < 0.1


def test_by_hand():
    net, _ = integrators()
    odin = get("chip", "odin")
    costs = Costs({"full": (10, 400)}, (5, None), (2, None), (7, None), 3, None, (32, 32))
    chip = replace(
        odin, backend=replace(odin.backend, costs=lambda configuration, inputs, steps: costs), energy={"an operation": (2.0, "by hand")}
    )
    run = NetworkRun({}, {}, {}, 2, 9, cycles=np.array([11, 13]), queue=(4, 1))
    section = cost_section(net, chip, None, run, 1e6)[2]
    found = dict(zip(section.what, section.value))
    assert found["clock cycles of a step, at most"] == UNBOUNDED and found["clock cycles of a sample of 9 steps, at least"] == 7
    assert found["seconds of the longest sample at 1 MHz"] == pytest.approx(13e-6)
    assert found["joules of an input spike, an operation (by hand)"] == 6.0
    assert found["spikes that waited at once in the test, at most"] == 4 and found["spikes that a full queue lost in the test"] == 1
    assert not any("joules of a step" in what for what in found)


def test_reckon_s_ticks_by_the_specification():
    """SPEC section 9, the testbench's size 40-100-2: 204 cycles a silent inference step, 100 more for an event."""
    rng = np.random.default_rng(0)
    hidden, out = {"tau_m": 20e-3, "v_threshold": 1.0}, {"tau_m": 20e-3}
    net = SpikingNetwork(
        (Population("in", "input", 40), Population("hidden", "lif", 100, hidden), Population("out", "li", 2, out)),
        (Projection("in", "hidden", rng.normal(0, 0.1, (40, 100)), 0), Projection("hidden", "out", rng.normal(0, 1, (100, 2)), 0)),
        1e-3,
    )
    found = table(translate(net, "reckon", device="numpy"))
    assert found["clock cycles of a step, at least"] == 204 and found["clock cycles of an input spike, at most"] == 100
    assert found["clock cycles of a step, at most"] == 204 + 100 * 100 and found["synaptic operations of an input spike"] == 100
