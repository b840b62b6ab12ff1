"""Markram et al. 1997: trains of five pairs between layer 5 pyramidal cells, at 2 to 40 Hz and both timings."""

from pathlib import Path

from brian2chip.analysis import plots
from brian2chip.core import pairings
from brian2chip.core.protocol import Protocol

DATA = Path(__file__).parent / "data" / "markram_1997.csv"


def conditions(options):
    """Return the eight published points: ten trains of five pairs, one every 4 s."""
    return pairings.read(DATA)


def stimulate(condition, options, rng):
    """Return the pairs of all trains."""
    return pairings.stimulate(MARKRAM_1997.dt, condition, options, rng)


MARKRAM_1997 = Protocol(
    name="markram_1997",
    source="Markram, Lubke, Frotscher & Sakmann 1997, Science 275:213; means as compiled in Chindemi et al. 2022, Nat Commun",
    conditions=conditions,
    stimulate=stimulate,
    plot=plots.pairings,
    measured="relative change of the EPSP amplitude (1)",
    tissue="somatosensory cortex",
    # 30 Hz has no whole number of milliseconds between pairs.
    dt=1e-4,
)
