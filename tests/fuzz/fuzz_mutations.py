"""What can be wrong with an input: changes of bytes, arrays, JSON, HDF5, texts and folders, each drawn from a generator."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np

#: What would run if a text were ever evaluated, or an array unpickled; it leaves a file behind.
CANARY = "executed.canary"
PAYLOADS = (
    f"__import__('os').system('touch {CANARY}')",
    f"open('{CANARY}','w')",
    f"().__class__.__base__.__subclasses__() or open('{CANARY}','w')",
    f"$(touch {CANARY})",
    f"`touch {CANARY}`; touch {CANARY}",
)
TEXTS = (
    *(
        *PAYLOADS,
        "",
        " ",
        "\n",
        "\0",
        "é",
        "\ud800",
        "x" * 300,
        "x" * 100_000,
        "../../up",
        "/dev/zero",
        "/etc/passwd",
        "-1",
        "0",
        "nan",
        "inf",
    ),
    *("1e400", "9**9**9", "0x10", "True", "1_000", "[20]*ms", "-60mV", ".5 ms", "1 mV/ms", "20*ms", "{0}", "%s", "--", "-", "=", "a=b"),
    *("None", ">", ">=", "> 0 or True", "lif", "zero", "stdp", "odin"),
)
NUMBERS = (
    *(0, 1, -1, 2, 3, 255, 256, 257, 4096, 65536, -128, 128, 2**31 - 1, 2**31, -(2**31), 2**32, 2**40, 2**53, 2**63, -(2**63), 2**64),
    *(10**30, 0.5, 1.0, -0.5, 20.9, 1e-3, 1e-9, 1e-300, 5e-324, 1e30, 1e300, float("nan"), float("inf"), -float("inf")),
)


class Pickled:
    """Runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, (f"touch {CANARY}",)


def pick(rng, values):
    return values[int(rng.integers(len(values)))]


def mutate_bytes(data: bytes, rng) -> bytes:
    """Return bytes with a few flipped bits, a piece missing, doubled, overwritten, cut or added."""
    data = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        n = len(data)
        if n == 0:
            break
        at, size = int(rng.integers(n)), int(rng.integers(1, max(2, min(n, 64))))
        kind = int(rng.integers(7))
        if kind <= 2:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 3:
            data = data[:at]
        elif kind == 4:
            del data[at : at + size]
        elif kind == 5:
            data[at : at + size] = pick(rng, (bytes(size), b"\xff" * size, rng.bytes(size), bytes(data[at : at + size]) * 2))
        else:
            data[at:at] = rng.bytes(size)
    return bytes(data)


def mutate_array(array: np.ndarray, rng) -> np.ndarray:
    """Return an array of another type or shape, or with another value somewhere."""
    kind = int(rng.integers(4))
    with np.errstate(all="ignore"):
        if kind == 0:
            return _other_type(array, rng)
        if kind == 1:
            return _other_shape(array, rng)
        return _other_value(array, rng)


def _other_type(array: np.ndarray, rng) -> np.ndarray:
    dtype = pick(rng, ("f8", "f4", "f2", "c16", "?", "i1", "u1", "i8", "u8", ">i4", ">f8", "U20", "S8", "M8[s]", "g", "O"))
    try:
        if dtype == "O":
            return np.array([Pickled()] * max(array.size, 1), object)
        if dtype == "M8[s]":
            return np.zeros(array.shape, dtype)
        return array.astype(dtype)
    except (TypeError, ValueError, OverflowError):
        return np.zeros(array.shape, [("a", "i4"), ("b", "f8")])


def _other_shape(array: np.ndarray, rng) -> np.ndarray:
    kind = int(rng.integers(7))
    if kind == 0:
        return array[None]
    if kind == 1:
        return array.ravel()
    if kind == 2:
        return array.T if array.ndim > 1 else np.repeat(array, 2)
    if kind == 3:
        return array[..., :-1] if array.ndim else array[None]
    if kind == 4:
        return np.concatenate([array, array[:1]]) if array.ndim and len(array) else array[None, None]
    if kind == 5:
        return array.ravel()[:1].reshape(()) if array.size else array[None]
    return np.zeros((0, *array.shape[1:]), array.dtype)


def _other_value(array: np.ndarray, rng) -> np.ndarray:
    array = np.array(array)
    if not array.size or array.dtype.kind not in "biufU":
        return array[None]
    at = np.unravel_index(int(rng.integers(array.size)), array.shape)
    value = pick(rng, TEXTS) if array.dtype.kind == "U" else pick(rng, NUMBERS)
    if array.dtype.kind in "iu" and isinstance(value, float):
        array = array.astype(float)
    try:
        array[at] = value
    except (OverflowError, ValueError):
        array = array.astype(float)
        array[at] = float(value) if not isinstance(value, str) else -7.5
    if rng.random() < 0.1 and array.dtype.kind in "if":
        array = array * array.dtype.type(pick(rng, (-1, 2, 100)))
    return array


def mutate_json(document, rng):
    """Return the text of a document in which one or two places hold something else."""
    for _ in range(int(rng.integers(1, 3))):
        document = _changed(document, rng, int(rng.integers(1, 7)))
    text = json.dumps(document)
    kind = rng.random()
    if kind < 0.03:
        return "[" * 5000 + text
    if kind < 0.06:
        return text.replace("{", '{"a": 1, "a": 2, ', 1)
    if kind < 0.09:
        return text.replace(":", ": 1e999, ", 1)
    return text


def _changed(value, rng, depth: int):
    if depth and isinstance(value, dict) and value:
        value, key = dict(value), pick(rng, list(value))
        kind = rng.random()
        if kind < 0.12:
            del value[key]
        elif kind < 0.2:
            value[str(pick(rng, TEXTS)) if rng.random() < 0.5 else key + "_"] = value.pop(key)
        else:
            value[key] = _changed(value[key], rng, depth - 1)
        return value
    if depth and isinstance(value, list) and value:
        value, at = list(value), int(rng.integers(len(value)))
        kind = rng.random()
        if kind < 0.1:
            del value[at]
        elif kind < 0.2:
            value.append(value[at])
        else:
            value[at] = _changed(value[at], rng, depth - 1)
        return value
    if isinstance(value, bool | int | float) and rng.random() < 0.5:
        return pick(rng, (*NUMBERS, -value, value + 1, value - 1, value + 0.5, float(value), bool(value), str(value)))
    deep = 0
    for _ in range(60):
        deep = [deep]
    return pick(rng, (None, True, False, [], {}, [[]], {"a": {}}, deep, *NUMBERS, *TEXTS))


def mutate_npz(path: Path, rng) -> None:
    """Change a file of arrays in place."""
    kind = rng.random()
    if kind < 0.25:
        path.write_bytes(mutate_bytes(path.read_bytes(), rng))
        return
    if kind < 0.32:
        _lying_npz(path, rng)
        return
    with np.load(path) as file:
        arrays = dict(file)
    documents = {name: json.loads(str(a)) for name, a in arrays.items() if a.dtype.kind == "U" and not a.ndim and str(a).startswith("{")}
    for _ in range(int(rng.integers(1, 3))):
        name = pick(rng, list(arrays))
        change = rng.random()
        if change < 0.1:
            del arrays[name]
        elif change < 0.2:
            arrays[pick(rng, ("x", name + "_", "head", "../up", "weight_9", "label", "é"))] = arrays.pop(name)
        elif change < 0.25:
            arrays[pick(rng, ("extra", "population_0_tau_m", "population_1_fires", "target"))] = mutate_array(arrays[name], rng)
        elif name in documents and rng.random() < 0.9:
            arrays[name] = np.array(mutate_json(documents.pop(name), rng))
        else:
            arrays[name] = mutate_array(arrays[name], rng)
        if not arrays:
            break
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2 if rng.random() < 0.03 else zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=True)
            archive.writestr(f"{name}.npy", buffer.getvalue())


def _lying_npz(path: Path, rng) -> None:
    """Replace a file of arrays by one that states sizes that it has not, holds one name twice, or is another kind of file."""
    kind = int(rng.integers(7))
    if kind == 0:
        np.save(path.with_suffix(".npy"), np.arange(9))
        os.replace(path.with_suffix(".npy"), path)
        return
    if kind == 1:
        path.write_bytes(pickle.dumps(Pickled()))
        return
    with np.load(path) as file:
        arrays = dict(file)
    name = pick(rng, list(arrays))
    shape = pick(rng, ((10**12,), (2**62, 2**62), (-1,), (2**31, 2**31), (), (3, 0, 10**18), (2**63,)))
    head = (
        f"{{'descr': '{pick(rng, ('<f8', '|O', '<U99999999', '|V8', '<i4'))}', 'fortran_order': False, 'shape': {shape!r}, }}".ljust(117)
        + "\n"
    )
    lie = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + bytes(64)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array)
            archive.writestr(f"{other}.npy", lie if other == name and kind < 5 else buffer.getvalue())
        if kind == 6:
            archive.writestr(pick(rng, ("readme.txt", "../x.npy", "a/", "x.py")), b"hello")
    if kind == 5:  # a size in the directory that the data have not
        data = bytearray(path.read_bytes())
        at = data.rfind(b"PK\x01\x02")
        data[at + 24 : at + 28] = struct.pack("<I", pick(rng, (0, 1, 2**32 - 2, 2**31, 3 * 2**30)))
        path.write_bytes(bytes(data))


def mutate_text(text: str, rng) -> str:
    """Return lines with one missing, doubled, or with another word."""
    lines = text.split("\n")
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(max(1, len(lines))))
        kind = rng.random()
        if not lines:
            break
        if kind < 0.15:
            del lines[at]
        elif kind < 0.25:
            lines.insert(at, lines[at])
        elif kind < 0.85:
            words = lines[at].replace(",", " , ").split(" ")
            words[int(rng.integers(len(words)))] = str(pick(rng, (*TEXTS, *NUMBERS, "fffff", "1ffff", "g", "12 34", "0x1", "٣")))
            lines[at] = " ".join(words).replace(" , ", ",")
        else:
            lines[at] = mutate_bytes(lines[at].encode(errors="replace"), rng).decode("latin-1")
    return "\n".join(lines)


def mutate_any(path: Path, rng) -> None:
    """Change a file in place, as its kind allows."""
    kind = rng.random()
    if path.suffix == ".npz":
        mutate_npz(path, rng)
    elif kind < 0.3 or path.suffix in (".bin", ".gz", ".wav", ".idx"):
        path.write_bytes(mutate_bytes(path.read_bytes(), rng))
    elif path.suffix == ".json":
        path.write_text(mutate_json(json.loads(path.read_text()), rng), errors="replace")
    elif path.suffix in (".nir", ".h5"):
        mutate_hdf5(path, rng)
    else:
        path.write_text(mutate_text(path.read_text(errors="replace"), rng), errors="replace")


def mutate_hdf5(path: Path, rng) -> None:
    """Change a group or dataset of a valid HDF5 file in place."""
    import h5py

    with h5py.File(path, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        for _ in range(int(rng.integers(1, 3))):
            name = pick(rng, names)
            if name not in file:
                continue
            parent, last = file[name].parent, name.rpartition("/")[2]
            kind = rng.random()
            if kind < 0.1:
                del parent[last]
            elif kind < 0.2:
                new = pick(rng, ("x", "type", "nodes", last + "2", "metadata", "type_check"))
                if new not in parent:
                    parent.move(last, new)
            elif kind < 0.28:
                other = pick(rng, names)
                if other in file:
                    file[f"{other}/x" if isinstance(file[other], h5py.Group) else f"new_{rng.integers(99)}"] = pick(
                        rng, (h5py.SoftLink("/node"), h5py.ExternalLink("/etc/passwd", "/x"), file[name])
                    )
            elif isinstance(file[name], h5py.Dataset):
                _other_dataset(file, parent, last, rng)


def _other_dataset(file, parent, last: str, rng) -> None:
    import h5py

    if parent[last].size is None or parent[last].size > 1 << 20:
        return
    value = parent[last][()]
    del parent[last]
    kind = rng.random()
    if kind < 0.05:
        parent.create_dataset(last, (1 << 38,), "f8", chunks=(1024,))
    elif kind < 0.1:
        parent.create_dataset(last, data=pick(rng, (h5py.Empty("f8"), np.zeros(3, complex), np.zeros(2, [("a", "i4")]))))
    elif isinstance(value, bytes) or (isinstance(value, np.ndarray) and value.dtype == object and isinstance(value.ravel()[0], bytes)):
        texts = ["IF", "LIF", "CubaLIF", "Linear", "Affine", "Input", "Output", "NIRGraph", "Conv2d", "input", *TEXTS]
        text = str(pick(rng, texts)).replace("\0", "").encode(errors="replace").decode()
        new = text
        if isinstance(value, np.ndarray):
            new = value.copy()
            new.ravel()[int(rng.integers(new.size))] = text
        parent.create_dataset(last, data=new, dtype=h5py.string_dtype())
    elif isinstance(value, np.ndarray) and value.dtype == object:
        lists = parent.create_dataset(last, (len(value),), h5py.vlen_dtype(pick(rng, (float, int))))
        for k, one in enumerate(value):
            changed = mutate_array(one, rng) if rng.random() < 0.5 else one
            lists[k] = np.real(changed).ravel().astype(lists.dtype.metadata["vlen"]) if changed.dtype.kind in "biuf" else [1]
    else:
        new = mutate_array(np.asarray(value), rng)
        parent.create_dataset(last, data=str(new) if new.dtype.kind in "UMOV" else new)


def mutate_folder(folder: Path, rng) -> None:
    """Change one file of a folder, or what stands under its name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = pick(rng, files)
    kind = rng.random()
    if kind < 0.75:
        mutate_any(path, rng)
        return
    other = pick(rng, files).read_bytes()
    path.unlink()
    if kind < 0.8:
        os.mkfifo(path)
    elif kind < 0.85:
        path.mkdir()
    elif kind < 0.9:
        path.symlink_to(pick(rng, ("/dev/zero", "/etc/passwd", path.name, "../../outside.json", "/")))
    elif kind < 0.94:
        path.write_bytes(other)
    elif kind < 0.97:
        path.write_bytes(b"")
    elif rng.random() < 0.2:
        shutil.rmtree(path.parent) if path.parent != folder else None
