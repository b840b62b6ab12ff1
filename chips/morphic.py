"""MorphIC: binary weights; known from its abstract and secondary sources only, so it is described and not translated onto."""

from brian2chip.chips.chip import Chip
from brian2chip.chips.field import Field
from brian2chip.chips.limits import fan_in, neurons

MORPHIC = Chip(
    name="morphic",
    source="Frenkel, Legat, Bol 2019, IEEE TBioCAS 13:999",
    verified="abstract and secondary sources only: sizes and the width of a weight, neither neuron fields nor what the bit stands for",
    fields=(Field("weight", 1, shared="synapse", meaning="binary synaptic weight"),),
    kinds=(),
    resets=(),
    constraints=(neurons(4 * 512), fan_in(1024)),
)
