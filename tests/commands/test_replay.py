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
        (["replay", "loihi", "x.npz"], "no emulator that replays traces; choose one of odin, reckon, tinyodin"),
        (["replay", "odin", str(tmp_path / "none.npz")], "there is no trace file"),
        (["replay", "odin", str(tmp_path / "text.npz")], "is not a readable trace file"),
    ):
        assert main(arguments) == 2
        assert word in capsys.readouterr().err
