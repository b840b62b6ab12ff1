"""The process that opens an HDF5 file for hdf5_files.py: a program of its own, which imports nothing of this package.

``python _hdf5_child.py FILE LARGEST SECONDS NAME...`` writes a ``.npz`` of the datasets with these names (all without names) to standard
output, and with the name ``@`` the attributes of groups too, as ``GROUP/@ATTRIBUTE``. ``head`` is JSON ``[[name, kind], ...]`` with kinds
group, array, text, texts and lists; ``values_K`` and ``ends_K`` belong to entry K.
Exit code 3: the file is refused, with the reason on standard error.
"""

from __future__ import annotations

import json
import sys

#: Groups and datasets of a file.
MOST = 20_000
DEEPEST = 40


class Refused(Exception):
    """Why the file is not read."""


def limit(memory: int, seconds: int) -> None:
    """Bound what this process may take, where the system can."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def walk(group, prefix, above, found):
    """Collect (name, object) of everything below a group, in order; links out of the file are refused."""
    import h5py

    if len(above) > DEEPEST:
        raise Refused(f"its groups are more than {DEEPEST} levels deep")
    for name in group:
        full = f"{prefix}{name}"
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise Refused(f"{full!r} is a link, which is not followed")
        value = group[name]
        found.append((full, value))
        if len(found) > MOST:
            raise Refused(f"it holds more than {MOST} groups and datasets")
        if isinstance(value, h5py.Group):
            if value.id in above:
                raise Refused(f"the group {full!r} contains itself")
            walk(value, f"{full}/", [*above, value.id], found)


def read(name, dataset, left):
    """Return (kind, values, ends) of a dataset and what is left of the bytes."""
    import h5py
    import numpy as np

    if dataset.external or dataset.is_virtual:
        raise Refused(f"the numbers of {name!r} lie in another file")
    if dataset.shape is None:
        raise Refused(f"{name!r} is empty")
    kind, size = dataset.dtype, dataset.size * max(dataset.dtype.itemsize, 1)
    if size > left:
        raise Refused(f"its datasets would take too many bytes, {name!r} alone {size}")
    if h5py.check_string_dtype(kind) is not None:
        texts = np.asarray(dataset.asstr()[()], str)
        return ("texts" if texts.ndim else "text"), texts, None, left - texts.nbytes
    inner = h5py.check_vlen_dtype(kind)
    if inner is not None:
        if inner.kind not in "biuf" or dataset.ndim != 1:
            raise Refused(f"{name!r} holds lists of {inner} in {dataset.ndim} dimensions")
        lists = dataset[()]
        ends = np.cumsum([len(one) for one in lists], dtype=np.int64)
        values = np.concatenate(lists) if len(lists) else np.zeros(0, inner)
        if values.nbytes > left:
            raise Refused("its datasets would take too many bytes")
        return "lists", values, ends, left - values.nbytes
    if kind.kind not in "biuf":
        raise Refused(f"{name!r} holds {kind}; only numbers and texts are read")
    return "array", np.asarray(dataset[()]), None, left - size


def attributes(prefix, group):
    """Return (name, kind, values) of the attributes of a group: numbers and texts, one each."""
    import numpy as np

    found = []
    for name in group.attrs:
        value = group.attrs[name]
        if "/" in name:
            raise Refused(f"{prefix!r} has an attribute with a slash in its name")
        if not isinstance(value, str) and (np.ndim(value) or np.asarray(value).dtype.kind not in "biuf"):
            raise Refused(f"the attribute {prefix}@{name} is neither a number nor a text")
        found.append((f"{prefix}@{name}", "text" if isinstance(value, str) else "array", np.asarray(value)))
        if len(found) > MOST:
            raise Refused(f"it holds more than {MOST} attributes")
    return found


def main(path: str, largest: int, names: list[str]) -> None:
    """Write what the file holds to standard output."""
    import h5py
    import numpy as np

    entries, arrays = [], {}
    beside, names = "@" in names, [name for name in names if name != "@"]
    with h5py.File(path, "r") as file:
        found = []
        walk(file, "", [file.id], found)
        for name, value in found:
            if names and name not in names:
                continue
            kind, values, ends = "group", None, None
            if isinstance(value, h5py.Dataset):
                kind, values, ends, largest = read(name, value, largest)
            elif not isinstance(value, h5py.Group):
                raise Refused(f"{name!r} is neither a group nor a dataset")
            arrays |= {f"{part}_{len(entries)}": a for part, a in (("values", values), ("ends", ends)) if a is not None}
            entries.append((name, kind))
        for prefix, group in [("", file), *((f"{n}/", g) for n, g in found if isinstance(g, h5py.Group))] if beside else ():
            for name, kind, values in attributes(prefix, group):
                arrays[f"values_{len(entries)}"] = values
                entries.append((name, kind))
    np.savez(sys.stdout.buffer, head=np.array(json.dumps(entries)), **arrays)


if __name__ == "__main__":
    limit(memory=int(sys.argv[2]) * 3 + (1 << 30), seconds=int(sys.argv[3]))
    try:
        main(sys.argv[1], int(sys.argv[2]), sys.argv[4:])
    except Exception as error:
        sys.stderr.write(" ".join(str(error).split())[:200] or type(error).__name__)
        sys.exit(3)
