"""The page of the demonstration: its sections, its moving picture by hand, and both in a browser where one is."""

import re
import shutil
import subprocess

import numpy as np
import pytest
from markupsafe import Markup
from matplotlib.figure import Figure
from page_reader import Page

from brian2chip.analysis import render
from brian2chip.analysis.demo_page import Curves, Section, moving, page, ticks

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update"
CURVES = Curves(
    "rate", "Hz", np.array([1.0, 5.0]), np.array([-2.0, -1.0, 1.0, 2.0]), "x (ms)", "y (%)", {"a": np.array([[0, 1, 2, 3], [3, 2, 1, 0.0]])}
)


def drawn() -> str:
    return str(moving(CURVES, 0, "a curve"))


def whole() -> str:
    figure = Figure((3, 2))
    figure.subplots().plot([0, 1], [0, 1], "k")
    parts = (Markup(drawn()), render.small_multiples([("a line", figure)]))
    return page(
        [Section("First", "It <holds>.", "So it was done.", parts), Section("Second", "Too.", "Again.", ())], "in 3 s", ["python 3"], 1
    )


def test_sections_begin_with_the_line_that_matters_and_the_list_leads_to_them():
    found = Page(whole())
    assert found.sections["First"][:2] == ["It <holds>.", "So it was done."] and found.sections["Second"] == ["Too.", "Again."]
    assert found.sections["What brian2chip does, on one page"][1:] == ["First: It <holds>.", "Second: Too."]
    assert found.pictures == ["a line"]


def test_ticks_are_round_numbers_inside():
    assert ticks(-24, 24) == [-20, -10, 0, 10, 20]
    assert ticks(-31, 63) == [-20, 0, 20, 40, 60]
    assert ticks(0, 0.93) == [0, 0.2, 0.4, 0.6, 0.8]


def test_curves_stand_where_their_values_are_and_a_jump_at_zero_is_no_line():
    path = re.search(r'<path class="curve c0" d="([^"]*)"', drawn())[1]
    points = [tuple(map(float, p.split())) for p in re.split("[ML]", path)[1:]]
    # By hand: x from -2 to 2 on 58 to 548 pixels; y from -0.15 to 3.15 (a twentieth around 0 to 3) on 276 to 12.
    assert [letter for letter in path if letter in "ML"] == ["M", "L", "M", "L"]
    assert points == [(58, 264), (180.5, 184), (425.5, 104), (548, 24)]


def test_axes_stand_around_the_curves():
    """By hand, as below: x from -2 to 2 on 58 to 548 pixels, y from -0.15 to 3.15 on 276 to 12, so that 0 is at 264."""
    lines = [tuple(map(float, each)) for each in re.findall(r'<line class="axis" x1="(.*?)" x2="(.*?)" y1="(.*?)" y2="(.*?)"/>', drawn())]
    assert lines[0] == (58, 548, 264, 264)  # zero
    assert lines[1:] == [(x, x, 276, 280) for x in (58, 180.5, 303, 425.5, 548)]
    words = re.findall(r'<text x="(.*?)" y="(.*?)" text-anchor="(\w+)">(.*?)</text>', drawn())
    found = {kind: [(float(x), float(y), text) for x, y, where, text in words if where == kind] for kind in ("middle", "end")}
    assert [(x, y, float(text)) for x, y, text in found["end"]] == [
        (50, 268, 0),
        (50, 188, 1),
        (50, 108, 2),
        (50, 28, 3),
    ]  # 80 pixels a unit
    assert [(x, text) for x, _, text in found["middle"]] == [
        (58, "-2"),
        (180.5, "-1"),
        (303, "0"),
        (425.5, "1"),
        (548, "2"),
        (303, "x (ms)"),
    ]
    assert "translate(14 144.0)" in drawn()


def test_zero_has_no_sign():
    assert [f"{tick:g}" for tick in ticks(-0.15, 3.15)] == ["0", "1", "2", "3"]


def test_pictures_are_light_in_a_page_that_is_dark():
    figure = Figure((3, 2))
    figure.subplots().plot([0, 1], [0, 1], "k")
    text = render.svg(figure).decode()
    assert "prefers-color-scheme: dark" in text and "stroke: #000000" in text and "<text" in text


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium to open the page")
def test_in_a_browser_the_slider_moves_the_curve_and_nothing_is_wider_than_a_phone(tmp_path):
    script = """<script>
    const slider = document.querySelector("input"); slider.value = 1; slider.dispatchEvent(new Event("input"));
    document.body.dataset.path = document.querySelector("path.curve").getAttribute("d");
    document.body.dataset.wide = document.documentElement.scrollWidth > window.innerWidth;
    </script></body>"""
    (tmp_path / "page.html").write_text(whole().replace("</body>", script), encoding="utf-8")
    command = [BROWSER, *FLAGS.split(), f"--user-data-dir={tmp_path / 'profile'}", "--window-size=500,800", "--dump-dom"]
    shown = subprocess.run([*command, (tmp_path / "page.html").as_uri()], capture_output=True, text=True, timeout=120).stdout
    found = dict(re.findall(r'data-(path|wide)="([^"]*)"', shown))
    assert found == {"path": "M58.0 24.0L180.5 104.0M425.5 184.0L548.0 264.0", "wide": "false"}
    assert re.search(r"<output[^>]*>5 Hz</output>", shown)
