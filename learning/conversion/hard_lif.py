"""What the units and layers of a trained network become: LIF neurons, alpha synapses, and a readout, with the same constants.

The drive ``x`` of a unit becomes the input ``1 + gain*x`` of a neuron whose threshold is 1, its output ``amplitude`` times the neuron's
spike rate. In steps an alpha synapse is two equal filters in a row that keep the part ``kept`` of themselves; a spike weighs
``(1 - kept)**2/dt``, so that a steady rate in Hz comes out as it is.
"""

from __future__ import annotations

from typing import Any

from brian2chip.core.neuron_kinds import step_factor
from brian2chip.core.soft_lif_config import SoftLif

#: The time constant (s) of a current that does not decay in any presentation: an input is switched on and stays.
HELD = 1e20


def spike_gain(units: SoftLif, dt: float) -> float:
    """Return by how much one spike moves the first of the two filters of an alpha synapse, in Hz."""
    return float((1 - step_factor(units.tau_syn, dt)) ** 2 / dt)


def neuron(units: SoftLif, bias: Any, *, first: bool, dt: float) -> dict[str, Any]:
    """Return the parameters of a population of kind "lif_exact" for a layer of soft-LIF units; the first layer's input stays on."""
    membrane = {"tau_m": units.tau_rc, "tau_ref": units.tau_ref, "v_threshold": 1.0, "bias": 1 + units.gain * bias}
    if first:
        return {**membrane, "gain": units.gain, "tau_syn": HELD}
    return {**membrane, "gain": units.gain * spike_gain(units, dt), "tau_syn": units.tau_syn, "tau_rise": units.tau_syn}


def readout(units: SoftLif, bias: Any, *, dt: float) -> dict[str, Any]:
    """Return the parameters of a population of kind "li" for a linear output: its membrane is the second filter of an alpha synapse.

    The bias comes through the synapse too: it rises to its value as the spikes of a constant rate do.
    """
    each = spike_gain(units, dt)
    return {"tau_m": units.tau_syn, "tau_syn": units.tau_syn, "gain": each, "bias": bias * each * dt}
