"""A network on ReckOn as its checked configuration: written, read back, and refused where it is wrong."""

import json
from dataclasses import replace

import numpy as np
import pytest

from brian2chip.chips.configuration_file import configuration_of, document_and_arrays
from brian2chip.chips.constraints import refusals
from brian2chip.chips.reckon import testbench_files
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.description import RECKON
from brian2chip.chips.reckon.placed_network import PlacedNetwork
from brian2chip.cli import main
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError


def network(hidden=(5,), n_out=2, **parameters):
    """Return inputs, hidden populations connected all to all, and readouts, with weights that need no rounding."""
    rng = np.random.default_rng(2)
    own = {"tau_m": 20e-3, "v_threshold": 50.0, "reset": "subtract", **parameters}
    inner = [Population(f"hidden{k}", "lif", n, own) for k, n in enumerate(hidden)]
    populations = (Population("input", "input", 3), *inner, Population("out", "li", n_out, {"tau_m": 20e-3}))
    ends = [("input", p.name, 0) for p in inner] + [(p.name, q.name, 1) for p in inner for q in inner] + [(p.name, "out", 0) for p in inner]
    size = {p.name: p.size for p in populations}
    weights = (Projection(a, b, rng.integers(-100, 128, (size[a], size[b])).astype(float), delay) for a, b, delay in ends)
    return SpikingNetwork(populations, tuple(weights), 1e-3)


def placed(net):
    visited = {p.name: {"v_min": np.full(p.size, -9.0), "v_max": np.full(p.size, 99.0)} for p in net.populations}
    return RECKON.backend.place(net, RECKON, visited, np.random.default_rng(0))


def samples():
    x = np.random.default_rng(3).random((2, 12, 3)) < 0.3
    return Samples.from_dense(x, np.arange(12) >= 8, label=np.array([1, 0]))


def test_a_placed_network_survives_its_file():
    one = placed(network(hidden=(4, 3))).configuration
    document, arrays = document_and_arrays(one, 1)
    back = configuration_of(PlacedNetwork, 1, json.loads(json.dumps(document)), arrays, "reckon")
    assert back.configuration.registers == one.configuration.registers and back.hidden == one.hidden == {
        "hidden0": (0, 4),
        "hidden1": (4, 7),
    }
    for name in ("winp", "wrec", "wout", "order"):
        assert np.array_equal(getattr(back, name), getattr(one, name))
    assert (back.readout, back.scale, back.readout_scale) == (one.readout, one.scale, one.readout_scale)


def test_an_odd_number_of_units_or_inputs_gets_an_empty_one():
    """The chip never updates the last of an odd number of units (SPEC section 4), and the highest input counts among them."""
    one = placed(network(hidden=(5,))).configuration
    assert (one.winp.shape, one.wrec.shape, one.wout.shape) == ((4, 6), (6, 6), (6, 2))
    assert (
        not one.winp[3].any() and not one.winp[:, 5].any() and not one.wrec[5].any() and not one.wrec[:, 5].any() and not one.wout[5].any()
    )
    assert one.winp[2, 4] != 0 and one.wrec[4, 4] != 0 and len(one.order) == 5
    one.configuration.require_sound()


def test_the_readout_leaks_once_more_than_the_network():
    """SPEC section 2: leak comes before integration, so what STEP shows has leaked once since its input; a code is scale / kappa."""
    found = placed(network())
    one, kappa = found.configuration, found.configuration.configuration["KAPPA"] / 2**7
    weight = next(p for p in found.parameters if p.place == "hidden0 -> out")
    code = weight.realised[weight.code != 0] / weight.code[weight.code != 0] / 2.0 ** one.configuration["FP_LOC_WOUT"]
    assert one.readout_scale == pytest.approx(code[0] / kappa) and kappa == round(128 * np.exp(-1 / 20)) / 128


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"winp": np.zeros((3, 6), np.int8)}, r"winp of ReckOn has shape \(3, 6\); the registers give 4 by 6"),
        ({"wrec": np.full((6, 6), 200)}, "weight of ReckOn was given as 200"),
        ({"wout": np.full((6, 2), 0.5)}, "takes integers from -128 to 127"),
        ({"order": np.array([0, 1, 2, 3, 3])}, "must name each of the neurons"),
        ({"order": np.arange(4)}, "it has 4 entries"),
        ({"hidden": {"hidden0": (0, 4)}}, "must fill the 5 neurons"),
        ({"hidden": {"a": (0, 3), "b": (2, 5)}}, "without gap"),
        ({"scale": 0.0}, "scale of a network on ReckOn is 0.0"),
        ({"readout_scale": float("nan")}, "readout_scale .* must be a positive number"),
    ],
)
def test_a_wrong_placed_network_is_one_sentence(change, sentence):
    one = placed(network()).configuration
    with pytest.raises(UserError, match=sentence):
        replace(one, **change)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: {"registers": {k: v for k, v in c.registers.items() if k != "KAPPA"}}, "registers of ReckOn lack KAPPA"),
        (lambda c: {"registers": {**c.registers, "KAPA": 1}}, "did you mean 'KAPPA'"),
        (lambda c: {"registers": {**c.registers, "KAPPA": 256}}, "KAPPA of ReckOn was given as 256"),
        (lambda c: {"registers": {**c.registers, "SEED_INP": 0}}, "SEED_INP of ReckOn was given as 0"),
        (lambda c: {"registers": {**c.registers, "ALPHA_CONF": 1}}, "ALPHA_CONF of ReckOn and alpha disagree"),
        (lambda c: {"alpha": np.full(128, 0x6FFF)}, "alpha of ReckOn was given as 28671"),
        (lambda c: {"thr": np.full(64, 614)}, r"thr of ReckOn has shape \(64,\); give one code for each of its 128 pairs"),
    ],
)
def test_a_configuration_checks_itself_however_it_is_made(change, sentence):
    configuration = Configuration.of()
    with pytest.raises(UserError, match=sentence):
        replace(configuration, **change(configuration))


def test_files_hold_weights_and_stimulus(tmp_path):
    one, given = placed(network()).configuration, samples()
    RECKON.backend.write(one, tmp_path / "chip", given)
    configuration, memory = RECKON.backend.read(tmp_path / "chip")
    assert configuration.registers == one.configuration.registers and np.array_equal(memory.winp[:4, :6], one.winp)
    read = testbench_files.read_samples(tmp_path / "chip" / "samples.dat", eprop=0, recall=4)
    assert read.n_ticks.tolist() == [14, 14] and read.label.tolist() == [1, 0]  # two ticks more than steps
    events = [sorted(zip(s.sample.tolist(), s.t.tolist(), s.i.tolist())) for s in (read, given)]
    assert events[0] == events[1]
    assert read.infer_acc.tolist() == 2 * (10 * [0] + 4 * [1])
    RECKON.backend.write(one, tmp_path / "no_samples", None)
    assert not (tmp_path / "no_samples" / "samples.dat").exists()


def test_what_reckon_cannot_hold():
    fits = network()
    assert refusals(fits, RECKON) == ()
    deaf = replace(fits, populations=fits.populations[1:], projections=fits.projections[1:])
    assert any("0 input, 1 spiking and 1 readout populations" in text for text in refusals(deaf, RECKON))
    direct = replace(fits, projections=(*fits.projections, Projection("input", "out", np.ones((3, 2)), 0)))
    assert any("no synapses 'input' -> 'out'" in text for text in refusals(direct, RECKON))
    mixed = network(hidden=(2, 2))
    other = replace(mixed.populations[2], parameters={**mixed.populations[2].parameters, "reset": "zero"})
    mixed = replace(mixed, populations=(*mixed.populations[:2], other, mixed.populations[3]))
    assert any("one reset mode for all" in text for text in refusals(mixed, RECKON))
    slow = replace(fits.populations[2], parameters={"tau_m": np.array([20e-3, 30e-3])})
    slow = replace(fits, populations=(*fits.populations[:2], slow))
    assert any("readouts have several time constants" in text for text in refusals(slow, RECKON))
    assert any("needs 300 neurons, reckon has 256" in text for text in refusals(network(hidden=(300,)), RECKON))
    assert refusals(network(hidden=(256,), n_out=16), RECKON) == ()
    assert any("needs 17 output neurons, reckon has 16" in text for text in refusals(network(n_out=17), RECKON))


def test_fields_are_the_scales():
    """SPEC section 1: alpha counts in 2**-15, kappa in 2**-7; FP_LOC_* shift weights by 0 to 7."""
    assert RECKON.field(RECKON.leak.field).scale == 2.0**-15 and RECKON.field(RECKON.readout_leak.field).scale == 2.0**-7
    assert RECKON.exponents == tuple(range(8))


@pytest.mark.parametrize(
    ("chip", "sentence"),
    [
        ("odin", "does not learn a task by itself here; use one that does (reckon)"),
        ("recon", "did you mean 'reckon'"),
        ("speck2f", "(reckon)"),
    ],
)
def test_training_on_a_chip_that_does_not_learn_is_one_sentence(chip, sentence, capsys):
    assert main(["train", "evidence_accumulation", "--chip", chip]) == 2
    said = capsys.readouterr().err
    assert sentence in said and "Traceback" not in said
