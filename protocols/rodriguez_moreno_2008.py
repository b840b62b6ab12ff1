"""Rodríguez-Moreno & Paulsen 2008: single pairs at -15 ms and 0.2 Hz between layers 4 and 2/3 of barrel cortex."""

from pathlib import Path

from brian2chip.analysis import plots
from brian2chip.core import pairings
from brian2chip.core.protocol import Protocol

DATA = Path(__file__).parent / "data" / "rodriguez_moreno_2008.csv"


def conditions(options):
    """Return the one published point: 100 pairs, one every 5 s."""
    return pairings.read(DATA)


def stimulate(condition, options, rng):
    """Return the pairs of all trains."""
    return pairings.stimulate(RODRIGUEZ_MORENO_2008.dt, condition, options, rng)


RODRIGUEZ_MORENO_2008 = Protocol(
    name="rodriguez_moreno_2008",
    source="Rodriguez-Moreno & Paulsen 2008, Nat Neurosci 11:744; mean as compiled in Chindemi et al. 2022, Nat Commun",
    conditions=conditions,
    stimulate=stimulate,
    plot=plots.pairings,
    measured="relative change of the EPSP amplitude (1)",
    tissue="somatosensory cortex",
    dt=1e-3,
)
