"""What a placed network costs on ReckOn: transactions, and clock cycles of a tick by section 9 of the specification of its traces."""

from __future__ import annotations

from brian2chip.chips.costs import Costs
from brian2chip.chips.memory_images import Images
from brian2chip.chips.reckon.clock_cycles import SYNCHRONISER
from brian2chip.chips.reckon.files import memory_rows
from brian2chip.chips.reckon.placed_network import PlacedNetwork
from brian2chip.chips.reckon.spi_program import clear_program, program, sparse_program

WORD_BITS = 32


def images(placed: PlacedNetwork) -> Images:
    """Return the four memories, and the transactions of the whole program, the clear, and the sparse program."""
    held = placed.configuration, placed.memory
    programs = {"full": program(*held), "clear": clear_program(), "sparse": sparse_program(*held)}
    words = {name: [[head, *data] for head, data in writes] for name, writes in programs.items()}
    return Images(memory_rows(*held), words)


def costs(placed: PlacedNetwork, inputs: int, steps: int) -> Costs:
    """Return the bounds of inference; a sample takes two ticks more than it has steps.

    Input and hidden unit of one index are served together.
    """
    c = placed.configuration
    spike = 2 * ((c["NUM_REC_NEUR"] >> 1) + 1)
    silent = SYNCHRONISER + c.n_stepped + 1 + c.n_rows
    beyond = 2 * max(c.n_inputs - c.n_hidden, 0) * c["FORCE_TRACES"]
    most = silent + spike * c.n_rows + beyond
    sizes = {name: (len(writes), WORD_BITS * sum(map(len, writes))) for name, writes in images(placed).programs.items()}
    ends = 2 * SYNCHRONISER + c.n_rows + c.n_stepped + 1  # the first tick only serves events, the last one only steps
    return Costs(
        sizes,
        spike_cycles=(spike, spike),
        step_cycles=(silent, most),
        sample_cycles=(steps * silent + ends, steps * most + ends + spike * min(inputs, c.n_rows) + beyond),
        spike_operations=c.n_hidden,
        step_operations=c.n_rows * c.n_hidden,
    )
