"""Speck2f: nine cores of non-leaky neurons with 8-bit kernels; dense layers are described as 1x1 convolutions."""

from brian2chip.chips.chip import Chip, Field

#: Weights that each of the nine cores holds, in units of 1024.
WEIGHT_MEMORY_KI = (16, 16, 16, 32, 32, 64, 64, 16, 16)

SPECK2F = Chip(
    name="speck2f",
    source="SynSense Speck 2f; ranges as in sinabs",
    verified="ranges verified against sinabs; convolution kernels are not described here, dense layers only",
    fields=(
        Field("weight", 8, signed=True, shared="synapse", meaning="kernel weight"),
        Field("threshold", 16, high=32767, shared="core", meaning="firing threshold of a layer"),
    ),
    roles={"weight": "weight", "v_threshold": "threshold"},
    kinds=("if",),
    resets=("subtract", "zero"),
    recurrent=False,
    limits={"layers": 9, "neurons": 320_000, "inputs": 1024, "synapses": 64 * 1024},
    units={"weight": 1.0, "v_threshold": 1.0},
)
