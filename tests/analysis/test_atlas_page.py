"""The atlas in words, as a page and as Markdown, against a table made by hand: three rules, two of one name, three experiments."""

import numpy as np
import pandas as pd
import pytest
from page_reader import Page

from brian2chip.analysis import atlas_page, atlas_words
from brian2chip.analysis.atlas_markdown import markdown
from brian2chip.analysis.atlas_page import page
from brian2chip.analysis.score import change_explained

NAN = float("nan")
NEEDS = {
    "local_in_space": True,
    "local_in_time": False,
    "needs": "a memory of past spikes: x",
    "third_factors": "",
    "updates_at": "pre post",
    "memory_float64_bytes": 8000000,
    "memory_beyond_weight_growth": "O(N)",
    "clock_work_growth": "none",
    "pre_event_at_synapse_operations": 13,
    "post_event_at_synapse_operations": 12,
}
WHY = "it <has> no *window* | at all."
TISSUE = "the rule's values are of hippocampus, the data of cortex"


def row(rule, preset, protocol, score=NAN, share=NAN, points=0, name="E", **more):
    """Return a row of the table; with ``why`` it has no score."""
    cell = {"applies": "yes", "why": "", "score_name": name, "score": score, "score_sem": NAN, "points": points, "change_explained": share}
    cell |= {"unmoved": False, "replicas": 1, "advice": "", "ranked": points >= 3, "tissue_note": "", "seconds": 30.0}
    return {"rule": rule, "preset": preset, "protocol": protocol, **cell, **NEEDS, **more}


REFUSED = {"applies": "no", "why": WHY, "score_name": "", "ranked": False}
TABLE = pd.DataFrame(
    [
        row("lively", "", "trains", 3.5, 0.8, 10),
        row("lively", "", "few", 0.25, 0.9, 2, "rmse"),
        row("lively", "", "rates", 12.0, name="threshold_hz", score_sem=0.5),
        row("lively", "quick", "trains", 1234.5, -3.0, 10, tissue_note=TISSUE),
        row("lively", "quick", "few", 0.125, 0.95, 2, "rmse"),
        row("lively", "quick", "rates", NAN, name="threshold_hz", advice="it takes about 70 replicas."),
        row("quiet", "", "trains", **REFUSED),
        row("quiet", "", "few", 0.5, 0.0, 2, "rmse", unmoved=True),
        row("quiet", "", "rates", **(REFUSED | {"applies": "failed", "why": "a disk is full."})),
    ]
)
DATA = {
    "trains": pd.DataFrame({"data_dw": np.linspace(0, 1, 10), "data_sem": 0.1}),
    "few": pd.DataFrame({"data_dw": [0.1, 0.2]}),
    "rates": pd.DataFrame(),
}
CHANGES = {("trains", "lively"): [0.5] * 10, ("trains", "lively:quick"): [2.0] * 10, ("few", "lively"): [0.1, 0.1]}
SOURCES = {"trains": ("A & B 1998", "change (1)"), "few": ("C 2001", "change (%)"), "rates": ("D 2003", "change (1/s)")}
ABOUT = {"seed": 7, "versions": {"python": "3.11", "brian2": "2.9.0"}}
CELLS = [
    ["rule", "trains (E)", "few (rmse, 2 points)", "rates (threshold_hz)"],
    ["lively", "3.5 (80 %)", "0.25", "12 ± 0.5"],
    ["lively:quick", "1234 (worse) †", "0.125", "none"],
    ["quiet", "–", "0.5", "failed"],
]


@pytest.fixture(scope="module")
def found():
    return Page(page(TABLE, CHANGES, DATA, SOURCES, ABOUT))


def test_every_cell_stands_where_its_rule_and_experiment_meet(found):
    assert [line[:4] for line in found.texts(0)] == CELLS
    assert [line[4:] for line in found.texts(0)] == [["local in", "operations (pre + post)"]] + 3 * [["space", "13 + 12"]]


def test_only_where_rules_are_ranked_the_best_is_marked_and_cells_are_shaded(found):
    classes = {(line[0].text, k): dict(c.look).get("class") for line in found.tables[0] for k, c in enumerate(line)}
    looks = {place: look for place, look in classes.items() if look and place[1] in (1, 2, 3)}
    assert looks == {("lively", 1): "most best"}
    shades = [(0.76, "most"), (0.75, "much"), (0.51, "much"), (0.5, "some"), (0.26, "some"), (0.25, "little"), (0.01, "little"), (0.0, "")]
    assert [atlas_words.look({"ranked": True, "change_explained": share}) for share, _ in shades] == [name for _, name in shades]
    assert (
        atlas_words.look({"ranked": True, "change_explained": -1.0}) == atlas_words.look({"ranked": False, "change_explained": 0.9}) == ""
    )


def test_why_there_is_no_score_is_said_once_for_the_sets_of_a_rule(found):
    said = next(lines for title, lines in found.sections.items() if title.startswith("Where a rule has no score"))
    assert said == [f"quiet on trains: {WHY}", "quiet on rates (failed): a disk is full."]
    why = lambda rule, protocol: REFUSED | {"why": f"{protocol} has nothing for rule {rule!r}."}  # noqa: E731
    more = [row("quiet", preset, p, **why(f"quiet:{preset}", p)) for preset in ("loud", "deaf") for p in ("trains", "few")]
    more += [row("quiet", "shy", "trains", **why("quiet:shy", "trains"))]
    assert atlas_words.refusals(pd.concat([TABLE, pd.DataFrame(more)]))[2:] == [
        "quiet:loud, quiet:deaf on trains, few: trains has nothing for rule 'quiet:loud'.",
        "quiet:shy on trains: trains has nothing for rule 'quiet:shy'.",
    ]


def test_each_experiment_says_what_there_is_to_say(found):
    assert "A & B 1998. Measured: change (1). Data points: 10." in found.sections["trains"]
    assert f"† lively:quick: {TISSUE}." in found.sections["trains"] and not any("No condition" in text for text in found.sections["trains"])
    assert any("2, too few to rank" in text for text in found.sections["few"])
    assert any("No condition changed quiet:" in text for text in found.sections["few"])
    assert "it takes about 70 replicas." in found.sections["rates"]
    assert found.pictures == ["trains: its data and the changes of lively, lively:quick", "few: its data and the changes of the rules"]
    assert any(
        "9 cells: 7 scores, 1 that do not apply, 1 failed, 0 not run; 4.5 minutes" in t for t in found.sections["To repeat this page"]
    )


def test_the_needs_have_one_line_a_rule(found):
    assert [line[0] for line in found.texts(1)] == ["rule", "lively", "quiet"]
    assert found.texts(1)[1][1:4] == ["yes", "no", "a memory of past spikes: x"]


def test_markdown_has_the_same_cells():
    lines = markdown(TABLE, SOURCES, ABOUT).splitlines()
    tables = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    first = tables[: 2 + 3]
    marked = [
        CELLS[0],
        ["---"] * 4,
        ["`lively`", "**3.5 (80 %)**", *CELLS[1][2:]],
        ["`lively:quick`", *CELLS[2][1:]],
        ["`quiet`", *CELLS[3][1:]],
    ]
    assert first == marked
    assert r"- quiet on trains: it &lt;has> no \*window\* \| at all." in lines
    assert any(line.startswith("9 cells: 7 scores") and line.endswith("seed 7.") for line in lines)


def test_the_share_of_the_change_by_hand():
    table = pd.DataFrame({"dw": [0.1, 0.5, 9.0], "data_dw": [0.2, 0.4, NAN], "data_sem": [0.1, 0.2, NAN]})
    # Squares in standard errors: 1 and 0.25 of the rule, 4 and 4 of no change.
    assert change_explained(table) == pytest.approx(1 - 1.25 / 8, rel=1e-12)
    # One error is missing, so squares count as they are: 0.01 and 0.01 of 0.04 and 0.16.
    assert change_explained(table.assign(data_sem=[0.1, NAN, NAN])) == pytest.approx(1 - 0.02 / 0.2, rel=1e-12)
    assert change_explained(table.assign(data_used=[True, False, False])) == pytest.approx(1 - 1 / 4, rel=1e-12)
    assert np.isnan(change_explained(table[["dw"]]))


def test_three_points_are_enough_and_no_better_than_no_rule_is_not_worse():
    three = pd.DataFrame([row("one", "", "just", 2.0, 0.0, 3)])
    assert atlas_words.columns(three) == {"just": "just (E)"}
    assert "(0 %)" in atlas_words.cell(three.to_dict("records")[0])
    assert "(worse)" in atlas_words.cell(row("one", "", "just", 2.0, -0.01, 3))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("**12 | 3**", r"**12 \| 3**"),  # a bold cell stays bold
        ("**w of a synapse", r"\*\*w of a synapse"),
        ("a change of w**", r"a change of w\*\*"),
        ("a*b <i>", r"a\*b &lt;i>"),
    ],
)
def test_only_what_is_bold_from_end_to_end_is_bold_in_markdown(text, escaped):
    sources = {"trains": ("A & B 1998", text)}
    assert f"- `trains`: A & B 1998. Measured: {escaped}." in markdown(TABLE, SOURCES | sources, ABOUT).splitlines()


def test_pictures_have_data_and_changes_in_percent_and_the_best_in_colour(monkeypatch):
    figures = []
    monkeypatch.setattr(atlas_page.render, "svg", lambda figure: figures.append(figure) or b"")
    page(TABLE, CHANGES | {("few", "quiet"): [0.0, -0.3]}, DATA, SOURCES, ABOUT)
    trains, few = (figure.axes[0] for figure in figures)  # there are no data of rates
    data = np.linspace(0, 100, 10)
    assert [(line.get_marker(), list(line.get_ydata())) for line in trains.lines[:2]] == [("o", [50.0] * 10), ("o", [200.0] * 10)]
    assert list(trains.containers[0].lines[0].get_ydata()) == pytest.approx(list(data))
    bars = [segment[:, 1] for segment in trains.containers[0].lines[2][0].get_segments()]
    np.testing.assert_allclose(bars, np.column_stack([data - 10, data + 10]))
    assert trains.get_ylim() == pytest.approx((-100, 200))  # as much room as the data take, on both sides
    assert [text.get_text() for text in trains.get_legend().get_texts()] == ["lively", "lively:quick", "data"]
    # Two points are too few to rank: no rule is coloured or named. The data are 10 and 20 %; the least room is 20 %.
    assert [(line.get_marker(), line.get_color(), list(line.get_ydata())) for line in few.lines[:2]] == [
        ("_", "0.75", [10, 10]),
        ("_", "0.75", [0, -30]),
    ]
    assert list(few.containers[0].lines[0].get_ydata()) == [10, 20] and not few.containers[0].has_yerr
    assert few.get_ylim() == pytest.approx((-10, 40)) and [text.get_text() for text in few.get_legend().get_texts()] == ["data"]
