"""The command posterior: what it refuses before any work, and with sbi what it prints and writes."""

import json

import pytest

from brian2chip.cli import main

WANG = ["posterior", "wang_2005", "--rule", "triplet:hippocampus_all_minimal", "--device", "numpy"]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (WANG, "no parameter has a prior; give --prior NAME=LOW:HIGH"),
        ([*WANG, "--prior", "A3_plus=0.02"], "the prior of A3_plus was given as"),
        ([*WANG, "--prior", "A3_plus=0.02:0"], "give a lower and a higher number"),
        ([*WANG, "--prior", "A3_plus=0:0.02:20"], "write LOW:HIGH or LOW:HIGH:log"),
        ([*WANG, "--prior", "A9=0:0.02"], "no parameter of 'triplet:hippocampus_all_minimal' called 'A9'"),
        ([*WANG, "--prior", "tau_y=1:2"], "needs the unit s"),
        ([*WANG, "--prior", "A3_plus=0:0.02", "--sigma", "0.1"], "sigma is for data points without a standard error"),
        ([*WANG, "--prior", "A3_plus=0:0.02", "--simulations", "10"], "simulations was given as 10"),
        (["posterior", "bi_poo_1998", "--prior", "A_plus=0:0.02"], "say what it is with sigma"),
        (["posterior", "song_2000", "--prior", "A_plus=0:0.02"], "has no data points"),
    ],
)
def test_what_is_refused(arguments, said, capsys):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_with_sbi(tmp_path, capsys):
    pytest.importorskip("sbi", reason="sbi is not installed (pip install 'brian2chip[posterior]')")
    few = ["--simulations", "1000", "--samples", "500", "--checks", "100", "--out", str(tmp_path / "p")]
    table = tmp_path / "mine.csv"
    table.write_text("dt_ms,rate_hz,pairs,dw,sem\n10,1,20,0.2,0.05\n-10,1,20,-0.1,0.05\n")
    command = ["posterior", str(table), "--prior", "A_plus=0:0.05", "--prior", "A_minus=0:0.05", "--device", "numpy", *few]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "The data determine all parameters" in said and "inside joint regions of 50 %" in said
    assert json.loads((tmp_path / "p" / "posterior.json").read_text())["protocols"] == ["mine"]
    assert main([*command, "--json"]) == 0  # goes on with the simulations that are there
    assert json.loads(capsys.readouterr().out)["proposed"] == 2000
