"""brian2chip atlas: the folder that it writes, and its options."""

import pandas as pd
import pytest

from brian2chip.cli import main


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "cache"))
    (tmp_path / "mine.csv").write_text("dt_ms,dw,sem\n10,0.05,0.01\n-10,-0.05,0.01\n20,0.0,0.02\n")
    return str(tmp_path / "mine.csv")


def test_the_folder_holds_table_page_and_markdown(tmp_path, experiment, capsys):
    out = tmp_path / "out"
    words = ["atlas", "--rules", "stdp,sdsp", "--protocols", experiment, "--device", "numpy", "--processes", "1", "--out", str(out)]
    assert main(words) == 0
    assert {path.name for path in out.iterdir()} == {"index.html", "atlas.csv", "atlas.md", "run.json"}
    table = pd.read_csv(out / "atlas.csv")
    assert list(table["rule"]) == ["stdp", "sdsp"] and list(table["protocol"]) == 2 * ["mine"] and list(table["applies"]) == 2 * ["yes"]
    for column in ("preset", "score", "score_name", "score_sem", "why", "local_in_space", "local_in_time", "memory_float64_bytes"):
        assert column in table
    assert "2 cells: 2 scores" in capsys.readouterr().out
    assert main(words) == 2 and "finished run" in capsys.readouterr().err
    assert main([*words, "--force", "--json"]) == 0 and '"change_explained"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--rules", "stpd"], "did you mean 'stdp'"), (["--protocols", "wang"], "no protocol"), (["--device", "gpu"], "device")],
)
def test_wrong_options_are_one_sentence(words, said, tmp_path, capsys):
    assert main(["atlas", "--out", str(tmp_path / "out"), *words]) == 2
    message = capsys.readouterr().err.strip()
    assert said in message and "\n" not in message and not (tmp_path / "out").exists()
