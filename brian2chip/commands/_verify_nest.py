"""verify nest: the same spike trains through NEST's synapses and ours, or ours beside what NEST gave when it was recorded."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.commands import peers
from brian2chip.commands.peers._peer import Peer, Values
from brian2chip.commands.peers._peer import peers as every_peer

#: What NEST 3.10 gave, for where it is not installed: written by :func:`record`.
STORED = Path(peers.__path__[0]) / "nest_values.csv"
MISSING = "NEST is not installed, so its column is what NEST 3.10.0 gave when it was recorded; pip install 'brian2chip[peers]' runs it."


def main(args: Namespace) -> int:
    """Print the table and the conventions; 1 when a difference is above its tolerance."""
    nest = nest_module()
    stored = None if nest else read_stored()
    found = pd.concat([compared(peer, of(peer, nest, stored)) for peer in every_peer()], ignore_index=True)
    shown = found.assign(
        NEST=found["NEST"].map("{:.15g}".format),
        ours=found["ours"].map("{:.15g}".format),
        difference=found["difference"].map("{:.1e}".format),
        tolerance=found["tolerance"].map("{:.0e}".format),
    )
    print(shown.to_string(index=False))
    for peer in every_peer():
        print(f"{peer.synapse}: {peer.conventions}.")
    print("NEST and ours are the last of the values; the difference is the largest of them all, relative to NEST's largest.")
    if nest is None:
        print(MISSING)
    outside = found[~(found["difference"] <= found["tolerance"])]
    named = "".join(f"; {row.rule}: {row.configuration}" for row in outside.itertuples())
    print(f"{len(found)} rows, {len(outside)} outside their tolerance{named}")
    return int(len(outside) > 0)


def compared(peer: Peer, theirs: Values) -> pd.DataFrame:
    """Return one row for each configuration: what was presented in it that differs most.

    Columns are ``rule`` (with NEST's name), ``configuration``, ``NEST`` and ``ours`` (the last value), ``difference`` (the largest,
    relative to NEST's largest), ``tolerance``.
    """
    ours, worst = peer.ours(), {}
    for (configuration, presented), value in theirs.items():
        mine = ours[configuration, presented]
        difference = np.abs(mine - value).max() / np.abs(value).max() if mine.shape == value.shape else np.inf
        row = (presented, value[-1], mine[-1], difference)
        count, before = worst.get(configuration, (0, None))
        worst[configuration] = (count + 1, row if before is None or not difference <= before[3] else before)
    rows = [
        {
            "rule": f"{peer.rule} ({peer.synapse})",
            "configuration": f"{name}: {presented}" + (f" (worst of {count})" if count > 1 else ""),
            "NEST": theirs_last,
            "ours": ours_last,
            "difference": difference,
            "tolerance": peer.tolerance,
        }
        for name, (count, (presented, theirs_last, ours_last, difference)) in worst.items()
    ]
    return pd.DataFrame(rows)


def of(peer: Peer, nest: Any, stored: pd.DataFrame | None) -> Values:
    """Return NEST's values, live where its module is given."""
    if nest is not None:
        with quiet():
            return peer.live(nest)
    table = stored[stored.synapse == peer.synapse]
    return {(row.configuration, row.presented): np.array(row.numbers.split(), float) for row in table.itertuples(index=False)}


def read_stored() -> pd.DataFrame:
    """Return what NEST gave when it was recorded, with columns ``synapse``, ``configuration``, ``presented``, ``numbers``."""
    return pd.read_csv(STORED, comment="#")


def record(file: Path = STORED) -> None:
    """Write what NEST gives now."""
    nest, rows = nest_module(), []
    for peer in every_peer():
        for (configuration, presented), value in of(peer, nest, None).items():
            rows.append((peer.synapse, configuration, presented, " ".join(repr(float(each)) for each in value)))
    table = pd.DataFrame(rows, columns=["synapse", "configuration", "presented", "numbers"])
    head = (
        f"# NEST {nest.__version__}: weight after every presynaptic spike (tsodyks2: what it transmits; e-prop: losses; clopath: percent)\n"
    )
    file.write_text(head + table.to_csv(index=False), encoding="utf-8")


def nest_module() -> Any:
    """Return NEST's module, or None where it is not installed."""
    if importlib.util.find_spec("nest") is None:
        return None
    with quiet():
        nest = importlib.import_module("nest")
        nest.verbosity = nest.VerbosityLevel.ERROR
    return nest


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what NEST prints, also from C++, away from the table."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
