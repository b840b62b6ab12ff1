"""Sjöström & Häusser 2006: the same pairs at 50 Hz between layer 5 cells, and from layer 2/3 onto them."""

from pathlib import Path

from brian2chip.analysis import plots
from brian2chip.core import pairings
from brian2chip.core.protocol import Protocol

DATA = Path(__file__).parent / "data" / "sjostrom_hausser_2006.csv"


def conditions(options):
    """Return the two published points, of two kinds of synapses (``label``): 15 trains of five pairs, one every 10 s."""
    return pairings.read(DATA)


def stimulate(condition, options, rng):
    """Return the pairs of all trains."""
    return pairings.stimulate(SJOSTROM_HAUSSER_2006.dt, condition, options, rng)


SJOSTROM_HAUSSER_2006 = Protocol(
    name="sjostrom_hausser_2006",
    source="Sjostrom & Hausser 2006, Neuron 51:227; means as compiled in Chindemi et al. 2022, Nat Commun",
    conditions=conditions,
    stimulate=stimulate,
    plot=plots.pairings,
    measured="relative change of the EPSP amplitude (1)",
    tissue="visual cortex",
    dt=1e-3,
)
