"""Tasks from files and folders of recordings, written by the tests as their formats are documented; what is wrong is one sentence."""

import struct

import numpy as np
import pytest
from brian2 import ms, second

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.core.recordings.aedat_files import read_aedat
from brian2chip.core.recordings.event_files import check_settings
from brian2chip.core.sample_files import save_samples
from brian2chip.errors import UserError
from brian2chip.learning import train

RNG = np.random.default_rng(4)
DENSE = RNG.random((20, 12, 3)) < 0.3
LABELS = np.arange(20) % 2
FIELDS = [("x", np.int16), ("y", np.int16), ("t", np.int64), ("p", bool)]


def refused(call, *words):
    with pytest.raises(UserError) as error:
        call()
    text = str(error.value)
    assert "\n" not in text and all(word in text for word in words), text


def drawn(task, split="test"):
    return task.generate(10_000, np.random.default_rng(1), split=split)


def listed(samples):
    return np.stack([samples.sample, samples.t, samples.i], 1).tolist()


# AEDAT as the documentation of iniVation's file formats has it: a header of lines that begin with #; 2.0: address and microseconds, high
# byte first; DVS128: bits 14-8 row, 7-1 column, 0 polarity; DAVIS: 30-22 row, 21-12 column, 11 polarity, 31 and 10 are no polarity events.
def dvs128(events):
    return b"#!AER-DAT2.0\r\n# created now\r\n" + b"".join(struct.pack(">ii", y << 8 | x << 1 | p, t) for x, y, t, p in events)


def davis(events, more=b""):
    body = b"".join(struct.pack(">ii", y << 22 | x << 12 | p << 11, t) for x, y, t, p in events)
    return b"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis240C\r\n" + body + more


# 3.1: packets with a head of 28 bytes, low byte first; type 1: bits 31-17 column, 16-2 row, 1 polarity, 0 validity.
def packet(events, kind=1, overflow=0, valid=1):
    head = struct.pack("<hhiiiiii", kind, 0, 8, 4, overflow, len(events), len(events), len(events))
    return head + b"".join(struct.pack("<Ii", x << 17 | y << 2 | p << 1 | valid, t) for x, y, t, p in events)


def aedat3(*packets):
    return b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 0: DVS128\r\n#!END-HEADER\r\n" + b"".join(packets)


EVENTS = [(3, 100, 1000, 1), (127, 0, 1500, 0), (0, 127, 2500, 1), (1, 1, 2500, 0)]  # two at once


def test_aedat_2_of_a_dvs128(tmp_path):
    path = tmp_path / "a.aedat"
    path.write_bytes(dvs128(EVENTS))
    assert [tuple(e) for e in read_aedat(path).events.tolist()] == [(x, y, t, bool(p)) for x, y, t, p in EVENTS]
    assert read_aedat(path)[1:] == (128, 128)


def test_aedat_2_of_a_davis_leaves_out_frames_with_a_word(tmp_path, caplog):
    path = tmp_path / "a.aedat"
    path.write_bytes(davis([(239, 179, 5, 1), (0, 2, 9, 0)], struct.pack(">ii", -(1 << 31), 10) + struct.pack(">ii", 1 << 10, 11)))
    found = read_aedat(path)
    assert found.events.tolist() == [(239, 179, 5, True), (0, 2, 9, False)] and found[1:] == (240, 180)
    assert "2 of 4 events are no changes of brightness" in caplog.text


def test_aedat_3(tmp_path, caplog):
    path = tmp_path / "a.aedat"
    path.write_bytes(
        aedat3(packet(EVENTS), packet([(1, 1, 7, 0)], kind=3), packet([(5, 6, 7, 1)], overflow=1), packet([(0, 0, 8, 0)], 1, 1, 0))
    )
    assert read_aedat(path).events.tolist() == [*((x, y, t, bool(p)) for x, y, t, p in EVENTS), (5, 6, 7 + 2**31, True)]
    assert "1 of 6 events" in caplog.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"#!AER-DAT4.0\r\n", "version 4.0"),
        (b"nothing", "no AEDAT file"),
        (dvs128(EVENTS) + b"xyz", "no whole number of events"),
        (dvs128(EVENTS[::-1]), "goes back at event 2"),
        (davis([(240, 0, 1, 1)]), "pixel (240, 0)"),
        (davis([(0, 0, 1, 1)]).replace(b"AEChip", b"Chip"), None),  # addresses of a DVS128
        (davis([(9, 9, 1, 1)]).replace(b"AEChip", b"Chip"), "which camera"),
        (aedat3(packet(EVENTS)[:-1]), "cut off"),
        (aedat3(packet(EVENTS)).replace(b"#!END-HEADER\r\n", b""), "end of its header"),
        (aedat3(packet(EVENTS)).replace(b"DVS128", b"Other"), "which camera"),
        (aedat3(packet(EVENTS)[:20]), "cut off"),
    ],
)
def test_aedat_files_that_are_none(tmp_path, data, words):
    path = tmp_path / "a.aedat"
    path.write_bytes(data)
    if words is None:
        assert read_aedat(path)[1:] == (128, 128)
    else:
        refused(lambda: read_aedat(path), "a.aedat", words)


def folder(tmp_path, name="data", classes=("10", "9"), n=5, write=dvs128, ending=".aedat"):
    for c, label in enumerate(classes):
        where = tmp_path / name / label
        where.mkdir(parents=True)
        for k in range(n):
            (where / f"{k}{ending}").write_bytes(write([(2 * c, 4, 50_000 + 1000 * k, 1), (2 * c, 4, 52_100 + 1000 * k, 0)]))
    return tmp_path / name


def test_a_folder_of_a_folder_for_each_class(tmp_path, caplog):
    top = folder(tmp_path)
    (top / "README.md").write_text("made by the test")
    task = bc.Task.from_file(top, dt=1 * ms, pool=64, held_out=0.4)
    assert (task.n_in, task.n_out, task.n_steps, task.name) == (2 * 2 * 2, 2, 3, "data")  # 128/64 a side, two polarities
    samples = drawn(task)
    assert sorted(samples.label.tolist()) == [0, 0, 1, 1]  # "9" comes before "10"
    assert listed(samples)[:2] == [[0, 0, 4], [0, 2, 0]]  # from the first event on; brighter is the second half
    assert "1 other files are passed over, 'README.md' first" in caplog.text
    one = bc.Task.from_file(top, sensor=(128, 128, 1), held_out=0.4)
    assert one.n_in == 128 * 128 and {i for _, _, i in listed(drawn(one))} == {4 * 128, 4 * 128 + 2}


def test_train_and_test_folders_and_files(tmp_path):
    whole = tmp_path / "both"
    for name, n in (("Train", 3), ("Test", 2)):
        folder(whole, name, n=n)
    task = bc.Task.from_file(whole, pool=64)
    assert len(drawn(task)) == 4 and set(task.generate(50, np.random.default_rng(0)).label) == {0, 1}
    apart = bc.Task.from_file(whole / "Train", test=whole / "Test", pool=64)
    assert listed(drawn(apart)) == listed(drawn(task))
    folder(tmp_path, "other", classes=("9", "11"))
    refused(lambda: bc.Task.from_file(whole / "Train", test=tmp_path / "other"), "class '11'", "9, 10")


def test_nmnist_folders(tmp_path):
    encoded = lambda events: b"".join(bytes([x, y, p << 7 | t >> 16, t >> 8 & 255, t & 255]) for x, y, t, p in events)  # noqa: E731
    top = folder(tmp_path, "nm", ("0", "1"), write=encoded, ending=".bin")
    task = bc.Task.from_file(top, dt=10 * ms, pool=17)
    assert (task.n_in, task.n_steps) == (8, 6)  # 34 pixels (Orchard et al. 2015), two polarities; times from the start of the file
    assert bc.Task.from_file(top, sensor=(34, 34, 1), pool=17, duration=0.01).n_steps == 10


def test_a_recording_with_a_table_of_what_is_in_it(tmp_path):
    # the form of DVS Gesture (Amir et al. 2017): class, startTime_usec, endTime_usec
    events = [(k % 7, 3, 100_000 + 1000 * k, 1) for k in range(100)]
    (tmp_path / "user01.aedat").write_bytes(aedat3(packet(events)))
    table = tmp_path / "user01_labels.csv"
    table.write_text("class,startTime_usec,endTime_usec\n1,100000,110000\n4,120500,130500\n1,140000,150000\n4,150000,160000\n")
    task = bc.Task.from_file(tmp_path, pool=128, held_out=0.5)
    assert (task.n_out, task.n_steps) == (2, 10) and sorted(drawn(task).label.tolist()) == [0, 1]
    table.write_text("class,startTime_usec,endTime_usec\n1,110000,100000\n")
    refused(lambda: bc.Task.from_file(tmp_path), "class 1 goes from 110000 to 100000")
    table.write_text("class,start\n1,110000\n")
    refused(lambda: bc.Task.from_file(tmp_path), "user01_labels.csv", "class, start")


def test_a_folder_of_dvs_gesture_with_its_two_lists(tmp_path, caplog):
    # Amir et al. 2017: recordings of a DVS128 with their tables and, line by line, which are trained and which tested on
    for user in (1, 2, 3, 4):
        events = [(user, 3, 100_000 + 1000 * k, 1) for k in range(20)]
        (tmp_path / f"user0{user}_led.aedat").write_bytes(aedat3(packet(events[:12]), packet(events[12:])))
        rows = "1,100000,110000\n2,110000,120000\n"
        (tmp_path / f"user0{user}_led_labels.csv").write_text("class,startTime_usec,endTime_usec\n" + rows)
    train, test = tmp_path / "trials_to_train.txt", tmp_path / "trials_to_test.txt"
    train.write_text("user03_led.aedat\r\nuser01_led.aedat\r\n\r\n")
    test.write_text("user04_led.aedat\n")
    task = bc.Task.from_file(tmp_path)
    assert (task.n_in, task.n_out, task.n_steps) == (2 * 128 * 128, 2, 10)
    column = lambda samples: set((samples.i % 128).tolist())  # noqa: E731
    assert column(drawn(task)) == {4} and drawn(task).label.tolist() == [0, 1]
    assert column(task.generate(50, np.random.default_rng(0))) == {1, 3} and "passed over" not in caplog.text
    cut = tmp_path / "user03_led.aedat"
    cut.write_bytes(cut.read_bytes()[:-3])
    refused(lambda: bc.Task.from_file(tmp_path), "user03_led.aedat", "cut off")
    train.write_text("user01_led.aedat\nuser05_led.aedat\n")
    refused(lambda: bc.Task.from_file(tmp_path), "no recording 'user05_led.aedat'", "take it off")
    train.write_bytes(b"\xff\xfe")
    refused(lambda: bc.Task.from_file(tmp_path), "trials_to_train.txt", "not a text file")
    train.unlink()
    refused(lambda: bc.Task.from_file(tmp_path), "has no trials_to_train.txt", "remove both")
    train.symlink_to(train)
    refused(lambda: bc.Task.from_file(tmp_path), "trials_to_train.txt", "symbolic links")


def shd(path, shift=0, n=10):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for name, of in (("times", np.float64), ("units", np.int32)):
            data = file.create_dataset(f"spikes/{name}", (n,), h5py.vlen_dtype(of))
            for k in range(n):
                data[k] = np.array([0.001, 0.0432, 0.0438] if name == "times" else [0, 699, 699], of)
        file["labels"] = np.arange(n) % 2 + shift
    return path


def test_files_of_shd_s_form(tmp_path, caplog):
    path = shd(tmp_path / "train.h5")
    task = bc.Task.from_file(path, pool=7)
    assert (task.n_in, task.n_steps, task.dt, task.n_out) == (100, 44, 1e-3, 2)
    assert listed(drawn(task)) == [[0, 1, 0], [0, 43, 99], [1, 1, 0], [1, 43, 99]]
    assert "of 30 events 10 fall into the step of another one" in caplog.text
    caplog.clear()
    assert task.generate(2, np.random.default_rng(0), split="test").t.max() == 43
    task = bc.Task.from_file(path, duration=40 * ms, dt=20 * ms, test=shd(tmp_path / "test.h5", n=2))
    assert (task.n_steps, len(drawn(task))) == (2, 2) and "20 come after 0.04 s and are left out" in caplog.text
    refused(lambda: bc.Task.from_file(shd(tmp_path / "skip.h5", shift=1)), "class 0 has no sample")
    refused(lambda: bc.Task.from_file(path, sensor=(700, 1, 1)), "leave sensor out")
    for wrong in (3 * second * second, -1, "1s"):
        refused(lambda wrong=wrong: bc.Task.from_file(path, duration=wrong), "duration")


def test_files_of_arrays_and_of_samples(tmp_path):
    np.savez(tmp_path / "mine.npz", spikes=DENSE, labels=LABELS, dt=2e-3)
    task = bc.Task.from_file(tmp_path / "mine.npz", seed=5)
    same = bc.Task.from_arrays(DENSE, LABELS, dt=2e-3, seed=5)
    assert task.dt == 2e-3 and listed(drawn(task)) == listed(drawn(same))
    assert bc.Task.from_file(tmp_path / "mine.npz", dt=5 * ms).dt == 5e-3
    save_samples(drawn(same, "train"), tmp_path / "a.npz")
    save_samples(drawn(same), tmp_path / "b.npz")
    both = bc.Task.from_file(tmp_path / "a.npz", test=tmp_path / "b.npz")
    assert listed(drawn(both)) == listed(drawn(same)) and both.dt == 1e-3
    np.savez(tmp_path / "target.npz", spikes=DENSE, targets=np.zeros((20, 12, 1)), mask=np.arange(12) > 3)
    assert bc.Task.from_file(tmp_path / "target.npz").kind == "regression"
    refused(lambda: bc.Task.from_file(tmp_path / "a.npz", test=tmp_path / "target.npz"), "both labels, or both targets")
    np.savez(tmp_path / "wrong.npz", spikes=DENSE, label=LABELS)
    refused(lambda: bc.Task.from_file(tmp_path / "wrong.npz"), "'label' beside spikes", "labels, targets, mask, dt")
    refused(lambda: bc.Task.from_file(tmp_path / "mine.npz", pool=2), "pool was given", "leave it out")
    (tmp_path / "text.npz").write_text("no file of arrays")
    refused(lambda: bc.Task.from_file(tmp_path / "text.npz"), "text.npz", "none of the files")
    refused(lambda: bc.Task.from_file(tmp_path / "none.npz"), "there is no data file")
    refused(lambda: bc.Task.from_file(tmp_path), "holds no recordings", "a folder for each class")


def test_a_python_file_that_defines_a_task(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("import numpy as np\nfrom brian2chip import Task\nMINE = Task.from_arrays(np.eye(8, dtype=bool)[None].repeat(20, 0), "
                    "np.arange(20) % 2, dt=1e-3, name='of_python')\n")  # fmt: skip
    assert bc.Task.from_file(file).name == "of_python" and bc.Task.from_file(file).file == str(file)
    refused(lambda: bc.Task.from_file(file, pool=2), "mine.py", "change them there")
    refused(lambda: bc.Task.from_file(tmp_path / "none.py"), "there is no Python file")


class Tonic:
    """What a data set of tonic is: a length, items, and the size of its sensor."""

    def __init__(self, items, sensor_size=None):
        self.items, self.sensor_size = items, sensor_size

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        if k >= len(self.items):
            raise RuntimeError("an index beyond the end")  # so do some of tonic's
        return self.items[k]


def test_where_samples_end():
    def at(t):
        data = Tonic([(np.array([(0, 0, t, 1)], FIELDS), k % 2) for k in range(10)], (1, 1, 1))
        return bc.Task.from_recordings(data, duration=40 * ms)

    assert at(39_999).n_steps == at(40_000).n_steps == 40
    assert len(drawn(at(39_999)).t) == 2 and len(drawn(at(40_000)).t) == 0  # what comes at the end comes too late


def test_data_sets_of_tonic():
    events = np.array([(0, 0, 500, 0), (3, 1, 43_000, 1)], FIELDS)
    data = Tonic([(events, k % 2) for k in range(10)], (4, 2, 2))
    task = bc.Task.from_recordings(data, dt=1 * ms)
    assert (task.n_in, task.n_steps, task.n_out) == (16, 44, 2)
    assert listed(drawn(task))[:2] == [[0, 0, 0], [0, 43, 8 + 4 + 3]]  # 43 ms begin the step 43, whatever 0.043/0.001 is in binary
    sound = np.array([(699, 500, 1)], [("x", int), ("t", int), ("p", int)])  # as tonic has SHD
    heard = bc.Task.from_recordings(
        Tonic([(sound, "ein"), (sound, "zwei")] * 5, (700, 1, 1)), pool=7, test=Tonic([(sound, "zwei")], (700, 1, 1))
    )
    assert heard.n_in == 100 and drawn(heard).label.tolist() == [1]
    refused(lambda: bc.Task.from_recordings(Tonic([(events, 0)])), "sensor was given as None", "(width, height, polarities)")
    refused(lambda: bc.Task.from_recordings(data, sensor=(3, 2, 2)), "x of recording 0")
    refused(lambda: bc.Task.from_recordings(Tonic([], (4, 2, 2))), "there are no recordings")
    refused(lambda: bc.Task.from_recordings(data, dt=-1), "positive")
    refused(lambda: bc.Task.from_recordings(Tonic([(np.zeros((2, 4)), 0)], (4, 2, 2))), "lack p, t, x, y")
    late = np.array([(0, 0, 10**15, 0)], FIELDS)
    refused(lambda: bc.Task.from_recordings(Tonic([(late, 0)], (4, 2, 2))), "too long for steps of")


def test_a_task_from_a_file_on_the_command_line(tmp_path, capsys, monkeypatch):
    np.savez(tmp_path / "mine.npz", spikes=DENSE, labels=LABELS)
    wrong = {"--pool": "2", "--dt": "5", "--sensor": "3x3"}
    for option, value in wrong.items():
        assert main(["train", str(tmp_path / "mine.npz"), option, value]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and option[2:] in said
    assert main(["train", "evidence_accumulation", "--pool", "2"]) == 2
    assert "--pool is for a task from a file" in capsys.readouterr().err
    assert main(["show", str(tmp_path / "mine.npz")]) == 0
    assert "task mine" in (said := capsys.readouterr().out) and "n in: 3" in said
    given = []
    monkeypatch.setattr(train, "train", lambda task, **how: given.append(task) or refuse())
    how = ["--hidden", "4", "--surrogate", "gamma*exp(-((v - A)/width)**2)", "--set-network", "tau_m=30ms", "--dt", "2ms"]
    assert main(["train", str(tmp_path / "mine.npz"), *how]) == 2 and "far enough" in capsys.readouterr().err
    (task,) = given
    assert (task.dt, task.n_in, task.network.n_lif, task.network.tau_m) == (2e-3, 3, 4, 0.03)
    assert task.network.surrogate == "gamma * exp(-((v - A) / width) ** 2)"
    assert main(["compare", "--protocols", "bi_poo_1998", "--pool", "2", "--out", "x"]) == 2
    assert "--pool is for learning on a task" in capsys.readouterr().err


def refuse():
    raise UserError("this is far enough.")


@pytest.mark.parametrize(
    "n_steps, dt", [(0, 1e-3), (1.5, 1e-3), (10, 0), (10, -1e-3), (10, float("nan")), (10, float("inf")), (10, "1e-3")]
)
def test_steps_and_seconds_that_cannot_be(n_steps, dt):
    with pytest.raises(UserError, match="dt was given as" if n_steps == 10 else "n_steps was given as"):
        check_settings(n_steps, dt)


def test_steps_and_seconds_that_may_be():
    for dt in (1e-3, 1):
        check_settings(1, dt)
