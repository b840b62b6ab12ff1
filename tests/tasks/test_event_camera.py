"""The model camera against a pixel that is stepped through fine time, and the tasks that are seen by it."""

import struct

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.core import registry
from brian2chip.core.recordings.nmnist_files import read_nmnist
from brian2chip.errors import UserError
from brian2chip.tasks import moving_edges, nmnist_like
from brian2chip.tasks.event_camera import crossings


def by_small_steps(level, threshold, n=2_000):
    """Return times and polarities of one pixel whose frames are joined by straight lines, looked at n times a frame."""
    told, found = level[0], []
    for k, now in enumerate(np.interp(np.arange(1, n * (len(level) - 1)) / n, np.arange(len(level)), level), start=1):
        if abs(now - told) > threshold:
            up = bool(now > told)
            told += threshold if up else -threshold
            found.append((k / n, up))
    return found


def test_events_are_those_of_a_pixel_in_small_steps():
    rng = np.random.default_rng(2)
    levels = np.cumsum(rng.normal(0, 0.5, (5, 6)), axis=0)
    time, pixel, brighter = crossings(levels, 0.3)
    assert 15 < len(time) and 0.2 < brighter.mean() < 0.8
    for k in range(6):
        own = np.argsort(time[pixel == k])
        expected = by_small_steps(levels[:, k], 0.3)
        assert brighter[pixel == k][own].tolist() == [up for _, up in expected]
        np.testing.assert_allclose(time[pixel == k][own], [t for t, _ in expected], atol=1.1 / 2_000)


def test_a_ramp_tells_at_every_threshold_however_many_frames_it_has():
    for frames in (2, 6, 41):
        time, _, brighter = crossings(np.linspace(0, 1, frames)[:, None], 0.3)
        np.testing.assert_allclose(time / (frames - 1), [0.3, 0.6, 0.9])
        assert brighter.all()
    time, _, brighter = crossings(np.array([[0.0], [1.0], [0.0]]), 0.3)  # told 0.9; down again at 0.6 and 0.3; 0 is reached and not passed
    np.testing.assert_allclose(time, [0.3, 0.6, 0.9, 1.4, 1.7])
    assert brighter.tolist() == [True, True, True, False, False]
    assert all(len(a) == 0 for a in crossings(np.ones((3, 4)), 0.3))


def idx(array, kind=0x08):
    return struct.pack(f">4B{array.ndim}I", 0, 0, kind, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def pictures(tmp_path):
    """A folder of the four IDX files with strokes, twelve to learn and six to test."""
    rng = np.random.default_rng(1)
    for part, n in (("train", 12), ("t10k", 6)):
        label = np.arange(n) % 10
        x = np.array([255 * nmnist_like.stroke(k, rng) for k in label]).astype(np.uint8)
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(x))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(label.astype(np.uint8)))
    return tmp_path


def test_pictures_of_a_folder_of_mnist(pictures):
    rng = np.random.default_rng(0)
    test = nmnist_like.generate(99, rng, split="test", data=pictures)
    assert sorted(test.label.tolist()) == list(range(6)) and test.n_in == 2 * 34 * 34  # Orchard et al. 2015; each test picture once
    assert len(nmnist_like.generate(20, rng, data=pictures)) == 20
    steps = np.bincount(test.t, minlength=60).reshape(3, 20).sum(axis=1)  # three saccades of 100 ms
    assert steps.min() > 0.1 * steps.sum()
    labels = pictures / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1])
    nmnist_like._pictures.cache_clear()
    with pytest.raises(UserError, match="t10k-labels-idx1-ubyte.*shorter"):
        nmnist_like.generate(2, rng, split="test", data=pictures)


def test_a_picture_moves_by_less_than_the_margin_and_comes_back():
    events = nmnist_like.seen(np.ones((28, 28)))  # a white square: only its border moves
    assert 0 <= events["x"].min() and events["x"].max() <= 33 and np.all(np.diff(events["t"]) >= 0) and events["t"].max() < 300_000
    inside = (events["x"] > 6) & (events["x"] < 27) & (events["y"] > 6) & (events["y"] < 27)  # 34 - 28 = 6 pixels of margin
    assert len(events) > 500 and not inside.any()
    first = events[events["t"] < 100_000]  # right and down: the upper border, where white was, darkens
    upper = first[(first["y"] < 6) & (first["x"] > 8) & (first["x"] < 25)]
    assert len(upper) > 50 and not upper["p"].any()
    last = events[events["t"] >= 200_000]  # back to the left: the right border darkens
    right = last[(last["x"] > 28) & (last["y"] > 8) & (last["y"] < 25)]
    assert len(right) > 50 and not right["p"].any()


def encoded(events):
    """N-MNIST's format (Orchard et al. 2015): x, y, polarity and 23 bits of microseconds, high byte first."""
    return b"".join(bytes([x, y]) + struct.pack(">I", int(p) << 23 | t)[1:] for x, y, t, p in events.tolist())


def test_what_the_camera_sees_can_be_read_as_n_mnist(tmp_path):
    rng = np.random.default_rng(3)
    for label in (0, 1):
        (tmp_path / str(label)).mkdir()
        for k in range(5):
            events = nmnist_like.seen(nmnist_like.stroke(label, rng))
            (tmp_path / str(label) / f"{k}.bin").write_bytes(encoded(events))
    np.testing.assert_array_equal(read_nmnist(tmp_path / "1" / "4.bin"), events)
    task = bc.Task.from_file(tmp_path, dt=5e-3, duration=0.3)
    samples = task.generate(2, np.random.default_rng(0), split="test")
    assert (task.n_in, task.n_steps) == (nmnist_like.NMNIST_LIKE.n_in, 60) and sorted(samples.label.tolist()) == [0, 1]
    broken = tmp_path / "1" / "4.bin"
    for data, word in ((broken.read_bytes()[:-2], "no whole number of events"), (b"\xff" * 5 + broken.read_bytes(), "pixel (255, 255)")):
        broken.write_bytes(data)
        with pytest.raises(UserError) as error:
            bc.Task.from_file(tmp_path)
        assert word in str(error.value) and "4.bin" in str(error.value) and "\n" not in str(error.value)
        broken.write_bytes(encoded(events))


def test_a_motion_detector_finds_the_direction_of_the_edges_and_counts_do_not():
    task = registry.get("task", "moving_edges")
    samples = task.generate(160, np.random.default_rng(4))
    x = samples.dense().reshape(160, 200, 2, 8, 8).astype(float)
    x -= x.mean(axis=1, keepdims=True)
    lag = 6  # ticks of 5 ms; a cell of 2 pixels is crossed in 5 to 10 ticks

    def flow(before, after):
        return np.einsum("stprc,stprc->s", before[:, :-lag], after[:, lag:]) - np.einsum("stprc,stprc->s", after[:, :-lag], before[:, lag:])

    right, down = flow(x[..., :-1], x[..., 1:]), flow(x[..., :-1, :], x[..., 1:, :])
    found = np.rint(np.arctan2(down, right) / (np.pi / 4)).astype(int) % 8
    assert np.mean(found == samples.label) > 0.9
    counts = samples.dense().sum(axis=1).astype(float)
    means = np.array([counts[samples.label == k].mean(axis=0) for k in range(8)])
    fresh = task.generate(160, np.random.default_rng(5))
    nearest = ((fresh.dense().sum(axis=1)[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert np.mean(nearest == fresh.label) < 0.4  # chance is one in eight


def test_noise_events_come_at_their_rate(monkeypatch):
    monkeypatch.setattr(moving_edges, "CONTRASTS", (1.0, 1.0))
    rate = moving_edges.generate(40, np.random.default_rng(0)).dense().mean() / moving_edges.DT
    assert abs(rate - moving_edges.NOISE) < 0.05  # 40 s of 128 inputs: 5,120 events, standard deviation 1.4 %
