"""Networks of binary weights onto our MorphIC: layout, integers, files and their way back, learning, what is refused."""

import re

import numpy as np
import pytest

from brian2chip.chips.morphic import files
from brian2chip.chips.morphic.configuration import Configuration
from brian2chip.chips.morphic.description import MORPHIC
from brian2chip.chips.morphic.events import spike
from brian2chip.chips.morphic.layout import layout
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.learning.weight_grid import Grid
from brian2chip.translation.folder import FOR_THE_CHIP, load
from brian2chip.translation.translate import translate


def network(sizes=(20, 12, 3), bipolar=True, seed=0, recurrent=False, step=0.5):
    """Layers of neurons without leak whose weights are -step/2 and step/2, the grid of 1 bit, or 0 and 1."""
    rng = np.random.default_rng(seed)
    names = ["in", *(f"layer{k}" for k in range(1, len(sizes)))]
    populations = [Population("in", "input", sizes[0])]
    populations += [
        Population(name, "if", n, {"v_threshold": step / 2 * rng.integers(2, 5, n) if bipolar else 2.0, "reset": "zero"})
        for name, n in zip(names[1:], sizes[1:])
    ]
    ends = [*zip(names, names[1:])] + [(names[1], names[1])] * recurrent
    size = dict(zip(names, sizes))
    projections = []
    for source, target in ends:
        w = rng.normal(size=(size[source], size[target]))
        weight = Grid(step, 1).nearest(w) if bipolar else (w > (1.2 if source == target else 0.3)).astype(float)
        projections.append(Projection(source, target, weight, 0 if source == "in" else 1))
    return SpikingNetwork(tuple(populations), tuple(projections), 1e-3)


def samples(n_in=20, n=10, steps=20, seed=1, rate=0.4):
    rng = np.random.default_rng(seed)
    where = np.nonzero(rng.random((n, steps, n_in)) < rate)
    return Samples(*where, n, steps, n_in, np.ones(steps, bool), label=rng.integers(0, 3, n))


def one_by_one(given, spikes):
    """Run a network without leak on the chip's terms: one spike after the other, each to all that it reaches, first come first served."""
    v = {p.name: np.zeros(p.size) for p in given.populations if p.kind != "input"}
    found = {name: [] for name in v}
    order = [
        p.name for p in sorted(given.populations[1:], key=lambda p: bool(np.all(given.weight(given.populations[0].name, p.name) >= 0)))
    ]
    for sample in range(len(spikes)):
        for name in v:
            v[name][:] = 0
        inside = spikes.sample == sample
        for t, i in zip(spikes.t[inside], spikes.i[inside]):
            waiting = [("in", i)]
            while waiting:
                source, k = waiting.pop(0)
                for target in order:
                    to = [c for c in given.projections if (c.source, c.target) == (source, target)]
                    if not to:
                        continue
                    p = given.population(target)
                    v[target] += to[0].weight[k]
                    fires = v[target] >= np.asarray(p.parameters["v_threshold"]) - 1e-9
                    v[target][fires] = 0
                    for j in np.flatnonzero(fires):
                        found[target].append((sample, t, j))
                        waiting.append((target, j))
    return {name: sorted(spikes) for name, spikes in found.items()}


@pytest.mark.parametrize("given", [network(), network(bipolar=False), network(bipolar=False, recurrent=True), network((20, 600, 3))])
def test_the_chip_runs_a_network_as_it_would_be_run_spike_by_spike(given):
    result = translate(given, "morphic")
    assert result.refusals == ()
    run = result.emulate(samples())
    for name, expected in one_by_one(given, samples()).items():
        assert sorted(zip(*(a.tolist() for a in run.spikes[name]))) == expected, name
    assert len(run.spikes["layer2"][0]) > 0


def test_weights_and_thresholds_are_realised_exactly():
    result = translate(network(), "morphic")
    for one in result.parameters:
        np.testing.assert_allclose(one.realised, one.requested, rtol=1e-12)
    assert {tuple(np.unique(one.code)) for one in result.parameters if one.parameter == "weight"} == {(-1, 1)}


def test_layers_of_both_signs_have_cores_of_their_own_and_others_share():
    apart = layout(network((784, 512, 512, 10)))
    assert apart.place == {"layer1": (0, 512), "layer2": (512, 1024), "layer3": (1024, 1034)} and apart.cores == 3
    assert layout(network((20, 12, 3), bipolar=False)).place == {"layer1": (0, 12), "layer2": (12, 15)}
    wide = layout(network((784, 1024, 10)))
    assert set(wide.mask["layer1"]) == {0b0100} and sorted(wide.row["layer1"]) == list(range(1024))


def test_a_folder_holds_the_translation_and_the_chip_files(tmp_path):
    result = translate(network(), "morphic")
    result.write(tmp_path / "out")
    again = load(tmp_path / "out").configuration
    chip, events = files.read(tmp_path / "out" / FOR_THE_CHIP)
    np.testing.assert_array_equal(chip.synapses, result.configuration.chip.synapses)
    for part in ("cores", "neurons"):
        for name, codes in getattr(chip, part).items():
            np.testing.assert_array_equal(codes, getattr(result.configuration.chip, part)[name], err_msg=name)
    assert len(events) == 0
    MORPHIC.backend.write(result.configuration, tmp_path / "with_samples", samples())
    assert np.count_nonzero(files.read(tmp_path / "with_samples")[1][:, 0] == 0) == len(samples().t)
    assert again.neurons == result.configuration.neurons
    np.testing.assert_array_equal(again.input_rows, result.configuration.input_rows)


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("neurons.hex", lambda text: "g" + text[1:], "neurons.hex, line 1"),
        ("neurons.hex", lambda text: text[18:], "not 2048"),
        ("cores.hex", lambda text: text[1:], "cores.hex, line 1"),
        ("events.txt", lambda text: text + "0 1 5 0\n", "says 1 events"),
        ("events.txt", lambda text: "0 1 5000 0\n", "rows are 0"),
        ("synapses.hex", lambda text: text[:-1] + " \n", "synapses.hex, line 4096"),
    ],
)
def test_wrong_files_are_named(tmp_path, file, change, words):
    files.write(tmp_path, Configuration.blank(), spike(1, 3))
    text = (tmp_path / file).read_text()
    (tmp_path / file).write_text(change(text))
    with pytest.raises(UserError, match=words):
        files.read(tmp_path)


def with_weight(value):
    given = network()
    weights = given.weights()
    weights["in->layer1"][2, 3] = value
    return given.with_weights(weights)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda: with_weight(0.1), "take 3 values, a synapse of morphic is one bit"),
        (lambda: with_weight(0.0), "train on the grid of 1 bit"),
        (lambda: network((20, 512, 512, 512, 512, 10)), "needs 5 cores"),
        (lambda: network((20, 1025, 600)), "needs 5 cores"),
        (lambda: network((1030, 20)), "synapses onto one neuron|no free row"),
        (lambda: SpikingNetwork((Population("a", "if", 2, {"v_threshold": 1.0, "reset": "zero"}),), (), 1e-3), "no input population"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(given, words):
    refused = translate(given(), "morphic").refusals
    assert any(re.search(words, sentence) for sentence in refused), refused
    assert all(sentence.count(". ") == 0 and sentence.endswith(".") for sentence in refused)


def task(n=60, seed=2):
    """Three patterns of 40 inputs, a tenth of them wrong."""
    rng = np.random.default_rng(seed)
    patterns, label = rng.random((3, 40)) < 0.5, np.arange(n) % 3
    on = patterns[label] ^ (rng.random((n, 40)) < 0.1)
    where = np.nonzero(on)
    return Samples(where[0], np.zeros(len(where[0]), int), where[1], n, 1, 40, np.ones(1, bool), label=label)


def accuracy(result, configuration, test):
    """What the outputs' membranes would say: the sums that the samples bring, by the synapses that the chip holds."""
    first, end = next(iter(configuration.neurons.values()))
    bits = configuration.chip.synapses[0][configuration.input_rows][:, first:end].astype(int)
    return np.mean((test.dense()[:, 0].astype(int) @ (2 * bits - 1)).argmax(1) == test.label)


def test_stochastic_sdsp_learns_patterns_on_the_chip():
    rng = np.random.default_rng(0)
    start = SpikingNetwork(
        (Population("in", "input", 40), Population("out", "if", 3, {"v_threshold": 10.0, "reset": "zero"})),
        (Projection("in", "out", rng.choice([-1.0, 1.0], (40, 3)), 0),),
        1e-3,
    )
    result = translate(start, "morphic")
    learned, history = MORPHIC.backend.fine_tune(result.configuration, task(), p_up=0.2, p_down=0.2, margin=4, passes=3)
    before, after = accuracy(result, result.configuration, task(seed=2)), accuracy(result, learned, task(seed=2))
    assert after > 0.9 > before
    assert history["p_up_realised"][0] == pytest.approx(0.2, abs=1e-5) and history["changed"][0] > 10
    with pytest.raises(UserError, match="from 0 to 1"):
        MORPHIC.backend.fine_tune(result.configuration, task(), p_up=1.2)
    with pytest.raises(UserError, match="below what a shift register of 17 bits resolves"):
        MORPHIC.backend.fine_tune(result.configuration, task(), p_down=1e-7)
