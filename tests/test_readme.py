"""The README's first example, run as it stands."""

import re
from pathlib import Path

import pandas as pd
import pytest

README = Path(__file__).parents[1] / "README.md"


def test_ten_lines_of_python(tmp_path, monkeypatch, capsys):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    code = re.search(r"## Ten lines of Python\n+```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL).group(1)
    names: dict = {}
    exec(compile(code, "README.md", "exec"), names)
    # Bi & Poo's 45 points and a curve of 61; the score is the one that the README's line prints.
    table = names["table"]
    assert (table["kind"] == "data").sum() == 45 and table.attrs["run"]["parameters"]["tau_plus"] == "20. ms"
    printed = capsys.readouterr().out
    assert "'rmse'" in printed and names["fitted"].statement in printed
    assert set(names["fitted"].names) == {"A_plus", "A_minus"}
    assert (tmp_path / "page" / "index.html").stat().st_size > 10_000
    scores = pd.read_csv(tmp_path / "page" / "scores.csv")
    assert list(scores["rule"]) == ["stdp", "triplet:hippocampus_all_full", "sdsp"] and set(scores["protocol"]) == {"wang_2005"}
