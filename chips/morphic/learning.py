"""Stochastic SDSP of our MorphIC, as the rule ``sdsp_stochastic`` has it: which synapses of a row may flip, and whether one does."""

from __future__ import annotations

from brian2chip.chips.morphic.fields import WIDTH
from brian2chip.engine.functions.lfsr import Trinomial
from brian2chip.plasticity.sdsp_stochastic import REGISTERS

#: The register of each core, and its shifts from one draw to the next.
REGISTER, SHIFTS = Trinomial(WIDTH, REGISTERS[WIDTH].tap), REGISTERS[WIDTH].shifts
#: Before the row reaches the neurons, from their membrane and calcium; a synapse at the end of its range may not flip.
ELIGIBLE = """
in_reach = plastic * int(Ca >= theta1)
above = int(V >= thetamem)
may_rise = in_reach * above * int(Ca < theta3) * (1 - bit)
may_fall = in_reach * (1 - above) * int(Ca < theta2) * bit
"""
#: Every neuron of a core takes a draw at every row, whether it needs it or not, neuron by neuron: draw m is the state of the register after
#: m times its shifts. It flips the synapse where it is at most k of 2^WIDTH - 1.
FLIP = f"""
draw = lfsr(core, lfsr_start, {SHIFTS} * (drawn + i), {WIDTH})
bit_next = bit + may_rise * int(draw <= k_up) - may_fall * int(draw <= k_down)
"""
