"""EqSpike: equilibrium propagation with spikes; a weight changes at spikes on either side, by the difference of two filters on the other.

The constants are this package's own, not those of Martin et al. 2021. In the nudged phase ``d`` is the change of
a neuron's filtered rate, from which the product of rates that equilibrium propagation follows changes by what both ends contribute:
each spike on one side adds the other side's ``d``. ``eta`` is the learning rate over the nudge and the batch, and 0 in the free phase.
"""

from __future__ import annotations

from brian2chip.core.eqspike_config import EqSpikeConfig
from brian2chip.core.equilibrium_rule import EquilibriumRule, EquilibriumTraining

EQSPIKE = EquilibriumRule(
    name="eqspike",
    source="Martin et al. 2021, iScience 24:102222 (the method; all constants are this package's)",
    network=EqSpikeConfig(),
    training=EquilibriumTraining(rates=(0.2, 0.03), rate_decay=0.9, batch=20, epochs=20, biases=(0.3, 0.1)),
)

#: Between the input, whose rates do not change, and the first layer; between two layers; and of the biases.
INPUT_WEIGHTS = "w += eta*outer_events(pulse_below, d, i)"
WEIGHTS = "w += eta*(outer_events(pulse_below, d, i) + outer(d_below, pulse, i))"
BIASES = "w += eta*batch_total(d, i)"
