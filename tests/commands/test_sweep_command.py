"""The commands sweep and sweep-plot: what they print and write, how they go on, and what they refuse before any work."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.cli import main

pytest.importorskip("pyarrow", reason="tables in Parquet need pyarrow (pip install 'brian2chip[sweep]')")
ROOT = Path(__file__).parents[2]
SWEEP = ["sweep", "bi_poo_1998", "stdp", "--vary", "pairs=2", "--vary", "tau_plus=10ms:30ms:4", "--vary", "A_plus=0.01,-1"]


def test_a_sweep_and_its_picture(tmp_path, capsys):
    out = tmp_path / "table.parquet"
    assert main([*SWEEP, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert (
        "stdp on bi_poo_1998: 8 points, 4 failed (the first: parameter A_plus of 'stdp'" in said.out and "8 points, of which 0" in said.err
    )
    table = bc.read_sweep(out)
    assert table["tau_plus"].tolist() == pytest.approx([0.01, 0.01, 0.05 / 3, 0.05 / 3, 0.07 / 3, 0.07 / 3, 0.03, 0.03])
    assert main([*SWEEP, "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == 4
    assert main(["sweep-plot", str(out), "--x", "tau_plus"]) == 0
    assert (tmp_path / "table.png").stat().st_size > 5000 and str(tmp_path / "table.png") in capsys.readouterr().out
    for wrong, words in ((["--value", "rms"], "did you mean 'rmse'"), (["--out", str(tmp_path / "x.foo")], "ends in .png, .pdf or .svg")):
        assert main(["sweep-plot", str(out), *wrong]) == 2
        assert words in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.parquet", "table.png"]


def test_without_a_table_it_prints_one(capsys):
    assert main(["sweep", "bi_poo_1998", "--vary", "pairs=2", "--vary", "tau_plus=10ms:30ms", "--latin", "3", "--seeds", "2"]) == 0
    printed = capsys.readouterr().out
    assert "6 points, 0 failed" in printed and len(printed.strip().splitlines()) == 8


def test_csv_on_request(tmp_path):
    assert main([*SWEEP, "--out", str(tmp_path / "t.csv")]) == 0
    assert pd.read_csv(tmp_path / "t.csv")["error"].notna().sum() == 4


@pytest.mark.parametrize(
    "words, said",
    [
        (["bi_poo_1998"], "nothing is varied"),
        (["bi_poo_1998", "stdp", "--vary", "tau_pls=1ms,2ms"], "did you mean 'tau_plus'"),
        (["bi_poo_1998", "stdp", "--vary", "tau_plus=1ms:2ms:0"], "from 1 to"),
        (["bi_poo_1998", "stdp", "--vary", "tau_plus"], "is not NAME=VALUE"),
        (["bi_poo_1998", "stdp", "--vary", "w=0:1:11", "--vary", "A_plus=0:1:10000"], "has 110000 points to compute, about"),
        (["bi_poo_1998", "stdp", "--seeds", "2", "--free", "A_plus"], "free is for fits"),
        (["bi_poo_1998", "stdp", "--seeds", "2", "--out", "x.json"], "ends in .parquet or .csv"),
        (["bi_poo_1998", "stdp", "--seeds", "2", "--workers", "0"], "whole number of at least 1"),
        (["bi_poo_1998", "stdp", "--seeds", "2", "--points", "none.csv"], "there is no points file"),
        (["evidence_accumulation_lif", "--vary", "rat=1"], "did you mean 'rate'"),
        (["tinyodin", "none.npz", "--vary", "rounding=floor"], "none.npz"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", *words]) == 2
    message = capsys.readouterr().err.strip()
    assert said in message and message.count("\n") == 0 and list(tmp_path.iterdir()) == []


SLOW = """
import time
import pandas as pd
from brian2chip.core.protocol import Protocol

def simulate(rule, conditions, options, settings):
    time.sleep(0.1)
    return conditions.assign(dw=float(rule.parameters["A_plus"]))

SLOW = Protocol(name="slow", source="this test", conditions=lambda options: pd.DataFrame({"k": [0]}), stimulate=None, plot=None,
                simulate=simulate, score=lambda table: {"dw": table["dw"][0]})
"""


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_the_rows_and_nothing_else(number, code, tmp_path):
    pytest.importorskip("distributed", reason="workers are processes of distributed (pip install 'brian2chip[sweep]')")
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "tmp").mkdir()
    out = tmp_path / "t.parquet"
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "brian2chip", "sweep", str(tmp_path / "slow.py"), "--vary", "A_plus=0:1:900", "--out", str(out)]
    process = subprocess.Popen([*words, "--workers", "2"], env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while not list(out.glob("part-*")) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(60) == code
    running = [link for link in Path("/proc").glob("[0-9]*/cwd") if _leads_to(link, tmp_path)]
    assert running == [] and list((tmp_path / "tmp").iterdir()) == [] and [p.name for p in tmp_path.glob(".*")] == []
    rows = bc.read_sweep(out)
    assert 0 < len(rows) < 900 and not rows["point"].duplicated().any() and (rows["dw"] == rows["A_plus"]).all()


def _leads_to(link, folder):
    try:
        return os.readlink(link).startswith(str(folder))
    except OSError:
        return False
