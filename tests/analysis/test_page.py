"""The comparison page against a table made by hand: two rules, two protocols; read as a reader sees it."""

import numpy as np
import pandas as pd
import pytest
from page_reader import Page

from brian2chip.analysis import page

NAN = float("nan")
# (protocol, rule, score_name, score, unmoved, why)
SCORES = [
    ("window", "lively", "rmse", 0.25, False, ""),
    ("window", "quiet", "rmse", 0.125, False, ""),
    ("trains", "lively", "E", 3.5, False, ""),
    ("trains", "quiet", "E", 1234.5, True, ""),
]
ACCOUNT = pd.DataFrame(
    {
        "rule": ["lively", "quiet"],
        "per_synapse": ["w x", "w"],
        "shared": ["", ""],
        "memory_float32_bytes": [8000000, 4000000],
        "pre_event_additions": [3, 0],
        "post_event_divisions": [0, 0],
        "local_in_space": [False, False],
        "local_in_time": [False, True],
    }
)
SOURCES = {"window": ("A & B 1998", "change (1)"), "trains": ("C 2001", "change (%)")}
RUN = {"rule": "lively", "parameters": {"tau": "20. ms", "A": "0.01"}, "seed": 7, "device": "numpy"}
ABOUT = {
    "versions": {"python": "3.11", "brian2": "2.9.0"},
    "runs": [RUN, {**RUN, "rule": "quiet", "parameters": {"B": "2"}, "seed": 3}, RUN],
}


def read(scores=SCORES, **changes) -> Page:
    table = pd.DataFrame(scores, columns=["protocol", "rule", "score_name", "score", "unmoved", "why"])
    pictures = {p: {"lively": b"png", "quiet": b"png"} for p in ("window", "trains")}
    given = {"account": ACCOUNT, "pictures": pictures, "sources": SOURCES, "about": ABOUT} | changes
    return Page(page.comparison(table, **given))


def test_every_score_stands_where_its_rule_and_protocol_meet():
    assert read().texts(0) == [["rule", "window (rmse)", "trains (E)"], ["lively", "0.25", "3.5"], ["quiet", "0.125", "1,234"]]


def test_the_smallest_score_of_each_protocol_is_marked_and_no_other():
    assert read().marked(0) == {("quiet", "window (rmse)"), ("lively", "trains (E)")}
    both = [(p, r, n, 0.5, u, w) for p, r, n, _, u, w in SCORES[:2]] + SCORES[2:]
    assert read(both).marked(0) == {(r, "window (rmse)") for r in ("lively", "quiet")} | {("lively", "trains (E)")}


def test_a_refused_run_has_a_dash_and_its_sentence_and_takes_no_mark():
    refused = [SCORES[0], ("window", "quiet", "", NAN, False, "it has <no> window."), *SCORES[2:]]
    found = read(refused)
    assert found.texts(0)[2] == ["quiet", "–", "1,234"]
    assert found.marked(0) == {("lively", "window (rmse)"), ("lively", "trains (E)")}
    assert "quiet on window: it has <no> window." in list(found.sections.values())[0]
    assert not any(" on window: " in words for words in list(read().sections.values())[0])


def test_a_protocol_that_refused_every_rule_keeps_its_column():
    none = [("window", r, "", NAN, False, "no.") for r in ("lively", "quiet")] + SCORES[2:]
    assert read(none).texts(0) == [["rule", "window", "trains (E)"], ["lively", "–", "3.5"], ["quiet", "–", "1,234"]]


def test_the_rules_that_no_condition_changed_are_named_under_their_protocol_alone():
    sections = read().sections
    said = {protocol: [words for words in sections[protocol] if "No condition changed" in words] for protocol in SOURCES}
    assert said["window"] == []
    assert len(said["trains"]) == 1 and "changed quiet:" in said["trains"][0]
    moved = [(*row[:4], False, "") for row in SCORES]
    assert not any("No condition" in words for paragraphs in read(moved).sections.values() for words in paragraphs)
    still = [(*row[:4], True, "") for row in SCORES]
    assert any("changed lively, quiet:" in words for words in read(still).sections["window"])


def test_each_protocol_has_its_source_and_a_picture_of_each_rule():
    found = read()
    assert "A & B 1998. Measured: change (1)." in found.sections["window"]
    assert "C 2001. Measured: change (%)." in found.sections["trains"]
    assert [text.split(",")[0] for text in found.pictures] == [f"{r} on {p}" for p in SOURCES for r in ("lively", "quiet")]


def test_needs_has_a_column_for_each_rule_and_leaves_out_what_no_rule_has():
    assert read().texts(1) == [
        ["property", "lively", "quiet"],
        ["per synapse", "w x", "w"],
        ["memory float32 bytes", "8,000,000", "4,000,000"],
        ["pre event additions", "3", "0"],
        ["local in space", "no", "no"],
        ["local in time", "no", "yes"],
    ]


def test_parameters_seeds_devices_and_versions_to_repeat_it():
    found = read()
    assert found.texts(2) == [["rule", "parameters"], ["lively", "tau = 20. ms, A = 0.01"], ["quiet", "B = 2"]]
    repeat = " ".join(found.sections["To repeat this page"])
    assert "python 3.11, brian2 2.9.0; seed 3, 7; device numpy" in repeat


@pytest.mark.parametrize(
    "value, text",
    [
        (999.4, "999"),
        (999.6, "1,000"),
        (1000.6, "1,001"),
        (-2000.4, "-2,000"),
        (0.0004567, "0.000457"),
        (0.0, "0"),
        (-1.5, "-1.5"),
        (NAN, "–"),
    ],
)
def test_numbers_are_as_long_as_they_can_be_read(value, text):
    scores = [(p, r, n, value if (p, r) == ("window", "quiet") else s, u, w) for p, r, n, s, u, w in SCORES]
    assert read(scores).texts(0)[2][1] == text


def test_truth_values_and_whole_numbers_of_numpy_are_shown_like_python_ones():
    account = ACCOUNT.assign(memory_float32_bytes=np.array([8000000, 4000000]), local_in_time=np.array([True, False]))
    assert [row[1:] for row in read(account=account).texts(1) if row[0] in ("memory float32 bytes", "local in time")] == [
        ["8,000,000", "4,000,000"],
        ["yes", "no"],
    ]


def test_panels_share_their_axes_and_an_axis_that_runs_downwards_keeps_its_direction(tmp_path):
    drawn = []

    def plot(table, ax):
        ax.plot(table["x"], table["y"])
        ax.set(xlim=(table["x"].min(), table["x"].max()), ylim=(table["y"].max(), table["y"].min()))
        drawn.append(ax)

    tables = {f"rule {k}": pd.DataFrame({"x": [0, 10 * k], "y": [-k, 5]}) for k in (1, 2, 3)}
    pictures = page.panels(tables, plot, tmp_path / "all.png")
    assert list(pictures) == list(tables) and all(picture.startswith(b"<?xml") for picture in pictures.values())
    # By hand: x from 0 to the widest, 30; y from the largest, 5, down to the smallest, -3. Three panels together, then three alone.
    assert len(drawn) == 6
    for ax in drawn:
        assert ax.get_xlim() == (0, 30) and ax.get_ylim() == (5, -3)
    together = drawn[0].figure
    assert len(together.axes) == 3 and tuple(together.get_size_inches()) == (7.4, 5.8)
    assert (tmp_path / "all.png").stat().st_size > 0
