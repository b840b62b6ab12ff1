"""Tables of comma-separated values: columns, numbers and lines."""

import math
import os

import pytest

from brian2chip.core.csv_files import GAPS, REAL, TEXT, WHOLE, read_csv
from brian2chip.errors import UserError

COLUMNS = {"n": WHOLE, "x": REAL, "sem": GAPS, "kind": TEXT}
HEAD = "n,x,sem,kind\n"


def test_a_table_comes_back_with_numbers_of_their_kind(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('\ufeffx,n,sem,kind\r\n.5,-3,,"a, b"\r\n\r\n1e-2,2,0.1,\n', encoding="utf-8")
    table = read_csv(path, "test", COLUMNS)
    assert list(table) == ["x", "n", "sem", "kind"] and table.x.tolist() == [0.5, 0.01] and table.kind.tolist() == ["a, b", ""]
    assert table.n.dtype == int and table.n.tolist() == [-3, 2] and math.isnan(table["sem"][0]) and table["sem"][1] == 0.1
    path.write_text(HEAD)
    assert len(read_csv(path, "test", COLUMNS)) == 0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "has the columns none"),
        ("n,x\n", "has the columns n, x; a test file has n, x, sem, kind"),
        ("n,n,x,sem,kind\n", "has the columns"),
        ("n\x1f,x,sem,kind\n", "has the columns n\\x1f, x"),
        (HEAD + "1,2,3\n", "line 2: there are 3 values for 4 columns"),
        (HEAD + "1,2,3,a\n1,2,3,a,b\n", "line 3"),
        (HEAD + "1.5,2,3,a\n", "n is '1.5'; this column holds whole numbers"),
        (HEAD + "1,nan,3,a\n", "x is 'nan'"),
        (HEAD + "1,inf,3,a\n", "x is 'inf'"),
        (HEAD + "1,1e999,3,a\n", "x is '1e999'"),
        (HEAD + "1,1_000,3,a\n", "x is '1_000'"),
        (HEAD + "1,,3,a\n", "x is ''"),
        (HEAD + "1,2,x,a\n", "sem is 'x'; this column holds numbers or nothing"),
        (HEAD + "99999999999999999999,2,3,a\n", "n is"),
        (HEAD + "\u0663,2,3,a\n", "n is"),
        (HEAD + '1,2,3,"a\n', "line 2"),
        (HEAD + "1,2,3," + "x" * 200_000 + "\n", "line 2"),
    ],
)
def test_what_is_refused(tmp_path, text, word):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        read_csv(path, "test", COLUMNS)
    said = str(error.value)
    assert "a.csv" in said and word in said and "\n" not in said, said


def test_other_files(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\0")
    for name, word in (("pipe.csv", "is no file"), ("b.csv", "not a text file"), ("c.csv", "there is no test file")):
        with pytest.raises(UserError, match=word):
            read_csv(tmp_path / name, "test", COLUMNS)
