"""ReckOn's files, checks and wrong input: what is written is read back, what is wrong gets one sentence."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from brian2chip.chips.reckon import files, presets, spi_program, testbench_files
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import REGISTERS
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.replay import given
from brian2chip.chips.reckon.shift_registers import SEEDS, advanced, register, seeded, window
from brian2chip.chips.reckon.training import train
from brian2chip.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden" / "reckon"


def golden(name):
    return dict(np.load(GOLDEN / f"{name}.npz"))


def samples_of(n=2, ticks=20, **changes):
    rng = np.random.default_rng(4)
    t = np.sort(rng.integers(0, ticks, 30))
    late = np.tile(np.arange(ticks) >= 15, n).astype(int)
    made = ChipSamples(
        np.full(n, ticks), np.repeat([0, 1], 15), np.concatenate([t[::2], t[1::2]]), rng.integers(0, 40, 30),
        np.full(n, 7), np.array([0, 1]), late, late,
    )  # fmt: skip
    return replace(made, **changes)


# what is written is read back


def test_registers_follow_the_specification():
    """Address, width, sign and reset value of every row of the table in SPEC section 10 that names one register."""
    text = (GOLDEN / "SPEC.md").read_text().split("## 10.")[1].split("## 11.")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    by_address = {f.word: f for f in REGISTERS}
    single = [row for row in rows if row[0].isdigit()]
    assert len(single) >= 20
    for address, name, bits, reset, _ in single:
        f = by_address[address]
        assert (f.name, f.bits, f.signed) == (name, int(bits.lstrip("s")), bits.startswith("s"))
        assert reset in ("-", "all ones") or f.default == int(reset, 0), name
    recorded = {name.removeprefix("SPI_") for name in json.loads(str(golden("corner")["config_json"]))}
    assert recorded <= {f.name for f in REGISTERS}


@pytest.mark.parametrize("name", ["corner", "saturation", "cueacc_train"])
def test_spi_program_round_trip(tmp_path, name):
    configuration, memory, _ = given(golden(name))
    states = {"u": np.arange(-128, 128), "trace_rec": np.arange(256), "trace_out": np.arange(256), "trace_inp": np.arange(256) * 16}
    memory = replace(memory, **states, dirty=np.ones(256, int))
    spi_program.write_program(tmp_path / "p.txt", configuration, memory)
    read, held = spi_program.read_program(tmp_path / "p.txt")
    assert {**read.registers, "EN_CONF": 1} == {**configuration.registers, "EN_CONF": 1}
    assert np.array_equal(read.thr, configuration.thr) and np.array_equal(read.alpha, configuration.alpha)
    for field in ("winp", "wrec", "wout", "u", "trace_inp", "trace_rec", "trace_out"):
        assert np.array_equal(getattr(held, field), getattr(memory, field)), field
    assert np.all(held.dirty == 1) and held.lfsr == memory.lfsr


def test_spi_headers_follow_the_specification():
    """SPEC section 11: bit 31 read, 30..28 code, 27..16 number of words, 15..0 address; weights with the low output in the low byte."""
    configuration = presets.configuration()
    winp = np.zeros((40, 100), np.int8)
    winp[1, :4] = (1, -1, 3, 127)
    writes = spi_program.program(configuration, Memory.of(configuration, winp, np.zeros((1, 1), int), np.zeros((1, 1), int)))
    assert writes[0] == (0x00010000, [1]) and writes[-1] == (0x00010000, [0])
    assert (0x00010000 | 69, [121]) in writes  # KAPPA
    first = next(data for head, data in writes if head >> 28 == 3)
    assert first[64] == 0x7F03FF01  # pre 1 starts at word 1 * 16, of four 32-bit words each
    neuron = next(data for head, data in writes if head >> 28 == 1)
    word = neuron[0] | neuron[1] << 32 | neuron[2] << 64 | neuron[3] << 96
    assert word >> 100 & 0xFFFF == 614 and word >> 116 == 0xFEF


def test_folder_round_trip_and_contradiction(tmp_path):
    configuration, memory, samples = given(golden("cueacc_train"))
    files.write(tmp_path / "chip", configuration, memory, samples)
    read, held = files.read(tmp_path / "chip")
    assert read.registers == configuration.registers and np.array_equal(held.wrec, memory.wrec) and held.lfsr == memory.lfsr
    assert len((tmp_path / "chip" / "winp.hex").read_text().split()) == 4096
    again = testbench_files.read_samples(tmp_path / "chip" / "samples.dat", eprop=7, recall=150)
    assert np.array_equal(np.sort(again.t), np.sort(samples.t)) and np.array_equal(again.label, samples.label)
    testbench_files.write_weights(tmp_path / "chip" / "winp.dat", -memory.winp[:40, :100])
    with pytest.raises(UserError, match="winp.dat .* disagree"):
        files.read(tmp_path / "chip")
    document = json.loads((tmp_path / "chip" / "reckon.json").read_text())
    (tmp_path / "chip" / "reckon.json").write_text(json.dumps(document | {"format": "brian2chip.reckon/2"}))
    with pytest.raises(UserError, match="not valid at format"):
        files.read(tmp_path / "chip")


def test_sample_file_round_trip(tmp_path):
    samples = samples_of()
    testbench_files.write_samples(tmp_path / "s.dat", samples)
    read = testbench_files.read_samples(tmp_path / "s.dat", eprop=7, recall=5)
    for name in ("n_ticks", "sample", "t", "i", "eprop", "label", "target_valid", "infer_acc"):
        assert np.array_equal(getattr(read, name), getattr(samples, name)), name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("x\n", "line 1: 'x' is not an integer"),
        ("1\n3, 4\n3 5\n", "line 3: '3 5' is not 'input, tick'"),
        ("1\n3, 4\n2, 1\n", "line 3: tick 1 lies before tick 4"),
        ("1\n300, 4\n", "line 2: input 300 is not from 0 to 255"),
        ("1\n-2, 16\n", "line 2: class 16"),
        ("1\n-2, 1\n-2, 1\n", "line 3: class 1 is a second one"),
        ("1\n3, 4\n-1, 9\n", "line 3: sample 0 has no class"),
        ("1\n-2, 0\n3, 9\n-1, 9\n", "line 4: sample 0 ends at tick 9"),
        ("1\n-2, 0\n3, 4\n", "line 3: the last sample has no end"),
        ("2\n-2, 0\n3, 4\n-1, 9\n", "line 1: 2 samples are announced, the file holds 1"),
    ],
)
def test_malformed_sample_file(tmp_path, text, sentence):
    (tmp_path / "s.dat").write_text(text)
    with pytest.raises(UserError, match=sentence):
        testbench_files.read_samples(tmp_path / "s.dat", eprop=7, recall=2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1\n2.5\n", "line 2: '2.5'"),
        ("1\n\n128\n", "line 3: weight 128 is not from -128 to 127"),
        ("1\n2\n3\n", "holds 3 weights"),
    ],
)
def test_malformed_weight_file(tmp_path, text, sentence):
    (tmp_path / "w.dat").write_text(text)
    with pytest.raises(UserError, match=sentence):
        testbench_files.read_weights(tmp_path / "w.dat", (2, 2))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("zz\n", "line 1: a write is a header and data words of eight hexadecimal digits each, not 'zz'"),
        ("00010045 0000_079\n", "line 1: a write is a header"),
        ("00010045 00000179\n", "line 1: register 69 of ReckOn has 8 bits, the write has 0x179"),
        ("00010018 00000001\n", "line 1: ReckOn has no register 24"),
        ("00010000 00000000\n10010000 00000001\n", "line 2: .* while EN_CONF is 0"),
        ("00010055 00000000\n", "SEED_INP of ReckOn was given as 0"),
        ("00020000 00000001\n", "line 1: the header announces 2"),
        ("20010000 00000001\n", "code 2"),
        ("3001ffff 00000000\n", "fits no memory"),
    ],
)
def test_malformed_program(tmp_path, text, sentence):
    (tmp_path / "p.txt").write_text(text)
    with pytest.raises(UserError, match=sentence):
        spi_program.read_program(tmp_path / "p.txt")


# wrong input


@pytest.mark.parametrize(
    ("registers", "sentence"),
    [
        ({"KAPPA": 256}, "KAPPA of ReckOn was given as 256; it takes integers from 0 to 255"),
        ({"SPI_H_0": 32}, "H_0 of ReckOn was given as 32"),
        ({"KAPA": 3}, "no ReckOn register 'KAPA'; did you mean 'KAPPA'"),
        ({"SEED_OUT": 0}, "SEED_OUT of ReckOn was given as 0"),
        ({"SEED_STRND_NEUR": 5}, "SEED_STRND_NEUR of ReckOn is zero in bits 15 to 29"),
        ({"LR_P_WINP": 1.5}, "LR_P_WINP"),
        ({"ALPHA_CONF": 1 << 128}, "ALPHA_CONF"),
    ],
)
def test_wrong_register(registers, sentence):
    with pytest.raises(UserError, match=sentence):
        Configuration.of(registers)


def test_signed_registers_come_as_numbers_and_in_traces_as_bits():
    assert Configuration.of({"SPI_THR_H_0": 0xFF00})["THR_H_0"] == -256 == Configuration.of({"THR_H_0": -256})["THR_H_0"]
    assert Configuration.of({"SPI_H_0": 31})["H_0"] == -1
    with pytest.raises(UserError, match="H_0 of ReckOn was given as 31; it takes integers from -16 to 15"):
        Configuration.of({"H_0": 31})


def test_wrong_memories():
    c = presets.configuration()
    ok = np.zeros((2, 2), int)
    with pytest.raises(UserError, match=r"winp of ReckOn was given as 128 at index \(0, 1\)"):
        Memory.of(c, [[0, 128]], ok, ok)
    with pytest.raises(UserError, match="at most 256 by 256"):
        Memory.of(c, np.zeros((257, 3), int), ok, ok)
    with pytest.raises(UserError, match="at most 256 by 16"):
        Memory.of(c, ok, ok, np.zeros((4, 17), int))
    with pytest.raises(UserError, match="trace_out0 of ReckOn was given as 1024"):
        Memory.of(c, ok, ok, ok, neurons={"trace_out": [1024]})
    with pytest.raises(UserError, match="no neuron state"):
        Memory.of(c, ok, ok, ok, neurons={"v": [1]})


def test_design_rules():
    with pytest.raises(UserError, match="odd number of units: the chip never updates the last one"):
        presets.configuration(40, 99).require_sound()
    with pytest.raises(UserError, match="threshold of ReckOn's pair of units 0 is 0: units at rest fire"):
        Configuration.of({}, thr=0).require_sound()
    presets.configuration().require_sound()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"t": np.full(30, 20)}, "event 0 is at tick 20 of sample 0, which has ticks 0 to 19"),
        ({"i": np.full(30, 256)}, "ReckOn has inputs 0 to 255"),
        ({"sample": np.full(30, 2)}, "the samples are 0 to 1"),
        ({"label": np.array([0, 16])}, "ReckOn's classes are 0 to 15"),
        ({"eprop": np.array([7, 8])}, "DO_EPROP"),
        ({"infer_acc": np.zeros(39, int)}, "infer_acc has 39 entries; there are 40 ticks"),
        ({"n_ticks": np.array([1, 20])}, "target_valid has 40 entries; there are 21 ticks"),
        ({"label": np.array([0.5, 1.0])}, "row of integers"),
    ],
)
def test_wrong_samples(changes, sentence):
    with pytest.raises(UserError, match=sentence):
        samples_of(**changes).checked(presets.configuration())


def test_missing_targets_are_refused():
    with pytest.raises(UserError, match="asks for a number for each output in 10 ticks and would wait for ever"):
        samples_of().checked(presets.configuration().with_registers(REGRESSION=1))
    with pytest.raises(UserError, match="asks for a class"):
        samples_of().checked(presets.configuration().with_registers(SINGLE_LABEL=0))
    with pytest.raises(UserError, match="in 40 ticks"):  # regularisation without a target asks in every tick
        samples_of().checked(presets.configuration().with_registers(REGRESSION=1, REGUL_MODE=6))
    samples_of(eprop=np.zeros(2, int)).checked(presets.configuration().with_registers(REGRESSION=1))


def test_trace_lacks_an_input():
    trace = golden("corner")
    del trace["thr"]
    with pytest.raises(UserError, match="lacks thr"):
        given(trace)


def test_training_refuses(tmp_path):
    with pytest.raises(UserError, match="lacks dataset_cueAcc_train.dat"):
        train("evidence_accumulation", data=tmp_path)
    with pytest.raises(UserError, match="protocol without learning"):
        train("bi_poo_1998")
    with pytest.raises(UserError, match="takes classification tasks"):
        train("pattern_generation")
    with pytest.raises(UserError, match="at least one"):
        train("evidence_accumulation", epochs=0)


# shift registers


@pytest.mark.parametrize("name", SEEDS)
def test_register_layout_is_a_bijection(name):
    for content in (1, 0x1234, 0x7FFF):
        assert register(name, window(name, content)) == content
    assert advanced(name, 0x1234, 0) == 0x1234


def test_reset_values_follow_the_specification():
    """SPEC section 7."""
    contents = seeded({})
    expected = {"winp": 0x0000001, "wrec": 0x0424242, "wout": 0x000001, "noise": 0x1F0F1, "neur0": 0x1234, "neur1": 0x70F0, "tinp0": 0x1348}
    expected |= {"tinp1": 0x7FCF, "trec0": 0x4321, "trec1": 0x7BEA, "tout0": 0x3FF3, "tout1": 0x7EF0, "oneur": 0x7ABA}
    assert contents == expected


def test_preset_is_the_recorded_configuration():
    """The open-source testbench's setting, recorded in cueacc_train.npz with other seeds."""
    recorded = {k.removeprefix("SPI_"): v for k, v in json.loads(str(golden("cueacc_train")["config_json"])).items()}
    preset = presets.configuration()
    assert {k: preset[k] for k in recorded if not k.startswith("SEED")} == {k: v for k, v in recorded.items() if not k.startswith("SEED")}
    assert np.array_equal(preset.thr[:50], golden("cueacc_train")["thr"][:50])
    assert np.array_equal(preset.alpha[:50], golden("cueacc_train")["alpha"][:50])
