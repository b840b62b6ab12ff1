"""Full and read-only disks: one sentence that names the disk, and nothing that was there before is lost.

They are small file systems in memory in a space of their own (``unshare``), so they need the right to mount.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from chaos_common import Row, decay, decayed, left_in, task

from brian2chip.core import output
from brian2chip.core.npz import read_arrays, write_npz
from brian2chip.errors import UserError
from brian2chip.learning.train import train

ROOT = Path(__file__).parents[2]
#: Enters a space where this user may mount, mounts, and goes on as another command.
MOUNTED = 'mount -t tmpfs -o "$2" none "$1" && shift 2 && exec "$@"'


def may_mount(folder: Path) -> bool:
    """Return whether a small file system can be mounted here."""
    return _run(folder, "size=1m", ["true"]).returncode == 0


def _run(folder: Path, options: str, command: list[str]) -> subprocess.CompletedProcess:
    words = ["unshare", "-rm", "sh", "-c", MOUNTED, "sh", str(folder), options, *command]
    try:
        return subprocess.run(words, capture_output=True, text=True)
    except OSError:
        return subprocess.CompletedProcess(words, 1, "", "")


def disks(folder: Path, compiled: bool) -> Row:
    """Try what is written on disks of several sizes, each in a process of its own."""
    row = Row("full disks")
    names = [name for name in KINDS if compiled or not name.startswith("compiled")]
    for name in names:
        for size in SIZES[name]:
            place = folder / f"{name}_{size}"
            place.mkdir()
            done = _run(place, f"size={size}k", [sys.executable, __file__, name, str(place)])
            row.tried += 1
            if done.returncode:
                row.fault("lost", f"{name} on {size} KiB: {done.stderr.strip().splitlines()[-1:]}")
                continue
            for what, note in json.loads(done.stdout.splitlines()[-1]):
                row.fault(what, f"{name} on {size} KiB: {note}")
    return row


def _filled(folder: Path, free: int) -> None:
    """Fill a disk but for some KiB."""
    with open(folder / "filler", "wb") as file:
        stat = os.statvfs(folder)
        file.write(b"0" * max(0, stat.f_bavail * stat.f_frsize - 1024 * free))


def _files(folder: Path, faults: list) -> None:
    """Replace a file and a folder of results on a disk that is full: the old ones stay, whole."""
    write_npz(folder / "a.npz", {"x": np.zeros(10)})
    with output.folder(folder / "out") as target:
        (target / "table.csv").write_text("old")
        output.write_json(target / output.MARK, {})
    _filled(folder, 8)
    random = np.random.default_rng(1).random(100_000)
    for name, write in {"file": lambda: write_npz(folder / "a.npz", {"x": random}), "folder": lambda: _folder(folder, random)}.items():
        _sentence(name, write, faults)
    if read_arrays(folder / "a.npz", "test")["x"].tolist() != [0.0] * 10 or (folder / "out" / "table.csv").read_text() != "old":
        faults.append(("lost", "the old file or folder"))


def _folder(folder: Path, numbers: np.ndarray) -> None:
    with output.folder(folder / "out", force=True) as target:
        np.savetxt(target / "table.csv", numbers)


def _sentence(name: str, work, faults: list) -> None:
    """Do what cannot be done: it must end in a sentence about the disk."""
    try:
        work()
    except UserError as error:
        if "disk is full" not in str(error) or "rule" in str(error):
            faults.append(("wrong", f"{name}: {error}"))
    except BaseException as error:
        faults.append(("lost", f"{name}: {type(error).__name__}: {error}"))
    else:
        faults.append(("wrong", f"{name}: no error"))


def _training(folder: Path, faults: list) -> None:
    """Train while the disk is full, make room, and go on."""
    out, whole = folder / "out", train(task(), device="numpy", n_test=16)
    train(task(4), device="numpy", n_test=16, out=out)
    _filled(folder, 1)
    _sentence("training", lambda: train(task(), device="numpy", n_test=16, out=out, resume=True), faults)
    (folder / "filler").unlink()
    again = train(task(), device="numpy", n_test=16, out=out, resume=True)
    if any(not np.array_equal(whole.state[name], again.state[name]) for name in whole.state):
        faults.append(("wrong", "the training that went on differs"))


def _compiled_run(folder: Path, faults: list) -> None:
    """Generate, compile and run on a full disk, and then with room: wrong numbers never come out."""
    os.environ["TMPDIR"] = str(folder)
    import tempfile

    tempfile.tempdir = str(folder)
    os.environ["BRIAN2CHIP_CACHE"] = str(folder / "cache")
    try:
        found = decay("cpp_standalone", n=20_000)
        if not np.allclose(found, decayed(n=20_000), rtol=1e-12):
            faults.append(("wrong", "numbers of a run on a full disk"))
    except UserError as error:
        if "disk is full" not in str(error):
            faults.append(("wrong", str(error)))


#: What is tried, and on how many KiB each.
KINDS = {"files": _files, "training": _training, "compiled_run": _compiled_run}
SIZES = {"files": (400,), "training": (400,), "compiled_run": (64, 300, 700, 1200, 2000)}


def main(name: str, place: str) -> int:
    """Try one kind in a mounted folder and print the faults as JSON."""
    folder, faults = Path(place), []
    KINDS[name](folder, faults)
    if left := left_in(folder, known=("filler", "a.npz", "out", "cache")):
        faults.append(("left", str(left)))
    print(json.dumps(faults))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
