"""A rule on many chips: the Monte Carlo of the triplet rule against an independent one, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.analysis.score import pfister_gerstner
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.registry import get
from brian2chip.core.substrate import Substrate
from brian2chip.plasticity.triplet import event_by_event
from brian2chip.protocols.robustness import rule_study

VISUAL = "triplet:visual_cortex_all_full"
REFERENCE = pd.read_csv(Path(__file__).parents[1] / "references" / "triplet_monte_carlo.csv", comment="#").set_index("sigma")
AMPLITUDES = ["A2_plus", "A3_plus", "A2_minus", "A3_minus"]


def spread(value):
    return bc.substrate("analogue_mismatch").with_parameters(spread=value)


@pytest.fixture(scope="module")
def thousand():
    return bc.robustness(VISUAL, spread(0.1), chips=1000, protocol="sjostrom_2001")


def test_the_monte_carlo_of_the_triplet_rule(thousand):
    """Targets of the study: nominal E 0.34 +- 0.01, and its 95th percentile below 0.5 after retuning at a spread of 10 %.

    Quantiles agree with an independent run of 1,000 chips (tests/references) within 4 standard errors of a difference of two.
    """
    run = thousand.attrs["run"]
    assert run["ideal"]["E"] == pytest.approx(0.34, abs=0.01)
    stages = {stage: rows.E.to_numpy() for stage, rows in thousand.groupby("stage")}
    assert set(stages) == {"transfer", "retuned"} and all(len(E) == 1000 for E in stages.values())
    assert np.quantile(stages["retuned"], 0.95) < 0.5 < np.quantile(stages["transfer"], 0.95)
    assert (stages["retuned"] <= stages["transfer"] + 1e-9).all()
    expected = REFERENCE.loc[0.1]
    for stage, names in (("transfer", ("E_median", "E_p95")), ("retuned", ("E_retuned_median", "E_retuned_p95"))):
        for name, q in zip(names, (0.5, 0.95)):
            low, high = np.quantile(stages[stage], q + np.array([-1, 1]) * np.sqrt(q * (1 - q) / 1000))  # one standard error
            assert abs(np.quantile(stages[stage], q) - expected[name]) < 4 * np.sqrt(2) * (high - low) / 2


def test_a_chip_against_the_rule_event_by_event(thousand):
    """Chip 7 by the rule's oracle in NumPy, retuned by linear least squares: the changes are linear in the amplitudes."""
    rule, protocol = bc.rule(VISUAL), get("protocol", "sjostrom_2001")
    chip = ChipInstance(spread(0.1), 7, 1)
    p = {name: float(np.asarray(value)) for name, value in rule.parameters.items()}
    p |= {name: float(chip.parameter(rule.name, name, p[name])) for name in [*AMPLITUDES, "tau_plus", "tau_minus", "tau_x", "tau_y"]}
    conditions = protocol.conditions({"train": "continuous"})

    def changes(ltp, ltd):
        scaled = p | {name: p[name] * (ltp if name.endswith("plus") else ltd) for name in AMPLITUDES}
        spikes = [protocol.stimulate(row, {"train": "continuous"}, None) for row in conditions.to_dict("records")]
        return np.array([event_by_event(pre, post, scaled, {"w": 1.0})["w"] - 1 for pre, post in spikes])

    data, sem = conditions["data_dw"].to_numpy(), conditions["data_sem"].to_numpy()
    mine = thousand[thousand.chip == 7].set_index("stage")
    assert mine.E["transfer"] == pytest.approx(pfister_gerstner(changes(1, 1), data, sem), rel=1e-6)
    columns = np.column_stack([changes(1, 0), changes(0, 1)]) / sem[:, None]
    gains = np.linalg.lstsq(columns, data / sem, rcond=None)[0]
    np.testing.assert_allclose([mine.gain_LTP["retuned"], mine.gain_LTD["retuned"]], gains, rtol=1e-4)
    assert mine.E["retuned"] == pytest.approx(pfister_gerstner(changes(*gains), data, sem), rel=1e-6)


def test_the_first_chips_are_the_same_when_more_are_drawn_and_what_varies_can_be_chosen(thousand):
    few = bc.robustness(VISUAL, spread(0.1), chips=3, protocol="sjostrom_2001", vary=["A3_plus"], gains={"all": AMPLITUDES})
    assert set(few.columns) == {"chip", "stage", "E", "gain_all"} and len(few) == 6
    again = bc.robustness(VISUAL, spread(0.1), chips=3, protocol="sjostrom_2001")
    first = thousand[thousand.chip < 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, first, check_exact=False, rtol=1e-9)


def test_what_varies_by_itself():
    """All of the triplet rule's eight constants; not the limits of the weight and the switch between all spikes and the nearest."""
    study = rule_study(bc.rule(VISUAL), get("protocol", "sjostrom_2001"), spread(0.1))
    assert sorted(study.vary) == sorted([*AMPLITUDES, "tau_plus", "tau_minus", "tau_x", "tau_y"])
    assert study.gains == {"LTP": ("A2_plus", "A3_plus"), "LTD": ("A2_minus", "A3_minus")}


def test_without_data_nothing_is_retuned():
    protocol = bc.Protocol(
        name="bare",
        source="test",
        conditions=lambda options: pd.DataFrame({"dt_ms": [10.0, -10.0]}),
        stimulate=lambda condition, options, rng: (np.array([0.1]), np.array([0.1]) + condition["dt_ms"] * 1e-3),
    )
    table = bc.robustness(VISUAL, spread(0.1), chips=3, protocol=protocol, device="numpy")
    assert set(table.stage) == {"transfer"} and "mean change" in table
    with pytest.raises(bc.UserError, match="'bare' has no data points"):
        bc.robustness(VISUAL, spread(0.1), chips=3, protocol=protocol, gains={"LTP": ["A3_plus"]})


@pytest.mark.parametrize(
    "change,sentence",
    [
        ({"vary": ["A4"]}, "no parameter of 'triplet:visual_cortex_all_full' called 'A4'"),
        ({"vary": []}, "no parameter of rule .* was named"),
        ({"gains": {"LTP": ["B"]}}, "no parameter of .* called 'B'"),
        ({"vary": ["all_to_all"]}, r"chip \d+ of substrate 'analogue_mismatch' has all_to_all = 1\.\d+, which rule .* keeps from 0 to 1"),
        ({"chips": 0}, "chips were given as 0; give a whole number from 1"),
        ({"test": 3}, "test was given, which says nothing of a rule in a protocol"),
        ({"device": "genn"}, "genn"),
        ({"parameters": {"tau_plus": 3 * ms, "nothing": 1}}, "'nothing'"),
    ],
)
def test_wrong_requests_are_one_sentence(change, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        bc.robustness(VISUAL, **{"substrate": spread(0.1), "protocol": "sjostrom_2001", "chips": 5} | change)


def test_a_substrate_without_mismatch_of_parameters_cannot_be_used_for_a_rule():
    only_weights = Substrate(name="only_weights", source="test", weights=lambda w, p, d: w)
    with pytest.raises(
        bc.UserError, match=r"'only_weights' cannot be used for rule .*: it has no mismatch= \(parameters of neurons and rules\)"
    ):
        bc.robustness(VISUAL, only_weights, protocol="sjostrom_2001")
