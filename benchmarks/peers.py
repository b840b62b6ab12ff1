"""brian2chip beside its peers, in one run, one thread each: a plastic network, and e-prop.

python benchmarks/peers.py [--quick]       two tables with processor time, wall time and ratios; peers that are missing are named
python benchmarks/peers.py one NAME ...    what the tables are made of: one measurement in a process of its own, printed as JSON

Peers: NEST 3.10 and snnTorch (`pip install brian2chip[peers]`), and plain Brian2 on its Cython and C++ devices.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import yardstick

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
#: (neurons, synapses a neuron, seconds) of the plastic networks.
NETWORKS = ((1000, 100, 10.0), (10_000, 100, 2.0))
BATCHES = (1, 16)
#: The module that a peer needs, and what to install.
NEEDS = {"nest": "nest-simulator==3.10", "snntorch": "snntorch and torch"}
PLASTIC = {"brian2chip": "", "NEST": "nest", "Brian2, C++": "", "Brian2, Cython": ""}
EPROP = {"brian2chip": "", "NEST": "nest", "snnTorch BPTT": "snntorch"}


def measured(what: str, peer: str, *arguments: object) -> dict[str, float] | None:
    """Return the seconds that a peer takes, from a process of its own; None where it is not installed."""
    table = PLASTIC if what == "plastic" else EPROP
    if table[peer] and importlib.util.find_spec(table[peer]) is None:
        return None
    command = [sys.executable, __file__, "one", what, peer, *map(str, arguments)]
    # `python benchmarks/peers.py` finds the package in the folder above, as an installation or not.
    environment = (
        os.environ | ONE_THREAD | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])}
    )
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(f"{peer} failed: {done.stderr[-1500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def one(what: str, peer: str, arguments: list[str]) -> None:
    """Print one measurement as JSON."""
    import eprop_peers
    import plastic_network

    module = plastic_network if what == "plastic" else eprop_peers
    seconds, work = module.PEERS[peer](*(float(a) if "." in a else int(a) for a in arguments))
    print(json.dumps({"wall": seconds.wall, "processor": seconds.processor, "work": work}))


def ratios(quick: bool = False) -> dict[str, float]:
    """Print both tables and return how many times longer each peer takes, in processor time."""
    found: dict[str, float] = {}
    yardstick.heading("plastic network: all-to-all pair STDP, Poisson spikes of 20 Hz, delays of 0.1 ms (NEST: 1 ms), one thread")
    _columns("million events/s")
    for n, fan_in, seconds in NETWORKS[:1] if quick else NETWORKS:
        _table(f"{n:,} x {fan_in}", "plastic", PLASTIC, (n, fan_in, float(seconds / 5 if quick else seconds)), found)
    yardstick.heading("e-prop, evidence accumulation (40 inputs, 100 recurrent, 2 outputs, 2,250 steps): a training update, one thread")
    _columns("samples/s")
    for batch in BATCHES[:1] if quick else BATCHES:
        _table(f"batch {batch}", "eprop", EPROP, (batch,), found)
    return found


def _columns(rate: str) -> None:
    print(f"{'':<16}{'':<16}{'processor s':>12}{'wall s':>10}{rate:>20}{'times brian2chip':>20}")


def _table(row: str, what: str, peers: dict[str, str], arguments: tuple, found: dict[str, float]) -> None:
    own = 0.0
    for peer in peers:
        times = measured(what, peer, *arguments)
        if times is None:
            print(f"{row:<16}{peer:<16}is not installed: pip install brian2chip[peers] ({NEEDS[peers[peer]]})", flush=True)
            continue
        rate = times["work"] / times["processor"]
        ratio = own / rate if own else 1.0
        own = own or rate
        shown = f"{times['processor']:>12.2f}{times['wall']:>10.2f}{rate:>20.1f}{ratio:>20.1f}"
        print(f"{row:<16}{peer:<16}{shown}", flush=True)
        if peer != "brian2chip":
            found[f"{what}, {row}: {peer}"] = round(ratio, 3)


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(sys.argv[2], sys.argv[3], sys.argv[4:])
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--quick", action="store_true", help="the smallest case of each table, shortened")
        ratios(parser.parse_args().quick)
