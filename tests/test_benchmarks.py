"""What the benchmarks make of their numbers; the numbers themselves are for a quiet machine."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in [path.stem for path in BENCHMARKS.glob("*.py")]:
        sys.modules.pop(name, None)


def test_what_moved_by_over_a_quarter_is_named(benchmarks):
    import check

    stored = {"a": 4.0, "b": 4.0, "c": 4.0, "d": 4.0, "gone": 4.0}
    sentences = check.moved(stored, {"a": 5.0, "b": 5.01, "c": 3.2, "d": 3.19, "new": 9.0})
    assert sentences == ["b: 5.01, and 4.00 is stored (1.25 times).", "d: 3.19, and 4.00 is stored (0.80 times)."]


def test_stored_ratios_are_those_that_are_measured(benchmarks):
    import peers

    stored = json.loads((BENCHMARKS / "ratios.json").read_text())
    known = {name for table in (peers.PLASTIC, peers.EPROP) for name in table} | {"ODIN, million operations a loop"}
    assert stored and all(value > 0 for value in stored.values())
    assert all(name.rpartition(": ")[2] in known or name.endswith("a loop") for name in stored)


def test_peers_that_are_missing_are_named(benchmarks, capsys, monkeypatch):
    import peers

    times = {"wall": 2.0, "processor": 1.0, "work": 10.0}
    answers = {"brian2chip": times, "NEST": None, "snnTorch BPTT": {**times, "processor": 4.0}}
    monkeypatch.setattr(peers, "measured", lambda what, peer, *arguments: answers[peer])
    found = {}
    peers._table("batch 1", "eprop", peers.EPROP, (1,), found)
    ours, nest, bptt = capsys.readouterr().out.splitlines()
    assert "is not installed: pip install brian2chip[peers]" in nest and found == {"eprop, batch 1: snnTorch BPTT": 4.0}
    assert ours.split()[-4:] == ["1.00", "2.00", "10.0", "1.0"] and bptt.split()[-4:] == ["4.00", "2.00", "2.5", "4.0"]


def test_an_exponent_is_the_slope_of_the_larger_sizes(benchmarks):
    import growth

    assert growth.slope([1, 10, 100], np.array([5.0, 2.0, 20.0])) == pytest.approx(1.0)
    assert growth.slope([10, 20], np.array([1.0, 4.0])) == pytest.approx(2.0)


def test_peers_get_the_same_spikes(benchmarks):
    import plastic_network

    i, step = plastic_network.spikes(50, 2.0)
    assert len(i) == pytest.approx(50 * 20 * 2, rel=0.1) and np.all(np.diff(step) >= 0) and 0 < step.min() and step.max() < 20_000
    assert len(np.unique(i + 50 * step)) == len(i)  # no neuron twice in a step


def test_shifted_copies_are_moved_by_one_pixel_and_stand_beside_the_training_images(benchmarks):
    import soft_lif

    from brian2chip.core.layered_task import LayeredTask
    from brian2chip.core.static_samples import StaticSamples

    image = np.zeros((3, 4))
    image[1, 2], image[0, 0] = 1.0, 0.5  # the second leaves the image where it moves up or left
    sets = {
        "train": StaticSamples(np.tile(image.ravel(), (200, 1)), np.arange(200) % 2),
        "test": StaticSamples(image.reshape(1, -1), np.zeros(1, int)),
    }
    task = LayeredTask("one", "this test", "classification", 12, 2, load=lambda data=None: sets, image=(1, 3, 4))
    found = soft_lif.shifting(task, 2).samples()
    assert found["test"] is sets["test"] and soft_lif.shifting(task, 0) is task
    train = found["train"]
    assert len(train) == 600 and np.array_equal(train.label, np.tile(sets["train"].label, 3))
    assert np.array_equal(train.x[:200], sets["train"].x)
    rows, columns = np.divmod(train.x[200:].argmax(1), 4)
    places = set(zip((rows - 1).tolist(), (columns - 2).tolist()))
    assert places == {(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)} - {(0, 0)}
    assert np.array_equal((train.x[200:] == 0.5).sum(1), (rows > 0) & (columns > 1))


def test_a_final_loss_is_the_median_of_the_last_updates(benchmarks, tmp_path):
    import pcm_training
    from pandas import DataFrame

    history = DataFrame({"loss": [0.0] * 40 + [1.0] * 20 + [3.0] * 44})
    assert pcm_training.final_loss(history) == 3.0 and pcm_training.final_loss(history[:80]) == 1.0
    history.to_csv(tmp_path / "history.csv", index=False)
    found = pcm_training.trained("pcm", 1, tmp_path, {"rate": "not a rate"})  # a finished training is not repeated
    assert found.loss.tolist() == history.loss.tolist()


def test_a_finished_training_of_an_accumulator_is_not_repeated(benchmarks, tmp_path):
    import accumulator_accuracy

    row = {"updates": 3, "accuracy": 97.5}
    (tmp_path / "row.json").write_text(json.dumps(row))
    assert accumulator_accuracy.trained(4, 1, tmp_path, iterations=-1) == row


@pytest.mark.slow
def test_the_table_of_mnist_in_the_loop_has_a_row_for_each_seed(benchmarks, tmp_path, monkeypatch):
    import in_the_loop_mnist

    from brian2chip.learning.in_the_loop.settings import LoopTraining
    from brian2chip.tasks import mnist_latency

    monkeypatch.setattr(mnist_latency, "N_VALIDATION", 2)
    rng = np.random.default_rng(1)
    for part, n in (("train", 6), ("t10k", 4)):
        for name, content in (("images-idx3", rng.integers(0, 256, (n, 28, 28))), ("labels-idx1", rng.integers(0, 10, n))):
            header = bytes([0, 0, 8, content.ndim]) + np.array(content.shape, ">u4").tobytes()
            (tmp_path / f"{part}-{name}-ubyte").write_bytes(header + content.astype(np.uint8).tobytes())
    settings = LoopTraining(epochs=1, batch=2, showings=2)
    table = in_the_loop_mnist.study(str(tmp_path), 0.1, [1, 2], 4, "test", settings)
    assert table.seed.tolist() == [1, 2]
    assert set((table["% right in the loop"] * 4 / 100).round(9)) <= {0, 1, 2, 3, 4} and (table["spikes in the loop"] >= 0).all()
    assert table["spikes in the loop"].nunique() == 2  # chips and weights of the seeds differ
