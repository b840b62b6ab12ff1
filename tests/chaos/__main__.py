"""Kills, full disks, threads, processes and caches: ``python tests/chaos [--kills N] [--only WORD]`` (``make chaos``).

Prints how often a result was tried, lost, wrong, or something was left over; exit code 1 when the last three are not all 0.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ.update({name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")})
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = str(ROOT)

import chaos_caches  # noqa: E402
import chaos_disks  # noqa: E402
import chaos_kills  # noqa: E402
import chaos_processes  # noqa: E402
import chaos_sweeps  # noqa: E402
import numpy as np  # noqa: E402
from chaos_common import Row  # noqa: E402

from brian2chip.engine.compiler import compiler  # noqa: E402

SEED = 2026


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=50, help="random moments, over training, compiling and writing (default 50)")
    parser.add_argument("--only", default="", help="only the parts whose name has this in it")
    args = parser.parse_args()
    start, rng, rows = time.monotonic(), np.random.default_rng(SEED), []
    with tempfile.TemporaryDirectory(prefix="chaos.") as name:
        os.environ["BRIAN2CHIP_CACHE"] = str(Path(name) / "cache")
        for part, work in parts(args.kills, rng, compiler() is not None).items():
            if args.only not in part:
                continue
            folder = Path(name) / part.replace(" ", "_")
            folder.mkdir()
            rows.append(work(folder))
            print(f"{time.monotonic() - start:.0f} s: {part}", flush=True)
    print(table(rows))
    print(f"{time.monotonic() - start:.0f} s")
    return int(any(row.lost or row.wrong or row.left for row in rows))


def parts(kills: int, rng: np.random.Generator, compiled: bool) -> dict:
    """Return every part of the campaign by name."""
    device, third = "cpp_standalone" if compiled else "numpy", max(1, kills // 3)
    found = {
        "caches": chaos_caches.caches,
        "kills while training": lambda folder: chaos_kills.training(folder, kills - 2 * third, rng, device),
        "kills while writing": lambda folder: chaos_kills.writing(folder, third, rng),
        "disks": _disks(compiled),
        "threads": lambda folder: chaos_processes.threads(folder, 6, compiled),
        "processes fork": lambda folder: chaos_processes.processes(folder, 6, "fork"),
        "processes spawn": lambda folder: chaos_processes.processes(folder, 4, "spawn"),
    }
    if chaos_sweeps.with_workers():
        found["sweeps"] = lambda folder: chaos_sweeps.sweeps(folder, 20, rng)
        found["sweep signals"] = chaos_sweeps.signals
    if chaos_processes.with_joblib():
        found["processes joblib"] = lambda folder: chaos_processes.processes(folder, 4, "joblib")
    if compiled:
        found["kills while compiling"] = lambda folder: chaos_kills.compiling(folder, third, rng)
        found["emulator over forks"] = lambda folder: chaos_processes.emulator_over_forks(folder, 20)
        found["signals"] = lambda folder: chaos_processes.signals(folder, ROOT)
    return found


def _disks(compiled: bool):
    def work(folder: Path) -> Row:
        (folder / "probe").mkdir()
        if not chaos_disks.may_mount(folder / "probe"):
            return Row("full disks (left out: a file system cannot be mounted here)")
        return chaos_disks.disks(folder, compiled)

    return work


def table(rows: list[Row]) -> str:
    """Return the table, and below it what was lost, wrong or left over."""
    lines = [f"{'':52}{'tried':>8}{'lost':>8}{'wrong':>8}{'left':>8}"]
    lines += [f"{row.kind:52}{row.tried:8}{row.lost:8}{row.wrong:8}{row.left:8}" for row in rows]
    lines.append(f"{'all':52}" + "".join(f"{sum(getattr(row, name) for row in rows):8}" for name in ("tried", "lost", "wrong", "left")))
    return "\n".join([*lines, *(f"  {row.kind}: {note}" for row in rows for note in row.notes)])


if __name__ == "__main__":
    sys.exit(main())
