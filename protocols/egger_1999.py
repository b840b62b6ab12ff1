"""Egger et al. 1999: trains of five pairs at +10 ms, which strengthen layer 2/3 pairs and weaken layer 4 pairs of barrel cortex."""

from pathlib import Path

from brian2chip.analysis import plots
from brian2chip.core import pairings
from brian2chip.core.protocol import Protocol

DATA = Path(__file__).parent / "data" / "egger_1999.csv"


def conditions(options):
    """Return the five published points, of two kinds of synapses (``label``): ten trains of five pairs, one every 10 s."""
    return pairings.read(DATA)


def stimulate(condition, options, rng):
    """Return the pairs of all trains."""
    return pairings.stimulate(EGGER_1999.dt, condition, options, rng)


EGGER_1999 = Protocol(
    name="egger_1999",
    source="Egger, Feldmeyer & Sakmann 1999, Nat Neurosci 2:1098; means as compiled in Chindemi et al. 2022, Nat Commun",
    conditions=conditions,
    stimulate=stimulate,
    plot=plots.pairings,
    measured="relative change of the EPSP amplitude (1)",
    tissue="somatosensory cortex",
    dt=1e-3,
)
