"""The command line, as a stranger types it: results, folders, and one sentence with exit code 2 for wrong input."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
import warnings

import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.cli import RENAMED, commands, main
from brian2chip.core import output
from brian2chip.core.claims import claimed

QUICK = ["--option", "pairs=3", "--option", "points=5", "--option", "rate_hz=50", "--option", "dt_max_ms=9"]

MINE = """
from brian2 import ms
from brian2chip import Rule

MINE = Rule(
    name="mine",
    source="a test",
    model="dx/dt = -x/tau : 1 (event-driven)\\n w : 1",
    on_pre="x += 1",
    on_post="w = clip(w + eta*x, 0, 2)",
    parameters={"tau": 20*ms, "eta": 0.01},
    bounds={"eta": (0, 1)},
)
"""


#: Commands whose help may import what they run.
SLOW_HELP = ("replay", "translate")


def _alone(*arguments):
    """Run the command line in a process of its own; the last line says whether Brian2 or NumPy was imported."""
    code = f"import sys; from brian2chip.cli import main; sys.argv[1:] = {list(arguments)}\n"
    code += "try:\n    main()\nexcept SystemExit:\n    pass\nprint('brian2' in sys.modules or 'numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["--help"], "compare"), ([], "compare"), (["list"], "bi_poo_1998"), (["--version"], bc.__version__)]
    + [([name, "--help"], name) for name in commands() if name not in SLOW_HELP],
)
def test_help_version_and_list_answer_without_brian2(arguments, word):
    *lines, imported = _alone(*arguments)
    assert any(word in line for line in lines)
    assert imported == "False"


@pytest.mark.parametrize("old", RENAMED)
def test_a_command_by_its_old_name_says_the_new_one(old, capsys):
    assert main([old, "whatever"]) == 2
    message = capsys.readouterr().err.strip()
    assert repr(old) in message and RENAMED[old] in message and message.count("\n") == 0
    assert RENAMED[old].split()[0] in commands() and old not in commands()


def test_an_interruption_is_exit_code_130(monkeypatch, capsys):
    def interrupted(args):
        raise KeyboardInterrupt

    monkeypatch.setattr("brian2chip.commands.list.main", interrupted)
    assert main(["list"]) == 130
    assert capsys.readouterr().err.strip() == "brian2chip: interrupted"


def test_list_names_every_kind_and_each_entry_has_a_line_of_its_own(capsys):
    assert main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"stdp", "triplet"} <= set(listed["rule"]) and "evidence_accumulation" in listed["task"] and "odin" in listed["chip"]
    lines = [line for entries in listed.values() for line in entries.values()]
    assert all(lines) and len(set(lines)) == len(lines)
    assert main(["list"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if not line.startswith(" ")] == [f"{kind.replace('_', ' ')}s" for kind in listed]


def test_run_writes_a_folder_that_repeats_it(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["run", "bi_poo_1998", "--rule", "stdp", "--set", "tau_plus=20ms", "--seed", "3", "--out", str(out), *QUICK]) == 0
    assert "rmse = " in capsys.readouterr().out
    assert sorted(p.name for p in out.iterdir()) == ["figure.png", "run.json", "table.csv"]
    about = json.loads((out / "run.json").read_text())
    assert about["parameters"]["tau_plus"] == "20. ms"
    assert about["seed"] == 3 and about["device"] and about["versions"]["brian2"] and "git" in about and about["options"]["pairs"] == 3
    table = pd.read_csv(out / "table.csv")
    assert {"dt_ms", "dw", "data_dw"} <= set(table.columns)
    # Three pairings at 4.5 ms: A+ exp(-4.5/20) for each, and each pair's own window of the others.
    assert table.loc[table["dt_ms"] == 4.5, "dw"].iloc[0] > 0
    assert main(["run", "bi_poo_1998", "--out", str(out), *QUICK]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["run", "bi_poo_1998", "--out", str(out), "--force", *QUICK]) == 0
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_an_interruption_is_one_line_and_exit_code_130(monkeypatch, capsys):
    def interrupted(args):
        raise KeyboardInterrupt

    monkeypatch.setattr("brian2chip.commands.list.main", interrupted)
    assert main(["list"]) == 130  # 128 + SIGINT, as a shell reports it
    assert capsys.readouterr().err == "brian2chip: interrupted\n"


def test_a_reader_that_stops_reading_is_no_error(monkeypatch):
    def closed(args):
        raise BrokenPipeError

    monkeypatch.setattr("brian2chip.commands.list.main", closed)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert main(["list"]) == 0


def test_an_interruption_of_a_running_simulation_reaches_the_shell_as_130(tmp_path):
    command = [sys.executable, "-m", "brian2chip", "run", "song_2000", "--device", "numpy", "--progress", "--out", str(tmp_path / "out")]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    read = run.stderr.read(1)  # the bar: it runs
    run.send_signal(signal.SIGINT)
    _, message = run.communicate(timeout=120)
    assert run.returncode == 130 and (read + message).rstrip().endswith("brian2chip: interrupted")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_leaves_nothing_half(tmp_path):
    with pytest.raises(KeyboardInterrupt), output.folder(tmp_path / "out") as folder:
        (folder / "table.csv").write_text("half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_users_rule_runs_from_a_file_and_compares(tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    assert main(["run", "bi_poo_1998", "--rule", str(file), *QUICK]) == 0
    assert "mine on bi_poo_1998" in capsys.readouterr().out
    out = tmp_path / "page"
    assert main(["compare", "--rules", str(file), "stdp", "--protocols", "bi_poo_1998", "--out", str(out)]) == 0
    html = (out / "index.html").read_text()
    assert "mine" in html and "data:image/svg+xml;base64," in html and "http" not in html.replace("http-equiv", "")
    written = {p.name for p in out.iterdir()}
    assert {"index.html", "scores.csv", "locality.csv", "run.json", "bi_poo_1998.png", "bi_poo_1998__mine.csv"} <= written


BROKEN = MINE.replace('on_pre="x += 1"', 'on_pre="x += z"')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "bi_po_1998"], ["'bi_po_1998'", "did you mean 'bi_poo_1998'"]),
        (["run", "bi_poo_1998", "--rule", "stpd"], ["'stpd'", "did you mean 'stdp'"]),
        (["run", "bi_poo_1998", "--rule", "triplet:hippocampus_all_ful"], ["did you mean", "'hippocampus_all_full'"]),
        (["run", "bi_poo_1998", "--rule", "sdsp.py"], ["no Python file 'sdsp.py'"]),
        (["run", "bi_poo_1998", "--set", "tau_pls=20ms"], ["'tau_pls'", "did you mean 'tau_plus'"]),
        (["run", "bi_poo_1998", "--set", "tau_plus=20mV"], ["tau_plus", "it needs the unit s"]),
        (["run", "bi_poo_1998", "--set", "tau_plus=twenty"], ["cannot read the value 'twenty'"]),
        (["run", "bi_poo_1998", "--set", "tau_plus"], ["'tau_plus' is not NAME=VALUE"]),
        (["run", "bi_poo_1998", "--set", "mu=3"], ["mu", "between 0 and 1"]),
        (["run", "bi_poo_1998", "--set", "A_plus=nan"], ["A_plus", "finite"]),
        (["run", "bi_poo_1998", "--option", "pears=3"], ["did you mean 'pairs'"]),
        (["run", "bi_poo_1998", "--option", "pairs=many"], ["pairs", "must be int"]),
        (["run", "sjostrom_2001", "--option", "train=burst"], ["did you mean 'bursts'"]),
        (["run", "bi_poo_1998", "--device", "gpu"], ["no device 'gpu'"]),
        (["run", "bi_poo_1998", "--rule", "eprop"], ["'eprop'", "brian2chip train"]),
        (["fit", "bi_poo_1998", "--free", "A_pluss"], ["did you mean 'A_plus'"]),
        (["compare", "--rules", "stdp", "stdp", "--out", "OUT"], ["two of the rules are called 'stdp'"]),
        (["compare", "--rules", "stdp", "nope", "--out", "OUT"], ["'nope'"]),
        (["show", "triplt"], ["did you mean 'triplet'"]),
        (["rum"], ["did you mean 'run'"]),
        (["run"], ["protocol", "see brian2chip run --help"]),
        (["run", "bi_poo_1998", "--seed", "one"], ["--seed", "'one'"]),
        (["run", "bi_poo_1998", "--out", "/proc/out"], ["/proc is not a writable folder"]),
        (["train", "evidence_accumulation", "--out", "/proc/out"], ["/proc is not a writable folder"]),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(arguments, words, tmp_path, capsys):
    arguments = [str(tmp_path / "out") if a == "OUT" else a for a in arguments]
    assert main(arguments) == 2
    message = capsys.readouterr().err.strip()
    assert message.count("\n") == 0 and message.startswith("brian2chip: ")
    for word in words:
        assert word in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BROKEN, ["mine.py, line 9", "z"]),
        (MINE.replace("dx/dt = -x/tau : 1", "dx/dt = -x/tau : volt"), ["mine.py, line 9", "Brian2 cannot run this rule", "unit"]),
        (MINE.replace("20*ms", "20"), ["tau is given as a plain number; if it has a unit, say so: parameters={'tau': 20*ms}"]),
        (MINE.replace('parameters={"tau"', 'parameters={"tau" 1'), ["mine.py, line 11"]),
        ("x = 1\n", ["defines no Rule"]),
        (MINE + "\nimport nothing_of_that_name\n", ["line 15", "nothing_of_that_name"]),
    ],
)
def test_a_broken_rule_names_file_line_and_reason(text, words, tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(text)
    assert main(["run", "bi_poo_1998", "--rule", str(file), *QUICK]) == 2
    message = capsys.readouterr().err.strip()
    assert message.count("\n") == 0
    for word in words:
        assert word in message


def test_folders_that_cannot_take_results_are_refused_before_any_work(tmp_path, capsys):
    file = tmp_path / "file"
    file.write_text("")
    half = tmp_path / "half"
    half.mkdir()
    (half / "table.csv").write_text("")
    for out, word in ((file, "is a file"), (half, "holds no finished run"), (file / "below", "not a writable folder")):
        start = time.perf_counter()
        assert main(["run", "bi_poo_1998", "--out", str(out)]) == 2
        assert word in capsys.readouterr().err
        assert time.perf_counter() - start < 2
    if os.getuid() != 0:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o500)
        assert main(["run", "bi_poo_1998", "--out", str(closed / "out")]) == 2


def test_the_same_seed_gives_the_same_stimuli_on_every_device():
    few = {"replicas": 3, "rates": 3, "duration_s": 2}
    tables = {d: bc.run("bcm_rate", "stdp", device=d, seed=7, **few) for d in ("numpy", "cpp_standalone")}
    pd.testing.assert_series_equal(tables["numpy"]["dw"], tables["cpp_standalone"]["dw"], rtol=1e-9)
    other = bc.run("bcm_rate", "stdp", device="numpy", seed=8, **few)
    assert not other["dw"].equals(tables["numpy"]["dw"])


def test_a_command_changes_no_filter_of_warnings(tmp_path, capsys):
    before = list(warnings.filters)
    assert main(["inspect", str(tmp_path)]) == 2
    assert main(["run", "bi_poo_1998", "--option", "pairs=1", "--device", "numpy"]) == 0
    assert warnings.filters == before


def test_an_output_in_use_is_refused_before_any_work(tmp_path, capsys):
    out = tmp_path / "out"
    number = os.fork()
    if not number:
        claim = claimed(out)
        claim.__enter__()
        signal.pause()
    while not list(tmp_path.glob(".*.lock")):
        pass
    try:
        for command in (["run", "bi_poo_1998"], ["train", "evidence_accumulation"], ["compare"], ["demo"]):
            assert main([*command, "--out", str(out)]) == 2
            assert f"written by process {number}" in capsys.readouterr().err
    finally:
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)


def test_a_full_disk_is_one_sentence(tmp_path, capsys, monkeypatch):
    def full(args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "a.png"))

    monkeypatch.setattr("brian2chip.commands.list.main", full)
    assert main(["list"]) == 2
    assert capsys.readouterr().err == f"brian2chip: {tmp_path / 'a.png'}: No space left on device\n"
