"""LIF neuron solved exactly within each step, so that its rate is that of continuous time even with steps of a millisecond."""

from __future__ import annotations

from brian2.units import ms

from brian2chip.core.model import Model
from brian2chip.core.neuron_kinds import step_factor
from brian2chip.models.discrete import DiscreteNeuron

_LIF = DiscreteNeuron(exact=True, reset="zero", gain=False)

LIF_EXACT = Model(
    name="lif_exact",
    source="Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, eqs 1.5 and 1.9, solved for input that is constant in a step; the "
    "constants of Hunsberger & Eliasmith 2015, for MNIST",
    equations=_LIF.equations,
    threshold=_LIF.threshold,
    reset=_LIF.reset_code,
    parameters={"step": 1 * ms, "alpha": float(step_factor(22e-3, 1e-3)), "v_th": 1.0, "v_reset": 0.0, "t_ref": 2.0},
    bounds={"alpha": (1e-300, 1 - 1e-12), "t_ref": (0, None)},
    regular=((_LIF.integrate + _LIF.fire, "step"),),
    dt=1e-3,
)
"""LIF neuron in steps, whose spikes and refractory periods lie between them."""
