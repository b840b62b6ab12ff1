"""Folders and commands: what is written can be read back and runs the same; what is wrong exits 2 and writes nothing."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from translation_networks import integrators, recurrent

from brian2chip.chips.configuration_file import document_and_arrays
from brian2chip.chips.odin import files as odin_files
from brian2chip.chips.tinyodin import files as tinyodin_files
from brian2chip.cli import main
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError
from brian2chip.translation import folder
from brian2chip.translation.spike_files import load_samples, save_samples
from brian2chip.translation.translate import translate

CASES = {"odin": (integrators, {}), "tinyodin": (integrators, {"low": -8}), "reckon": (recurrent, {})}


@pytest.mark.parametrize("chip", CASES)
def test_a_folder_read_back_runs_the_same(chip, tmp_path):
    make, options = CASES[chip]
    net, samples = make(**options)
    translation = translate(net, chip, calibration=samples)
    translation.write(tmp_path / "out")
    stored = folder.load(tmp_path / "out")
    before, after = translation.emulate(samples), stored.emulate(samples)
    for name in before.spikes:
        assert all(np.array_equal(a, b) for a, b in zip(before.spikes[name], after.spikes[name]))
    (document, arrays), (again, arrays_again) = (document_and_arrays(t.configuration, 1) for t in (translation, stored))
    assert type(stored.configuration) is type(translation.configuration) and document == again and set(arrays) == set(arrays_again)
    for name, value in arrays.items():
        assert np.array_equal(arrays_again[name], value) and arrays_again[name].dtype == value.dtype
    assert np.array_equal(stored.realised.projections[0].weight, translation.realised.projections[0].weight)


@pytest.mark.parametrize("chip, files", [("odin", odin_files), ("tinyodin", tinyodin_files)])
def test_the_files_of_the_chip_hold_the_same_codes_and_the_stimulus(chip, files, tmp_path):
    net, samples = integrators(**CASES[chip][1])
    translation = translate(net, chip, test=samples, device="numpy")
    translation.write(tmp_path / "out")
    chip_of = translation.configuration.chip  # what the emulator runs
    contents, stimulus = files.read(tmp_path / "out" / "chip")
    assert np.array_equal(contents.synapses, chip_of.synapses) and contents.synapses.any()
    assert contents.registers == chip_of.registers and np.array_equal(contents.words, chip_of.words)
    assert len(stimulus) == len(samples.sample) + 3 * translation.configuration.reset_references
    with np.load(tmp_path / "out" / "expected.npz") as expected:
        run = translation.behaviour.runs["chip"]
        assert all(np.array_equal(expected[f"out_{part}"], a) for part, a in zip(("sample", "t", "i"), run.spikes["out"]))
        assert np.array_equal(expected["cycles"], run.cycles) and len(expected["out_t"]) > 20


def test_the_files_of_reckon_hold_the_same_weights(tmp_path):
    net, samples = recurrent()
    translation = translate(net, "reckon", calibration=samples)
    translation.write(tmp_path / "out")
    _, memory = translation.chip.backend.read(tmp_path / "out" / "chip")
    assert np.array_equal(memory.winp[:8, :12], translation.configuration.memory.winp[:8, :12]) and memory.winp.any()


def test_a_network_of_split_signs_comes_back_with_its_channels(tmp_path):
    net, samples = integrators(low=-4, high=5)
    translation = translate(net, "odin", split_signs=True)
    translation.write(tmp_path / "out", samples)
    stored = folder.load(tmp_path / "out")
    assert np.array_equal(stored.channels, translation.channels) and len(stored.channels) > 20
    before, after = translation.emulate(samples), stored.emulate(samples)
    assert len(before.spikes["out"][0]) and all(np.array_equal(a, b) for a, b in zip(before.spikes["out"], after.spikes["out"]))
    _, stimulus = odin_files.read(tmp_path / "out" / "chip")
    assert len(stimulus) > len(samples.sample)  # an event for each of a pair


@pytest.mark.parametrize("chip", ["brainscales2", "speck2f"])
def test_a_chip_without_emulator_has_codes_and_no_files(chip, tmp_path):
    net, _ = integrators(low=-8 if chip == "speck2f" else 1)
    net = leaky_on(net, "zero") if chip == "brainscales2" else net
    translation = translate(net, chip).checked()
    translation.write(tmp_path / "out")
    stored = folder.load(tmp_path / "out").configuration
    assert not (tmp_path / "out" / "chip").exists() and stored.exponents == translation.configuration.exponents
    for name, codes in translation.configuration.codes.items():
        assert np.array_equal(stored.codes[name], codes)


def leaky_on(net, reset):
    out = replace(net.population("out"), kind="lif", parameters={"tau_m": 20e-3, "v_threshold": 2.0, "reset": reset})
    return replace(net, populations=(net.populations[0], out))


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Return a folder with a network, spikes, and what the command made of them."""
    folder = tmp_path_factory.mktemp("once")
    net, samples = integrators(low=-8)
    net.save(folder / "net.npz")
    save_samples(samples, folder / "spikes.npz")
    arguments = ["--chip", "tinyodin", "--out", str(folder / "out"), "--test", str(folder / "spikes.npz")]
    assert main(["translate", str(folder / "net.npz"), *arguments]) == 0
    return folder


@pytest.fixture
def written(once, tmp_path):
    shutil.copytree(once, tmp_path / "copy")
    return tmp_path / "copy"


def test_commands(written, capsys):
    page = (written / "out" / "report.html").read_text()
    assert "<h1>A network on tinyodin</h1>" in page and page.count("data:image/svg+xml") == 3
    assert main(["inspect", str(written / "out")]) == 0
    assert "weight" in capsys.readouterr().out
    assert main(["simulate", str(written / "out"), "--input", str(written / "spikes.npz"), "--out", str(written / "spikes_out.npz")]) == 0
    assert "sample 2: answer" in capsys.readouterr().out
    with np.load(written / "spikes_out.npz") as file:
        assert len(file["out_t"]) > 0


def test_formats_and_the_readme(tmp_path, capsys):
    net, samples = integrators(low=-8)
    net.save(tmp_path / "net.npz")
    save_samples(samples, tmp_path / "test.npz")
    given = [
        "translate",
        str(tmp_path / "net.npz"),
        "--chip",
        "tinyodin",
        "--test",
        str(tmp_path / "test.npz"),
        "--out",
        str(tmp_path / "out"),
    ]
    assert main([*given, "--formats", "coe", "c", "npz"]) == 0
    chip = tmp_path / "out" / "chip"
    assert f"how to play it on the chip: {chip / 'README.txt'}" in capsys.readouterr().out
    assert {"synapses.coe", "neurons.coe", "spi_words.h", "memories.npz"} <= {path.name for path in chip.iterdir()}
    assert not list(chip.glob("*.mem")) and (tmp_path / "out" / "report.html").read_text().count("SPI transactions") == 3
    with pytest.raises(UserError, match="format of memory images"):
        translate(net, "tinyodin").write(tmp_path / "other", formats=["bin"])
    described, _ = integrators()
    with pytest.raises(UserError, match="the memories of loihi are not known here"):
        translate(described, "loihi").write(tmp_path / "other", formats=["coe"])
    assert not (tmp_path / "other").exists()


def test_a_test_of_more_channels_than_the_network_writes_nothing(tmp_path, capsys):
    net, _ = integrators()
    net.save(tmp_path / "net.npz")
    wide = Samples.from_dense(np.zeros((1, 5, 300), bool), np.ones(5, bool), label=np.zeros(1, int))
    save_samples(wide, tmp_path / "wide.npz")
    given = ["translate", str(tmp_path / "net.npz"), "--chip", "odin", "--test", str(tmp_path / "wide.npz"), "--out", str(tmp_path / "out")]
    assert main(given) == 2
    assert "300 channels and the network 20 inputs" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_emulation_refuses_before_it_runs(written, capsys):
    _, samples = integrators()
    save_samples(Samples.from_dense(samples.dense()[:, :, :7], samples.mask, label=samples.label), written / "narrow.npz")
    assert main(["simulate", str(written / "out"), "--input", str(written / "narrow.npz")]) == 2
    assert "7 channels and the network 20 inputs" in capsys.readouterr().err
    assert main(["simulate", str(written / "out"), "--input", str(written / "spikes.npz"), "--out", "/proc/nowhere/x.npz"]) == 2
    assert "not a writable folder" in capsys.readouterr().err


def damaged(folder, change):
    path = folder / "config.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def changed_array(folder, name, change):
    with np.load(folder / "config.npz") as file:
        arrays = dict(file)
    arrays[name] = change(arrays[name])
    np.savez(folder / "config.npz", **arrays)


@pytest.mark.parametrize(
    "damage, sentence",
    [
        (lambda f: damaged(f, lambda d: d.update(schema=3)), "schema 3, this version of brian2chip reads schema 2; update brian2chip"),
        (lambda f: damaged(f, lambda d: d.update(schema=1)), "schema 1, this version of brian2chip reads schema 2; translate"),
        (lambda f: damaged(f, lambda d: d.pop("configuration")), "'configuration' is a required property"),
        (lambda f: damaged(f, lambda d: d["configuration"].update(version=0)), "has version 0 and this package reads version 1"),
        (lambda f: damaged(f, lambda d: d["configuration"]["fields"].update(period=-3)), "period of time references is -3"),
        (lambda f: damaged(f, lambda d: d["configuration"]["fields"].update(period=2.5)), "period must be a whole number, not 2.5"),
        (lambda f: damaged(f, lambda d: d["configuration"]["fields"].update(neurons={"out": [300, 310]})), "the chip has 0 to 255"),
        (lambda f: damaged(f, lambda d: d["configuration"]["fields"]["chip"]["registers"].update(max_neur=256)), "integers from 0 to 255"),
        (lambda f: changed_array(f, "chip.synapses", lambda a: a + 16), "must lie between 0 and 15"),
        (lambda f: changed_array(f, "chip.words", lambda a: a.astype(float)), "must be integers of shape (256,), not float64"),
        (lambda f: changed_array(f, "chip.words", lambda a: a[:9]), "must be integers of shape (256,)"),
        (lambda f: (f / "config.npz").write_text("no"), "not a readable configuration file"),
        (lambda f: (f / "config.npz").unlink(), "lacks config.npz"),
        (lambda f: damaged(f, lambda d: d.update(rounding="up")), "rounding"),
        (lambda f: (f / "config.json").write_text("{"), "not JSON"),
        (lambda f: (f / "config.json").unlink(), "lacks config.json"),
        (lambda f: (f / "realised.npz").unlink(), "lacks realised.npz"),
    ],
)
def test_damaged_folders(written, capsys, damage, sentence):
    damage(written / "out")
    assert main(["inspect", str(written / "out")]) == 2
    assert sentence in capsys.readouterr().err


def test_a_network_that_does_not_fit_writes_nothing(tmp_path, capsys):
    recurrent("zero")[0].save(tmp_path / "net.npz")
    assert main(["translate", str(tmp_path / "net.npz"), "--chip", "odin", "--out", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert "(1)" in message and "(2)" in message and not (tmp_path / "out").exists()


@pytest.mark.parametrize("clock", ["0", "-1", "nan", "inf"])
def test_a_clock_is_a_positive_number(clock, tmp_path, capsys):
    assert main(["translate", "net.npz", "--chip", "reckon", "--out", str(tmp_path / "out"), "--clock", clock]) == 2
    assert "clock in Hz" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_folder_in_use_is_not_replaced(written, capsys):
    again = ["translate", str(written / "net.npz"), "--chip", "tinyodin", "--out", str(written / "out")]
    assert main(again) == 2 and "--force" in capsys.readouterr().err
    assert main([*again, "--force"]) == 0


def test_spike_files(tmp_path):
    _, samples = integrators()
    save_samples(samples, tmp_path / "s.npz")
    assert np.array_equal(load_samples(tmp_path / "s.npz").t, samples.t)
    np.savez(tmp_path / "bad.npz", t=np.zeros(3))
    with pytest.raises(UserError, match="lacks sample, i"):
        load_samples(tmp_path / "bad.npz")
    (tmp_path / "text.npz").write_text("no")
    with pytest.raises(UserError, match="not a readable"):
        load_samples(tmp_path / "text.npz")


def test_report_names_what_it_costs():
    net, samples = recurrent()
    translation = translate(net, "reckon", calibration=samples, test=samples, device="numpy")
    page = translation.report().html
    assert "clock cycles a sample" in page and "seconds a sample" not in page  # no clock of the chip is published
    assert "seconds a sample at 20 MHz" in translation.report(clock=20e6).html
    for words in ("Parameters", "What it takes of the chip", "van_rossum_20ms", "joules a sample"):
        assert words in page
    assert "van_rossum_20ms" not in replace(translation, behaviour=None).report().html
