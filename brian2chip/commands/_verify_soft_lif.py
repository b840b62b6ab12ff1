"""verify soft_lif: tables of many digits, and the published efficiencies."""

from __future__ import annotations

from argparse import Namespace

from brian2chip.learning.conversion import published
from brian2chip.learning.conversion import verify as conversion


def main(args: Namespace) -> int:
    """Print the differences of soft-LIF units from tables of many digits, and the published efficiencies; 1 when one is too large."""
    found, table = conversion.differences(args.device or "numpy"), published.efficiencies()
    print("largest relative differences of responses, slopes and noise from tables that were computed with many digits")
    print(found.to_string(index=False, formatters={"difference": "{:.1e}".format}))
    print("published efficiencies of spiking networks, and the formula with the published layers and rates")
    print(table.to_string(index=False, formatters={"efficiency": "{:.2f}".format, "recomputed": "{:.4f}".format}))
    within = found.difference.max() <= conversion.TOLERANCE and (table.efficiency - table.recomputed).abs().max() < conversion.ROUNDED
    allowed = f"{conversion.TOLERANCE:.0e} relative; efficiencies {conversion.ROUNDED}"
    print(f"{'all' if within else 'not all'} within tolerance: {allowed}")
    return int(not within)
