"""The serial bridge: its C program runs as a process on a pseudo-terminal, with a chip behind its hooks, and the driver talks to it."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest
from bench_folders import CHIPS, STANDINS, standin_files, written

from brian2chip.bench import serial_frames as frames
from brian2chip.bench.run import run
from brian2chip.bench.serial_transport import SerialTransport
from brian2chip.cli import main
from brian2chip.errors import UserError

BRIDGE = STANDINS.parents[2] / "examples" / "bench_bridge"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Return the path of the stand-in with the bridge, compiled without a warning."""
    if shutil.which("gcc") is None:
        pytest.skip("the bridge's C program needs gcc")
    if sys.platform != "linux":
        pytest.skip("the bridge's C program is tried on a pseudo-terminal of Linux")
    pytest.importorskip("serial", reason="the serial bridge needs pyserial (the extra bench)")
    target = tmp_path_factory.mktemp("bridge") / "chip"
    flags = ["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{BRIDGE}"]
    subprocess.run(["gcc", *flags, STANDINS / "chip.c", BRIDGE / "bridge.c", "-o", target], check=True)
    return target


@pytest.fixture(scope="module", params=CHIPS)
def folder(request, tmp_path_factory):
    return written(request.param, tmp_path_factory.mktemp("serial") / request.param)


@contextmanager
def bridge(program, folder, tmp_path, *faults):
    """Yield the name of a port with the bridge of a folder's chip behind it."""
    files = standin_files(folder, tmp_path)
    host, port = os.openpty()
    process = subprocess.Popen([program, folder.chip, *files.values(), *faults], stdin=host, stdout=host)
    try:
        yield os.ttyname(port)
    finally:
        process.kill()
        process.wait()
        os.close(host)
        os.close(port)


def test_a_folder_passes_through_the_bridge(program, folder, tmp_path, capsys):
    with bridge(program, folder, tmp_path) as port:
        assert main(["bench", str(folder.path), "--transport", f"serial:{port}"]) == 0
    assert "PASS" in capsys.readouterr().out


def test_noise_on_the_line_is_repeated_away(program, folder, tmp_path):
    with bridge(program, folder, tmp_path, "noise=9001") as port:  # the program's answers alone are longer than that
        result = run(folder, SerialTransport(port, folder, seconds=0.3))
    assert result.verdict.startswith("PASS") and len(result.output) > 3


def test_a_flipped_bit_of_a_weight_is_named(program, folder, tmp_path):
    table = folder.table(folder.document["readback"], {"address": "whole numbers", "expected": "whole numbers", "memory": "texts",
                                                       "word": "whole numbers", "part": "whole numbers"})  # fmt: skip
    row = table[table.memory != "neurons"].iloc[0]
    written_at = row.address ^ (3 << 18) if folder.word_bits == 20 else header_of(folder, row.address)
    with bridge(program, folder, tmp_path, f"flip={written_at:x}") as port:
        said = run(folder, SerialTransport(port, folder)).first_difference
    digits, width = (5, 2) if folder.word_bits == 20 else (8, 8)
    assert f"address {row.address:0{digits}x} ({row.memory}, word {row.word}, " in said
    assert f"expected {row.expected:0{width}x}, got {row.expected ^ 1:0{width}x}" in said


def header_of(folder, address):
    """Return the header of the write of the program that begins at a read address of ReckOn."""
    wanted = address & 0x7000FFFF
    return next(words[0] for words in folder.program("full") if words[0] & 0x7000FFFF == wanted)


def test_a_lost_answer_is_named(program, folder, tmp_path):
    with bridge(program, folder, tmp_path, "lose=2") as port:
        result = run(folder, SerialTransport(port, folder))
    assert result.first_difference.startswith("output 2: expected byte ") and result.table.differences.iloc[-1] > 0


def test_a_chip_that_does_not_acknowledge_is_named(program, folder, tmp_path):
    if folder.chip == "reckon":
        pytest.skip("the stand-in of ReckOn acknowledges every event")
    with bridge(program, folder, tmp_path, "deaf=3") as port, pytest.raises(UserError, match="did not answer on AERIN_ACK at EVENT 0x"):
        run(folder, SerialTransport(port, folder))


# the line itself


@contextmanager
def line(folder):
    """Yield the port of a line at whose other end nobody is, and that end."""
    pytest.importorskip("serial", reason="the serial bridge needs pyserial (the extra bench)")
    host, port = os.openpty()
    yield os.ttyname(port), host
    os.close(host)
    os.close(port)


def test_nobody_at_the_other_end(folder):
    with line(folder) as (port, _), pytest.raises(UserError, match="did not answer HELLO in 0.05 s, 3 times"):
        SerialTransport(port, folder, seconds=0.05)


def test_a_bridge_of_another_version_is_named(program, folder, tmp_path, monkeypatch):
    with bridge(program, folder, tmp_path) as port:
        monkeypatch.setattr(frames, "VERSION", 2)  # what the host speaks
        with pytest.raises(UserError, match="speaks another version|speaks version 1"):
            SerialTransport(port, folder, seconds=0.5)


def test_no_such_port(folder):
    pytest.importorskip("serial", reason="the serial bridge needs pyserial (the extra bench)")
    with pytest.raises(UserError, match="'/dev/there_is_none' cannot be opened"):
        SerialTransport("/dev/there_is_none", folder)


def test_the_checksum_is_that_of_the_standard():
    """CRC-16/CCITT-FALSE of the check string is 0x29B1 in every catalogue of checksums."""
    assert frames.crc16(b"123456789") == 0x29B1


def test_frames_are_taken_apart_and_broken_ones_refused():
    whole = frames.packed(frames.Command.PLAY, 7, b"\x01\x02\x03")

    def unpacked(data):
        rest = bytearray(data)

        def read(n):
            part, rest[:] = bytes(rest[:n]), rest[n:]
            return part

        return frames.unpacked(read)

    assert unpacked(b"noise" + whole) == frames.Frame(1, frames.Command.PLAY, 7, b"\x01\x02\x03")
    assert all(unpacked(whole[:k]) is None for k in range(len(whole)))
    for bit in range(8, 8 * len(whole)):  # any one bit
        broken = bytearray(whole)
        broken[bit // 8] ^= 1 << bit % 8
        assert unpacked(bytes(broken)) is None
