"""Every field of Xylo's core, and the sizes of three chips: the tables of rockpool's documentation (overview of the Xylo family)."""

from __future__ import annotations

from typing import NamedTuple

from brian2chip.chips.field import MEMBRANE, Field

SOURCE = "SynSense Xylo; tables of rockpool's documentation (overview of the Xylo family, deployment to Xylo)"


class Sizes(NamedTuple):
    """Input channels, hidden neurons, output neurons, synapses from a hidden neuron to hidden ones (most, and mean over all hidden
    neurons), hidden neurons that inputs reach, hidden neurons that reach outputs.
    """

    inputs: int
    hidden: int
    outputs: int
    fan_out: int
    mean_fan_out: int
    from_inputs: int
    to_outputs: int


AUDIO2 = Sizes(16, 1000, 8, 64, 64, 1000, 1000)
AUDIO3 = Sizes(16, 992, 32, 1024, 64, 128, 128)
IMU = Sizes(16, 496, 16, 512, 64, 128, 128)

#: Spikes in a step: of an input channel, of a hidden neuron, of an output neuron.
INPUT_SPIKES, HIDDEN_SPIKES, OUTPUT_SPIKES = 15, 31, 1
#: Largest magnitude of the synaptic current and of the membrane.
LARGEST = 32767

WEIGHT = Field("weight", 8, signed=True, shared="synapse", unit=MEMBRANE, meaning="synaptic weight, times 2^weight_shift")
NEURON = (
    Field("dash_mem", 4, shared="neuron", unit="log2(steps)", meaning="shift of the membrane's decay, log2(tau/dt)"),
    Field("dash_syn", 4, shared="neuron", default=1, unit="log2(steps)", meaning="shift of the synaptic current's decay, log2(tau/dt)"),
    Field("threshold", 16, low=1, high=LARGEST, default=LARGEST, shared="neuron", unit=MEMBRANE, meaning="fires when v >= threshold"),
    Field("bias", 16, signed=True, shared="neuron", unit=MEMBRANE, meaning="added to v in every step"),
)
SHIFT = Field(
    "weight_shift", 4, high=8, meaning="left shift of the weights from inputs, between hidden neurons, to outputs: one each, within 16 bits"
)
FIELDS = (WEIGHT, *NEURON, SHIFT)
