"""A chip in one file of its own goes through everything: as an object, and by name when its file lies in chips/."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_chip import TOY, ToyConfiguration

import brian2chip
from brian2chip.chips.chip import Chip
from brian2chip.chips.field import MEMBRANE, Field
from brian2chip.chips.limits import neurons
from brian2chip.commands.replay import compared
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation import folder
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.spike_files import save_samples
from brian2chip.translation.translate import translate

ROOT = Path(__file__).parents[2]


def network(size=4, kind="if", **parameters):
    """Return a recurrent network on the toy's grid: multiples of 0.5 from -4 to 3.5."""
    rng = np.random.default_rng(4)
    w_in, w_rec = rng.integers(-8, 8, (6, size)) / 2, rng.integers(-8, 4, (size, size)) / 2
    w_in[0, 0], w_in[1, 0] = -4, 3.5
    hidden = Population("hidden", kind, size, {"v_threshold": 7.0, "reset": "zero", **parameters})
    projections = Projection("input", "hidden", w_in), Projection("hidden", "hidden", w_rec, 1)
    return SpikingNetwork((Population("input", "input", 6), hidden), projections, 1e-3)


@pytest.fixture(scope="module")
def samples():
    x = np.random.default_rng(5).random((3, 60, 6)) < 0.4
    return Samples.from_dense(x, np.ones(60, bool), label=np.array([0, 1, 2]))


def test_translate_and_emulate_spike_for_spike(samples):
    translation = translate(network(), TOY).checked()
    run, float_ = translation.emulate(samples), float_run(network(), samples, device="numpy")
    assert len(run.spikes["hidden"][0]) > 20
    assert all(np.array_equal(a, b) for a, b in zip(run.spikes["hidden"], float_.spikes["hidden"]))


def test_write_read_and_report(samples, tmp_path):
    translation = translate(network(), TOY, test=samples, device="numpy")
    translation.write(tmp_path / "out")
    stored = folder.load(tmp_path / "out", chip=TOY)
    assert isinstance(stored.configuration, ToyConfiguration) and stored.configuration.populations == {"hidden": (0, 4)}
    for codes in (stored.configuration, TOY.backend.read(tmp_path / "out" / "chip")):
        assert np.array_equal(codes.weights, translation.configuration.weights) and codes.leak == translation.configuration.leak
    assert np.load(tmp_path / "out" / "chip" / "stimulus.npy").sum() == len(samples.sample)
    page = translation.report().html
    assert "A network on toy" in page and "the emulated chip" in page
    with pytest.raises(UserError, match="no chip 'toy'"):
        folder.load(tmp_path / "out")
    with pytest.raises(UserError, match="written for the chip 'toy', not 'other'"):
        folder.load(tmp_path / "out", chip=replace(TOY, name="other"))


def recorded(samples) -> dict[str, np.ndarray]:
    """Return a trace of the toy with the outputs that it has."""
    placed = translate(network(), TOY).configuration
    trace = {"weights": placed.weights, "thresholds": placed.thresholds, "leak": np.int64(placed.leak)}
    trace["events"] = np.pad(samples.dense(), ((0, 0), (0, 0), (0, 2)))
    with TOY.backend.replay.open() as run:
        return {**trace, **run(trace)}


def test_replay(samples):
    trace, replay = recorded(samples), TOY.backend.replay
    with replay.open() as run:
        assert set(compared(replay, trace, run(trace)).values()) == {"exact"}
        trace["v_final"][1, 3] += 1
        lines = compared(replay, trace, run(trace))
    expected = trace["v_final"][1, 3]
    assert lines["v_final"] == f"membrane 3 of sample 1, expected {expected}, got {expected - 1}" and lines["spike_step"] == "exact"


def test_its_own_constraint_and_its_limits_refuse():
    assert translate(network(5), TOY).refusals == ("population 'hidden' has 5 neurons, toy builds them in pairs; give it an even number.",)
    assert translate(network(10), TOY).refusals == ("the network needs 10 neurons, toy has 8; make it smaller.",)


def test_codes_out_of_range_are_refused():
    placed = translate(network(), TOY).configuration
    with pytest.raises(UserError, match="integers from -8 to 7"):
        replace(placed, weights=placed.weights + 16)
    with pytest.raises(UserError, match="16 x 8 weights"):
        replace(placed, weights=placed.weights[:3])


def test_a_described_chip_with_a_constraint_of_its_own():
    def no_silent_inputs(network, chip):
        """Every input reaches something."""
        for c in network.projections:
            if silent := int(np.sum(~np.any(c.weight, axis=1))):
                yield f"{silent} neurons of {c.source!r} reach nothing, {chip.name} has no place for them; leave them out."

    chip = Chip(
        name="described",
        source="made up",
        verified="nothing",
        fields=(Field("w", 4, signed=True, unit=MEMBRANE), Field("thr", 8, low=1, unit=MEMBRANE)),
        roles={"weight": "w", "v_threshold": "thr"},
        kinds=("if",),
        constraints=(neurons(8), no_silent_inputs),
    )
    assert translate(network(), chip).checked().parameters
    net = network()
    weight = net.projections[0].weight.copy()
    weight[2] = 0
    net = replace(net, projections=(replace(net.projections[0], weight=weight), net.projections[1]))
    sentence = "1 neurons of 'input' reach nothing, described has no place for them; leave them out."
    assert translate(net, chip).refusals == (sentence,)


def test_its_file_in_the_folder_is_found_by_name(samples, tmp_path):
    """A copy of the package with one more file: listed, translated onto and replayed from the command line."""
    clone = tmp_path / "clone"
    for name in (
        "brian2chip",
        "models",
        "plasticity",
        "protocols",
        "tasks",
        "learning",
        "chips",
        "substrates",
        "translation",
        "bench",
        "analysis",
    ):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).parent / "toy_chip.py", clone / "chips" / "toy_chip.py")
    network().save(tmp_path / "net.npz")
    save_samples(samples, tmp_path / "spikes.npz")
    np.savez(tmp_path / "trace.npz", **recorded(samples))
    program = f"""
import sys; sys.path.insert(0, {str(clone)!r})
import brian2chip.cli as cli
assert cli.__file__.startswith({str(clone)!r})
for line in ("list chip", "translate net.npz --chip toy --out out", "simulate out --input spikes.npz", "replay toy trace.npz"):
    assert cli.main(line.split()) == 0, line
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stderr
    assert "toy holds this network" in done.stdout and "sample 2: answer" in done.stdout and done.stdout.count("exact") == 4


def environment():
    """Return the environment without the path by which this process found the package."""
    import os

    assert Path(brian2chip.__file__).is_relative_to(ROOT)
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
