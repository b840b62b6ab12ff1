"""Sjöström, Turrigiano & Nelson 2001: the points at 0 and 25 ms beside the ten of sjostrom_2001, in the laboratory's trains."""

from pathlib import Path

from brian2chip.analysis import plots
from brian2chip.core import pairings
from brian2chip.core.protocol import Protocol

DATA = Path(__file__).parent / "data" / "sjostrom_2001_timing.csv"


def conditions(options):
    """Return seven published points: 15 trains of five pairs, one every 10 s; at 0.1 Hz 50 single pairs."""
    return pairings.read(DATA)


def stimulate(condition, options, rng):
    """Return the pairs of all trains."""
    return pairings.stimulate(SJOSTROM_2001_TIMING.dt, condition, options, rng)


SJOSTROM_2001_TIMING = Protocol(
    name="sjostrom_2001_timing",
    source="Sjostrom, Turrigiano & Nelson 2001, Neuron 32:1149; means as compiled in Chindemi et al. 2022, Nat Commun",
    conditions=conditions,
    stimulate=stimulate,
    plot=plots.pairings,
    measured="relative change of the EPSP amplitude (1)",
    tissue="visual cortex",
    dt=1e-3,
)
