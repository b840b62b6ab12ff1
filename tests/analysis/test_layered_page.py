"""The page on learning rules of layered networks and its picture: the curves are those of the histories, by hand."""

import pandas as pd
import pytest
from page_reader import Page

from brian2chip.analysis import layered_page, render
from brian2chip.core.layered_task import LayeredTask

NAN = float("nan")
ABOUT = {
    "seeds": [1],
    "samples": {"train": 60, "test": 20},
    "optimiser": "sgd",
    "rate": 0.05,
    "batch": 10,
    "epochs": 3,
    "hidden": [30, 20],
    "chance": 0.125,
}


def task(**changes):
    return LayeredTask(**{"name": "digits", "source": "A 1998.", "kind": "classification", "n_in": 4, "n_out": 2, "load": dict} | changes)


def history(errors, losses=None, epochs=(0, 1)):
    return pd.DataFrame({"epoch": epochs, "test_error": errors, "test_loss": losses if losses is not None else [NAN] * len(errors)})


def test_a_curve_a_rule_of_the_error_in_percent():
    (ax,) = layered_page.curves({"bp": history([0.5, 0.25]), "fa": history([0.5, 0.4])}).axes
    assert [list(line.get_ydata()) for line in ax.lines] == [pytest.approx([50, 25]), pytest.approx([50, 40])]
    assert [list(line.get_xdata()) for line in ax.lines] == [[0, 1]] * 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["bp", "fa"]
    assert (ax.get_ylabel(), ax.get_xlabel(), ax.get_yscale()) == ("held-out error (%)", "epoch", "log")
    assert not ax.collections  # of one seed there is no band


def test_a_curve_of_the_loss_where_there_are_no_classes():
    (ax,) = layered_page.curves({"bp": history([NAN, NAN], [3.0, 2.0])}).axes
    assert list(ax.lines[0].get_ydata()) == [3, 2] and ax.get_ylabel() == "held-out loss"


def test_of_several_seeds_the_curve_is_the_mean_in_a_band_of_all():
    (ax,) = layered_page.curves({"bp": history([0.5, 0.2, 0.3, 0.1, 0.1, 0.6], epochs=(0, 1, 0, 1, 0, 1))}).axes
    assert list(ax.lines[0].get_ydata()) == pytest.approx([30, 30])  # means of 50, 30, 10 and of 20, 10, 60
    (band,) = ax.collections
    corners = band.get_paths()[0].vertices
    for epoch, ends in ((0, (10, 50)), (1, (10, 60))):
        heights = corners[corners[:, 0] == epoch, 1]
        assert (heights.min(), heights.max()) == pytest.approx(ends)


def test_a_line_says_with_what_the_rules_were_compared():
    said = layered_page.settings(ABOUT)
    assert said.startswith("Seed 1; sgd, rate 0.05, batches of 10, 3 epochs; 30, 20 hidden units; 60 samples to train and 20 to test on;")
    assert said.endswith("is right in 12.5 % of the test samples.")  # 0.125
    other = layered_page.settings(ABOUT | {"seeds": [1, 2], "hidden": [], "chance": None})
    assert other.startswith("Seeds 1, 2;") and "no hidden units" in other and "Chance" not in other and other.endswith(".")


def test_the_page_has_the_task_the_table_and_the_picture():
    table = pd.DataFrame({"rule": ["bp"], "test_error": [0.25], "update_locked": [True]})
    picture = render.svg(layered_page.curves({"bp": history([0.5, 0.25])}))
    found = Page(layered_page.comparison(task(expected="2 % error"), table, picture, ABOUT))
    assert found.title == "Learning rules of layered networks on digits"
    assert found.texts(0) == [["rule", "test error", "update locked"], ["bp", "0.25", "yes"]]
    assert found.pictures == ["held-out error over epochs on digits"]
    (text,) = [" ".join(lines) for lines in found.sections.values()]
    assert "Samples: A 1998." in text and "Expected: 2 % error." in text and layered_page.settings(ABOUT) in text
    assert "means over the seeds" not in text
    several = Page(layered_page.comparison(task(), table, picture, ABOUT | {"seeds": [1, 2]}))
    (text,) = [" ".join(lines) for lines in several.sections.values()]
    assert "means over the seeds" in text and "Expected" not in text
    (text,) = [" ".join(lines) for lines in Page(layered_page.comparison(task(), table, picture, {})).sections.values()]
    assert "means over the seeds" not in text and "Chance" not in text
