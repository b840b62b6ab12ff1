"""Xylo's neuron, hidden or output, as integer code: two decays by bit shift, 16 bits that saturate, several spikes in a step."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.cuba_family.network import SteppedNeuron

BITS = 16


def decay(x: str, dash: str) -> str:
    """Return what is left of x: less ``x >> dash``, rounded down, or less 1 where that is 0 though x is above 0."""
    return f"{x} - asr({x}, {dash}) - int({x} > 0)*int(asr({x}, {dash}) == 0)"


#: The current decays after the spikes of the step have arrived, so that they reach the membrane less by one decay.
STEP = f"""
i_syn = {decay("i_syn", "dash_syn")}
drive = {decay("v", "dash_mem")} + i_syn + bias
v = saturate(drive, {BITS})
beyond = beyond + int(v != drive)
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
