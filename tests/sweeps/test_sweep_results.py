"""The table of a sweep: whole pieces, resumed to the same table, never another sweep's; Parquet and CSV."""

import json

import numpy as np
import pandas as pd
import pytest
from slow_protocols import SLOW

import brian2chip as bc
from brian2chip.core import output
from brian2chip.errors import UserError
from brian2chip.sweeps import compute, results, table_files
from brian2chip.sweeps.compute import gaps

pytest.importorskip("pyarrow", reason="tables in Parquet need pyarrow (pip install 'brian2chip[sweep]')")
HOW = {"A_plus": [0.1, 0.2, 0.3, 0.6, 0.4], "seeds": 4, "workers": 1}
ENDINGS = pytest.mark.parametrize("ending", [".parquet", ".csv"])


@pytest.fixture
def stopped(monkeypatch):
    """Let a sweep stop like Ctrl+C after so many points, writing at once; returns how many were computed."""
    computed, real = [], compute._row

    def stop(after):
        monkeypatch.setattr(results, "SECONDS", -1.0)
        monkeypatch.setattr(results, "SHARE", 0.0)

        def row(point, values, seed, report=None):
            if len(computed) == after:
                raise KeyboardInterrupt
            computed.append((values, seed))
            return real(point, values, seed, report)

        monkeypatch.setattr(compute, "_row", row)

    stop.computed = computed
    return stop


def test_what_is_missing_between_what_is_done():
    assert gaps(np.array([], int), 5) == [(0, 5)]
    assert gaps(np.array([4, 0, 2, 2]), 6) == [(1, 2), (3, 4), (5, 6)]
    assert gaps(np.arange(5), 5) == []


@ENDINGS
def test_an_interrupted_sweep_goes_on_to_the_same_table(ending, tmp_path, stopped):
    whole = bc.sweep(SLOW, "stdp", **HOW)
    out = tmp_path / f"table{ending}"
    stopped(7)
    with pytest.raises(KeyboardInterrupt):
        bc.sweep(SLOW, "stdp", out=out, **HOW)
    assert (
        len(bc.read_sweep(out) if ending == ".parquet" else pd.concat(map(pd.read_csv, (tmp_path / "table.csv.pieces").glob("*.csv")))) == 7
    )
    stopped(1000)
    pd.testing.assert_frame_equal(bc.sweep(SLOW, "stdp", out=out, **HOW), whole)
    assert len(stopped.computed) == 20  # none twice
    pd.testing.assert_frame_equal(bc.sweep(SLOW, "stdp", out=out, **HOW), whole)
    pd.testing.assert_frame_equal(bc.read_sweep(out), whole)
    assert len(stopped.computed) == 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ([out.name] if ending == ".parquet" else [out.name, f"{out.name}.json"])


def test_other_programs_read_the_folder_as_one_table(tmp_path):
    whole = bc.sweep(SLOW, "stdp", out=tmp_path / "t.parquet", **HOW)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), whole)
    assert sorted(path.name for path in (tmp_path / "t.parquet").iterdir()) == ["_sweep.json", "part-000000000000.parquet"]
    about = json.loads((tmp_path / "t.parquet" / "_sweep.json").read_text())
    assert about["points"] == 20 and about["axes"] == [{"name": "A_plus", "unit": None, "values": 5}] and about["versions"]["brian2"]


@ENDINGS
@pytest.mark.parametrize(
    "change, what",
    [
        ({"A_plus": [0.1, 0.2, 0.3, 0.6, 0.5]}, "points"),
        ({"seeds": 5}, "points"),
        ({"gain": [1.0]}, "points"),
        ({"device": "numpy"}, "device"),
        ({"rule": "triplet"}, "rule, points"),
    ],
)
def test_the_table_of_another_sweep_is_refused(ending, change, what, tmp_path):
    out = tmp_path / f"table{ending}"
    how = {"rule": "stdp", **HOW, "A_plus": [0.1, 0.2, 0.3]}
    whole = bc.sweep(SLOW, out=out, **how)
    if change.get("rule") == "triplet":
        change = {**change, "vary": {"A2_plus": [0.1]}}
        how.pop("A_plus")
    with pytest.raises(UserError, match=f"holds the results of another sweep, which differs in {what};"):
        bc.sweep(SLOW, **{**how, **change}, out=out)
    pd.testing.assert_frame_equal(bc.read_sweep(out), whole)


def test_what_is_no_table_is_refused(tmp_path):
    for name, said in (("table.txt", "ends in .parquet or .csv"), ("table", "ends in .parquet or .csv")):
        with pytest.raises(UserError, match=said):
            bc.sweep(SLOW, "stdp", out=tmp_path / name, **HOW)
    (tmp_path / "t.parquet").mkdir()
    (tmp_path / "t.parquet" / "x").write_text("")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    (tmp_path / "bad.parquet").write_text("no table")
    for name in ("t.parquet", "t.csv", "bad.parquet"):
        with pytest.raises(UserError, match="is no table of a sweep"):
            bc.sweep(SLOW, "stdp", out=tmp_path / name, **HOW)
    with pytest.raises(UserError, match="holds no rows of a sweep"):
        bc.read_sweep(tmp_path / "t.parquet")
    for name in ("bad.parquet", "none.csv"):
        with pytest.raises(UserError, match="cannot be read as a table|there is no table"):
            bc.read_sweep(tmp_path / name)


def test_a_piece_that_was_damaged_is_one_sentence(tmp_path):
    bc.sweep(SLOW, "stdp", out=tmp_path / "t.parquet", **HOW)
    (tmp_path / "t.parquet" / "part-000000000000.parquet").write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(UserError, match="cannot be read as a table"):
        bc.sweep(SLOW, "stdp", out=tmp_path / "t.parquet", **HOW)


def test_a_refused_sweep_leaves_no_folder(tmp_path):
    with pytest.raises(UserError, match="has 20 points to compute"):
        bc.sweep(SLOW, "stdp", out=tmp_path / "t.parquet", most=3, **HOW)
    assert list(tmp_path.iterdir()) == []


def test_failures_first_are_no_other_table(tmp_path):
    """The first pieces have no scores; those that follow do."""
    values = [5.0] * 3 + [0.5] * 3
    table = bc.sweep("bi_poo_1998", "stdp", w=values, pairs=2, out=tmp_path / "t.parquet")
    assert table["rmse"].isna().tolist() == [True] * 3 + [False] * 3
    many = results.Results(tmp_path / "u.parquet", {"identity": {}})
    many.open()
    for k, rows in enumerate(({"error": "no"}, {"x": 1.5, "error": ""}, {"error": "never"})):
        many.add(pd.DataFrame([{"point": 2 - k, "seed": 1, **rows}]))
        many.flush()
    many.finish()
    found = pd.read_parquet(tmp_path / "u.parquet")
    assert (
        found["point"].tolist() == [0, 1, 2]
        and found["error"].tolist() == ["never", "", "no"]
        and found["x"].isna().tolist() == [True, False, True]
    )
    assert many.failed() == (2, "never")


def test_rows_are_written_as_they_come_and_put_in_order_in_one_step(tmp_path, monkeypatch):
    made = results.Results(tmp_path / "t.parquet", {"identity": {}})
    made.open()
    monkeypatch.setattr(results, "SECONDS", -1.0)
    monkeypatch.setattr(results, "SHARE", 0.0)
    for point in (3, 0, 2, 1):
        made.add(pd.DataFrame([{"point": point, "seed": 1, "x": point / 7, "error": ""}]))
    assert len(made.pieces()) == 4
    monkeypatch.setattr(output, "_take_place", lambda new, out: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        made.finish()
    assert len(made.pieces()) == 4 and bc.read_sweep(tmp_path / "t.parquet")["point"].tolist() == [0, 1, 2, 3]
    monkeypatch.undo()
    made.finish()
    assert len(made.pieces()) == 1 and made.open().tolist() == [0, 1, 2, 3]
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_many_pieces_in_order_stay_as_they_are(tmp_path):
    made = results.Results(tmp_path / "t.parquet", {"identity": {}})
    made.open()
    for first in (0, 2000):
        made.add(pd.DataFrame({"point": range(first, first + 2000), "seed": 1, "x": 0.5, "error": ""}))
        made.flush()
    before = [path.stat().st_ino for path in made.pieces()]
    made.finish()
    assert [path.stat().st_ino for path in made.pieces()] == before and len(made.table()) == 4000


def test_without_pyarrow_parquet_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(table_files.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="written and read by pyarrow; install it"):
        bc.sweep(SLOW, "stdp", out=tmp_path / "t.parquet", **HOW)
    assert len(bc.sweep(SLOW, "stdp", out=tmp_path / "t.csv", **HOW)) == 20


def test_what_a_sweep_left_that_was_killed_at_its_end_goes_with_the_next(tmp_path):
    """Everything was computed and in order; the folder in which it was put in order, and which no process holds, was left."""
    made = results.Results(tmp_path / "t.parquet", {"identity": {}})
    made.open()
    made.add(pd.DataFrame({"point": [0, 1], "error": ""}))
    made.close()
    (tmp_path / ".brian2chip.0123456789abcdef").mkdir()
    assert results.Results(tmp_path / "t.parquet", {"identity": {}}).open().tolist() == [0, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]
