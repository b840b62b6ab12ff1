"""Folders and commands: what is written can be read back and runs the same; what is wrong exits 2 and writes nothing."""

import json
import shutil

import numpy as np
import pytest
from translation_networks import integrators, recurrent

from brian2chip.chips.odin import files as odin_files
from brian2chip.chips.odin import mapping as odin_mapping
from brian2chip.chips.tinyodin import files as tinyodin_files
from brian2chip.chips.tinyodin import mapping as tinyodin_mapping
from brian2chip.cli import main
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError
from brian2chip.translation import folder
from brian2chip.translation.evaluate import behaviour
from brian2chip.translation.spike_files import load_samples, save_samples
from brian2chip.translation.translate import emulate, translate

CASES = {"odin": (integrators, {}), "tinyodin": (integrators, {"low": -8}), "reckon": (recurrent, {})}


@pytest.mark.parametrize("chip", CASES)
def test_a_folder_read_back_runs_the_same(chip, tmp_path):
    make, options = CASES[chip]
    net, samples = make(**options)
    translation = translate(net, chip, calibration=samples)
    folder.write(translation, tmp_path / "out")
    exported = folder.load(tmp_path / "out")
    before, after = translation.emulate(samples), emulate(exported.chip, exported.config, samples)
    for name in before.spikes:
        assert all(np.array_equal(a, b) for a, b in zip(before.spikes[name], after.spikes[name]))
    for name, value in translation.config.items():
        if isinstance(value, np.ndarray):
            assert np.array_equal(exported.config[name], value) and exported.config[name].dtype == value.dtype
    assert np.array_equal(exported.realised.projections[0].weight, translation.realised.projections[0].weight)


def test_the_files_of_the_chip_hold_the_same_codes(tmp_path):
    for chip, files, mapping in (("odin", odin_files, odin_mapping), ("tinyodin", tinyodin_files, tinyodin_mapping)):
        net, samples = integrators(**CASES[chip][1])
        translation = translate(net, chip)
        folder.write(translation, tmp_path / chip)
        configuration, _ = files.read(tmp_path / chip / "chip")
        trace = mapping.trace(translation.config, np.zeros(0, int))  # what the emulator runs
        assert np.array_equal(configuration.synapses, trace["syn_init"]) and configuration.synapses.any()
        assert all(configuration.registers[name] == trace[name] for name in configuration.registers)
        assert np.array_equal(files.spi_transactions(configuration), files.spi_transactions(type(configuration).of(trace)))
    net, samples = recurrent()
    translation = translate(net, "reckon", calibration=samples)
    folder.write(translation, tmp_path / "reckon")
    _, memory = files.read(tmp_path / "reckon" / "chip")
    assert np.array_equal(memory.winp[:8, :12], translation.config["winp"][:8, :12])


def test_arrays_survive_packing():
    config = {"a": np.arange(6, dtype=np.int8).reshape(2, 3), "b": {"c": [1, 2]}, "d": np.int64(3), "big": 1 << 127}
    back = folder.unpacked(json.loads(json.dumps(folder.packed(config))))
    assert back["a"].dtype == np.int8 and np.array_equal(back["a"], config["a"])
    assert back["b"] == {"c": [1, 2]} and back["d"] == 3 and back["big"] == 1 << 127


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
    assert "<h1>A network on tinyodin</h1>" in page and page.count("data:image/png") == 3
    assert main(["inspect", str(written / "out")]) == 0
    assert "weight" in capsys.readouterr().out
    assert main(["simulate", str(written / "out"), "--input", str(written / "spikes.npz"), "--out", str(written / "spikes_out.npz")]) == 0
    assert "sample 2: answer" in capsys.readouterr().out
    with np.load(written / "spikes_out.npz") as file:
        assert len(file["out_t"]) > 0


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


@pytest.mark.parametrize(
    "damage, sentence",
    [
        (lambda f: damaged(f, lambda d: d.update(schema=2)), "update brian2chip"),
        (lambda f: damaged(f, lambda d: d.pop("config")), "'config' is a required property"),
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


def test_report_names_what_to_do():
    from brian2chip.translation.report import report_page

    net, samples = recurrent()
    translation = translate(net, "reckon", calibration=samples)
    found = behaviour(translation, samples, device="numpy")
    page = report_page(translation, found)
    assert "clock cycles a sample" in page and "seconds a sample" not in page  # no clock of the chip is published
    assert "seconds a sample at 20 MHz" in report_page(translation, found, clock=20e6)
    for words in ("Parameters", "What it takes of the chip", "van_rossum_20ms", "joules a sample"):
        assert words in page
