"""brian2chip claims: what is computed agrees with the published figures, and nothing is said to be reproduced that is not."""

import pytest

from brian2chip import cli
from brian2chip.commands.published._claim import Claim, systems, table
from brian2chip.commands.published.reckon import learning_share, memory_bits


def test_reckons_memory_is_that_counted_by_hand():
    # 64 kB input, 64 kB recurrent, 8 kB output weights, 2 kB of neurons; traces of 12, 12 and 10 bits for each of 256 units
    assert memory_bits() == (64 + 64 + 8 + 2) * 8192
    assert learning_share() == pytest.approx(100 * 256 * 34 / (138 * 8192))


def test_every_claim_says_what_it_stands_on():
    for claims in systems().values():
        for claim in claims:
            assert claim.source and (claim.command or claim.why_not)
            assert claim.recorded is None or claim.command


def test_only_what_is_near_is_reproduced():
    claim = Claim("chip", "figure", 10.0, "pJ", "paper", compute=lambda: 10.05)
    assert claim.row()["outcome"] == "reproduced"
    assert Claim("chip", "figure", 10.0, "pJ", "paper", compute=lambda: 10.2).row()["outcome"] == "computed"
    assert Claim("chip", "figure", 10.0, "pJ", "paper", recorded=9.0, command="x").row()["outcome"] == "approached"
    assert Claim("chip", "figure", 10.0, "pJ", "paper", command="x").row()["outcome"] == "measured by its command"
    assert Claim("chip", "figure", 10.0, "pJ", "paper", why_not="silicon").row()["outcome"] == "not obtainable here"


def test_the_fast_ones_are_printed(capsys):
    assert cli.main(["claims", "odin", "reckon"]) == 0
    said = capsys.readouterr().out
    assert "reproduced" in said and "secondary source" in said
    assert set(table(["odin"]).outcome) == {"reproduced", "approached", "not obtainable here"}


def test_an_unknown_system_is_told(capsys):
    assert cli.main(["claims", "loihi3"]) == 2
    assert "there are no claims of loihi3" in capsys.readouterr().err
