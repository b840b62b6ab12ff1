"""Files of arrays: what is written is read back; anything damaged, forged or foreign is one sentence, and takes no memory first."""

import io
import json
import os
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brian2chip.core import npz
from brian2chip.core.npz import read_arrays, read_npz, write_npz
from brian2chip.errors import UserError

HEAD = np.array(json.dumps({"format": "this/1"}))


def refused(path, *words, read=read_arrays):
    with pytest.raises(UserError) as error:
        read(path, "test")
    text = str(error.value)
    assert "\n" not in text and str(path) in text and all(word in text for word in words), text


def test_round_trip(tmp_path):
    arrays = {
        "head": HEAD, "a": np.arange(6).reshape(2, 3), "f": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "b": np.array([True, False]),
        "empty": np.zeros((0, 4), np.float32), "one": np.array(3.5), "text": np.array(["a", "bc"]),
    }  # fmt: skip
    path = write_npz(tmp_path / "deep" / "x.npz", arrays)
    head, found = read_npz(path, "this/1", "test")
    assert head == {"format": "this/1"} and list(found) == list(arrays)[1:]
    for name, value in list(arrays.items())[1:]:
        assert found[name].dtype == value.dtype and np.array_equal(found[name], value)
    found["a"][0, 0] = 7  # what is read can be changed
    np.savez(tmp_path / "stored.npz", a=arrays["a"])  # not compressed
    assert np.array_equal(read_arrays(tmp_path / "stored.npz", "test")["a"], arrays["a"])


def test_a_file_is_replaced_whole_or_stays(tmp_path):
    path = write_npz(tmp_path / "a.npz", {"w": np.zeros(3)})

    class Broken:
        def __array__(self, *args, **kwargs):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_npz(path, {"w": Broken()})
    assert read_arrays(path, "test")["w"].shape == (3,) and os.listdir(tmp_path) == ["a.npz"]


def test_other_formats_are_named(tmp_path):
    path = write_npz(tmp_path / "x.npz", {"head": HEAD})
    with pytest.raises(UserError, match="holds this/1, not that/2"):
        read_npz(path, "that/2", "test")
    for head, words in (("no json", "not JSON"), ("[" * 5000, "nested more than")):
        with pytest.raises(UserError, match=words):
            read_npz(write_npz(tmp_path / "x.npz", {"head": np.array(head)}), "that/2", "test")
    for head in (np.array("[]"), np.array(3), np.array('{"format": 3}'), np.array(["{}"])):
        path = write_npz(tmp_path / "x.npz", {"head": head})
        with pytest.raises(UserError, match="not that/2"):
            read_npz(path, "that/2", "test")


def test_foreign_files(tmp_path):
    refused(tmp_path / "absent.npz", "no test file")
    refused(tmp_path, "is no file")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "is no file")  # and nobody waits for its other end
    (tmp_path / "text.npz").write_text("hello")
    refused(tmp_path / "text.npz", "not a readable test file")
    np.save(tmp_path / "plain.npy", np.arange(3))
    refused(tmp_path / "plain.npy", "not a readable test file")
    np.savez(tmp_path / "objects.npz", a=np.array([{}, []], object))
    refused(tmp_path / "objects.npz", "holds object")
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    refused(tmp_path / "other.npz", "readme.txt")


def member(shape, dtype="<f8", data=b"", claimed=None):
    """Return a file of one array whose header states a shape, with other data behind it."""
    text = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape!r}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data


@pytest.mark.parametrize("shape", [(10**12,), (2**62, 2**62), (-1,), (3,)])
def test_a_header_that_lies_takes_no_memory(tmp_path, shape):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", member(shape, data=bytes(16)))
    refused(tmp_path / "x.npz", "not of the size that it states")


def test_a_member_that_declares_gigabytes_is_refused_unread(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w") as file:
        file.write(member((2**21,), data=b""))
        for _ in range(16):
            file.write(bytes(2**20))
    with pytest.raises(UserError, match="would take"):
        read_arrays(tmp_path / "x.npz", "test", largest=2**20)
    assert read_arrays(tmp_path / "x.npz", "test")["a"].shape == (2**21,)


@pytest.mark.parametrize(
    ("dtype", "data", "word"),
    [
        ("|b1", b"\x01\x02", "no truth values"),
        ("<U1", b"\xff\xff\xff\x7fa\0\0\0", "no characters"),
        (">U1", b"\0\x11\0\0\0\0\0a", "no characters"),
        ("<U2", b"\0\xd8\0\0" * 4, "no characters"),
    ],
)
def test_bytes_that_stand_for_nothing(tmp_path, dtype, data, word):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", member((2,), dtype, data))
    refused(tmp_path / "x.npz", word)


def test_texts_of_no_length_and_of_either_byte_order(tmp_path):
    for array in (np.array(["", ""]), np.array(["aé", "😀"], ">U2"), np.zeros((0, 3), "U5")):
        with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive, archive.open("a.npy", "w") as file:
            np.save(file, array)
        assert read_arrays(tmp_path / "x.npz", "test")["a"].tolist() == array.tolist()
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", member((2,), "<U0"))
    assert read_arrays(tmp_path / "x.npz", "test")["a"].tolist() == ["", ""]
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", member((10**9,), "<U0"))
    refused(tmp_path / "x.npz", "not of the size that it states")


def test_two_arrays_of_one_name(tmp_path):
    with pytest.warns(UserWarning), zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", member((0,)))
        archive.writestr("a.npy", member((0,)))
    refused(tmp_path / "x.npz", "two arrays of one name")


def whole() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, head=HEAD, a=np.arange(40), b=np.linspace(0, 1, 30).reshape(5, 6))
    return file.getvalue()


WHOLE = whole()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(WHOLE) - 1), bit=st.integers(0, 7), cut=st.booleans())
def test_any_flipped_bit_or_cut_is_read_or_refused(tmp_path, place, bit, cut):
    data = bytearray(WHOLE)
    data[place] ^= 1 << bit
    path = tmp_path / "x.npz"
    path.write_bytes(bytes(data[:place] if cut else data))
    try:
        found = read_arrays(path, "test")
    except UserError as error:
        assert "\n" not in str(error)
        return
    assert all(isinstance(value, np.ndarray) for value in found.values())


def test_sizes_that_are_refused_are_told_in_gibibytes():
    members = [zipfile.ZipInfo(f"{name}.npy") for name in "ab"]
    for each_member in members:
        each_member.file_size, each_member.compress_type = 3 * 2**29, zipfile.ZIP_STORED
    npz._check_members(members, "x.npz", "test", 3 * 2**30)  # as much as may be
    with pytest.raises(UserError, match=r"would take 3\.0 GiB; a test file may take 2\.5 GiB"):
        npz._check_members(members, "x.npz", "test", 5 * 2**29)
