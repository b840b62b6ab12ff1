"""The document of a bench folder: what is wrong with it is one sentence."""

import json

import numpy as np
import pytest

from brian2chip.chips import bench_files
from brian2chip.chips.bench_files import read_bench
from brian2chip.chips.odin_family import bench
from brian2chip.chips.odin_family.play import Play
from brian2chip.chips.reckon import files as reckon_files
from brian2chip.chips.reckon import presets
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.testbench_header import header
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.mapping import INTERFACE
from brian2chip.errors import UserError


@pytest.fixture
def folder(tmp_path):
    blank = Configuration({"open_loop": 1, "aer_src_ctrl_nneur": 0, "max_neur": 1}, np.full(256, 1 << 31), np.zeros((256, 256), int))
    bench.write(INTERFACE, tmp_path / "tiny", blank, {})
    return tmp_path / "tiny"


def change(folder, **members):
    path = folder / "bench.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


def test_it_is_read_back(folder):
    document = read_bench(folder)
    assert document["chip"] == "tinyodin" and document["schema"] == "brian2chip.bench/1"
    assert document["pins"]["outputs"]["SCHED_FULL"] == 1 and document["pins"]["inputs"]["AERIN_ADDR"] == 10


@pytest.mark.parametrize("version, remedy", [("2", "update brian2chip"), ("0", "write it again")])
def test_another_version(folder, version, remedy):
    change(folder, schema=f"brian2chip.bench/{version}")
    with pytest.raises(UserError, match=f"written with brian2chip.bench/{version}, this version reads brian2chip.bench/1; {remedy}"):
        read_bench(folder)


def test_what_is_no_document(folder, tmp_path):
    with pytest.raises(UserError, match="there is no bench.json in"):
        read_bench(tmp_path)
    (folder / "readback.csv").unlink()
    with pytest.raises(UserError, match="lacks readback.csv, which bench.json names"):
        read_bench(folder)
    change(folder, chip="loihi")
    with pytest.raises(UserError, match="bench.json in .*chip"):
        read_bench(folder)
    (folder / "bench.json").write_text("[1]")
    with pytest.raises(UserError, match="bench.json in"):
        read_bench(folder)


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "a/b.csv"])
def test_files_stay_in_the_folder(folder, name):
    document = json.loads((folder / "bench.json").read_text())
    document["readback"]["file"] = name
    (folder / "bench.json").write_text(json.dumps(document))
    with pytest.raises(UserError, match="readback"):
        read_bench(folder)


def test_wrong_plays():
    events = np.zeros((3, 2), np.int32)
    with pytest.raises(UserError, match="3 input events, 2 samples"):
        Play(events, np.zeros(2, int), np.zeros(3, int), 1)
    with pytest.raises(UserError, match="must ascend from 0 to 1"):
        Play(events, np.array([0, 2, 2]), np.zeros(3, int), 2)
    with pytest.raises(UserError, match="2 samples and 3 labels"):
        Play(events, np.array([0, 0, 1]), np.zeros(3, int), 2, label=np.zeros(3, int))


def test_a_stimulus_of_more_channels_than_the_chip(tmp_path):
    """tinyODIN's input link has 10 bits; ReckOn has 256 inputs."""
    blank = Configuration({"open_loop": 1, "aer_src_ctrl_nneur": 0, "max_neur": 1}, np.full(256, 1 << 31), np.zeros((256, 256), int))
    play = Play(np.array([[1024, 1]], np.int32), np.zeros(1, int), np.zeros(1, int), 1)
    with pytest.raises(UserError, match="tinyODIN's input link has 10 bits, 0 to 1023"):
        bench.write(INTERFACE, tmp_path / "tiny", blank, {}, play)
    assert not (tmp_path / "tiny").exists()
    with pytest.raises(UserError, match="events come from inputs 256 to 256; ReckOn has inputs 0 to 255"):
        reckon_files.write(tmp_path / "reckon", *on_reckon(), samples(256))
    assert not (tmp_path / "reckon").exists()


def on_reckon():
    configuration = presets.configuration(4, 6, 2).with_registers(THR_H_0=-5, H_4=-1)
    return configuration, Memory.of(configuration, np.ones((4, 6)).astype(int), np.zeros((6, 6), int), np.ones((6, 2)).astype(int))


def samples(i=3):
    n = 5
    levels = np.array([0, 0, 0, 1, 1])
    one = np.zeros(1, int)
    return ChipSamples(np.array([n]), one, one + 1, one + i, one, one + 1, 0 * levels, levels)


def test_the_header_of_the_testbench_has_this_network_s_constants():
    """Names are those that the open-source testbench's header defines; pair w of units has bits 16 w of NEUR_THR and 12 w of NEUR_ALPHA."""
    configuration, _ = on_reckon()
    configuration = type(configuration).of(configuration.registers, np.arange(1, 129), np.r_[0x7ABC, np.full(127, 0x7001)])
    lines = [line.split(" ", 2)[1:] for line in header(configuration, samples()) if line.startswith("`define")]
    defined = dict(lines)
    assert len(lines) == len(defined) and defined["SPI_NUM_REC_NEUR"] == "8'h5" and defined["SPI_KAPPA"].startswith("8'h")
    assert defined["SPI_THR_H_0"] == "$signed(16'hfffb)" and defined["SPI_H_4"] == "$signed(5'h1f)"
    assert "SPI_EN_CONF" not in defined and "SPI_GET_TAR_REQ_OUT" not in defined
    thresholds, leaks = (int(defined[name].partition("'h")[2], 16) for name in ("NEUR_THR", "NEUR_ALPHA"))
    assert [thresholds >> 16 * w & 0xFFFF for w in range(128)] == list(range(1, 129))
    assert leaks & 0xFFF == 0xABC and leaks >> 12 & 0xFFF == 1
    sizes = {"NUM_INP": "4", "NUM_REC": "6", "NUM_OUT": "2", "WORDS_REC": "2", "WORDS_OUT": "1"}
    ticks = {"NUM_SAMPLES": "1", "NUM_TICKS": "5", "LAST_TICK": "4", "INFER_TICK": "3"}
    assert {**sizes, **ticks}.items() <= defined.items()
    assert not any("NUM_TICKS" in line for line in header(configuration, None))


def test_every_name_that_the_testbench_includes_is_defined():
    """The list is that of the registers that the testbench programs, by name."""
    text = "\n".join(header(on_reckon()[0], None))
    names = ["CLK_HALF_PERIOD", "SCK_HALF_PERIOD", "EPOCHS", "SPI_ALPHA_CONF", "SPI_REGUL_K_MUL", "SPI_NOISE_STR", "SPI_SEED_STRND_ONEUR"]
    assert all(f"`define {name} " in text for name in names)


def test_tables_are_plain(tmp_path):
    entry = bench_files.write_table(tmp_path / "t.csv", "a,b", iter([(1, "x"), (np.int64(2), "y")]))
    assert entry == {"file": "t.csv", "entries": 2} and (tmp_path / "t.csv").read_text() == "a,b\n1,x\n2,y\n"
