"""The short examples of the gallery run as they stand: they draw and print, and leave no files."""

import importlib
import runpy
from pathlib import Path

import brian2
import pytest

from brian2chip.core import brian2_internals as internals

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize(
    ("name", "says", "draws"),
    [
        ("own_network", "the same in plain Brian2: True", 1),
        ("own_reward", "dw", 1),
        pytest.param("own_neuron", "data_dw", 1, marks=pytest.mark.slow),
        ("own_experiment", "A_minus", 1),
        ("own_weights", "Largest change of a weight: 0.0047", 1),  # half a step of 8 bits over the largest weight
        pytest.param("three_protocols", "A3_plus[wang_2005]", 1, marks=pytest.mark.slow),
        pytest.param("own_data_on_reckon", "reckon holds this network", 1, marks=pytest.mark.slow),
        ("stdp_window", "rmse", 1),
        ("parameter_map", "400 sets; the best", 1),
        ("short_term", "depressing [0.5,", 1),  # U of the preset is what the first spike releases
        ("cell_types", "", 1),
        ("drift", "as it is", 1),
        ("on_every_chip", "spinnaker2", 1),
        ("what_rules_need", "odin_sdsp", 1),
        pytest.param("nearest_spikes", "stdp:nearest [", 1, marks=pytest.mark.slow),
        pytest.param("frequency", "", 1, marks=pytest.mark.slow),
        pytest.param("rates", "threshold_hz", 1, marks=pytest.mark.slow),
        pytest.param("bistable", "p_ltp_max", 1, marks=pytest.mark.slow),
        pytest.param("mismatch", "transfer", 1, marks=pytest.mark.slow),
        pytest.param("chip_behaviour", "spikes at events", 1, marks=pytest.mark.slow),
        pytest.param("odin_behaviours", "", 1, marks=pytest.mark.slow),
        pytest.param("pattern", "after 64 updates", 1, marks=pytest.mark.slow),
        pytest.param("without_transport", "shallow", 1, marks=pytest.mark.slow),
    ],
)
def test_an_example(name, says, draws, tmp_path, monkeypatch, capsys):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    plt = importlib.import_module("matplotlib.pyplot")
    plt.close("all")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [name])
    with internals.kept_state():
        brian2.prefs["codegen.target"] = "numpy"
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
        brian2.start_scope()
    assert says in capsys.readouterr().out
    assert len(plt.get_fignums()) == draws and list(tmp_path.iterdir()) == []  # the gallery shows figures; files belong to the user
    plt.close("all")


def test_every_example_is_in_the_gallery_and_begins_as_it_must():
    for path in EXAMPLES.glob("*.py"):
        title, line = path.read_text(encoding="utf-8").splitlines()[1:3]
        assert title and line == "=" * len(title), path.name
    assert len(list(EXAMPLES.glob("*.py"))) >= 15
