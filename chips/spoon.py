"""SPOON: an event-driven convolutional network with DRTP on the chip; known from its abstract, so described and not translated onto."""

from brian2chip.chips.chip import Chip
from brian2chip.chips.field import Field
from brian2chip.chips.limits import inputs, neurons

#: Inputs, filters' outputs, hidden and output neurons of the network `mnist_first_spike`: this package's choice, not the chip's.
INPUTS, NEURONS = 28 * 28, 10 * 24 * 24 + 128 + 10

SPOON = Chip(
    name="spoon",
    source="Frenkel, Legat, Bol 2020, ISCAS, arXiv 2005.06318 (abstract)",
    verified="the abstract alone is known; widths and sizes are this package's choice, those of the task mnist_first_spike, "
    "and nothing here is bit-exact",
    fields=(
        Field("weight", 8, signed=True, shared="synapse", meaning="weight of a filter or of a fully connected layer (our choice)"),
        Field(
            "pixel", 4, shared="neuron", unit="ticks", meaning="how much before the last tick a pixel spikes; 0 is no spike (our choice)"
        ),
    ),
    kinds=(),
    resets=(),
    constraints=(inputs(INPUTS), neurons(NEURONS)),
)
