"""BrainScaleS-2: 6-bit weights with a sign per row group and 10-bit analogue parameters; describe and quantise."""

from brian2chip.chips.chip import Chip
from brian2chip.chips.field import Field
from brian2chip.chips.limits import fan_in, neurons

BRAINSCALES2 = Chip(
    name="brainscales2",
    source="Pehle et al. 2022, Front Neurosci 16:795876; ranges as in brainscales2-demos",
    verified="code ranges verified against brainscales2-demos; time constants and thresholds come from each chip's calibration",
    fields=(
        Field("weight", 6, shared="synapse", meaning="magnitude; the sign belongs to the presynaptic row"),
        Field("row_sign", 1, shared="pre", meaning="1: inhibitory row"),
        Field("threshold", 10, high=1022, shared="neuron", meaning="analogue parameter memory, voltage"),
        Field("leak", 10, high=1022, shared="neuron", meaning="analogue parameter memory, leak current"),
        Field("membrane_capacitance", 6, default=63, shared="neuron", meaning="membrane capacitor"),
        Field("refractory", 10, low=10, high=1022, default=10, shared="neuron", meaning="refractory time code"),
    ),
    roles={"weight": "weight", "v_threshold": "threshold"},
    kinds=("lif", "if"),
    resets=("zero",),
    sign="pre",
    constraints=(neurons(512), fan_in(256)),
)
