"""Loihi 1: current-based LIF neurons of 24 bits, exponents, mantissas and truncating decays; inference bit for bit as its emulators."""

from brian2chip.chips.chip import Backend, Chip, LeakLaw
from brian2chip.chips.cuba_family.placed import PlacedNetwork
from brian2chip.chips.limits import fan_in, inputs, neurons, synapses
from brian2chip.chips.loihi.configuration import Configuration
from brian2chip.chips.loihi.constraints import input_spikes, longest_wait
from brian2chip.chips.loihi.fields import AXONS, COMPARTMENTS, CORES, FIELDS, SOURCE, SYNAPSE_BITS
from brian2chip.chips.loihi.files import read
from brian2chip.chips.loihi.mapping import emulate, place, write
from brian2chip.chips.loihi.replay import REPLAY

LOIHI = Chip(
    name="loihi",
    source=SOURCE,
    verified="step by step equal to the emulators of nengo-loihi and brian2-loihi; which compartment sits in which core is not modelled",
    fields=FIELDS,
    roles={
        "weight": "weight",
        "weight_exponent": "weight_exponent",
        "v_threshold": "vth",
        "bias": "bias_mantissa",
        "refractory": "refractory",
        "delay": "delay",
    },
    kinds=("cuba", "cuba-if", "cuba-li", "lif", "if", "li"),
    resets=("zero",),
    leak=LeakLaw("decay_v", "exponential", value=lambda factor: 1 - factor, factor=lambda value: 1 - value),
    current_leak=LeakLaw("decay_u", "exponential", value=lambda factor: 4095 / 4096 - factor, factor=lambda value: 4095 / 4096 - value),
    constraints=(
        inputs(AXONS), neurons(CORES * COMPARTMENTS), fan_in(AXONS), synapses(CORES * SYNAPSE_BITS // 8), input_spikes, longest_wait,
    ),
    backend=Backend(PlacedNetwork[Configuration], 1, place, emulate, write, read, REPLAY),
)  # fmt: skip
