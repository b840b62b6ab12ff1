"""MNIST in latency code: areas of pixels, times of spikes, and which images are learned, on a small stand-in for the files."""

import numpy as np
import pytest

from brian2chip.core import registry
from brian2chip.errors import UserError
from brian2chip.tasks import mnist_latency
from brian2chip.tasks.mnist_latency import generate, shrunk, whole


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder of seven images to learn, the last two of which validate, and three to test."""
    monkeypatch.setattr(mnist_latency, "N_VALIDATION", 2)
    for part, n in (("train", 7), ("t10k", 3)):
        images = np.zeros((n, 28, 28), np.uint8)
        images[np.arange(n), :7, :7] = 255 - 10 * np.arange(n)[:, None, None]  # the k-th image has one corner of brightness 255 - 10 k
        for name, content in (("images-idx3", images), ("labels-idx1", np.arange(n, dtype=np.uint8))):
            header = bytes([0, 0, 8, content.ndim]) + np.array(content.shape, ">u4").tobytes()
            (tmp_path / f"{part}-{name}-ubyte").write_bytes(header + content.tobytes())
    return tmp_path


def test_a_pixel_is_the_mean_over_its_area():
    """28 / 16 = 1.75: the first new pixel covers an old one and three quarters of the next, the second the last quarter of that."""
    image = np.zeros((1, 28, 28))
    image[0, 1] = 1.0
    new = shrunk(image.reshape(1, -1)).reshape(16, 16)
    np.testing.assert_allclose(new[:3], np.repeat([[0.75 / 1.75], [0.25 / 1.75], [0.0]], 16, 1), atol=1e-12)
    np.testing.assert_allclose(shrunk(np.full((2, 784), 0.3)), 0.3)
    turned = shrunk(image[0].T.reshape(1, -1)).reshape(16, 16)
    np.testing.assert_allclose(turned, new.T)


def test_brighter_pixels_spike_earlier_and_dark_ones_do_not(folder):
    """t = 2 us + (1 - x) * 16 us in steps of 2 us; 7 old pixels are 4 new ones."""
    samples = whole("train", str(folder))
    corner = (np.arange(4)[:, None] * 16 + np.arange(4)).ravel()
    for k in range(5):
        own = samples.sample == k
        np.testing.assert_array_equal(np.sort(samples.i[own]), corner)
        assert set(samples.t[own]) == {round(1 + 8 * (10 * k / 255))}
    assert set(samples.t) == {1, 2}
    edge = np.full((2, 784), 0.15)
    edge += [[1e-9], [-1e-9]]  # as means over areas are rounded differently by every processor
    spikes = mnist_latency.spiking(mnist_latency.StaticSamples(edge, np.zeros(2, int)))
    assert np.bincount(spikes.sample, minlength=2).tolist() == [256, 0]
    assert set(spikes.t) == {round(1 + 8 * 0.85)}
    task = registry.get("task", "mnist_latency")
    assert (task.n_in, task.n_out, task.n_steps, task.dt) == (256, 10, 18, 2e-6)


def test_the_last_images_validate_and_are_not_learned(folder):
    labels = {split: whole(split, str(folder)).label.tolist() for split in ("train", "validation", "test")}
    assert labels == {"train": [0, 1, 2, 3, 4], "validation": [5, 6], "test": [0, 1, 2]}
    drawn = generate(7, np.random.default_rng(1), data=str(folder))
    assert np.bincount(drawn.label, minlength=7)[5:].sum() == 0 and np.bincount(drawn.label[:5]).tolist() == [1] * 5
    np.testing.assert_array_equal(drawn.label, generate(7, np.random.default_rng(1), data=str(folder)).label)


def test_too_few_images_and_no_folder_are_refused(folder, monkeypatch):
    monkeypatch.setattr(mnist_latency, "N_VALIDATION", 7)
    with pytest.raises(UserError, match="7 images to learn, of which 7 are kept for validation; give more"):
        whole.__wrapped__("train", str(folder))
    with pytest.raises(UserError, match="'mnist_latency' reads IDX files; give their folder with --data"):
        generate(1, np.random.default_rng(0))
