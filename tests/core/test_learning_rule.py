"""A learning rule says what it is in fields that must agree, and offers its synapse to the account."""

from dataclasses import replace

import pytest
from brian2 import ms

from brian2chip.core import registry
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.training_config import TrainingConfig
from brian2chip.errors import UserError
from brian2chip.learning.rule_checks import check_rule
from brian2chip.plasticity.eprop import EPROP, EPROP_FACTORISED, EPROP_FACTORISED_NBIT, EPROP_ONLINE
from brian2chip.plasticity.eprop_events import EPROP_EVENTS, block_steps

ON_LINE = TrainingConfig(optimiser="gradient_descent", batch=1)
LIF = NetworkConfig(n_lif=3)
BUILT_IN = [registry.get("learning_rule", name) for name in registry.catalogue("learning_rule")]


def minimal(**changes):
    fields = dict(name="mine", source="this test", model="g : 1", code="g += L_post*psi_post*zbar_pre", gradient="g", state=("g",))
    return LearningRule(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"runs_each": "blok"}, ["runs_each", "did you mean 'block'"]),
        ({"updates_each": "epoch"}, ["updates_each", "'epoch'"]),
        ({"runs_each": "block"}, ["how long a block is", "block=..."]),
        ({"block": lambda network, dt: 3}, ["runs at every step", "runs_each='block'"]),
        ({"updates_each": "step"}, ["gradient", "updates_each='batch'"]),
        ({"updates_each": "step", "gradient": None, "runs_each": "block", "block": len}, ["runs_each='step'"]),
        ({"updates_each": "step", "gradient": None, "at_sample_end": "g = 0"}, ["end of a sample"]),
        ({"gradient": None}, ["holds the gradient"]),
        ({"gradient": "G"}, ["'G'"]),
        ({"state": ("trace",)}, ["'trace'"]),
        ({"rounds": True}, ["rounds=False"]),
        ({"model": "g : 1\nw : 1"}, ["'w'", "has already"]),
        ({"model": "g 1"}, ["cannot be read"]),
    ],
)
def test_fields_that_contradict_one_another_are_refused_in_one_sentence(changes, words):
    with pytest.raises(UserError) as error:
        minimal(**changes)
    assert "\n" not in str(error.value)
    for word in ["learning rule 'mine'", *words]:
        assert word in str(error.value)


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.name)
def test_a_built_in_rule_with_the_other_schedule_is_refused(rule):
    with pytest.raises(UserError):
        replace(rule, updates_each={"step": "batch", "batch": "step"}[rule.updates_each])
    with pytest.raises(UserError):
        replace(rule, runs_each={"step": "block", "block": "step"}[rule.runs_each])


@pytest.mark.parametrize(
    "rule, words",
    [
        (replace(EPROP_ONLINE, updates_each="batch", gradient="e_bar"), "its code assigns w"),
        (replace(EPROP, updates_each="step", gradient=None, at_sample_end=""), "never assigns w"),
        (minimal(model="g : 1\nh : 1", gradient="h"), "never assigns it"),
        (minimal(code="g +="), "cannot be read"),
    ],
)
def test_a_schedule_that_the_code_contradicts_is_refused(rule, words):
    with pytest.raises(UserError, match=words):
        check_rule(rule, LIF, ON_LINE)


@pytest.mark.parametrize(
    "rule, network, training, words",
    [
        (EPROP_ONLINE, LIF, replace(ON_LINE, batch=2), "batch 1"),
        (EPROP_ONLINE, LIF, replace(ON_LINE, optimiser="adam"), "gradient_descent"),
        (EPROP_ONLINE, LIF, replace(ON_LINE, bits=4), "does not round"),
        (EPROP_FACTORISED_NBIT, LIF, ON_LINE, "give bits"),
        (EPROP_FACTORISED_NBIT, LIF, replace(ON_LINE, bits=1), "2 to 24"),
        (EPROP_FACTORISED, NetworkConfig(n_lif=2, n_alif=1), ON_LINE, "n_alif = 0"),
    ],
)
def test_a_training_that_a_rule_does_not_allow_is_refused(rule, network, training, words):
    with pytest.raises(UserError, match=words):
        check_rule(rule, network, training)


def test_what_rules_allow():
    check_rule(EPROP, NetworkConfig(n_lif=2, n_alif=1), TrainingConfig(bits=1), replicas=4)
    check_rule(EPROP_ONLINE, NetworkConfig(n_lif=2, n_alif=1), ON_LINE)
    check_rule(EPROP_FACTORISED_NBIT, LIF, replace(ON_LINE, bits=2))


def test_the_synapse_of_a_rule_that_the_account_reads():
    batch, on_line = EPROP.as_rule(), EPROP_ONLINE.as_rule()
    assert batch.model.splitlines() == ["w : 1", "epsilon_a : 1", "e_bar : 1", "gradient : 1", "e_sum : 1"]
    assert on_line.model.splitlines()[:2] == ["w : 1", "rate : 1 (shared, constant)"]
    assert batch.regular == ((EPROP.code, "dt"),) and EPROP_EVENTS.as_rule().regular == ((EPROP_EVENTS.code, "block"),)
    assert (batch.name, batch.post, batch.on_pre, batch.weight) == ("eprop", "eprop", "I_post += w", "w")


def test_parameters_are_checked_as_those_of_a_rule():
    rule = minimal(parameters={"tau": 20 * ms}, bounds={"tau": (0 * ms, None)})
    assert rule.with_parameters(tau=5 * ms).parameters["tau"] == 5 * ms
    with pytest.raises(UserError, match="did you mean 'tau'"):
        rule.with_parameters(tua=5 * ms)


def test_the_length_of_a_block_is_that_of_the_fastest_response():
    # By hand: 3 time constants of 20 ms in steps of 1 ms; a threshold of 2 s is slower.
    assert block_steps(NetworkConfig(n_lif=2), 1e-3) == 60
    assert block_steps(NetworkConfig(n_lif=2, tau_out=10e-3), 1e-3) == 30
    with pytest.raises(UserError, match="use the rule 'eprop'"):
        block_steps(NetworkConfig(n_lif=1, n_alif=1, gamma=1.0, beta=0.6), 1e-3)
