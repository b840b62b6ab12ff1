"""The page on a translation, read as a reader sees it, and its pictures."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from page_reader import Page

from brian2chip.analysis import translation_report

TABLE = pd.DataFrame({"projection": ["in to out"], "levels": [16], "rms error": [0.125]})


PICTURES = {
    "weights": lambda: translation_report.histograms({"a": (np.arange(4.0), np.arange(4.0) / 2), "b": (np.ones(3), np.ones(3))}),
    "rates": lambda: translation_report.rates({k: np.arange(3.0) for k in "abcd"}, {k: np.zeros(3) for k in "abcd"}),
    "spikes": lambda: translation_report.rasters({"a": ([0, 1], [2, 3])}, {"a": ([0], [2])}),
}
TEXTS = {
    "weights": ["weights a before and after", "weights b before and after"],
    "rates": [f"rates of {k} on the chip against float" for k in "abcd"],
    "spikes": ["spikes of a in the first sample, float and chip"],
}


def read(problems=(), notes=()) -> Page:
    sections = [("Weights", "What became of them.", TABLE), ("Rates", "Before & after.", PICTURES["rates"]())]
    return Page(translation_report.page("Net on <chip>", "It fits.", "4-bit weights.", problems, notes, sections))


def test_the_page_has_its_verdict_and_sections_in_order():
    found = read()
    assert found.title == "Net on <chip>" and list(found.sections) == ["Net on <chip>", "Weights", "Rates"]
    assert found.sections["Net on <chip>"] == ["It fits.", "4-bit weights."]
    assert found.sections["Weights"] == ["What became of them."] and found.sections["Rates"] == ["Before & after."]
    assert found.texts(0) == [["projection", "levels", "rms error"], ["in to out", "16", "0.125"]] and found.pictures == TEXTS["rates"]


def test_problems_and_notes_stand_only_where_there_are_some():
    found = read([("too <many>", "use fewer")], ["rounds down", "no delay"])
    assert list(found.sections) == ["Net on <chip>", "Problems", "What the chip does differently", "Weights", "Rates"]
    assert found.texts(0) == [["what", "what to do"], ["too <many>", "use fewer"]]
    assert found.sections["What the chip does differently"] == ["rounds down", "no delay"]


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_in_the_page_and_say_what_they_are(name):
    drawn = str(PICTURES[name]())
    assert Page(f"<h1>x</h1>{drawn}").pictures == TEXTS[name]
    assert re.search(r'src="data:image/svg\+xml;base64,PD94bWwg', drawn)


@pytest.fixture
def axes(monkeypatch):
    """The axes of the last pictures, before they became pictures."""
    seen = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda figure, *args, **settings: (seen.extend(figure.axes), save(figure, *args, **settings)))
    return lambda name: (PICTURES[name](), seen)[1]


def test_histograms_have_requested_and_realised_weights_over_the_same_range(axes):
    a, b = axes("weights")
    assert (a.get_title(), b.get_title()) == ("a", "b") and [t.get_text() for t in a.get_legend().get_texts()] == [
        "requested",
        "on the chip",
    ]
    # 4 weights: 10 edges at least, from 0 to 3; equal weights at 1 get bins from 1 to 2.
    bars = [p for p in a.patches if isinstance(p, Rectangle)]
    assert len(bars) == 9 and (bars[0].get_x(), bars[-1].get_x() + bars[-1].get_width()) == pytest.approx((0, 3))
    assert sum(bar.get_height() for bar in bars) == 4
    bars = [p for p in b.patches if isinstance(p, Rectangle)]
    assert (bars[0].get_x(), bars[-1].get_x() + bars[-1].get_width()) == pytest.approx((1, 2)) and bars[0].get_height() == 3


def test_rates_after_stand_over_rates_before_beside_the_diagonal(axes):
    drawn = axes("rates")
    assert [ax.get_title() for ax in drawn] == list("abcd")
    diagonal, points = drawn[0].get_lines()
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 2]
    assert list(points.get_xdata()) == [0, 1, 2] and list(points.get_ydata()) == [0, 0, 0]


def test_rasters_have_float_and_chip_over_each_other(axes):
    (ax,) = axes("spikes")
    assert [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.get_lines()] == [([0, 1], [2, 3]), ([0], [2])]
    assert "float grey, chip red" in ax.get_title()
