"""Every field of Loihi that inference uses, and its sizes.

Sizes of a core and widths of states are those that nengo-loihi 1.1.0 documents (``nengo_loihi.block``, ``builder.discretize``); ranges of
the fields are the same there and in brian2-loihi 0.5.2, whose ``decay_I`` counts one more than the code here.
"""

from __future__ import annotations

from brian2chip.chips.field import MEMBRANE, STEPS, Field

SOURCE = "Davies et al. 2018, IEEE Micro 38:82; ranges as documented by nengo-loihi 1.1.0 and brian2-loihi 0.5.2"

#: Cores of a chip, compartments of a core, axons that lead into a core, bits of synapses in a core.
CORES, COMPARTMENTS, AXONS, SYNAPSE_BITS = 128, 1024, 4096, 1 << 20
#: Largest membrane and current.
LARGEST = (1 << 23) - 1
#: Largest bias, with the largest exponent.
LARGEST_BIAS = 4095 << 7
#: Bits of what arrives in a step, without the sign.
ARRIVED_BITS = 21

WEIGHT = Field(
    "weight",
    8,
    signed=True,
    shared="synapse",
    scale=128.0,
    unit=MEMBRANE,
    meaning="mantissa in mixed sign mode, whose lowest bit is 0: even steps of 64, times 2^exponent",
)
COMPARTMENT = (
    Field("vth", 17, shared="neuron", scale=64.0, unit=MEMBRANE, meaning="threshold mantissa; fires when v > 64 vth"),
    Field("decay_v", 13, shared="neuron", high=4096, scale=1 / 4096, unit="1/step", meaning="membrane lost per step"),
    Field(
        "decay_u",
        12,
        shared="neuron",
        default=4095,
        scale=1 / 4096,
        unit="1/step",
        meaning="current lost per step, less 1/4096; 4095 keeps none",
    ),
    Field(
        "bias_mantissa", 13, signed=True, low=-4095, shared="neuron", unit=MEMBRANE, meaning="added to v in every step, times 2^exponent"
    ),
    Field("bias_exponent", 3, shared="neuron", meaning="power of two of the bias"),
    Field("refractory", 7, low=1, high=64, default=1, shared="neuron", unit=STEPS, meaning="steps from spike to next input"),
)
SYNAPSES = (
    WEIGHT,
    Field("weight_exponent", 4, signed=True, meaning="power of two of a group of synapses"),
    Field("delay", 6, high=62, shared="synapse", unit=STEPS, meaning="steps that spikes wait"),
)
#: A weight as it is stored; without a sign of its own in a group of one sign.
MANTISSA = Field("mantissa", 9, signed=True, shared="synapse", meaning="stored weight")
FIELDS = (*COMPARTMENT, *SYNAPSES)
