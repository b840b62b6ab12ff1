"""Speck2f: nine cores of non-leaky neurons with 8-bit kernels; dense layers are described as 1x1 convolutions."""

from brian2chip.chips.chip import Chip
from brian2chip.chips.constraints import feed_forward
from brian2chip.chips.field import MEMBRANE, Field
from brian2chip.chips.limits import inputs, layers, neurons, synapses

#: Weights that each of the nine cores holds, in units of 1024.
WEIGHT_MEMORY_KI = (16, 16, 16, 32, 32, 64, 64, 16, 16)

SPECK2F = Chip(
    name="speck2f",
    source="SynSense Speck 2f; ranges as in sinabs",
    verified="ranges verified against sinabs; convolution kernels are not described here, dense layers only",
    fields=(
        Field("weight", 8, signed=True, shared="synapse", unit=MEMBRANE, meaning="kernel weight"),
        Field("threshold", 16, high=32767, shared="core", unit=MEMBRANE, meaning="firing threshold of a layer"),
    ),
    roles={"weight": "weight", "v_threshold": "threshold"},
    kinds=("if",),
    resets=("subtract", "zero"),
    # The vendor's mapper assigns layers to cores. As many synapses as the largest core holds find a place however they are divided.
    constraints=(
        feed_forward,
        layers(len(WEIGHT_MEMORY_KI)),
        neurons(320_000),
        inputs(1024),
        synapses(1024 * max(WEIGHT_MEMORY_KI)),
    ),
)
