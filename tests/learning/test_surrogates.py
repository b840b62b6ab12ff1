"""The four pseudo-derivatives against recorded series."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, StateMonitor, Synapses, ms

from brian2chip.core.network_config import SURROGATES
from brian2chip.engine.session import session
from brian2chip.models.eprop import PSEUDO_DERIVATIVES

# NEST 3.8, tests of the e-prop neurons: LIF, tau_m 10 ms, v_th 0.6, refractory 3 ms, weight 0.3, input at 1, 2, 3, 5, 9, 11 ms that arrives
# one step later, reset by subtraction in the step of the spike; height 0.5, width 1/1.7. Steps 14 to 18.
RECORDED = {
    "piecewise_linear": (0.21030100902759, 0.18933659619924, 0.17036721102500, 0.15320300152221, 0.13767218251307),
    "exponential": (0.28011776848615, 0.26861558105999, 0.25861553046549, 0.24988832085299, 0.24224569105944),
    "fast_sigmoid": (0.20044113201621, 0.19020804299944, 0.18160934703950, 0.17432167613232, 0.16809903522604),
    "arctan": (0.37433498786304, 0.36073812744784, 0.34852165076370, 0.33759316659435, 0.32784181049728),
}


def test_settings_and_equations_name_the_same_shapes():
    assert set(PSEUDO_DERIVATIVES) == set(SURROGATES) == set(RECORDED)


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded_series(name):
    with session("numpy", dt=1e-3) as s:
        group = NeuronGroup(1, "dv/dt = -v/(10*ms) : 1\npsi : 1", threshold="v > 0.6", reset="v -= 0.6", refractory=3 * ms, method="exact")
        source = SpikeGeneratorGroup(1, np.zeros(6, int), np.array([1, 2, 3, 5, 9, 11]) * ms)
        synapses = Synapses(source, group, on_pre="v_post += 0.3")
        synapses.connect()
        synapses.pre.when = "before_thresholds"  # before the source fires: a spike arrives one step later
        group.run_regularly(f"psi = {PSEUDO_DERIVATIVES[name]}", when="before_thresholds", order=1)
        monitor = StateMonitor(group, "psi", record=0, when="end")
        names = {"A": 0.6, "gamma": 0.5, "width": 1 / 1.7}
        s.run(Network(group, source, synapses, monitor), 0.020, namespace=names)
        np.testing.assert_allclose(monitor.psi[0][14:19], RECORDED[name], rtol=1e-12)
