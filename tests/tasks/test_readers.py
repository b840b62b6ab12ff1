"""The readers of the field's own files: what is right is read, and everything else is one sentence with the file and the place."""

import gzip
import os
import struct

import numpy as np
import pytest
from scipy.io import wavfile

from brian2chip.core.recordings import event_files
from brian2chip.core.recordings.nmnist_files import read_nmnist
from brian2chip.errors import UserError
from brian2chip.tasks import spoken_digits
from brian2chip.tasks.readers.idx_files import read_idx
from brian2chip.tasks.readers.sound_files import read_wav


def refused(call, *words):
    with pytest.raises(UserError) as error:
        call()
    text = str(error.value)
    assert "\n" not in text and all(word in text for word in words), text


def shd(path, times=((0.005, 0.015), (0.095,)), units=((0, 699), (12,)), labels=(3, 19), kind=float, of_units=int, **more):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for name, lists, of in (("times", times, kind), ("units", units, of_units)):
            data = file.create_dataset(f"spikes/{name}", (len(lists),), h5py.vlen_dtype(of))
            for k, one in enumerate(lists):
                data[k] = np.array(one, of)
        file["labels"] = np.array(labels)
    return path


def test_shd_files_that_are_none(tmp_path):
    path = tmp_path / "own.h5"
    read = lambda **k: lambda: event_files.read_shd(shd(path, **k))  # noqa: E731
    assert len(read()()) == 2
    refused(
        read(units=((0, 700), (12,))), "sample 0", "own.h5", "goes from 0 to 700; allowed is 0 to 699"
    )  # 700 channels: Cramer et al. 2020
    refused(read(units=((0, -1), (12,))), "-1")
    refused(read(units=((0.0, 1.5), (12.0,)), of_units=float), "whole numbers")
    refused(read(units=((0,), (12,))), "sample 0")
    refused(read(times=((0.005, np.nan), (0.1,))), "sample 0", "not finite")
    refused(read(times=((0.005, 0.1), (-0.1,))), "sample 1", "-0.1")
    for labels, word in (
        ((np.nan, 1.0), "real numbers"),
        ((1.5, 1.0), "real numbers"),
        ((2**40, 1), str(2**40)),
        ((-1, 0), "-1"),
        ((1,), "shape"),
    ):
        refused(read(labels=labels), "labels", word, "own.h5")
    refused(lambda: event_files.read_shd(tmp_path / "nothere.h5"), "there is no")
    os.mkfifo(tmp_path / "pipe.h5")
    refused(lambda: event_files.read_shd(tmp_path / "pipe.h5"), "is no file")
    refused(lambda: event_files.read_shd(path, dt=0), "dt")
    refused(lambda: event_files.read_shd(path, pool=1.5), "pool")


def events(**changes):
    one = np.zeros(1, [("x", int), ("y", int), ("t", float), ("p", type(changes.get("p", True)))])
    for name, value in changes.items():
        one[name] = value
    return one


def test_events_beside_the_sensor_are_refused():
    read = lambda label=0, **k: lambda: event_files.from_tonic([(events(**k), label)], n_steps=9, dt=1e-3, sensor=(34, 34, 2))  # noqa: E731
    assert read(x=33, y=33, p=True)().i.tolist() == [34 * 34 * 2 - 1]
    refused(read(x=34), "x of recording 0 is 34; allowed is 0 to 33")
    refused(read(y=-1), "y of recording 0 is -1")
    refused(read(p=2), "p of recording 0")
    refused(read(t=np.nan), "t of recording 0")
    refused(read(t=-1), "t of recording 0")
    for label in (-1, 1.5, np.nan, True, "a", 2**40):
        refused(read(label), "label of recording 0")
    refused(lambda: event_files.from_tonic([events()], n_steps=9, dt=1e-3, sensor=(34, 34, 2)), "recording 0 is not a pair")
    refused(lambda: event_files.from_tonic([], n_steps=9.5, dt=1e-3, sensor=(34, 34, 2)), "n_steps")


def test_nmnist_recordings(tmp_path):
    path = tmp_path / "00001.bin"
    # x, y, polarity and 23 bits of microseconds (Orchard et al. 2015); y = 240 says that the clock went round by 2^13 us
    path.write_bytes(bytes([3, 33, 0x80 | 1, 2, 3, 0, 240, 0, 0, 0, 5, 6, 0, 0, 7]))
    found = read_nmnist(path)
    assert found.tolist() == [(3, 33, 65536 + 512 + 3, True), (5, 6, 2**13 + 7, False)]
    samples = event_files.from_tonic([(found, 1)], n_steps=100, dt=1e-3, sensor=(34, 34, 2))
    assert samples.t.tolist() == [8, 66]
    path.write_bytes(bytes([34, 0, 0, 0, 0]))
    refused(lambda: read_nmnist(path), "00001.bin", "pixel (34, 0)", "0 to 33")
    path.write_bytes(bytes(7))
    refused(lambda: read_nmnist(path), "7 bytes")
    refused(lambda: read_nmnist(tmp_path), "is no file")


def idx(shape, data, kind=0x08):
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + data


def test_idx_files(tmp_path):
    path = tmp_path / "images-idx3-ubyte"
    path.write_bytes(idx((2, 3), bytes(range(6))))
    assert read_idx(path).tolist() == [[0, 1, 2], [3, 4, 5]]
    packed = tmp_path / "labels.gz"
    packed.write_bytes(gzip.compress(idx((2,), struct.pack(">2h", -1, 300), 0x0B)))
    assert read_idx(packed).tolist() == [-1, 300]
    for data, word in (
        (idx((2, 3), bytes(5)), "shorter"),
        (idx((2, 3), bytes(7)), "longer"),
        (gzip.compress(idx((3,), bytes(2**20))), "longer"),
        (b"", "nothing"),
        (b"\0\0\x08\0", "not an IDX file"),
        (idx((2,), bytes(2), 0x0A), "not an IDX file"),
        (b"\0\0\x08\x02\0", "ends before its shape"),
        (idx((2**32 - 1,) * 3, b""), "would take"),
        (gzip.compress(idx((9,), bytes(9)))[:-12], "not a readable"),
        (b"\x1f\x8bxx", "not a readable"),
    ):
        path.write_bytes(data)
        refused(lambda: read_idx(path), "images-idx3-ubyte", word)


def test_sounds(tmp_path):
    path = tmp_path / "0_a_0.wav"
    wavfile.write(path, 8000, np.arange(100, dtype=np.int16))
    whole = path.read_bytes()
    assert read_wav(path)[0] == 8000 and len(read_wav(path)[1]) == 100
    for rate, sound, word in (
        (8000, np.zeros((10, 2), np.int16), "2 channels"), (10, np.ones(10, np.int16), "10 samples a second"),
        (8000, np.array([1.0, np.nan], np.float32), "not finite"), (1000, np.zeros(61_000, np.int16), "at most 60 s"),
    ):  # fmt: skip
        wavfile.write(path, rate, sound)
        refused(lambda: read_wav(path), "0_a_0.wav", word)
    for data in (whole[:30], b"RIFF", b"", whole.replace(b"fmt ", b"fmz ")):
        path.write_bytes(data)
        refused(lambda: read_wav(path), "not a readable wav file")


def test_recordings_stay_in_their_folder(tmp_path):
    (tmp_path / "data").mkdir()
    wavfile.write(tmp_path / "0_a_0.wav", 8000, np.arange(1, 4000, dtype=np.int16))
    (tmp_path / "data" / "0_a_0.wav").symlink_to(tmp_path / "0_a_0.wav")
    read = lambda: spoken_digits.generate(1, np.random.default_rng(0), split="test", data=tmp_path / "data")  # noqa: E731
    refused(read, "leads out of the folder")
    (tmp_path / "data" / "0_a_0.wav").unlink()
    (tmp_path / "data" / "0_a_x.wav").write_bytes(b"")
    refused(read, "0_a_x.wav", "digit_speaker_index.wav")
