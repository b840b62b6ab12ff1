"""Compares this run's ratios with those stored in ratios.json, and names what moved by more than a quarter; exit code 1 then.

python benchmarks/check.py            compares
python benchmarks/check.py --write    stores what this run found in the place of what is stored

Ratios, because machines differ: how much longer peers take (those that are installed), and how many times the loop of NumPy of
yardstick.py our own programs take.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import eprop_peers
import odin
import peers
import yardstick

STORED = Path(__file__).with_name("ratios.json")
MOVED = 1.25


def found() -> dict[str, float]:
    """Return all ratios, larger being better: for peers and, in loops of NumPy, for ODIN's million operations and e-prop's samples."""
    loop = yardstick.yardstick()["NumPy loop"].processor
    seconds, samples = eprop_peers.ours(32)
    own = {
        "ODIN, million operations a loop": odin.speed()[1] * loop,
        "e-prop, batch 32, samples a loop": samples * loop / seconds.processor,
    }
    return {**peers.ratios(quick=True), **{name: round(value, 3) for name, value in own.items()}}


def moved(stored: dict[str, float], now: dict[str, float]) -> list[str]:
    """Return a sentence for each ratio that moved by more than a quarter; what one of the two runs lacks is no move."""
    both = [name for name in stored if name in now]
    return [
        f"{name}: {now[name]:.2f}, and {stored[name]:.2f} is stored ({now[name] / stored[name]:.2f} times)."
        for name in both
        if not 1 / MOVED <= now[name] / stored[name] <= MOVED
    ]


def main() -> int:
    """Compare, or store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="store this run's ratios")
    write = parser.parse_args().write
    now = found()
    if write:
        stored = json.loads(STORED.read_text()) if STORED.exists() else {}
        STORED.write_text(json.dumps({**stored, **now}, indent=1, sort_keys=True) + "\n")
        return 0
    stored = json.loads(STORED.read_text())
    for name in sorted(set(stored) - set(now)):
        print(f"{name}: not measured here.")
    sentences = moved(stored, now)
    print("\n".join(sentences) or "no ratio moved by more than a quarter.")
    return int(bool(sentences))


if __name__ == "__main__":
    sys.exit(main())
