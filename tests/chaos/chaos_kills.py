"""Kill -9 at random moments of training, compiling and writing: what was computed stays, goes on to the same numbers, leaves nothing."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import numpy as np
from chaos_common import Row, child, decay, decayed, ended, killed, left_in, processes_in, task

from brian2chip.core import output
from brian2chip.core.npz import read_arrays, write_npz
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.learning.train import train

TRAINED = ("checkpoint.npz", "network.npz", "history.csv")


def _train(out: Path, device: str) -> None:
    train(task(), out=out, resume=(out / "checkpoint.npz").exists(), device=device, n_test=16)


def _numbers(out: Path) -> list[np.ndarray]:
    return [projection.weight for projection in SpikingNetwork.load(out / "network.npz").projections]


def _updates(out: Path) -> int:
    path = out / "checkpoint.npz"
    return int(read_arrays(path, "checkpoint")["state.updates"]) if path.exists() else 0


def training(folder: Path, times: int, rng: np.random.Generator, device: str) -> Row:
    """Kill trainings, resume each to its end, and compare with one that was left alone."""
    row = Row(f"kill -9 while training ({device})")
    temporary = folder / "tmp"
    temporary.mkdir()
    if device != "numpy":
        _ended_well(row, lambda: _train(folder / "warm", device), temporary)  # compiles
    start = time.monotonic()
    _ended_well(row, lambda: _train(folder / "whole", device), temporary)
    seconds, whole = time.monotonic() - start, _numbers(folder / "whole")
    while row.tried < times:
        out, before = folder / f"out{row.tried}", 0
        while row.tried < times:
            row.tried += 1
            code = killed(lambda out=out: _train(out, device), rng.uniform(0, 1.1 * seconds), temporary)
            now = _updates(out)
            if now < before:
                row.fault("lost", f"{before} updates were kept, {now} are left")
            before = now
            if code == 0 or rng.random() < 0.4:
                break
        _ended_well(row, lambda out=out: _train(out, device), temporary)
        if not all(np.array_equal(a, b) for a, b in zip(_numbers(out), whole)):
            row.fault("wrong", f"{out.name} differs from the training that was left alone")
        _nothing_left(row, temporary, out, known=TRAINED)
        shutil.rmtree(out)
    _nothing_left(row, folder, known=("tmp", "warm", "whole"))
    return row


def _ended_well(row: Row, work, temporary: Path) -> None:
    if (code := ended(child(work, temporary))) != 0:
        row.fault("lost", f"work that nobody killed ended with {code}")


def _nothing_left(row: Row, *folders: Path, known: tuple[str, ...] = ()) -> None:
    if left := left_in(*folders, known=known):
        row.fault("left", ", ".join(left))


def compiling(folder: Path, times: int, rng: np.random.Generator) -> Row:
    """Kill sessions while they generate, compile and keep a program, and use the same cache afterwards."""
    row = Row("kill -9 while compiling")
    temporary, cache = folder / "tmp", folder / "cache"
    temporary.mkdir()
    os.environ["BRIAN2CHIP_CACHE"] = str(cache)

    def work() -> None:
        assert np.allclose(decay("cpp_standalone"), decayed(), rtol=1e-12)

    start = time.monotonic()
    _ended_well(row, work, temporary)
    seconds = time.monotonic() - start
    for k in range(times):
        row.tried += 1
        for kept in (cache / "programs").glob("*"):
            kept.unlink()
        killed(work, rng.uniform(0, seconds), temporary)
        if k % 4 == 3 or k == times - 1:
            _ended_well(row, work, temporary)
            _no_process(row, folder)
            _nothing_left(row, temporary)
            names = {path.suffix for path in (cache / "programs").iterdir()}
            if names != {"", ".sha256", ".lock"}:
                row.fault("left", f"in the cache: {sorted(path.name for path in (cache / 'programs').iterdir())}")
    return row


def _no_process(row: Row, folder: Path) -> None:
    """Count what still runs there after a compiler has had the time to notice that nobody waits for it."""
    end = time.monotonic() + 60
    while (found := processes_in(folder)) and time.monotonic() < end:
        time.sleep(0.2)
    if found:
        row.fault("left", f"still running: {found}")


def writing(folder: Path, times: int, rng: np.random.Generator) -> Row:
    """Kill processes that replace a folder and a file again and again: there is always one whole version of each."""
    row = Row("kill -9 while writing")
    out, file = folder / "out", folder / "arrays.npz"

    def write(version: int) -> None:
        with output.folder(out, force=True) as target:
            for name in ("a.csv", "b.csv"):
                (target / name).write_text(f"{version}\n" * 2000)
            output.write_json(target / output.MARK, {"version": version})
        write_npz(file, {"version": np.full(2000, version)})

    def work() -> None:
        for version in range(1, 10_000):
            write(version)

    write(0)
    for _ in range(times):
        row.tried += 1
        killed(work, rng.uniform(0, 0.3))
        try:
            texts = {(out / name).read_text() for name in ("a.csv", "b.csv")}
            if len(texts) != 1 or len(next(iter(texts)).split()) != 2000 or not (out / output.MARK).exists():
                row.fault("wrong", "the folder holds parts of two versions")
            if len(set(read_arrays(file, "test")["version"].tolist())) != 1:
                row.fault("wrong", "the file holds parts of two versions")
        except (OSError, ValueError) as error:
            row.fault("lost", str(error))
        write(0)
        _nothing_left(row, folder, known=("out", "arrays.npz"))
    return row
