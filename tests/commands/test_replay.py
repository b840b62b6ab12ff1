"""brian2chip replay: exact, the first difference, results written, and one sentence for a trace that cannot be replayed."""

from pathlib import Path

import numpy as np
import pytest

from brian2chip.cli import main
from brian2chip.core.registry import get

TRACES = {"odin": "lif_subthreshold_leak", "tinyodin": "tiny_fifo_0", "reckon": "infer_det"}
# An output that every trace of the chip has (the README files of the recorded traces).
OUTPUT = {"odin": "neur_final", "tinyodin": "neur_final", "reckon": "exp_vout"}


@pytest.fixture
def trace(tmp_path):
    """Return the path of a copy of a recorded trace, with some of its arrays changed or left out."""

    def copy(chip, change=lambda arrays: None):
        source = Path(__file__).parents[1] / "golden" / chip / f"{TRACES[chip]}.npz"
        arrays = dict(np.load(source))
        change(arrays)
        np.savez(tmp_path / "trace.npz", **arrays)
        return str(tmp_path / "trace.npz")

    return copy


@pytest.mark.parametrize("chip", TRACES)
def test_a_changed_expectation_is_the_first_difference_and_the_results_are_written(chip, trace, tmp_path, capsys):
    def change(arrays):
        arrays[OUTPUT[chip]].reshape(-1)[3] ^= 1

    path = trace(chip, change)
    assert main(["replay", chip, path, "--out", str(tmp_path / "result.npz")]) == 1
    lines = capsys.readouterr().out.splitlines()
    different = [line for line in lines[1:] if not line.endswith("exact")]
    assert len(different) == 1 and OUTPUT[chip] in different[0] and "expected" in different[0] and "got" in different[0]
    result = np.load(tmp_path / "result.npz")[OUTPUT[chip]]
    result.reshape(-1)[3] ^= 1
    np.testing.assert_array_equal(result, np.load(path)[OUTPUT[chip]])


@pytest.mark.parametrize("chip", TRACES)
def test_without_expectations_it_only_computes_and_without_inputs_it_refuses(chip, trace, capsys):
    outputs = get("chip", chip).backend.replay.outputs

    def bare(arrays):
        for name in outputs:
            arrays.pop(name, None)

    assert main(["replay", chip, trace(chip, bare)]) == 0
    assert "no expected arrays" in capsys.readouterr().out

    missing = {"odin": "stim_addr", "tinyodin": "stim_addr", "reckon": "ev_i"}[chip]
    assert main(["replay", chip, trace(chip, lambda arrays: arrays.pop(missing))]) == 2
    message = capsys.readouterr().err.strip()
    assert missing in message and message.count("\n") == 0


def test_wrong_names_and_files(tmp_path, capsys):
    (tmp_path / "text.npz").write_text("no")
    for arguments, word in (
        (["replay", "odn", "x.npz"], "did you mean 'odin'"),
        (["replay", "speck2f", "x.npz"], "no emulator that replays traces; choose one of loihi, morphic, odin, reckon, tinyodin"),
        (["replay", "odin", str(tmp_path / "none.npz")], "there is no trace file"),
        (["replay", "odin", str(tmp_path / "text.npz")], "is not a readable trace file"),
    ):
        assert main(arguments) == 2
        assert word in capsys.readouterr().err


def test_refused_files_do_not_stop_the_others_and_are_named(trace, tmp_path, capsys):
    good = trace("tinyodin")
    (tmp_path / "text.npz").write_text("no")
    wide = dict(np.load(good), max_neur=256)
    np.savez(tmp_path / "wide.npz", **wide)
    paths = [str(tmp_path / "none.npz"), str(tmp_path / "text.npz"), good, str(tmp_path / "wide.npz")]
    assert main(["replay", "tinyodin", *paths]) == 2
    captured = capsys.readouterr()
    assert good in captured.out and "exact" in captured.out
    message = captured.err.strip()
    assert "3 of 4 traces were refused" in message and message.count("\n") == 0
    assert all(path in message for path in paths if path != good) and "max_neur of tinyODIN was given as 256" in message


def test_results_of_one_name_are_not_written_over_one_another(trace, tmp_path, capsys):
    path = trace("tinyodin")
    assert main(["replay", "tinyodin", path, path, "--out", str(tmp_path / "results")]) == 2
    assert "two traces are called trace.npz" in capsys.readouterr().err


@pytest.mark.parametrize(
    "chip, change, sentence",
    [
        ("odin", {"open_loop": np.array([1, 1])}, "takes one integer"),
        ("odin", {"open_loop": np.array(1.0)}, "takes integers from 0 to 1"),
        ("odin", {"open_loop": np.array(True)}, "takes integers from 0 to 1"),
        ("odin", {"syn_sign": np.zeros(256, bool)}, "must be integers of shape"),
        ("odin", {"burst_timeref": np.array(1 << 20)}, "burst_timeref of ODIN was given as 1048576"),
        ("reckon", {"config_json": np.array("[" * 5000)}, "config_json of the ReckOn trace"),
        ("reckon", {"config_json": np.array("[]")}, "config_json of the ReckOn trace is not valid"),
        ("reckon", {"config_json": np.array('{"SPI_KAPPA": 1.0}')}, "KAPPA"),
        ("reckon", {"mem_idx": np.array([256])}, "mem_idx of the ReckOn trace is 256"),
        ("reckon", {"sample_T": np.array([1 << 40])}, "beyond 32 bits"),
        ("reckon", {"thr": np.zeros(128)}, "thr of ReckOn takes integers"),
    ],
)
def test_wrong_contents_are_one_sentence(chip, change, sentence, trace, capsys):
    assert main(["replay", chip, trace(chip, lambda arrays: arrays.update(change))]) == 2
    message = capsys.readouterr().err.strip()
    assert sentence in message and message.count("\n") == 0
