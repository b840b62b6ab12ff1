"""What a placed network costs on ODIN or tinyODIN: transactions, and clock cycles by section 7 of the specification of their traces."""

from __future__ import annotations

from brian2chip.chips.costs import Costs
from brian2chip.chips.memory_images import Images
from brian2chip.chips.odin_family.interface import Interface
from brian2chip.chips.odin_family.placed import PlacedNetwork
from brian2chip.chips.odin_family.spi_program import clear, synapse_words

WORD_BITS = 20
#: Cycles from REQ to work, to push a spike, from work to the end of ACK, to decide for its sweep, of an output that is answered at once.
REQUEST, PUSH, ANSWER, DECISION, OUTPUT = 3, 1, 3, 1, 6


def images(interface: Interface, placed: PlacedNetwork) -> Images:
    """Return both memories, and the transactions of the whole program, the clear, and the sparse program."""
    files, held = interface.files, placed.chip
    synapses = synapse_words(held.synapses).astype("<u4").view("u1").reshape(-1, 4)
    programs = {"full": files.transactions(held), "clear": clear(files.word_bytes), "sparse": files.sparse(held)}
    return Images({"neurons": files.neurons(held), "synapses": synapses}, {name: pairs.tolist() for name, pairs in programs.items()})


def costs(interface: Interface, placed: PlacedNetwork, inputs: int, steps: int) -> Costs:
    """Return the bounds; in closed loop nothing bounds the spikes that follow from one another."""
    programs = {name: (len(pairs), 2 * WORD_BITS * len(pairs)) for name, pairs in images(interface, placed).programs.items()}
    open_loop, sweep = placed.chip.registers["open_loop"], interface.sweep(placed.chip)
    neurons = sum(end - first for first, end in placed.neurons.values())
    fires = OUTPUT * neurons
    spike = REQUEST + PUSH + ANSWER + DECISION + sweep
    reference = REQUEST + ANSWER + sweep - sweep % 2  # it frees no entry of the FIFO, for which tinyODIN takes a cycle more
    often = len(range(placed.period, steps, placed.period)) if placed.period else 0
    after = placed.reset_references
    most = inputs * (spike + fires) + (reference + fires) * (placed.period > 0)
    whole = steps * inputs * (spike + fires) + (often + after) * (reference + fires)
    return Costs(
        programs,
        spike_cycles=(spike, spike + fires if open_loop else None),
        step_cycles=(0, most if open_loop else None),
        sample_cycles=(max((often + after) * reference - REQUEST, 0), whole if open_loop else None),
        spike_operations=sweep // 2,
        step_operations=inputs * (sweep // 2) if open_loop else None,
        queue=(interface.places, 1 if open_loop else interface.places),
    )
