"""The driver on the emulated chips: what is right passes, and every injected fault is found and named."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bench_folders import CHIPS, written

from brian2chip.bench.folder import EVENT_OUTPUT, READBACK, TICK_OUTPUT, BenchFolder
from brian2chip.bench.run import BenchResult, run
from brian2chip.bench.script import script
from brian2chip.bench.simulator import simulator
from brian2chip.bench.spidev_transport import SpidevTransport
from brian2chip.bench.transport import Op
from brian2chip.bench.transports import open_transport
from brian2chip.cli import main
from brian2chip.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden" / "reckon"


@pytest.fixture(scope="module", params=CHIPS)
def folder(request, tmp_path_factory):
    return written(request.param, tmp_path_factory.mktemp("driver") / request.param)


@pytest.fixture(scope="module")
def reckon(tmp_path_factory):
    return written("reckon", tmp_path_factory.mktemp("driver") / "one")


class Faulty:
    """A transport with a fault: words on their way to the chip or back, or instructions, are changed by a function."""

    def __init__(self, transport, words=lambda k, sent: sent, answers=lambda sent, got: got, instructions=lambda given: given):
        self.transport, self.words, self.answers, self.instructions = transport, words, answers, instructions
        self.reset, self.close, self.count = transport.reset, transport.close, 0

    def transfer(self, words):
        sent = [self.words(self.count + k, word) for k, word in enumerate(words)]
        self.count += len(words)
        return self.answers(list(words), self.transport.transfer(sent))

    def play(self, instructions):
        return self.transport.play(self.instructions(list(instructions)))


# what is right


@pytest.mark.parametrize("how", ["full", "clear", "sparse"])
def test_a_folder_passes(folder, how):
    result = run(folder, simulator(folder), how=how)
    columns = EVENT_OUTPUT if folder.word_bits == 20 else TICK_OUTPUT
    expected = folder.table(folder.document["expected"]["output"], columns)
    entries = dict(zip(result.table.step, result.table.entries))
    assert result.verdict.startswith("PASS: ") and result.first_difference is None
    assert list(entries) == ["program", "verify", "play", "verify after"] and entries["play"] == len(expected) > 3
    assert entries["verify"] == folder.document["readback"]["entries"] > 100
    programs = folder.document["programs"]
    names = {"full": ["full"], "clear": ["clear", "sparse"], "sparse": ["sparse"]}[how]
    assert entries["program"] == sum(programs[name]["transactions"] for name in names)
    assert np.array_equal(result.output[["sample", "place", "byte"]], expected[["sample", list(columns)[1], "byte"]])


def test_the_command_prints_pass_and_writes_what_came_out(folder, tmp_path, capsys):
    out = tmp_path / "came.csv"
    assert main(["bench", str(folder.path.parent), "--transport", "simulator", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "PASS: " in said and "verify after" in said
    assert len(out.read_text().splitlines()) == 1 + folder.document["expected"]["output"]["entries"]
    assert main(["bench", str(folder.path), "--no-play", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [step["step"] for step in document["steps"]] == ["program", "verify"] and document["verdict"].startswith("PASS")


def test_the_simulated_chip_learns_as_expected(tmp_path):
    """SDSP on in the played samples: weights afterwards differ from those before, and both read-backs pass."""
    from brian2chip.chips.odin.mapping import INTERFACE
    from brian2chip.chips.odin_family import bench
    from brian2chip.chips.odin_family.play import Play

    chip, events, sample = learning_odin()
    bench.write(INTERFACE, tmp_path / "chip", chip, {"out": (0, 10)}, Play(events, sample, np.zeros(len(events), int), 2))
    folder = BenchFolder.read(tmp_path)
    assert folder.document["learning"]
    before = folder.table(folder.document["readback"], READBACK)
    after = folder.table(folder.document["expected"]["readback"], READBACK)
    weights = [dict(table[table.memory == "synapses"][["address", "expected"]].to_numpy()) for table in (before, after)]
    assert sum(weights[1].get(a, 0) != v for a, v in weights[0].items()) > 10
    assert run(folder, simulator(folder)).verdict.startswith("PASS")


def learning_odin():
    """Return an ODIN with SDSP on, spikes of its inputs with waits, and the sample of each."""
    from brian2chip.chips.odin import events as odin_events
    from brian2chip.chips.odin.configuration import Configuration

    rng = np.random.default_rng(5)
    chip = Configuration.blank(open_loop=1).with_neurons(
        np.arange(10), lif=1, thr=40, leak_en=1, leak_str=1, ca_en=1, thetamem=10, theta1=0, theta2=3, theta3=7, ca_leak=5
    )
    synapses = np.zeros((256, 256), np.uint8)
    synapses[20:60, :10] = 8 + rng.integers(0, 8, (40, 10))
    chip = type(chip)(chip.registers, chip.syn_sign, chip.words, synapses, chip.up, chip.down)
    addresses = odin_events.spike(rng.integers(20, 60, 120))
    return chip, odin_events.checked(addresses), np.repeat([0, 1], 60)


# faults


def test_a_flipped_bit_on_the_way_in_is_named(folder):
    """The lowest bit of one word of the program is wrong: the read-back says where, and nothing is played."""
    table = folder.table(folder.document["readback"], READBACK)
    row = table[table.memory != "neurons"].iloc[-1]
    program = folder.program("full")
    where = place_of(folder, program, row.address)
    result = run(folder, Faulty(simulator(folder), words=lambda k, word: word ^ (k == where)))
    width, digits = (2, 5) if folder.word_bits == 20 else (8, 8)
    part = "byte" if folder.word_bits == 20 else "part"
    assert result.first_difference == (
        f"read back after the program, address {row.address:0{digits}x} ({row.memory}, word {row.word}, {part} {row.part}): "
        f"expected {row.expected:0{width}x}, got {row.expected ^ 1:0{width}x}"
    )
    assert list(result.table.step) == ["program", "verify"] and result.table.differences.iloc[-1] == 1 and result.output is None


def place_of(folder, program, address):
    """Return which word of a program, counted from the first, holds what is read at an address."""
    count = 0
    for words in program:
        first = words[0] & ~(1 << 18) if folder.word_bits == 20 else words[0] & 0x7000FFFF
        wanted = address & ~(1 << 19) if folder.word_bits == 20 else address & 0x7000FFFF
        if first >> 16 and first <= wanted < first + len(words) - 1:
            return count + 1 + wanted - first
        count += len(words)
    raise AssertionError(f"{address:x} is not programmed")


def test_a_lost_event_is_named(folder):
    lost = run(folder, Faulty(simulator(folder), instructions=without_an_event(folder)))
    assert lost.first_difference is not None
    assert list(lost.table.step)[-1] in ("play", "verify after")


def without_an_event(folder):
    """Return a function that leaves out the event, and on ReckOn all events of one input, that matter to the output."""
    instructions = [one for part in script(folder) for one in part.instructions]
    events = [one for one in instructions if one[0] is Op.EVENT]
    if folder.chip == "reckon":  # the label is all that comes out, so much must be lost
        return lambda given: [one for one in given if one[0] is not Op.EVENT]
    half = events[len(events) // 8]
    index = instructions.index(half)
    return lambda given: [*given[:index], (Op.WAIT, 0), *given[index + 1 :]]


def test_a_transport_that_answers_wrongly_is_named(folder):
    """An answer that is one off: which address, what was expected, and what it got."""
    table = folder.table(folder.document["readback"], READBACK)
    row = table.iloc[7]

    def off(sent, got):
        return [word ^ (k > 0 and sent[k - 1] == row.address) for k, word in enumerate(got)]

    said = run(folder, Faulty(simulator(folder), answers=off)).first_difference
    assert f"address {row.address:x}" in said and f"expected {row.expected:0{2 if folder.word_bits == 20 else 8}x}, got " in said


def test_a_transport_that_answers_too_little(folder):
    with pytest.raises(UserError, match="the transport answered [0-9]+ words to [0-9]+ from address "):
        run(folder, Faulty(simulator(folder), answers=lambda sent, got: got[:-1]))


def test_a_byte_too_many_and_a_wrong_one(folder):
    class Chatty(Faulty):
        def play(self, instructions):
            return [*self.transport.play(instructions), (9, len(instructions) - 1)]

    assert "got byte 9" in run(folder, Chatty(simulator(folder))).first_difference

    class Wrong(Faulty):
        def play(self, instructions):
            first, *rest = self.transport.play(instructions)
            return [(first[0] ^ 128, first[1]), *rest]

    result = run(folder, Wrong(simulator(folder)))
    assert result.first_difference.startswith("output 0: expected byte ") and result.table.differences.iloc[-1] == 1


# wrong input


def test_a_folder_of_another_version(folder, tmp_path):
    shutil.copytree(folder.path, tmp_path / "chip")
    document = json.loads((tmp_path / "chip" / "bench.json").read_text())
    (tmp_path / "chip" / "bench.json").write_text(json.dumps({**document, "schema": "brian2chip.bench/7"}))
    with pytest.raises(UserError, match="brian2chip.bench/7, this version reads brian2chip.bench/1; update brian2chip"):
        BenchFolder.read(tmp_path)


def test_a_folder_without_stimulus_is_told_how_to_get_one(tmp_path, folder):
    shutil.copytree(folder.path, tmp_path / "chip")
    document = json.loads((tmp_path / "chip" / "bench.json").read_text())
    (tmp_path / "chip" / "bench.json").write_text(json.dumps({**document, "stimulus": None, "expected": None}))
    bare = BenchFolder.read(tmp_path)
    with pytest.raises(UserError, match="translate with --test SAMPLES"):
        run(bare, simulator(bare))
    assert run(bare, simulator(bare), playing=False).verdict.startswith("PASS: ")


def test_a_channel_that_the_link_cannot_carry(folder, tmp_path):
    shutil.copytree(folder.path, tmp_path / "chip")
    path = tmp_path / "chip" / "stimulus.csv"
    head, first, *rest = path.read_text().splitlines()
    cells = first.split(",")
    cells[head.split(",").index("address" if folder.word_bits == 20 else "input")] = "200000"
    path.write_text("\n".join([head, ",".join(cells), *rest]) + "\n")
    wide = BenchFolder.read(tmp_path)
    with pytest.raises(UserError, match="200000; AERIN_ADDR of .* has .* bits, 0 to .*: use fewer channels"):
        run(wide, simulator(wide))


@pytest.mark.parametrize(
    "file, column, value, said",
    [
        ("stimulus.csv", "tick", "999", "row 0 of the stimulus in .* is at tick 999 of sample 0, which has none of that number"),
        ("stimulus_ticks.csv", "first", "1", "row 0 of the ticks in .*; runs of a sample follow one another from 0"),
        ("stimulus_ticks.csv", "end", "1000000000000", "row 0 of the ticks in .* to at most 1048576"),
        ("stimulus_ticks.csv", "infer_acc", "2", "levels are 0 or 1"),
    ],
)
def test_ticks_that_no_sample_has_are_not_played(reckon, tmp_path, file, column, value, said):
    shutil.copytree(reckon.path, tmp_path / "chip")
    path = tmp_path / "chip" / file
    head, first, *rest = path.read_text().splitlines()
    cells = first.split(",")
    cells[head.split(",").index(column)] = value
    path.write_text("\n".join([head, ",".join(cells), *rest]) + "\n")
    with pytest.raises(UserError, match=said):
        script(BenchFolder.read(tmp_path))


def test_a_program_with_a_wrong_line(folder, tmp_path):
    shutil.copytree(folder.path, tmp_path / "chip")
    path = tmp_path / "chip" / folder.document["programs"]["full"]["file"]
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "12 zz", *lines[2:]]) + "\n")
    with pytest.raises(UserError, match="line 2: '12 zz' is no transaction"):
        run(BenchFolder.read(tmp_path), simulator(folder))


def test_transports_by_name(reckon):
    for name in ("usb", "serial:", "simulator:1"):
        with pytest.raises(UserError, match="is none of simulator, serial:PORT"):
            open_transport(name, reckon)
    with pytest.raises(UserError, match="BUS.DEVICE, e.g. spidev:0.0, not 'a.b'"):
        open_transport("spidev:a.b", reckon)


# SPI of Linux, with a module that stands in for spidev


@pytest.fixture
def spidev(monkeypatch):
    """Put a module in place of spidev whose device is the simulated chip that ``chip`` holds, fed with bytes."""
    import types

    state = types.SimpleNamespace(chip=None, bits=0, sizes=[])

    class SpiDev:
        def open(self, bus, device):
            if (bus, device) != (0, 1):
                raise FileNotFoundError(2, "No such file or directory")

        def xfer2(self, data):
            state.sizes.append(len(data))
            stream, count = int.from_bytes(bytes(data), "big"), 8 * len(data) // state.bits
            words = [stream >> state.bits * (count - 1 - k) & (1 << state.bits) - 1 for k in range(count)]
            back = 0
            for word in state.chip.transfer(words):
                back = back << state.bits | word
            return list(back.to_bytes(len(data), "big"))

        def close(self):
            pass

    monkeypatch.setitem(__import__("sys").modules, "spidev", types.SimpleNamespace(SpiDev=SpiDev))
    return state


def test_spi_of_linux_programs_and_reads_back(folder, spidev):
    spidev.chip, spidev.bits = simulator(folder), folder.word_bits
    result = run(folder, SpidevTransport("0.1", folder), playing=False)
    assert result.verdict.startswith("PASS") and max(spidev.sizes) <= 4096  # what Linux takes at once unless told otherwise
    with pytest.raises(UserError, match="use a serial bridge to play"):
        SpidevTransport("0.1", folder).play([])
    with pytest.raises(UserError, match=r"/dev/spidev3.0 cannot be opened \(No such file"):
        SpidevTransport("3.0", folder)


@pytest.mark.parametrize("trace", ["train_all", "regression", "multilabel_send", "infer_det"])
def test_recorded_samples_of_reckon_come_back_from_the_instructions(trace, tmp_path):
    """Learning with a label, with targets of outputs, of classes, and none: the played samples give what the samples themselves gave."""
    from brian2chip.chips.reckon import files
    from brian2chip.chips.reckon.replay import given

    configuration, memory, samples = given(dict(np.load(GOLDEN / f"{trace}.npz")))
    files.write(tmp_path / "chip", configuration, memory, samples)
    folder = BenchFolder.read(tmp_path)
    result = run(folder, simulator(folder))
    assert result.verdict.startswith("PASS") and len(result.output) == folder.document["expected"]["output"]["entries"] > 0


def test_a_pass_without_output_says_so():
    steps = [("program", 9, 0, None, 0.1), ("verify", 8, 0, None, 0.1), ("play", 0, 0, None, 0.1)]
    table = pd.DataFrame(steps, columns=["step", "entries", "differences", "first_difference", "seconds"])
    assert BenchResult(table, None).verdict.endswith(
        "No output was expected: the network is silent on these samples (brian2chip diagnose says why)."
    )
    assert "silent" not in BenchResult(table[:2], None).verdict  # nothing was played
