"""What is varied, and the points that come of it: grids, lists, drawn points, files, seeds."""

import numpy as np
import pytest
from brian2 import Hz, ms, mV
from hypothesis import given
from hypothesis import strategies as st

from brian2chip.errors import UserError
from brian2chip.sweeps.axis import Span, axis, parsed, span
from brian2chip.sweeps.points import points


@pytest.mark.parametrize(
    "text, values",
    [
        ("10ms:30ms:3", [0.01, 0.02, 0.03]),
        ("1ms:100ms:3:log", [0.001, 0.01, 0.1]),
        ("1:3:5", [1, 1.5, 2, 2.5, 3]),
        ("10ms,20ms", [0.01, 0.02]),
        ("[10, 20]*ms", [0.01, 0.02]),
        ("-0.5", [-0.5]),
        ("nearest,floor", ["nearest", "floor"]),
        ("True,False", [True, False]),
        ("a:b", ["a:b"]),
    ],
)
def test_what_is_typed(text, values):
    found = axis("x", parsed("x", text, drawn=False)).values.tolist()
    assert found == (values if isinstance(values[0], str | bool) else pytest.approx(values, rel=1e-12))


@pytest.mark.parametrize(
    "text, drawn, said",
    [
        ("10ms:30ms", False, "LOW:HIGH:COUNT"),
        ("10ms:30ms:2.5", False, "LOW:HIGH:COUNT"),
        ("10ms:30ms:0", False, "from 1 to"),
        ("10ms:30ms:99999999", False, "from 1 to"),
        ("30ms:10ms:3", False, "a lower and a higher number"),
        ("10ms:30mV:3", False, "one unit"),
        ("0:1:3:log", False, "both positive with log"),
        ("10ms:30ms:3", True, "LOW:HIGH or"),
        ("10 apples", False, "'apples'"),
    ],
)
def test_what_is_typed_wrong_is_one_sentence(text, drawn, said):
    with pytest.raises(UserError, match=said):
        parsed("x", text, drawn)


@pytest.mark.parametrize("given", [[], [1, 2 * ms], [1 * ms, 1 * mV], [1, "a"], [np.nan], [[1, 2], [3, 4]], [None], np.zeros((2, 2)) * ms])
def test_values_that_are_none(given):
    with pytest.raises(UserError, match="so the grid is empty|give finite numbers with one unit, or texts"):
        axis("x", given)


def test_values_keep_their_unit():
    one = axis("tau", [10, 20] * ms)
    assert one.values.tolist() == [0.01, 0.02] and one.quantity(0.02) == 20 * ms and one.described()["unit"] == "s"
    assert axis("tau", [10 * ms, 0.02 * 1000 * ms]).values.tolist() == [0.01, 0.02]
    assert axis("n", 5).quantity(axis("n", 5).values[0]) == 5 and axis("x", 3 * Hz).values.tolist() == [3.0]


def test_ranges_to_draw_from():
    assert span("x", (1 * ms, 3 * ms)).values(np.array([0.0, 0.5, 1.0])) == pytest.approx([0.001, 0.002, 0.003])
    assert span("x", (1.0, 100.0, "log")).values(np.array([0.0, 0.5, 1.0])) == pytest.approx([1, 10, 100])
    assert not isinstance(span("x", 4), Span)
    for wrong in ((2, 1), (1, 1), (0, 1, "log"), (1, 2, "lin"), ("a", "b")):
        with pytest.raises(UserError, match="a lower and a higher number"):
            span("x", wrong)
    with pytest.raises(UserError, match="give a range, LOW:HIGH, or one value"):
        span("x", [1, 2, 3])


def test_a_grid_has_every_combination_once_with_seeds_slowest():
    made = points({"a": [1.0, 2.0], "b": ["x", "y", "z"]}, seeds=2, seed=7)
    table = made.part(0, 100)
    assert len(made) == 12 and table["point"].tolist() == list(range(12)) and table["seed"].tolist() == [7] * 6 + [8] * 6
    assert list(zip(table["a"], table["b"]))[:6] == [(a, b) for a in (1.0, 2.0) for b in "xyz"]
    assert made.part(3, 5).equals(table.iloc[3:5].reset_index(drop=True))
    assert list(made.ordered(["b"]).part(0, 2).columns) == ["point", "b", "a", "seed"]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(1, 3), st.integers(1, 7))
def test_parts_are_the_whole(sizes, seeds, step):
    made = points({f"x{k}": list(np.arange(n, dtype=float)) for k, n in enumerate(sizes)}, seeds=seeds)
    whole = made.part(0, len(made))
    assert len(whole) == np.prod(sizes) * seeds and not whole.drop(columns="point").duplicated().any()
    for first in range(0, len(made), step):
        assert made.part(first, first + step).equals(whole.iloc[first : first + step].reset_index(drop=True))


def test_drawn_points_lie_in_their_ranges_and_come_again():
    vary = {"a": (1 * ms, 3 * ms), "b": (1.0, 100.0, "log"), "c": 5.0}
    for way in ({"random": 40}, {"latin": 40}):
        table = points(vary, **way).part(0, 40)
        assert table["a"].between(0.001, 0.003).all() and table["b"].between(1, 100).all() and (table["c"] == 5).all()
        assert table.equals(points(vary, **way).part(0, 40)) and not table.equals(points(vary, seed=2, **way).part(0, 40))
    cells = np.floor((points(vary, latin=40).part(0, 40)["a"] - 0.001) / 0.002 * 40).astype(int)
    assert sorted(cells) == list(range(40))  # a Latin hypercube has one point in each of n equal shares of an axis
    assert len(points(vary, random=3, seeds=2)) == 6


def test_points_of_a_file(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("tau_plus,w\n10ms,0.5\n20 ms,1\n")
    made = points({}, file=path)
    assert made.part(0, 9)["tau_plus"].tolist() == [0.01, 0.02] and made.values({"tau_plus": 0.02, "w": 1.0}) == {
        "tau_plus": 20 * ms,
        "w": 1,
    }
    for text, said in (
        ("tau_plus\n", "holds no points"),
        ("seed\n1\n", "has itself"),
        ("a\n1ms\n2mV\n", "one unit"),
        ("a\n1 foo\n", "no unit"),
    ):
        path.write_text(text)
        with pytest.raises(UserError, match=said):
            points({}, file=path)
    with pytest.raises(UserError, match="make it a column"):
        points({"a": [1]}, file=path)


@pytest.mark.parametrize(
    "vary, which, said",
    [
        ({"a": []}, {}, "so the grid is empty"),
        ({"seed": [1]}, {}, "cannot be varied like a parameter"),
        ({"a": [1]}, {"random": 3, "latin": 3}, "were given together"),
        ({"a": (1, 2)}, {"random": 0}, "drawn points"),
        ({"a": [1]}, {"latin": 3}, "nothing has a range"),
        ({"a": [1]}, {"seeds": 0}, "how many"),
        ({"a": [1]}, {"seeds": [1, 1]}, "different ones"),
        ({"a": [1]}, {"seeds": [-1]}, "seed was given"),
        ({"a": [1]}, {"seeds": 2, "seed": 2**32 - 1}, "how many"),
        ({name: np.arange(1000.0) for name in "abc"}, {}, "1000000000 points; give from 1 to"),
    ],
)
def test_points_that_cannot_be(vary, which, said):
    with pytest.raises(UserError, match=said):
        points(vary, **which)
