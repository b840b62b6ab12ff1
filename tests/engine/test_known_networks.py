"""The programs of song_2000 and of the reference simulator are found by what they are built from, and by nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import Hz, ms

from brian2chip.core import registry
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.engine import compiler
from brian2chip.protocols import song_2000
from brian2chip.translation import reference_network
from brian2chip.translation.reference_simulator import float_run

pytestmark = pytest.mark.skipif(compiler.compiler() is None, reason="needs make and a compiler")

STDP = registry.get("rule", "stdp:song_2000")
OPTIONS = {"inputs": 10, "rate_hz": 20.0, "g_max": 0.08, "duration_s": 0.2}
SETTINGS = {"seed": 1, "dt": 1e-4, "device": "cpp_standalone", "progress": None}


def song(rule=STDP, settings=(), **options):
    """Return the table of song_2000 and what is said about its run."""
    info, all_options = {}, OPTIONS | options
    settings = SETTINGS | dict(settings) | {"info": info}
    return song_2000.simulate(rule, song_2000.conditions(all_options), all_options, settings), info


@pytest.fixture
def composed(kept):
    """Return a function that generates the program of song_2000 and returns what would be kept of it."""

    def generate(**changes):
        kept.clear()
        with pytest.raises(FileNotFoundError):  # nothing ran
            song(**changes)
        return kept[0]

    return generate


LIF_CONDUCTANCE = registry.get("model", "lif_conductance")
FREE = replace(STDP, post=LIF_CONDUCTANCE)
SONG_CHANGED = {
    "code at a presynaptic spike": {"rule": replace(STDP, on_pre=STDP.on_pre + "\ny = 0.5*y")},
    "an equation": {"rule": replace(STDP, model=STDP.model.replace("-x/tau_plus", "-2*x/tau_plus"))},
    "the unit of a parameter": {
        "rule": replace(
            STDP, model=STDP.model.replace("-x/tau_plus", "-x*tau_plus"), parameters={**STDP.parameters, "tau_plus": 50 * Hz},
            bounds={}, presets={}, tissue={},
        )
    },
    "the efficacy that drives": {"rule": replace(STDP, weight="0.5*w")},
    "how a neuron is excited": {"rule": replace(FREE, post=replace(LIF_CONDUCTANCE, excitatory="g_e_post += 2*drive"))},
    "the threshold": {"rule": replace(FREE, post=replace(LIF_CONDUCTANCE, threshold="v > 2*v_threshold"))},
    "more inputs": {"inputs": 11},
    "progress": {"settings": {"progress": lambda fraction: None}},
}  # fmt: skip
SONG_BESIDE = {
    "spike times": {"settings": {"seed": 2}},
    "the rate": {"rate_hz": 30.0},
    "the step": {"settings": {"dt": 2e-4}},
    "a parameter of the neuron": {
        "rule": replace(FREE, post=replace(LIF_CONDUCTANCE, parameters={**LIF_CONDUCTANCE.parameters, "tau_m": 9 * ms}))
    },
}
SONG_GIVEN = {
    "parameters and starts": {"rule": replace(STDP, parameters={**STDP.parameters, "A_plus": 0.1}, initial={"w": 0.7})},
    "the conductance": {"g_max": 0.1},
    "name, bounds and source": {"rule": replace(STDP, name="other", bounds={}, source="a test")},
}


@pytest.mark.parametrize("what", SONG_CHANGED)
def test_what_changes_the_source_of_song_2000_changes_the_identity(what, composed):
    (name, program, _), (other, changed, _) = composed(), composed(**SONG_CHANGED[what])
    assert name != other and program != changed


@pytest.mark.parametrize("what", SONG_BESIDE)
def test_what_changes_the_arrays_beside_it_changes_the_identity(what, composed):
    (name, program, made), (other, same, changed) = composed(), composed(**SONG_BESIDE[what])
    assert name != other and program == same and made.held != changed.held


@pytest.mark.parametrize("what", SONG_GIVEN)
def test_what_every_start_of_it_is_given_changes_nothing(what, composed):
    first = composed()
    assert first[:2] == composed(**SONG_GIVEN[what])[:2]
    assert first[2] == composed(**SONG_GIVEN[what])[2]


LIF = {"tau_m": 20e-3, "v_threshold": 1.0, "reset": "subtract", "refractory": 2e-3}


def network(sizes=(3, 4, 2), parameters=LIF, delay=1, target="hidden", readout="li", weight=0.5, name="hidden", dt=1e-3):
    """Return a network with a recurrent projection and a readout."""
    populations = (
        Population("input", "input", sizes[0]),
        Population(name, "lif", sizes[1], parameters),
        Population("out", readout, sizes[2], {"tau_m": 20e-3} if readout == "li" else LIF),
    )
    w = lambda n, m: np.linspace(-weight, 1, n * m).reshape(n, m)  # noqa: E731
    onto = {"hidden": name, "out": "out"}[target]
    projections = (
        Projection("input", name, w(sizes[0], sizes[1]), 0),
        Projection(name, onto, w(sizes[1], sizes[1] if onto == name else sizes[2]), delay),
        Projection(name, "out", w(sizes[1], sizes[2]), 0),
    )
    return SpikingNetwork(populations, projections, dt)


def samples(n=2, steps=20, n_in=3):
    x = np.random.default_rng(n).random((n, steps, n_in)) < 0.5
    return Samples.from_dense(x, np.ones(steps, bool), label=np.zeros(n, int))


@pytest.fixture
def simulated(kept):
    """Return a function that generates the program of a network and returns what would be kept of it."""

    def generate(net=None, given=None):
        kept.clear()
        with pytest.raises(FileNotFoundError):
            float_run(net or network(), given or samples(), device="cpp_standalone")
        return kept[0]

    return generate


NETWORK_CHANGED = {
    "a size": network(sizes=(3, 5, 2)),
    "the reset": network(parameters={**LIF, "reset": "zero"}),
    "no refractoriness": network(parameters={"tau_m": 20e-3, "v_threshold": 1.0, "reset": "subtract"}),
    "a synaptic current": network(parameters={**LIF, "tau_syn": 5e-3}),
    "no delay": network(delay=0, target="out"),
    "a target": network(target="out"),
    "spikes for a readout": network(readout="lif"),
}


@pytest.mark.parametrize("what", NETWORK_CHANGED)
def test_what_changes_the_source_of_a_network_changes_the_identity(what, simulated):
    (name, program, _), (other, changed, _) = simulated(), simulated(NETWORK_CHANGED[what])
    assert name != other and program != changed


def test_a_longer_delay_changes_the_identity(simulated):
    assert len({simulated(network(delay=delay))[0] for delay in (1, 2, 3)}) == 3


def test_which_weights_of_a_sparse_network_are_zero_changes_the_identity(simulated, monkeypatch):
    monkeypatch.setattr(reference_network, "LARGE", 4)
    nets = [network(), network()]
    for net, at in zip(nets, (0, 1)):
        weight = net.projections[0].weight
        weight[:] = 0
        weight[0, at] = 1
    assert simulated(nets[0])[0] != simulated(nets[1])[0]


def test_what_every_start_of_a_network_is_given_changes_nothing(simulated):
    first = simulated()
    for net, given in (
        (network(weight=0.2, parameters={**LIF, "tau_m": 30e-3, "v_threshold": 0.5}), samples()),
        (network(name="another name"), samples()),
        (network(), samples(3, 30)),
    ):
        assert first[:2] == simulated(net, given)[:2]
        made = simulated(net, given)[2]
        assert (first[2].held, first[2].inputs, first[2].results) == (made.held, made.inputs, made.results)


def test_a_known_program_gives_the_same_numbers(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path))
    strong = {"rate_hz": 50.0, "g_max": 0.5}
    (first, built), (second, found) = song(**strong), song(**strong)
    assert built["timings"]["codegen"] > 0 and found["timings"]["codegen"] == 0
    assert first.equals(second) and np.ptp(first["dw"]) > 0
    stronger, found = song(rule=replace(STDP, parameters={**STDP.parameters, "A_minus": 0.1}), **strong)
    assert found["timings"]["codegen"] == 0 and not stronger.equals(first)
    changed = network(weight=0.1)
    built = [float_run(net, samples(4), device="cpp_standalone") for net in (network(), changed)]
    monkeypatch.setattr("brian2chip.translation.reference_simulator.build", None)  # what a known program does without
    found = [float_run(net, samples(4), device="cpp_standalone") for net in (network(), changed)]
    for one, other, peer in zip(built, found, (float_run(net, samples(4), device="cpp_standalone") for net in (network(), changed))):
        assert all(
            np.array_equal(a, b) and np.array_equal(a, c)
            for a, b, c in zip(one.spikes["hidden"], other.spikes["hidden"], peer.spikes["hidden"])
        )
        assert one.readout["out"].tobytes() == other.readout["out"].tobytes()
    assert not np.array_equal(built[0].readout["out"], built[1].readout["out"])
