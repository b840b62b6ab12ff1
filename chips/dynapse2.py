"""DYNAP-SE2: weights as subsets of four base currents, 64 synapses a neuron; describe and quantise."""

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.field import Field
from brian2chip.chips.limits import fan_in, neurons


def bias_current(coarse, fine, base) -> np.ndarray:
    """Return the current of a bias code: the coarse range's largest current times ``fine / 255``.

    Parameters
    ----------
    coarse : int array
        0..5, an index into ``base``.
    fine : int array
        0..255.
    base : sequence of 6 numbers
        Largest current of each coarse range, from the chip at hand.
    """
    return np.asarray(base, float)[np.asarray(coarse)] * np.asarray(fine) / 255


DYNAPSE2 = Chip(
    name="dynapse2",
    source="Richter et al. 2024, Neuromorph Comput Eng 4:014003; ranges as in rockpool",
    verified="code ranges and default base currents verified against rockpool; currents of one chip need its own calibration",
    fields=(
        Field(
            "weight",
            5,
            signed=True,
            low=-15,
            high=15,
            shared="synapse",
            meaning="4-bit mask over base currents 1, 2, 4, 8; sign by synapse type",
        ),
        Field("coarse", 3, high=5, shared="core", meaning="coarse range of a bias"),
        Field("fine", 8, shared="core", meaning="fine value of a bias"),
    ),
    roles={"weight": "weight"},
    kinds=("lif",),
    resets=("zero",),
    constraints=(neurons(4 * 256), fan_in(64)),
)
