"""What the campaign feeds: every reader of the package and every command of its command line, each with a wrong input."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fuzz_commands import wrong_command
from fuzz_mutations import mutate_any, mutate_array, mutate_folder, pick
from fuzz_seeds import BENCHES, CHIPS, TRACES, Seeds

from brian2chip.bench.folder import EVENT_OUTPUT, READBACK, SAMPLES, TICK_OUTPUT, BenchFolder
from brian2chip.bench.script import script
from brian2chip.cli import main
from brian2chip.core.conductance_traces import ConductanceTrace, read_conductance_trace
from brian2chip.core.csv_files import GAPS, REAL, TEXT, read_csv
from brian2chip.core.npz import read_arrays
from brian2chip.core.recordings.aedat_files import read_aedat
from brian2chip.core.recordings.event_files import from_tonic, read_shd
from brian2chip.core.recordings.nmnist_files import read_nmnist
from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.task import Task
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint
from brian2chip.learning.train import HISTORY
from brian2chip.sweeps import table_files
from brian2chip.sweeps.results import read_sweep
from brian2chip.tasks import spoken_digits
from brian2chip.tasks.readers.idx_files import read_idx
from brian2chip.translation import folder
from brian2chip.translation.nir_read import from_nir
from brian2chip.translation.spike_files import load_samples

PAIRINGS = {"dt_ms": REAL, "dw": REAL, "sem": GAPS, "kind": TEXT}


class Wrong(Exception):
    """What came out is neither a right result nor a right refusal."""


@dataclass(frozen=True)
class Target:
    """One reader or command; ``feed(rng, seeds, work)`` makes a wrong input in the folder ``work`` and gives it in."""

    name: str
    share: int
    feed: Callable[[np.random.Generator, Seeds, Path], object]


def of_file(seed: str, read: Callable, kind: type | tuple = object) -> Callable:
    """Return what changes one file and reads it; an error must name the file."""

    def feed(rng, seeds: Seeds, work: Path):
        path = Path(shutil.copy(seeds[seed], work / seeds[seed].name))
        mutate_any(path, rng)
        try:
            found = read(path, seeds)
        except UserError as error:
            if path.name not in str(error):
                raise Wrong(f"the sentence does not name the file: {error}") from None
            raise
        if not isinstance(found, kind):
            raise Wrong(f"got {type(found).__name__}")

    return feed


def of_folder(seed: str, read: Callable) -> Callable:
    """Return what changes one file of a folder and reads the folder."""

    def feed(rng, seeds: Seeds, work: Path):
        shutil.copytree(seeds[seed], work / seed, symlinks=True)
        mutate_folder(work / seed, rng)
        read(work / seed)

    return feed


def bench(path):
    """Read everything that a bench takes from a folder."""
    folder = BenchFolder.read(path)
    expected = folder.document["expected"]
    output = TICK_OUTPUT if folder.chip == "reckon" else EVENT_OUTPUT
    for name, columns in (("output", output), ("samples", SAMPLES), ("readback", READBACK)) if expected else ():
        folder.table(expected[name], columns)
    folder.table(folder.document["readback"], READBACK)
    return [folder.program(name) for name in folder.document["programs"]], script(folder)


def trace_inputs(chip: str) -> Callable:
    """Return what reads a trace as far as the emulated chip would."""
    import importlib

    given = importlib.import_module(f"brian2chip.chips.{chip}.replay").given

    def read(path, seeds):
        trace = read_arrays(path, "trace")
        try:
            return given(trace)
        except UserError as error:  # as the command replay says it
            raise UserError(f"{path}: {error}") from None

    return read


def tonic(rng, seeds: Seeds, work: Path):
    """Feed events as arrays with wrong fields."""
    fields = {"x": np.arange(5), "y": np.arange(5), "t": np.arange(5) * 1000, "p": np.arange(5) % 2}
    name = pick(rng, list(fields))
    fields[name] = mutate_array(fields[name], rng)
    size = len(fields[name]) if fields[name].ndim == 1 else 5
    events = np.zeros(size, [(n, a.dtype) for n, a in fields.items()])
    for n, a in fields.items():
        with contextlib.suppress(ValueError, TypeError):
            events[n] = a[:size] if a.ndim == 1 else a
    label = pick(rng, (0, 3, -1, 1.5, "a", None, np.nan, 2**40, True))
    return from_tonic([(events, label)], n_steps=10, dt=1e-3, sensor=(34, 34, 2))


def command(rng, seeds: Seeds, work: Path):
    """Give the command line wrong words; what it prints must be one sentence."""
    argv = wrong_command(rng, seeds, work)
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(argv)
    except SystemExit as end:  # --help
        code = end.code or 0
    if code == 2:
        said = [line for line in err.getvalue().split("\n") if line.startswith("brian2chip: ")]
        if len(said) != 1:
            raise Wrong(f"exit code 2 with {len(said)} sentences")
        raise UserError(said[0].removeprefix("brian2chip: "))
    if code not in (0, 1):
        raise Wrong(f"exit code {code}")
    return code


def targets(seeds: Seeds) -> list[Target]:
    """Return all, with the share of inputs that each gets."""
    found = [
        Target("network", 12, of_file("net.npz", lambda p, s: SpikingNetwork.load(p), SpikingNetwork)),
        Target("spikes", 12, of_file("spikes.npz", lambda p, s: load_samples(p), Samples)),
        Target("checkpoint", 6, of_file("checkpoint.npz", lambda p, s: checkpoint.load(p, s.stamp, s.shapes, HISTORY), tuple)),
        Target("IDX", 3, of_file("images.idx", lambda p, s: read_idx(p), np.ndarray)),
        Target("IDX packed", 2, of_file("images.gz", lambda p, s: read_idx(p), np.ndarray)),
        Target("N-MNIST", 3, of_file("00001.bin", lambda p, s: read_nmnist(p), np.ndarray)),
        Target("AEDAT 2.0", 3, of_file("camera2.aedat", lambda p, s: read_aedat(p), tuple)),
        Target("AEDAT 3.1", 3, of_file("camera3.aedat", lambda p, s: read_aedat(p), tuple)),
        Target("arrays of a task", 4, of_file("mine.npz", lambda p, s: Task.from_file(p), Task)),
        Target("state dict", 4, of_file("weights.npz", lambda p, s: SpikingNetwork.from_state_dict(p, dt=1e-3), SpikingNetwork)),
        Target("CSV", 3, of_file("data.csv", lambda p, s: read_csv(p, "data", PAIRINGS))),
        Target("table of a sweep", 2, of_file("sweep.csv", lambda p, s: read_sweep(p))),
        Target("conductance trace", 2, of_file("trace.csv", lambda p, s: read_conductance_trace(p), ConductanceTrace)),
        Target("events in memory", 4, tonic),
        Target("sounds", 4, of_folder("sounds", lambda d: [spoken_digits.recordings.__wrapped__(str(d), n) for n in ("train", "test")])),
        Target("gestures", 4, of_folder("gestures", lambda d: Task.from_file(d))),
        Target("command line", 34, command),
    ]
    found += [Target(f"trace of {c}", 4, of_file(f"trace_{c}.npz", trace_inputs(c), tuple)) for c in TRACES]
    found += [Target(f"folder of {c}", 3, of_folder(f"on_{c}", folder.load)) for c in CHIPS]
    found += [
        Target(f"files of {c}", 3, of_folder(f"on_{c}/chip", get("chip", c).backend.read))
        for c in CHIPS
        if get("chip", c).backend is not None
    ]
    found += [Target(f"bench of {c}", 3, of_folder(f"bench_{c}/chip", bench)) for c in BENCHES]
    if seeds["sweep.parquet"].exists():
        found.append(Target("table of a sweep, Parquet", 3, of_file("sweep.parquet", lambda p, s: table_files.read(p))))
    if seeds["net.nir"].exists():
        found.append(Target("NIR", 6, of_file("net.nir", lambda p, s: from_nir(p), SpikingNetwork)))
        found.append(Target("NIR in planes", 4, of_file("planes.nir", lambda p, s: from_nir(p), SpikingNetwork)))
        found.append(Target("NIR data", 4, of_file("data.h5", lambda p, s: load_samples(p, dt=1e-3), Samples)))
        found.append(Target("SHD", 4, of_file("shd.h5", lambda p, s: read_shd(p, n_steps=10), Samples)))
    return found
