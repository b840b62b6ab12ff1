"""The short examples of what users bring run as they stand."""

import runpy
from pathlib import Path

import brian2
import pytest

from brian2chip.core import brian2_internals as internals

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize(
    ("name", "says", "writes"),
    [
        ("own_network", "the same in plain Brian2: True", None),
        ("own_reward", "dw", "rewarded.png"),
        pytest.param("own_neuron", "data_dw", "voltage.png", marks=pytest.mark.slow),
        ("own_experiment", "A_minus", "mine.png"),
        ("own_weights", "Largest change of a weight: 0.0047", None),  # half a step of 8 bits over the largest weight
        ("three_protocols", "A3_plus[wang_2005]", None),
        pytest.param("own_data_on_reckon", "reckon holds this network", "on_reckon/config.json", marks=pytest.mark.slow),
    ],
)
def test_an_example(name, says, writes, tmp_path, monkeypatch, capsys):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [name])
    with internals.kept_state():
        brian2.prefs["codegen.target"] = "numpy"
        runpy.run_path(str(EXAMPLES / f"{name}.py"))
    assert says in capsys.readouterr().out
    assert writes is None or (tmp_path / writes).exists()
