"""Bench folders of ODIN, tinyODIN and ReckOn, read by a reader that was written from README.txt alone, and played on independent models."""

import json

import numpy as np
import odin_oracle
import pandas as pd
import pytest
import reckon_oracle
import tinyodin_oracle
from bench_reader import Folder, OdinPort, ReckonPort, programmed, verified
from reckon_random import random_trace
from task_folders import WRITERS, learner, lessons, play_of
from test_odin_files import flags

from brian2chip.chips.odin import teaching
from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin.mapping import INTERFACE
from brian2chip.chips.odin_family import bench
from brian2chip.chips.reckon import files as reckon_files
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.replay import given as reckon_given
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation.translate import translate


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One folder a chip."""
    root = tmp_path_factory.mktemp("bench")
    return {chip: Folder(write(root)) for chip, write in WRITERS.items()}


PORTS = {"odin": lambda fill: OdinPort(16, fill, flags), "tinyodin": lambda fill: OdinPort(4, fill), "reckon": ReckonPort}


@pytest.mark.parametrize("chip", PORTS)
def test_a_sparse_program_after_a_clear_leaves_what_the_full_one_does(folders, chip):
    """The memories hold anything before; ODIN's flags too, and every program sets all of them."""
    folder = folders[chip]
    states = [programmed(folder, PORTS[chip](fill), *names).state() for fill in (0xA5, 0) for names in (["full"], ["clear", "sparse"])]
    if chip == "reckon":  # whole rows of memories that no program touches keep what they held
        states = [
            (registers, {k: m[:1024] if k == 5 else m for k, m in memories.items()}, written) for registers, memories, written in states
        ]
    assert all(state == states[0] for state in states)
    assert chip != "odin" or None not in states[0][3]


@pytest.mark.parametrize("chip", PORTS)
def test_the_read_back_list_is_right_after_either_program(folders, chip):
    folder = folders[chip]
    for names in (["full"], ["clear", "sparse"]):
        port = programmed(folder, PORTS[chip](0x3C), *names)
        assert verified(folder, port) == []
    broken = programmed(folder, PORTS[chip](0), "clear")  # without the program, most differ
    assert len(verified(folder, broken)) > 0.9 * folder.document["readback"]["entries"]


@pytest.mark.parametrize("chip", PORTS)
def test_counts_of_the_document_are_those_of_the_files(folders, chip):
    document = folders[chip].document
    for name, entry in document["programs"].items():
        lines = folders[chip].transactions(name)
        assert entry["transactions"] == len(lines) and entry["words"] == sum(map(len, lines))
        assert entry["bits"] == entry["words"] * document["spi"]["word_bits"]
    tail = [" ".join(f"{word:0{document['spi']['word_bits'] // 4}x}" for word in words) for words in lines[-len(document["enable"]) :]]
    assert tail == document["enable"]


def played(folder, chip):
    """Return what an independent model does with the stimulus of a folder of ODIN or tinyODIN, programmed by its sparse program."""
    port = programmed(folder, PORTS[chip](0x77), "clear", "sparse")
    events = folder.table(folder.document["stimulus"]["events"])
    trace = {"stim_addr": [e["address"] for e in events], "stim_wait_idle": [e["wait"] for e in events], "syn_init": port.weights()}
    if chip == "tinyodin":
        names = {"open_loop": 1, "aer_src_ctrl_nneur": 2, "max_neur": 3}
        words = [int.from_bytes(bytes(row), "little") for row in port.neurons]
        return tinyodin_oracle.replay({**trace, "neur_init": words, **{name: port.registers[a] for name, a in names.items()}}), events, port
    names = {"open_loop": 1, "burst_timeref": 18, "aer_src_ctrl_nneur": 19, "out_aer_monitor_en": 20, "monitor_neur_addr": 21}
    names |= {"monitor_syn_addr": 22, "update_unmapped_syn": 23, "propagate_unmapped_syn": 24, "sdsp_on_syn_stim": 25}
    sign = [port.registers[2 + n // 16] >> n % 16 & 1 for n in range(256)]
    trace |= {"neur_init": port.neurons, "syn_sign": sign, "vup_init": port.up, "vdn_init": port.down}
    return odin_oracle.replay({**trace, **{name: port.registers[a] for name, a in names.items()}}), events, port


@pytest.mark.parametrize("chip", ["odin", "tinyodin"])
def test_an_independent_model_does_what_is_expected(folders, chip):
    folder = folders[chip]
    out, events, port = played(folder, chip)
    expected = folder.table(folder.document["expected"]["output"])
    assert len(expected) > 15
    assert [(row["byte"], row["event"], row["cycle"]) for row in expected] == list(
        zip(out["out_addr"], out["out_stim_index"], out["out_cycle"])
    )
    assert [row["sample"] for row in expected] == [events[k]["sample"] for k in out["out_stim_index"]]
    words = out["neur_final"] if chip == "odin" else [list(word.to_bytes(4, "little")) for word in out["neur_final"]]
    port.neurons = [list(word) for word in words]
    if chip == "odin":
        for i, row in enumerate(out["syn_final"]):
            for j in range(0, 256, 2):
                port.synapses[32 * i + j // 8][j % 8 // 2] = row[j] | row[j + 1] << 4
    assert verified(folder, port, after=True) == []


def test_odin_learns_in_the_folder(folders):
    folder = folders["odin"]
    before, after = (
        {row["address"]: row["expected"] for row in folder.readback(late) if row["memory"] == "synapses"} for late in (False, True)
    )
    assert folder.document["learning"] and before.keys() == after.keys()
    assert sum(before[address] != after[address] for address in before) > 20
    assert not folders["tinyodin"].document["learning"] and not folders["reckon"].document["learning"]


@pytest.mark.parametrize("chip", ["odin", "tinyodin"])
def test_answers_of_samples(folders, chip):
    """The answer is the neuron with most spikes, the lowest among equals."""
    folder = folders[chip]
    output, samples = (folder.table(folder.document["expected"][name]) for name in ("output", "samples"))
    events = folder.table(folder.document["stimulus"]["events"])
    for row in samples:
        own = [e["byte"] for e in output if e["sample"] == row["sample"]]
        counted = [e["byte"] for e in output if e["sample"] == row["sample"] and events[e["event"]]["step"] >= 0]
        assert row["outputs"] == len(own) and row["answer"] == max(range(10), key=lambda k: (counted.count(k), -k))
    assert sum(row["cycles"] for row in samples) > 520 * sum(event["kind"] == "spike" for event in events) * (chip == "odin")


def reckon_model(folder):
    """Return the independent model of ReckOn after the stimulus of a folder, programmed by its sparse program."""
    port = programmed(folder, ReckonPort(0x5A5A5A5A), "clear", "sparse")
    registers = {name: port.registers[address] for name, address in folder.registers().items()}
    pairs = port.pairs()
    conf = sum(port.registers[65 + k] << 32 * k for k in range(4))
    alpha = [word >> 116 & 0xFFF | (0x8000 if conf >> w & 1 else 0x7000) for w, word in enumerate(pairs)]
    signed = lambda value: value - (value >> 15 << 16)  # noqa: E731
    thr = [signed(word >> 100 & 0xFFFF) for word in pairs]
    units = [word >> shift for word in pairs for shift in (0, 50)]
    neurons = {"u": [signed(u & 0xFFFF) for u in units], "ti": [u >> 16 & 0xFFF for u in units], "tr": [u >> 28 & 0xFFF for u in units]}
    neurons["to"] = [u >> 40 & 0x3FF for u in units]
    weights = [port.weights(code, 256, columns) for code, columns in ((3, 256), (4, 256), (5, 16))]
    chip = reckon_oracle.Oracle({f"SPI_{name}": value for name, value in registers.items()}, thr, alpha, *weights, neurons=neurons)
    stimulus = folder.document["stimulus"]
    events, runs = folder.table(stimulus["events"]), folder.table(stimulus["ticks"])
    targets = [] if stimulus["targets"] is None else folder.table(stimulus["targets"])
    for s in range(stimulus["samples"]):
        own = [run for run in runs if run["sample"] == s]
        n = own[-1]["end"]
        assert own[0]["first"] == 0 and all(a["end"] == b["first"] for a, b in zip(own, own[1:]))
        level = lambda name: [run[name] for run in own for _ in range(run["first"], run["end"])]  # noqa: B023, E731
        sets = [{e["input"] for e in events if e["sample"] == s and e["tick"] == t} for t in range(n)]
        asked = [bytes(row["value"] for row in targets if row["sample"] == s and row["tick"] == t) for t in range(n)]
        numbers = None
        if any(asked):
            numbers = [np.frombuffer(a, "<i2").tolist() or [0] * 16 if registers["REGRESSION"] else list(a) or [0] for a in asked]
        chip.run_sample(n, sets, own[0]["eprop"], own[0]["label"], level("target_valid"), level("infer_acc"), numbers)
    return chip, port


def check_reckon(folder):
    chip, port = reckon_model(folder)
    expected = {name: folder.table(entry) for name, entry in folder.document["expected"].items()}
    for s, sent in enumerate(chip.log["bytes"]):
        assert [row["byte"] for row in expected["output"] if row["sample"] == s] == sent
    sent, runs = chip.log["bytes"], folder.table(folder.document["stimulus"]["ticks"])
    lengths = [max(row["end"] for row in runs if row["sample"] == s) for s in range(len(sent))]
    cycles = np.split(chip.log["cycles"], np.cumsum(lengths)[:-1])
    assert [row["cycles"] for row in expected["samples"]] == [int(c.sum()) for c in cycles]
    assert [row["outputs"] for row in expected["samples"]] == [len(b) for b in sent]
    steps = [(s, t) for s, n in enumerate(lengths) for t in range(1, n)]
    spikes = [(*place, unit) for place, z in zip(steps, chip.log["z"]) for unit in range(chip.nr + 1) if z[unit]]
    assert [(row["sample"], row["tick"], row["unit"]) for row in expected["spikes"]] == spikes
    for code, name, columns in ((3, "winp", 256), (4, "wrec", 256), (5, "wout", 16)):
        flat = np.array(chip.w[name], np.int8).reshape(-1, columns).tobytes()
        port.memories[code][: len(flat) // 4] = np.frombuffer(flat, "<u4").tolist()
    assert verified(folder, port, after=True) == []
    return chip, expected


def test_an_independent_model_of_reckon_does_what_is_expected(folders):
    chip, expected = check_reckon(folders["reckon"])
    assert (chip.ni, chip.nr, chip.no) == (39, 99, 1) and len(expected["spikes"]) > 100
    assert [row["label"] for row in expected["samples"]] == [0, 1, 1]
    assert [row["tick"] for row in expected["output"]] == [31, 31, 31]  # 30 steps and two ticks more


CHANGES = [
    {"SEND_PER_TIMESTEP": 0, "SEND_LABEL_ONLY": 1, "REGRESSION": 0, "SINGLE_LABEL": 1},
    {"SEND_PER_TIMESTEP": 1, "SEND_LABEL_ONLY": 0, "REGRESSION": 1, "SINGLE_LABEL": 1},
    {"SEND_PER_TIMESTEP": 1, "SEND_LABEL_ONLY": 1, "REGRESSION": 0, "SINGLE_LABEL": 0, "REGUL_MODE": 6},
]


@pytest.fixture
def running():
    with Emulator(record=True) as chip:
        yield chip


def learning_on_reckon(seed, changes):
    trace = random_trace(seed, 12, 16, 4, 8, **{"EN_STOCH_ROUND": 1, **changes})
    trace["thr"] = np.abs(trace["thr"]) + 1
    return reckon_given(trace)


@pytest.mark.parametrize("seed, changes", enumerate(CHANGES, 4))
def test_reckon_learns_in_the_folder(running, tmp_path, seed, changes):
    """The traces have samples of any DO_EPROP; targets are asked for in the ticks in which the chip learns (SPEC section 8)."""
    configuration, memory, samples = learning_on_reckon(seed, changes)
    reckon_files.write(tmp_path / "out", configuration, memory, samples, chip=running)
    folder = Folder(tmp_path / "out")
    check_reckon(folder)
    assert folder.document["learning"]
    assert weights(folder, False) != weights(folder, True)
    assert (folder.document["stimulus"]["targets"] is not None) == bool(changes["REGRESSION"] or not changes["SINGLE_LABEL"])


def weights(folder, after):
    return {row["address"]: row["expected"] for row in folder.readback(after) if row["memory"] != "neurons"}


def test_a_reckon_folder_after_some_samples_goes_on_as_the_straight_run(running, tmp_path):
    configuration, memory, samples = learning_on_reckon(4, CHANGES[0])
    between = running.run(configuration, memory, samples.alone(0)).memory
    for name, start, some in (("all", memory, samples), ("rest", between, samples.alone(1))):
        reckon_files.write(tmp_path / name, configuration, start, some, chip=running)
    whole, rest = (Folder(tmp_path / name) for name in ("all", "rest"))
    for name in ("output", "spikes"):
        straight, continued = (
            [list(row.values())[1:] for row in f.table(f.document["expected"][name]) if row["sample"] == k]
            for f, k in ((whole, 1), (rest, 0))
        )
        assert straight == continued and straight
    assert {row["address"]: row["expected"] for row in whole.readback(True)}.items() <= {
        row["address"]: row["expected"] for row in rest.readback(True)
    }.items()
    check_reckon(rest)


def test_an_odin_folder_from_the_middle_of_a_lesson_goes_on_as_the_straight_run(folders, tmp_path):
    """Written where flags are set and weights have changed, before the spikes at which the third lesson changes more."""
    taught, labels = lessons(5)
    cut = len(taught[2]) - teaching.RESET - 3
    rows = [taught[2][cut:], *taught[3:]]
    with emulator() as chip:
        chip.run(learner(), np.concatenate([*taught[:2], taught[2][:cut]]))
        held = chip.contents()
        bench.write(INTERFACE, tmp_path, held, {"digits": (0, 10)}, play_of(rows, labels[2:]), chip=chip)
    rest, whole = Folder(tmp_path), folders["odin"]
    first = sum(map(len, taught[:2])) + cut
    output = whole.table(whole.document["expected"]["output"])
    straight = [(row["event"] - first, row["byte"]) for row in output if row["event"] >= first]
    assert [(row["event"], row["byte"]) for row in rest.table(rest.document["expected"]["output"])] == straight and straight
    ends = [{row["address"]: row["expected"] for row in f.readback(True) if row["expected"]} for f in (whole, rest)]
    assert ends[0] == ends[1]
    port = programmed(rest, OdinPort(16, 0x5A, flags), "clear", "sparse")
    assert port.up == held.up.tolist() and port.down == held.down.tolist() and any(port.up + port.down)
    assert port.weights() == held.synapses.tolist() and np.any(held.synapses != learner().synapses)


def test_odin_with_640_synapses(tmp_path):
    """64 inputs and 10 neurons: 36,892 transactions write all; those in use and disabled neurons take at most 1,500."""
    rng = np.random.default_rng(0)
    net = SpikingNetwork(
        (Population("pixels", "input", 64), Population("digits", "lif", 10, {"v_threshold": 30.0, "reset": "zero", "tau_m": 50e-3})),
        (Projection("pixels", "digits", rng.integers(1, 8, (64, 10)).astype(float), 0),),
        1e-3,
    )
    translation = translate(net, "odin", device="numpy")
    translation.write(tmp_path / "out")
    folder = Folder(tmp_path / "out" / "chip")
    counts = {name: entry["transactions"] for name, entry in folder.document["programs"].items()}
    assert np.count_nonzero(translation.configuration.chip.synapses) == 640
    assert counts["full"] == 36_892 and counts["sparse"] <= 1_500 and counts["clear"] == 2 + 256 * 16 + 8192 * 4
    port = programmed(folder, OdinPort(16, 0, flags), "sparse")
    disabled = [row[15] >> 7 for row in port.neurons]
    assert disabled == [0] * 10 + [1] * 246
    assert folder.document["stimulus"] is None and folder.document["expected"] is None


def test_the_readme_states_the_numbers_of_the_document(folders):
    for chip, folder in folders.items():
        text = (folder.path / "README.txt").read_text()
        for entry in folder.document["programs"].values():
            assert f"{entry['transactions']:,} transactions" in text
        assert f"{folder.document['stimulus']['samples']} samples" in text
        for entry in (folder.document["stimulus"]["events"], *filter(None, folder.document["expected"].values())):
            assert entry["file"] in text and f"{entry['entries']:,}" in text
        for line in folder.document["enable"]:
            assert line in text
        assert json.loads((folder.path / "bench.json").read_text())["chip"] == chip


def test_samples_without_labels_say_so(tmp_path):
    hidden = {"tau_m": 20e-3, "v_threshold": 1.0}
    net = SpikingNetwork(
        (
            Population("cues", "input", 4),
            Population("hidden", "lif", 4, hidden),
            Population("out", "li", 2, {"tau_m": 20e-3}),
        ),
        (Projection("cues", "hidden", np.eye(4), 0), Projection("hidden", "out", np.ones((4, 2)), 0)),
        1e-3,
    )
    test = Samples.from_dense(np.ones((2, 5, 4), bool), np.ones(5, bool), target=np.zeros((2, 5, 2)))
    translate(net, "reckon", test=test, device="numpy").write(tmp_path / "net")
    for name in ("stimulus_ticks.csv", "expected_samples.csv"):
        assert set(pd.read_csv(tmp_path / "net" / "chip" / name).label) == {-1}, name  # README.txt: a label of -1 is unknown
