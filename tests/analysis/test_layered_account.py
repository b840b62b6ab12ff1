"""What the rules of layered networks need, computed from their lines: the table of the talk that founded the package."""

import pytest

from brian2chip.analysis.layered_account import account
from brian2chip.core import registry
from brian2chip.core.layered_rule import LayeredRule
from brian2chip.errors import UserError

SIZES = (784, 1000, 1000, 10)
# FACTS_LEARNING A8: MACs and fixed words of this network, weight-transport-free and update-unlocked.
TABLE = {
    "bp": (1_010_000, 0, True, True),
    "fa": (1_010_000, 1_010_000, False, True),
    "dfa": (20_000, 20_000, False, True),
    "sdfa": (0, 20_000, False, True),
    "drtp": (0, 20_000, False, False),
    "shallow": (0, 0, False, False),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_account_is_the_published_table(name):
    found = account(registry.get("layered_rule", name), SIZES)
    assert (found.multiply_accumulates, found.fixed_words, found.needs_transposed_weights, found.update_locked) == TABLE[name]
    assert found.activations_kept == (2000 if found.update_locked else 0)
    assert found.additions == (20_000 if name == "sdfa" else 0) and found.reads == (2000 if name == "drtp" else 0)


def test_targets_that_are_no_classes_need_products():
    assert account(registry.get("layered_rule", "drtp"), SIZES, classes=False).multiply_accumulates == 20_000


def test_a_rule_of_a_users_own_is_read_from_its_line():
    mixed = LayeredRule("mixed", "this test", "delta = 0.5*dot_transposed(W_above, dz_above, i) + dot_transposed(B, target, i)")
    found = account(mixed, (4, 3, 2))
    assert found.needs_transposed_weights and found.update_locked and found.multiply_accumulates == 6 and found.reads == 3


@pytest.mark.parametrize(
    "signal, sentence",
    [
        ("delta = dot(C, error, i)", "there is no matrix that dot of layered rule 'mine' may take called 'C'"),
        ("delta = dot_transposed(B, errors, i)", "did you mean 'error'"),
        ("signal = 0", "does not set delta"),
        ("delta = = 0", "cannot be read"),
    ],
)
def test_a_line_that_cannot_be_is_one_sentence(signal, sentence):
    with pytest.raises(UserError, match=sentence):
        LayeredRule("mine", "this test", signal)


@pytest.mark.parametrize("sizes", [(), (4, 2), (4, 0, 2), (0, 3, 2), (4, 3, -1)])
def test_a_network_needs_a_hidden_layer_and_units_in_every_layer(sizes):
    with pytest.raises(UserError, match="give inputs, hidden units and outputs"):
        account(registry.get("layered_rule", "dfa"), sizes)


def test_one_unit_a_layer_is_enough():
    assert account(registry.get("layered_rule", "dfa"), (1, 1, 1)).multiply_accumulates == 1  # one error times one fixed weight
