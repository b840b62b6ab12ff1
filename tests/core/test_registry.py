"""The catalogue: every entry says what it is."""

from collections import Counter

import pytest

from brian2chip.core import registry


def test_every_entry_has_a_summary_of_its_own():
    said = Counter(entry.summary for kind in registry.KINDS.values() for entry in registry.catalogue(kind).values())
    assert "" not in said
    assert [summary for summary, times in said.items() if times > 1] == []


@pytest.mark.parametrize("kind", registry.KINDS.values())
def test_every_entry_is_what_its_kind_says(kind):
    for name, entry in registry.catalogue(kind).items():
        thing = registry.get(kind, name)
        assert registry.KINDS[type(thing).__name__] == kind and thing.name == name, entry


def test_learning_rules_are_a_kind_of_their_own():
    assert {"eprop", "eprop_events", "eprop_no_filter", "eprop_online", "eprop_factorised", "eprop_factorised_nbit"} == set(
        registry.catalogue("learning_rule")
    )
    assert not set(registry.catalogue("learning_rule")) & set(registry.catalogue("rule"))
    assert registry.words("learning_rule") == "learning rule"
