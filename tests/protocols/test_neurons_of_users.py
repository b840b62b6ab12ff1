"""Any neuron goes through the protocols: one with a teacher is driven by it, to any other its spikes simply happen."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms, pA
from own import protocol

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.protocols.kept_apart import kept_apart

STDP = bc.get("rule", "stdp")


@pytest.mark.parametrize("neuron", ["lif", "lif_conductance", "izhikevich", "adex", "alif"])
def test_the_spikes_of_a_neuron_without_teacher_are_the_prescribed_ones(neuron):
    pre, post = [0.01, 0.05, 0.09], [0.02, 0.045, 0.1]
    plain = bc.run(protocol(pre, post), STDP, device="numpy")["w_end"][0]
    driven = bc.run(protocol(pre, post), replace(STDP, name="mine", post=bc.model(neuron)), device="numpy")["w_end"][0]
    assert driven == pytest.approx(plain, rel=1e-12)
    assert plain != 1


def test_a_rule_reads_her_neuron():
    """A voltage rule in the manner of Clopath et al. 2010, with a neuron whose teacher depolarises it for 1 ms before a spike."""
    neuron = bc.Model(
        name="hers",
        source="this test",
        equations="dv/dt = (-70*mV - v)/(10*ms) : volt",
        threshold="v > -50*mV",
        reset="v = -70*mV",
        teacher=("v_post = -55*mV", "v_post = 0*mV"),
        parameters={"pulse": 1 * ms},
    )
    rule = bc.Rule(name="reads", source="this test", model="w : 1", on_pre="w += (v_post + 70*mV)/mV", post=neuron, initial={"w": 1.0})
    # 0.5 ms into the pulse the membrane has decayed from -55 mV for five steps; 20 ms before it rests.
    changes = [bc.run(protocol([t], [0.05]), rule, device="numpy")["w_end"][0] - 1 for t in (0.0295, 0.0495)]
    np.testing.assert_allclose(changes, [0, 15 * np.exp(-0.5 / 10)], atol=1e-9)


def test_her_neuron_from_a_file(tmp_path):
    (tmp_path / "neuron.py").write_text(
        "from brian2 import mV\nfrom brian2chip import Model\n"
        "MINE = Model(name='mine', source='s', equations='dv/dt = (-70*mV - v)/(10*ms) : volt', threshold='v > -50*mV', reset='v = -70*mV',"
        " initial={'v': -70*mV})\n"
    )
    rule = replace(STDP, name="mine", post=str(tmp_path / "neuron.py"))
    assert bc.run(protocol([0.01], [0.02]), rule, device="numpy")["dw"][0] == pytest.approx(0.777 / 60 * np.exp(-10 / 16.8))


@pytest.mark.parametrize("post", ["eprop", "li_discrete"])
def test_a_neuron_whose_spikes_cannot_be_prescribed_is_refused(post):
    with pytest.raises(UserError, match="whose spikes a protocol cannot prescribe"):
        bc.run(protocol([0.01], [0.02]), replace(STDP, name="mine", post=post), device="numpy")


def test_a_spike_in_the_refractory_time_is_said():
    rule = replace(STDP, name="mine", post=bc.model("lif").with_parameters(t_ref=5 * ms))
    with pytest.raises(UserError, match="refractory"):
        bc.run(protocol([0.01], [0.02, 0.021]), rule, device="numpy")


def test_a_neuron_and_a_rule_may_use_one_name():
    """AdEx has a variable w, and so has the rule, which reads both."""
    adex = bc.model("adex")
    rule = bc.Rule(name="both", source="this test", model="w : 1", on_pre="w += w_post/pA", post=adex)
    renamed, reads = kept_apart(adex, rule)
    assert "w_of_neuron_post/pA" in reads.on_pre and "w_of_neuron" in renamed.equations and adex.equations != renamed.equations
    got = bc.run(protocol([0.03], [0.02]), rule, device="numpy")["w_end"][0]
    b, tau_w = (adex.parameters[name] for name in ("b", "tau_w"))
    assert got - 1 == pytest.approx(float(b / pA) * np.exp(-10 * ms / tau_w), rel=0.05)  # the spike's own b, 10 ms later
