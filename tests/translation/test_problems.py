"""Every sentence on a translation's problems, from hand-made values."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from brian2chip.chips.quantised import QuantisedParameter
from brian2chip.core.network_run import NetworkRun
from brian2chip.translation.evaluate import Behaviour
from brian2chip.translation.problems import behaviour_problems, parameter_problems, verdict


def parameter(name="weight", place="a -> b", requested=(-8.0, 0.0, 7.0), exact=None, code=(-8, 0, 7), realised=None, low=-8, high=7):
    """Return a parameter of a 4-bit field ``w`` at a step of 1, exact unless said otherwise."""
    requested, code = np.array(requested, float), np.array(code)
    exact = requested if exact is None else np.array(exact, float)
    realised = code.astype(float) if realised is None else np.array(realised, float)
    return QuantisedParameter(name, place, "w", "weight", requested, exact, code, realised, low, high)


def test_no_problem():
    assert parameter_problems([parameter(), parameter("v_threshold", "b", [20.0], code=[20], low=0, high=255)]) == []
    assert (
        verdict("toy", (), [parameter()], [])
        == "toy holds this network; weights keep an rms error of 0.00% of their size; no problem found."
    )


def test_saturation():
    found = parameter_problems([parameter(requested=[-9.0, 7.4, 7.6, 20.0], code=[-8, 7, 7, 7])])
    assert found == [
        ("weight of a -> b: 3 of 4 values saturate at the end of w.", "Train with bounded values or a smaller range."),
    ]


def test_lost_values():
    """Two of the twenty values that are not zero become zero: a tenth, which is said of more than a tenth only."""
    requested, code = np.r_[np.full(10, -8.0), np.full(8, 7.0), 0.2, 0.3, 0.0], np.r_[np.full(10, -8), np.full(8, 7), 0, 0, 0]
    assert parameter_problems([parameter(requested=requested, code=code)]) == []
    found = parameter_problems([parameter(requested=requested[1:], code=code[1:])])
    remedy = "Train with the chip's weight grid, or prune the outliers that set the scale."
    assert found == [("weight of a -> b: 2 of 19 non-zero values become zero.", remedy)]


def test_unused_range():
    """Codes 0 to 7 of -8 to 7 are 7 of 15 steps; -1 to 7 are 8."""
    found = parameter_problems([parameter(requested=[0.0, 7.0], code=[0, 7])])
    assert found == [("weight of a -> b: 47% of the code range is used.", "The threshold sets the scale: train with larger weights.")]
    assert parameter_problems([parameter(requested=[-1.0, 7.0], code=[-1, 7])]) == []
    assert parameter_problems([parameter("v_threshold", "b", [2.0], code=[2], low=0, high=255)]) == []


def test_parameters_that_are_off():
    """20 realised as 21 is 5 % off, which is tolerated; as 21.1 it is not. Weights are judged by their error as a whole."""
    threshold = parameter("v_threshold", "b", [20.0], code=[21], realised=[21.0], low=0, high=255)
    assert parameter_problems([threshold]) == []
    found = parameter_problems([replace(threshold, realised=np.array([22.0]))])
    assert found == [
        ("v_threshold of b: off by up to 10%.", "Choose a value that the chip has (parameters.csv holds codes and what they stand for).")
    ]
    endless = replace(threshold, requested=np.array([0.0]), realised=np.array([5.0]))
    assert parameter_problems([endless]) == []  # relative to nothing, there is no such error
    assert parameter_problems([parameter(requested=[-8.0, 4.0, 7.0], code=[-8, 5, 7])]) == []


def test_no_weight_survives():
    lost = parameter(requested=[0.1, -0.2, 0.0], code=[0, 0, 0])
    found = parameter_problems([lost])
    assert found[0] == ("No weight survives: all become zero.", "Train with larger weights, or lower the thresholds.")
    assert "holds nothing of this network" in verdict("toy", (), [lost], found)
    assert parameter_problems([lost, parameter()])[0][0].startswith("weight of a -> b")
    assert verdict("toy", (), [lost, parameter(place="b -> c")], found) == (
        "toy cuts this network: no weight of a -> b survives; 3 problems to look at."
    )
    silent = parameter(requested=[0.0, 0.0], code=[0, 0])  # there was nothing to lose
    assert "No weight survives" not in str(parameter_problems([silent]))


def test_verdicts():
    assert verdict("toy", ("one.",), [], []) == "toy cannot hold this network: 1 reason."
    assert verdict("toy", ("one.", "two."), [], []) == "toy cannot hold this network: 2 reasons."
    off = parameter(requested=[-8.0, 0.0, 6.0], code=[-8, 0, 7])  # an error of 1 beside a size of 10
    assert verdict("toy", (), [off], [("a", "b")]).endswith("rms error of 10.00% of their size; 1 problem to look at.")
    assert verdict("toy", (), [off], [("a", "b")] * 2).endswith("2 problems to look at.")
    assert verdict("toy", (), [], []) == "toy holds this network, which has no weights; no problem found."


def behaviour(accuracy, last="chip", silent=(0, 0), saturated=(0, 0), rates=(20.0, 20.0)):
    """Return what the population ``b`` did before and after."""
    run = NetworkRun({}, {}, {}, 1, 1)
    row = {"population": "b", "silent_before": silent[0], "silent_after": silent[1]}
    row.update(rate_before_hz=rates[0], rate_after_hz=rates[1], saturated_before=saturated[0], saturated_after=saturated[1])
    runs = {"float": run, "realised": run, **({"chip": run} if last == "chip" else {})}
    return Behaviour(runs, {}, accuracy, 1.0, pd.DataFrame([row]), 0.0)


@pytest.mark.parametrize("last", ["chip", "realised"])
def test_accuracy_falls(last):
    """From 95 % to 90 % is said; a fall of a point or a rise is not. What counts is the run that is nearest to the chip."""
    fallen = {"float": 0.95, "realised": 0.9, "chip": 0.9} if last == "chip" else {"float": 0.95, "realised": 0.9}
    remedy = "Fine-tune on the chip, or train with its weight grid."
    assert behaviour_problems(behaviour(fallen, last)) == [("Accuracy falls by 5.0 points.", remedy)]
    for right in (0.9401, 0.95, 0.99):
        assert behaviour_problems(behaviour({**fallen, last: right}, last)) == []
    assert behaviour_problems(behaviour({"float": 0.95, "realised": 0.5, "chip": 0.95})) == []
    assert behaviour_problems(behaviour({})) == []  # no labels


def test_a_layer_that_never_fires_is_named():
    remedy = "Raise its weights or lower its threshold; brian2chip diagnose says by how much."
    for rates, alike in (((20.0, 0.0), ""), ((0.0, 0.0), ", nor does it in float")):
        said = f"'b' never fires on the test samples{alike}: nothing behind it is tested."
        assert behaviour_problems(behaviour({}, silent=(4, 4), rates=rates)) == [(said, remedy)]


def test_silent_and_saturated_neurons():
    found = behaviour_problems(behaviour({}, silent=(1, 4), saturated=(2, 3)))
    assert found == [
        ("3 more neurons of 'b' are silent than in float.", "Lower the threshold, or train with the chip's weight grid."),
        ("1 more neurons of 'b' fire in over half of all steps.", "Raise the threshold, or strengthen the leak."),
    ]
    assert behaviour_problems(behaviour({}, silent=(4, 4), saturated=(3, 2))) == []
