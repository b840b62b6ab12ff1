"""Tasks of samples that do not change in time: their samples, and what is refused."""

import gzip
import zlib

import numpy as np
import pytest

from brian2chip.core import registry
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError
from brian2chip.tasks import drtp_synthetic, mnist_first_spike, yin_yang


def test_yin_yang_is_the_published_one_bit_for_bit():
    """Numbers of FACTS_DEVICES section 2, from the arrays that come with the published generator."""
    expected = {
        "train": ([1681, 1702, 1617], 1087990520, 1933409407),
        "validation": ([316, 336, 348], 1908659321, 3266566619),
        "test": ([350, 316, 334], 2772293855, 3778655933),
    }
    sets = registry.get("layered_task", "yin_yang").samples()
    for name, (counts, labels, points) in expected.items():
        assert np.bincount(sets[name].label).tolist() == counts
        assert zlib.crc32(sets[name].label.astype(np.uint8).tobytes()) == labels
        assert zlib.crc32(np.floor(1e6 * sets[name].x[:, :2]).astype("<i4").tobytes()) == points
    probes = {(0.5, 0.5): 1, (0.75, 0.5): 2, (0.5, 0.25): 0, (0.25, 0.26): 1, (0.25, 0.24): 0, (0.75, 0.74): 0, (0.75, 0.76): 1}
    assert {point: yin_yang.class_of(*point) for point in probes} == probes


def test_digits_are_split_as_the_recorded_accuracies_say():
    sets = registry.get("layered_task", "digits").samples()  # FACTS_LEARNING A7: 1437 and 360
    assert {name: len(samples) for name, samples in sets.items()} == {"train": 1437, "test": 360}
    assert sets["train"].x.max() == 1 and sets["train"].wanted(10).sum() == 1437


def test_the_regression_task_is_ten_cosines_of_the_mean():
    sets = drtp_synthetic.regression()
    assert sets["train"].x.shape == (5000, 256) and sets["test"].target.shape == (1000, 10)
    x, target = sets["test"].x, sets["test"].target  # FACTS_LEARNING A4: phases from -pi/2 to pi/2
    np.testing.assert_allclose(target[:, [0, 9]], np.cos(x.mean(1)[:, None] + np.array([-np.pi / 2, np.pi / 2])), atol=1e-12)
    assert (target**2).sum(1).mean() == pytest.approx(5, abs=0.2)  # A4: an output of zero gives 5


def idx(array, path, cut=None):
    kind = {np.dtype(np.uint8): 8}[array.dtype]
    content = bytes([0, 0, kind, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()
    path.write_bytes(gzip.compress(content[:cut]) if path.suffix == ".gz" else content[:cut])


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(1)
    for part, n in (("train", 5), ("t10k", 3)):
        idx(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), tmp_path / f"{part}-images-idx3-ubyte.gz")
        idx(rng.integers(0, 10, n, dtype=np.uint8), tmp_path / f"{part}-labels-idx1-ubyte")
    return tmp_path


def test_images_of_idx_files_become_pixels_from_0_to_1(folder):
    for name in ("mnist", "fashion_mnist"):
        sets = registry.get("layered_task", name).samples(folder)
        assert len(sets["train"]) == 5 and sets["test"].x.shape == (3, 784) and 0.9 < sets["train"].x.max() <= 1


@pytest.mark.parametrize(
    "name, array, cut, sentence",
    [
        ("train-images-idx3-ubyte.gz", np.zeros((5, 28, 28), np.uint8), 500, "shorter"),
        ("t10k-labels-idx1-ubyte", np.zeros(2, np.uint8), None, "3 images need 3 labels"),
        ("t10k-labels-idx1-ubyte", np.full(3, 10, np.uint8), None, "a label is 10; with 10 classes labels go from 0 to 9"),
        ("t10k-images-idx3-ubyte.gz", np.zeros((3, 27, 28), np.uint8), None, r"images are bytes of shape \(n, 28, 28\)"),
    ],
)
def test_what_is_wrong_in_a_folder_is_one_sentence(folder, name, array, cut, sentence):
    idx(array, folder / name, cut)
    with pytest.raises(UserError, match=sentence):
        registry.get("layered_task", "mnist").samples(folder)


def test_a_missing_file_and_a_missing_folder_are_named(folder):
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(UserError, match="holds no t10k-labels-idx1-ubyte"):
        registry.get("layered_task", "mnist").samples(folder)
    with pytest.raises(UserError, match="give their folder with --data"):
        registry.get("layered_task", "mnist").samples()


@pytest.mark.parametrize(
    "x, label, sentence",
    [
        (np.full((3, 4), 255.0), [0, 1, 0], "pixels of the train set of task 'mine' go from 255 to 255; divide them"),
        (np.zeros((3, 4)), [0, 2, 0], "a label is 2; with 2 classes"),
        (np.zeros((3, 5)), [0, 1, 0], "have 5 inputs; it needs 4"),
    ],
)
def test_samples_are_checked_when_they_are_loaded(x, label, sentence):
    load = lambda data=None: {"train": StaticSamples(x, np.array(label)), "test": StaticSamples(x, np.array(label))}  # noqa: E731
    task = LayeredTask("mine", "this test", "classification", 4, 2, load, image=(1, 2, 2))
    with pytest.raises(UserError, match=sentence):
        task.samples()


def test_pixels_of_mnist_become_sixteen_levels_and_the_last_images_validate(folder, monkeypatch):
    with pytest.raises(UserError, match="5 images to learn, of which 5000 are kept"):
        mnist_first_spike.load(folder)
    monkeypatch.setattr(mnist_first_spike, "N_VALIDATION", 2)
    whole, sets = registry.get("layered_task", "mnist").samples(folder), registry.get("layered_task", "mnist_first_spike").samples(folder)
    assert {name: len(samples) for name, samples in sets.items()} == {"train": 3, "test": 3, "validation": 2}
    levels = np.concatenate([sets["train"].x, sets["validation"].x]) * 16
    np.testing.assert_array_equal(levels, (whole["train"].x * 255 * 15 + 127.5).round(6) // 255)
    assert levels.min() == 0 and levels.max() == 15
