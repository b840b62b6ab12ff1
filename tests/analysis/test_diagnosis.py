"""Every cause from a row of numbers made by hand, at both sides of its limit."""

import pytest

from brian2chip.analysis.diagnosis import COLUMNS, Finding, findings, sentence

SOUND = {
    "layer": "a", "sources": [], "neurons": 4, "weights": 8, "input_hz": 20.0, "silent_inputs": 0.5, "drive": 1.5, "drive_chip": 1.4,
    "rate_hz": 30.0, "rate_hz_chip": 29.0, "silent": 0.5, "silent_chip": 0.5, "saturated": 0.5, "saturated_chip": 0.5,
    "weights_lost": 0.1, "weights_clipped": 0.01, "leak_error": 0.1, "out_of_order": 0.05,
}  # fmt: skip


def row(**changes):
    """Return a row at all limits, from which nothing is said, with changes."""
    assert set(changes) <= set(SOUND) == {*COLUMNS, "sources"}
    return {**SOUND, **changes}


def causes(*rows, **how):
    return [(f.layer, f.cause) for f in findings(rows, **{"event_driven": True, **how})]


def test_nothing_is_said_at_the_limits():
    assert findings([row()], event_driven=True, queue=(30, 0)) == []
    unmeasured = dict.fromkeys(
        [n for n in SOUND if n.endswith("chip")] + ["drive", "weights_lost", "weights_clipped", "leak_error", "out_of_order"]
    )
    assert findings([row(**unmeasured)], event_driven=True) == []
    assert sentence([]).startswith("No cause found")


@pytest.mark.parametrize(
    "changes, cause, words",
    [
        ({"weights": 0}, "no weights", "no weight other than 0"),
        ({"input_hz": 0.0, "silent_inputs": 1.0}, "no input", "no spike leads here"),
        ({"silent_inputs": 0.51}, "no input", "51% of what leads here never spikes"),
        (
            {"silent": 0.75, "drive": 0.5},
            "weak drive",
            "75% of the neurons are silent as given, before any chip; half of them reach 0.5 of the threshold",
        ),
        ({"saturated": 0.75, "drive": 20.0}, "strong drive", "75% of the neurons fire in over half of all steps as given"),
        ({"weights_lost": 0.11}, "weights lost", "11% of the weights onto it become 0"),
        ({"weights_lost": 1.0}, "weights lost", "no weight onto it survives"),
        ({"weights_clipped": 0.02}, "weights clipped", "2% of the weights onto it saturate"),
        ({"leak_error": 0.11}, "leak", "time constant is off by up to 11%"),
        (
            {"drive": 1.01, "drive_chip": 1.0},
            "weak drive",
            "reach 1.01 of the threshold as given and 1 of the threshold with the values of the chip",
        ),
        ({"out_of_order": 0.06}, "order", "6% of its trains"),
        ({"silent_chip": 0.51, "silent": 0.1}, "unexplained", "51% of the neurons are silent on the chip, 10% as given"),
        (
            {"saturated_chip": 0.51, "saturated": 0.1},
            "unexplained",
            "51% of the neurons fire in over half of all steps on the chip, 10% as given",
        ),
    ],
)
def test_each_cause_is_named(changes, cause, words):
    found = findings([row(**changes)], event_driven=True)
    assert [f.cause for f in found] == [cause] and words in found[0].what
    assert str(found[0]) == f"a: {found[0].what} {found[0].remedy}" and found[0].remedy.endswith(".")
    assert sentence(found) == f"1 cause: {cause} (a)."


def test_weights_by_which_factor():
    """Half of the neurons reach 0.5 of the threshold; 2.5 times as much is 1.25 of it."""
    assert "by 2.5 times or more" in findings([row(silent=0.75, drive=0.5)])[0].remedy
    assert "weights that excite" in findings([row(silent=0.75, drive=-0.5)])[0].remedy
    assert "reach no threshold above 0" in findings([row(silent=0.75, drive=None)])[0].what


def test_what_the_chip_does_explains_silence_there():
    assert causes(row(silent_chip=1.0, silent=0.0, weights_lost=1.0, drive_chip=0.0)) == [("a", "weights lost")]
    assert causes(row(silent_chip=1.0, silent=0.0, drive_chip=0.9)) == [("a", "weak drive")]


def test_order_is_said_of_chips_that_take_spikes_one_by_one():
    assert causes(row(out_of_order=0.5), event_driven=False) == []


def test_what_stands_behind_a_silent_layer_waits_for_it():
    silent = row(silent=1.0, drive=0.2)
    after = row(layer="b", sources=["a"], silent=1.0, input_hz=0.0, silent_inputs=1.0)
    assert causes(silent, after) == [("a", "weak drive"), ("b", "no input")]
    assert findings([silent, after])[1].what == "it can get no spikes while 'a' before it is silent."
    alive = row(layer="b", sources=["a", "c"], silent_chip=0.6)
    assert causes(silent, alive) == [("a", "weak drive"), ("b", "unexplained")]  # c may still drive it
    on_chip = row(silent_chip=1.0, silent=0.0, weights_lost=1.0)
    assert causes(on_chip, row(layer="b", sources=["a"], silent_chip=1.0)) == [("a", "weights lost"), ("b", "no input")]


def test_a_full_queue():
    found = findings([row()], queue=(128, 72))
    assert [(f.layer, f.cause) for f in found] == [("all", "queue")]
    assert found[0].what == "the chip's queue of spikes was full and lost 72 spikes; 128 waited at most."


def test_a_summary_counts():
    two = [Finding("a", "leak", "x.", "y."), Finding("b", "order", "x.", "y.")]
    assert sentence(two) == "2 causes: leak (a), and 1 more."
