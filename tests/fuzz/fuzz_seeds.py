"""Valid inputs of every kind, from which the campaign makes wrong ones."""

from __future__ import annotations

import gzip
import importlib.util
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import wavfile

from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.learning import checkpoint
from brian2chip.learning.program import state_shapes
from brian2chip.learning.setup import shape_of
from brian2chip.learning.tasks import changed, task_of
from brian2chip.learning.train import _stamp
from brian2chip.translation.spike_files import save_samples
from brian2chip.translation.translate import translate

GOLDEN = Path(__file__).parents[1] / "golden"
TRACES = {"odin": "izh_I_spike_latency", "tinyodin": "tiny_fifo_0", "reckon": "noise_train", "loihi": "nengo_recurrent"}
#: Networks for each chip: kind of the neurons, whether there is a readout, and other parameters.
CURRENT = {"tau_syn": 5e-3, "bias": 0.01, "reset": "subtract_at_once"}
CHIPS = {
    "odin": ("if", False),
    "tinyodin": ("if", False),
    "reckon": ("lif", True),
    "loihi": ("lif", False),
    "xylo_imu": ("lif", False, CURRENT),
}
#: Chips whose folders a bench plays.
BENCHES = ("odin", "tinyodin", "reckon")
RULE = """from brian2 import ms
from brian2chip import Rule
MINE = Rule(
    name="mine", source="own",
    model="w : 1\\ndap/dt = -ap/tau : 1 (event-driven)\\n",
    on_pre="ap += 1\\nw = clip(w - 0.001, w_min, w_max)", on_post="w = clip(w + A*ap, w_min, w_max)",
    parameters={"A": 0.01, "tau": 20*ms, "w_min": 0.0, "w_max": 1.0}, initial={"w": 0.5},
)
"""


@dataclass(frozen=True)
class Seeds:
    """A folder of valid inputs by name, and what a checkpoint must belong to."""

    folder: Path
    stamp: dict
    shapes: dict

    def __getitem__(self, name: str) -> Path:
        return self.folder / name


def network(kind: str = "lif", readout: bool = True, more: dict | None = None) -> SpikingNetwork:
    """Return 6 inputs, 4 neurons and, if asked for, a readout of 2."""
    rng = np.random.default_rng(1)
    own = {"v_threshold": np.full(4, 1.0), "reset": "zero", **({"tau_m": 20e-3} if kind == "lif" else {}), **(more or {})}
    if readout:
        own |= {"v_threshold": 1.0, "reset": "subtract"}
    populations = [Population("input", "input", 6), Population("hidden", kind, 4, own)]
    projections = [Projection("input", "hidden", rng.integers(0, 8, (6, 4)) * 0.125)]
    if readout:
        populations.append(Population("out", "li", 2, {"tau_m": 20e-3}))
        projections += [
            Projection("hidden", "hidden", rng.normal(0, 0.2, (4, 4)), 1),
            Projection("hidden", "out", rng.normal(0, 1, (4, 2))),
        ]
    return SpikingNetwork(tuple(populations), tuple(projections), 1e-3, {"task": "none", "seed": 1})


def samples(n_in: int = 6) -> Samples:
    x = np.random.default_rng(2).random((2, 10, n_in)) < 0.3
    return Samples.from_dense(x, np.arange(10) > 4, label=np.array([1, 0]))


def write_data(folder: Path) -> None:
    """Write what tasks and weights are made of: recordings of event cameras, tables of spikes, a state dict."""
    (folder / "camera2.aedat").write_bytes(b"#!AER-DAT2.0\r\n" + struct.pack(">8i", 0x0503, 10, 0x0602, 20, 0x0705, 30, 0x7FFF, 40))
    head = struct.pack("<hhiiiiii", 1, 0, 8, 4, 0, 2, 2, 2)
    body = struct.pack("<IiIi", 3 << 17 | 5 << 2 | 3, 10, 9 << 17 | 5 << 2 | 1, 20)
    (folder / "camera3.aedat").write_bytes(b"#!AER-DAT3.1\r\n#Source 0: DVS128\r\n#!END-HEADER\r\n" + head + body)
    gestures = folder / "gestures"  # as DVS Gesture has them
    gestures.mkdir(exist_ok=True)
    for user, which in ((1, "train"), (2, "test")):
        (gestures / f"user{user}.aedat").write_bytes((folder / "camera3.aedat").read_bytes())
        (gestures / f"user{user}_labels.csv").write_text("class,startTime_usec,endTime_usec\n1,5,15\n2,15,25\n")
        (gestures / f"trials_to_{which}.txt").write_text(f"user{user}.aedat\n")
    np.savez(folder / "mine.npz", spikes=np.random.default_rng(3).random((12, 5, 4)) < 0.4, labels=np.arange(12) % 2, dt=1e-3)
    np.savez(
        folder / "weights.npz", **{"fc1.weight": np.ones((3, 4)), "lif1.beta": 0.9, "lif1.threshold": 1.0, "fc2.weight": np.ones((2, 3))}
    )


def make(folder: Path) -> Seeds:
    """Write all valid inputs into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_data(folder)
    network().save(folder / "net.npz")
    save_samples(samples(), folder / "spikes.npz")
    for chip, how in CHIPS.items():
        translation = translate(network(*how), chip)
        if translation.refusals:
            raise SystemExit(f"the seed for {chip} does not fit: {translation.refusals}")
        translation.write(folder / f"on_{chip}", force=True)
        if chip in BENCHES:
            translate(network(*how), chip, test=samples(), device="numpy").write(folder / f"bench_{chip}", force=True)
    for chip, name in TRACES.items():
        shutil.copy(GOLDEN / chip / f"{name}.npz", folder / f"trace_{chip}.npz")
    (folder / "rule.py").write_text(RULE)
    stamp, shapes = _checkpoint(folder / "checkpoint.npz")
    _events(folder)
    _sweep(folder)
    _hdf5(folder)
    return Seeds(folder, stamp, shapes)


def _checkpoint(path: Path) -> tuple[dict, dict]:
    task = changed(task_of("evidence_accumulation"), {"n_lif": 3, "n_alif": 2}, {"batch": 1})
    from dataclasses import replace

    from brian2chip.core.learning_rule import LearningRule
    from brian2chip.core.resolve import resolve

    task = replace(task, training=replace(task.training, rule=resolve(LearningRule, task.training.rule)))
    shape = shape_of(task, task.network, task.training)
    stamp, shapes = _stamp(task, 1, shape, None), state_shapes(shape)
    row = {"update": 1, "samples": 1, "loss": 0.5, "error": 0.5, "rate_hz": 3.0, "wall_s": 0.1, "program_s": 0.1}
    checkpoint.save(path, stamp, {**{name: np.zeros(size) for name, size in shapes.items()}, "updates": 1.0}, [row])
    return stamp, shapes


def _sweep(folder: Path) -> None:
    table = pd.DataFrame({"point": range(4), "tau_plus": [0.01, 0.02] * 2, "way": ["a", "b"] * 2, "seed": 1, "rmse": 0.5, "error": ""})
    table.to_csv(folder / "sweep.csv", index=False)
    if importlib.util.find_spec("pyarrow") is not None:
        table.to_parquet(folder / "sweep.parquet", index=False)


def _events(folder: Path) -> None:
    (folder / "00001.bin").write_bytes(np.random.default_rng(3).integers(0, 34, (20, 5)).astype(np.uint8).tobytes())
    data = b"\0\0\x08\x03" + struct.pack(">3I", 2, 4, 4) + bytes(range(32))
    (folder / "images.idx").write_bytes(data)
    (folder / "images.gz").write_bytes(gzip.compress(data, mtime=0))
    (folder / "sounds").mkdir(exist_ok=True)
    for name, dtype in (("0_anna_0.wav", np.int16), ("1_anna_9.wav", np.float32)):
        wave = np.sin(np.arange(800) / 5)
        wavfile.write(folder / "sounds" / name, 8000, (wave * (8000 if dtype is np.int16 else 1)).astype(dtype))
    (folder / "data.csv").write_text('dt_ms,dw,sem,kind\n10,0.5,0.1,a\n-10,-0.25,,b\n1e1,0.5,0.1,"c, d"\n')
    (folder / "trace.csv").write_text("time_ms,conductance_uS,gate_V\n0,0.1,0\n1,0.5,2\n2,1.5,2\n3.5,1.4,0\n")


def _hdf5(folder: Path) -> None:
    try:
        import h5py
        import nir

        from brian2chip.translation.nir_write import to_nir
    except ImportError:
        return
    nir.write(folder / "net.nir", to_nir(network("lif", False)))
    neurons = nir.LIF(*(np.full(8, value) for value in (5e-3, 5.0, 0.1, 1.0)))
    planes = [
        nir.Input({"input": np.array([1, 3, 3])}),
        nir.Conv2d((3, 3), np.ones((2, 1, 2, 2)), (1, 1), (0, 0), (1, 1), 1, np.zeros(2)),
        neurons,
        nir.SumPool2d(np.array([2, 2]), np.array([1, 1]), np.array([0, 0])),
        nir.Scale(np.ones(2)),
    ]
    names = [f"n{k}" for k in range(6)]
    last = nir.IF(np.ones(2), np.ones(2))
    edges = list(zip(names, names[1:]))
    nir.write(folder / "planes.nir", nir.NIRGraph(dict(zip(names, [*planes, last])), edges, type_check=False))
    with h5py.File(folder / "data.h5", "w") as file:
        file.attrs["__type__"] = "NIRGraphData"
        group = file.create_group("nodes/input/observables/spikes")
        group["idx"], group["time"] = np.array([[0, 2, -1], [1, 0, 2]]), np.array([[0.0, 0.002, np.inf], [0.001, 0.003, 0.003]])
        for name, value in (("__type__", "EventData"), ("n_neurons", 3), ("t_max", 0.004)):
            group.attrs[name] = value
    with h5py.File(folder / "shd.h5", "w") as file:
        for name, kind in (("times", np.float32), ("units", np.int32)):
            lists = file.create_dataset(f"spikes/{name}", (2,), h5py.vlen_dtype(kind))
            lists[0], lists[1] = np.array([0.005, 0.015, 0.3]) * (1 if name == "times" else 1000), np.array([0.095]) * 1
        file["labels"] = np.array([3, 19])
