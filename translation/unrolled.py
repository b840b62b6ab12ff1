"""Convolutions of a network that was read from NIR: what it means for a chip that each of their synapses stands for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from brian2chip.chips.chip import Chip
from brian2chip.chips.limits import Limit
from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.spiking_network import SpikingNetwork

#: What the provenance of a network says of each convolution, under this name.
UNROLLED = "unrolled"
#: The resource of a chip whose inputs and neurons have addresses in common.
SHARED = "addresses shared by inputs and neurons"
NUMBERS = ("weights", "synapses", "inputs", "outputs")


def convolutions(network: SpikingNetwork) -> list[dict[str, Any]]:
    """Return the convolutions that were unrolled; whatever else a file has under that name is passed over."""
    rows = network.provenance.get(UNROLLED)
    rows = rows if isinstance(rows, (list, tuple)) else []
    return [row for row in rows if isinstance(row, dict) and "node" in row and all(is_whole(row.get(name)) for name in NUMBERS)]


def notes(network: SpikingNetwork) -> tuple[str, ...]:
    """Return one sentence a convolution."""
    return tuple(
        f"the convolution {row['node']!s:.80} is unrolled: its {row['weights']:,} shared weights are {row['synapses']:,} synapses; "
        "learning on the chip changes each of them by itself."
        for row in convolutions(network)
    )


def too_large(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Yield a sentence for each convolution that alone takes more than the chip has, with how many addresses it takes."""
    limits = [c for c in chip.constraints if isinstance(c, Limit) and c.resource in ("neurons", SHARED)]
    for row in convolutions(network):
        total = row["inputs"] + row["outputs"]
        for limit in limits:
            if (total if limit.resource == SHARED else row["outputs"]) > limit.available:
                parts = f"{row['inputs']:,} for what it gets and {row['outputs']:,} for what it gives"
                has = f"{chip.name} has {limit.available:,} {limit.resource}"
                yield f"the convolution {row['node']!s:.80} takes {total:,} addresses when it is unrolled, {parts}; {has}."
