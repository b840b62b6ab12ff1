"""Integrate-and-fire neurons and a leaky readout in discrete time, as in trained networks and digital chips."""

from __future__ import annotations

from brian2.units import ms

from brian2chip.core.model import Model
from brian2chip.core.neuron_kinds import step_factor
from brian2chip.models.discrete import DiscreteNeuron

_UNIT_INTERVAL = {"alpha": (0, 1)}
# Input that synapses add to I in one step is integrated in the next. The factors are those of 20 ms, and of 2 s, in steps of 1 ms.
_LIF = DiscreteNeuron(refractory=True, fires=">", gain=False)
_ALIF = DiscreteNeuron(adaptive=True, refractory=True, fires=">", gain=False)
_IF = DiscreteNeuron(leak=False, gain=False)
_LI = DiscreteNeuron(spikes=False)

LIF_DISCRETE = Model(
    name="lif_discrete",
    source="Eshraghian et al. 2023, Proc IEEE 111:1016 (snnTorch); refractoriness of Bellec, Scherr et al. 2020, Nat Commun 11:3625",
    equations=_LIF.equations,
    threshold=_LIF.threshold,
    reset=_LIF.reset_code,
    parameters={"step": 1 * ms, "alpha": float(step_factor(20e-3, 1e-3)), "v_th": 1.0, "n_ref": 0.0},
    bounds={**_UNIT_INTERVAL, "n_ref": (0, None)},
    regular=((_LIF.integrate + _LIF.fire, "step"),),
    dt=1e-3,
)
"""LIF neuron in discrete time, reset by subtraction after the leak of the next step, as snnTorch and ReckOn have it."""

ALIF_DISCRETE = Model(
    name="alif_discrete",
    source="Bellec, Scherr et al. 2020, Nat Commun 11:3625, eqs. 6 to 11; constants of the published evidence-accumulation code",
    equations=_ALIF.equations,
    threshold=_ALIF.threshold,
    reset=_ALIF.reset_code,
    parameters={
        "step": 1 * ms,
        "alpha": float(step_factor(20e-3, 1e-3)),
        "rho": float(step_factor(2.0, 1e-3)),
        "v_th": 0.6,
        "beta": 0.0174,
        "n_ref": 5.0,
    },
    bounds={**_UNIT_INTERVAL, "rho": (0, 1), "n_ref": (0, None)},
    regular=((_ALIF.integrate + _ALIF.fire, "step"),),
    dt=1e-3,
)
"""Adaptive LIF neuron in discrete time: every spike raises the threshold, which decays slowly back, as e-prop has it."""

IF_DISCRETE = Model(
    name="if_discrete",
    source="Rueckauer et al. 2017, Front Neurosci 11:682: no leak, reset by subtraction",
    equations=_IF.equations,
    threshold=_IF.threshold,
    reset=_IF.reset_code,
    parameters={"step": 1 * ms, "v_th": 1.0},
    regular=((_IF.integrate + _IF.fire, "step"),),
    dt=1e-3,
)
"""Integrate-and-fire neuron without leak in discrete time, reset by subtraction."""

LI_DISCRETE = Model(
    name="li_discrete",
    source="readout of Bellec, Scherr et al. 2020, Nat Commun 11:3625, eqs. 6 to 11, where alpha is called kappa",
    equations=_LI.equations,
    threshold=_LI.threshold,
    reset=_LI.reset_code,
    parameters={"step": 1 * ms, "alpha": float(step_factor(20e-3, 1e-3)), "gain": 1.0},
    bounds=_UNIT_INTERVAL,
    regular=((_LI.integrate, "step"),),
    dt=1e-3,
)
"""Leaky integrator in discrete time: the readout of networks that learn."""
