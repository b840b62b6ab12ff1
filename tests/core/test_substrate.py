"""A substrate is a checked definition, found by name or file; one chip of it has the same numbers whatever else is drawn."""

from dataclasses import replace

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.substrate import Substrate

IDEAL = np.linspace(-1, 1, 20).reshape(4, 5)
#: Adds what each generator gives, so that a mixed-up one shows.
SUM = Substrate(
    name="sum",
    source="test",
    weights=lambda w, p, d: w + d.chip.random(w.shape) + 10 * d.write.integers(9, size=w.shape) + 1000 * d.read.integers(9, size=w.shape),
)
MINE = """
from brian2 import uS
from brian2chip.core.substrate import Substrate

MINE = Substrate(name="mine", source="me", parameters={"G": 2 * uS}, sources={"G": "me"}, mismatch=lambda name, x, p, draws: x * p["G"])
"""


def test_found_by_name_preset_file_and_object(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    mine = bc.substrate(str(tmp_path / "mine.py"))
    assert mine.name == "mine" and bc.substrate(mine) is mine
    assert ChipInstance(mine).parameter("rec", "tau_m", 3.0) == pytest.approx(6e-6)  # 2 uS in SI
    assert bc.substrate("analogue_mismatch").features == ("weights", "mismatch")
    assert "gaussian_mismatch" in bc.catalogue("substrate")
    with pytest.raises(bc.UserError, match="no substrate 'analog_mismatch'; did you mean 'analogue_mismatch'"):
        bc.substrate("analog_mismatch")


@pytest.mark.parametrize("wrong", [-0.01, 1.01, float("nan")])
@pytest.mark.parametrize("name", ["analogue_mismatch", "gaussian_mismatch"])
def test_a_spread_below_0_or_above_1_is_refused(name, wrong):
    with pytest.raises(bc.UserError, match="spread of .* (must lie between 0 and 1|give a finite number)"):
        bc.substrate(name).with_parameters(spread=wrong)


def test_what_stays_with_the_chip_stays_and_the_rest_is_drawn_anew():
    first, second = ChipInstance(SUM, 0, seed=4), ChipInstance(SUM, 1, seed=4)
    again = first.weights("a->b", IDEAL)
    np.testing.assert_array_equal(again, first.weights("a->b", IDEAL))
    parts = lambda x: ((x - IDEAL) % 10 % 1, (x - IDEAL) // 10 % 100, (x - IDEAL) // 1000)  # noqa: E731
    chip, write, read = parts(again)
    for other, same in (
        (first.weights("a->b", IDEAL, read=1), (True, True, False)),
        (first.weights("a->b", IDEAL, write=1), (True, False, False)),
        (first.weights("b->c", IDEAL), (False, False, False)),
        (second.weights("a->b", IDEAL), (False, False, False)),
        (ChipInstance(SUM, 0, seed=5).weights("a->b", IDEAL), (False, False, False)),
    ):
        assert tuple(np.allclose(x, y) for x, y in zip((chip, write, read), parts(other))) == same


def test_what_a_substrate_does_not_change_stays_ideal():
    chip = ChipInstance(SUM)
    np.testing.assert_array_equal(chip.parameter("rec", "tau_m", [1, 2]), [1, 2])
    np.testing.assert_array_equal(chip.spike_times("input", [1, 2]), [1, 2])


@pytest.mark.parametrize(
    "name,moments", [("analogue_mismatch", (np.exp(0.02), np.exp(0.02) * np.sqrt(np.exp(0.04) - 1))), ("gaussian_mismatch", (1, 0.2))]
)
def test_mismatch_has_the_moments_of_its_distribution(name, moments):
    """Textbook moments of exp(s N) and 1 + s N (cut at 5 s, which is nothing) with s = 0.2, within 4 standard errors."""
    n = 100_000
    factor = ChipInstance(bc.substrate(name).with_parameters(spread=0.2)).weights("a->b", np.ones((n, 1)))
    mean, sd = moments
    assert abs(factor.mean() - mean) < 4 * sd / np.sqrt(n)
    assert abs(factor.std() - sd) < 4 * sd / np.sqrt(
        n
    )  # the standard error of a standard deviation is sd/sqrt(2n), more where tails are long
    assert (factor > 0).all()


def test_without_spread_all_is_ideal_and_a_gaussian_factor_is_never_negative():
    for name in ("analogue_mismatch", "gaussian_mismatch"):
        np.testing.assert_array_equal(ChipInstance(bc.substrate(name).with_parameters(spread=0)).weights("a->b", IDEAL), IDEAL)
    assert (ChipInstance(bc.substrate("gaussian_mismatch").with_parameters(spread=1)).parameter("rec", "tau_m", np.ones(1000)) > 0).all()


@pytest.mark.parametrize(
    "change,sentence",
    [
        ({"weights": None}, "changes nothing"),
        ({"parameters": {"G": 1.0}}, "gives no source for G"),
        ({"sources": {"G": "me"}}, "no parameter of 'sum', for its source, called 'G'"),
        ({"weights": 3}, "weights of substrate 'sum' was given as 3; it must be a function"),
    ],
)
def test_a_wrong_definition_is_one_sentence(change, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        replace(SUM, **change)


def test_a_missing_feature_is_named():
    SUM.needs("a network", "weights", "mismatch")
    with pytest.raises(
        bc.UserError, match=r"cannot be used for rule 'stdp': it has no mismatch= \(parameters of neurons and rules\), only weights"
    ):
        SUM.needs("rule 'stdp'", "mismatch")


@pytest.mark.parametrize(
    "function,sentence",
    [
        (lambda w, p, d: w[:1], r"must return finite numbers of shape \(4, 5\) for weights a->b, not float64 of shape \(1, 5\)"),
        (lambda w, p, d: w * np.nan, "must return finite numbers"),
        (lambda w, p, d: p["nothing"], r"failed for weights a->b \(KeyError: 'nothing'\)"),
    ],
)
def test_a_function_that_goes_wrong_is_one_sentence(function, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        ChipInstance(replace(SUM, weights=function)).weights("a->b", IDEAL)
