"""Xylo's neuron, hidden or output, as integer code: two decays by bit shift, 16 bits that saturate, several spikes in a step."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.cuba_family.network import SteppedNeuron

BITS = 16


def decay(x: str, dash: str) -> str:
    """Return the change of x by a step of decay: less ``x >> dash``, rounded down, or less 1 where that is 0 though x is above 0."""
    return f"0 - asr({x}, {dash}) - int({x} > 0)*int(asr({x}, {dash}) == 0)"


#: The current decays after the spikes of the step have arrived, so that they reach the membrane less by one decay. What changes the
#: membrane, the current less its own loss, then the bias, saturates before it is added; a loss of -32768, of which 16 bits hold no
#: negative, is lost again.
STEP = f"""
i_syn = i_syn + {decay("i_syn", "dash_syn")}
drive = saturate(i_syn + wrap({decay("v", "dash_mem")}, {BITS}), {BITS})
drive = saturate(drive + bias, {BITS})
beyond = beyond + int(saturate(v + drive, {BITS}) != v + drive)
v = saturate(v + drive, {BITS})
fired = int(v >= th)*(v // th)
fired = running*(fired - int(fired > most)*(fired - most))
v = v - fired*th
"""
NEURON = SteppedNeuron(
    states={"i_syn": np.int32, "v": np.int32, "drive": np.int32},
    constants=("dash_mem", "dash_syn", "th", "bias", "most"),
    step=STEP,
    # Every source saturates the current in turn.
    arrive=f"i_syn_post = saturate(i_syn_post + fired_pre*w, {BITS})",
)
