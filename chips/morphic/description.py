"""MorphIC: four cores of 512 LIF neurons, binary synapses with stochastic SDSP; built on its abstract and secondary sources."""

from brian2chip.chips.chip import Backend, Chip, LeakLaw
from brian2chip.chips.limits import fan_in
from brian2chip.chips.morphic.constraints import binary_weights, four_cores, input_spikes
from brian2chip.chips.morphic.fields import CORE, NEURON, ROUTE, ROWS, SOURCE, SYNAPSE
from brian2chip.chips.morphic.files import images, read
from brian2chip.chips.morphic.mapping import emulate, place, write
from brian2chip.chips.morphic.placed import PlacedNetwork
from brian2chip.chips.morphic.replay import REPLAY
from brian2chip.chips.morphic.teaching import fine_tune
from brian2chip.chips.odin_family.constraints import one_leak_for_all

MORPHIC = Chip(
    name="morphic",
    source=SOURCE,
    verified="the abstract and secondary sources: sizes, binary synapses, levels of routing; all else is declared as our choice, so that "
    "the emulator is an integer model in its spirit and never the chip bit for bit",
    fields=(*NEURON, *ROUTE, *SYNAPSE, *CORE),
    roles={"weight": "bit", "v_threshold": "thr", "v": "V"},
    kinds=("lif", "if"),
    # Synapses of one unit meet a threshold in whole units exactly, so that a reset to zero is one by subtraction.
    resets=("zero", "subtract"),
    event_driven=True,
    leak=LeakLaw("leak", "linear", value=lambda lost: lost, factor=lambda lost: lost),
    constraints=(binary_weights, four_cores, fan_in(ROWS), one_leak_for_all, input_spikes),
    backend=Backend(PlacedNetwork, 1, place, emulate, write, read, REPLAY, fine_tune=fine_tune, images=lambda placed: images(placed.chip)),
)
