"""The learning tasks' samples, the cochlea, and the readers of the field's files."""

import tracemalloc

import brian2
import numpy as np
import pytest
from scipy.io import wavfile

from brian2chip.core import registry
from brian2chip.core.recordings import event_files
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.tasks import cochlea, evidence_accumulation, spoken_digits, spoken_digits_changes, spoken_keyword, store_recall

TASKS = ("pattern_generation", "evidence_accumulation", "evidence_accumulation_lif", "store_recall", "spoken_digits", "spoken_digits_lif",
         "spoken_digits_changes", "spoken_keyword", "moving_edges", "nmnist_like")  # fmt: skip


@pytest.mark.parametrize("name", TASKS)
def test_samples_are_what_the_task_says_and_the_seed_fixes_them(name):
    task = registry.get("task", name)
    a, b = (task.generate(3, np.random.default_rng(5)) for _ in range(2))
    other = task.generate(3, np.random.default_rng(6))
    assert (a.n_steps, a.n_in, len(a)) == (task.n_steps, task.n_in, 3)
    np.testing.assert_array_equal(a.dense(), b.dense())
    assert (a.dense() != other.dense()).any() == (name != "pattern_generation")  # its one pattern is frozen
    assert a.label is None or a.label.max() < task.n_out


def test_evidence_accumulation_labels_the_side_with_more_cues():
    samples = evidence_accumulation.generate(40, np.random.default_rng(1))
    x = samples.dense()
    left, right = x[:, :1050, :10].sum((1, 2)), x[:, :1050, 10:20].sum((1, 2))
    assert np.mean((right > left) == samples.label) > 0.9  # spikes are random, cues are not
    assert not x[:, 1050:2100, :30].any() and x[:, 2100:, 20:30].any() and not x[:, 2100:, :20].any()
    rate = x[:, 2100:, 20:30].mean()
    assert abs(rate - 0.04) < 0.003  # 40 Hz at 1 ms
    assert abs(x[:, :, 30:].mean() - 0.01) < 0.001


def test_trials_are_drawn_in_parts_and_are_the_same(monkeypatch):
    """All noise of 512 held-out trials would take 370 MB; the seed gives the trials that it gave at once."""
    parts = evidence_accumulation.generate(7, np.random.default_rng(3))
    monkeypatch.setattr(evidence_accumulation, "AT_ONCE", 3)
    np.testing.assert_array_equal(evidence_accumulation.generate(7, np.random.default_rng(3)).dense(), parts.dense())
    rng = np.random.default_rng(3)
    p = rng.choice([0.3, 0.7], 7)
    cues = (rng.random((7, 7)) < p[:, None]).astype(int)
    expected = rng.random((7, 2250, 40)) < evidence_accumulation.probabilities(cues)
    np.testing.assert_array_equal(parts.dense()[:, 1:], expected[:, 1:])
    tracemalloc.start()
    evidence_accumulation.generate(48, np.random.default_rng(3))
    assert tracemalloc.get_traced_memory()[1] < 30e6  # at once 48 trials have 35 MB of noise and as much of probabilities
    tracemalloc.stop()


def test_store_recall_can_be_solved_from_the_store_character_alone():
    samples = store_recall.generate(30, np.random.default_rng(2))
    counts = samples.dense().reshape(30, 6, 200, 4, 10).sum((2, 4))
    store = counts[:, :5, 2].argmax(1)
    np.testing.assert_array_equal(counts[np.arange(30), store, :2].argmax(1), samples.label)
    assert store.max() <= 3 and np.all(counts[:, 5, 3] > 0) and not counts[:, 5, :3].any()


def test_a_tone_excites_the_channel_of_its_frequency():
    frequencies = cochlea.centre_frequencies(32, 100, 3600)
    t = np.arange(4000) / 8000
    for f in (300.0, 1000.0, 2500.0):
        drive = cochlea.hair_cells(np.sin(2 * np.pi * f * t), 8000, 32, 5e-3)
        assert abs(frequencies[drive[20:].mean(0).argmax()] / f - 1) < 0.15
    louder = cochlea.hair_cells(5 * np.sin(2 * np.pi * 300 * t), 8000, 32, 5e-3)
    np.testing.assert_allclose(louder, cochlea.hair_cells(np.sin(2 * np.pi * 300 * t), 8000, 32, 5e-3), atol=1e-5)


def encoder(drive, dt, tau_m=20e-3, gain=6.0):
    """The cochlea's neurons in plain NumPy: threshold one, comparison >, reset by subtraction at once."""
    decay = np.exp(-dt / tau_m)
    v, out = np.zeros(drive.shape[1]), np.zeros(drive.shape, bool)
    for t, current in enumerate(drive):
        v = decay * v + gain * (1 - decay) * current
        out[t] = v > 1
        v -= out[t]
    return out


def test_cochlea_spikes_are_those_of_the_loop():
    drive = np.random.default_rng(0).random((64, 128))
    for given in ({}, {"tau_m": 5e-3, "gain": 2.5}):
        expected = encoder(drive, 10e-3, **given)
        np.testing.assert_array_equal(cochlea.spikes(drive, 10e-3, **given), expected)
        assert 1000 < expected.sum() < expected.size
    at_threshold = np.array([[1.0], [0.0]]) / (6.0 * (1 - np.exp(-0.5)))  # v is exactly one after the first step, which is no spike
    assert (6.0 * (1 - np.exp(-0.5))) * at_threshold[0, 0] == 1.0
    assert not cochlea.spikes(at_threshold, 10e-3).any()
    assert cochlea.spikes(at_threshold * (1 + 1e-15), 10e-3)[0].all()


def test_cochlea_spikes_are_those_of_brian2():
    drive = np.random.default_rng(1).random((30, 16))
    alpha = np.exp(-0.5)
    with session("numpy", dt=10e-3) as s:
        given = brian2.TimedArray(drive, dt=10 * brian2.ms)
        equations = cochlea.NEURON.equations + cochlea.NEURON.declared()
        group = brian2.NeuronGroup(
            16, equations, threshold=cochlea.NEURON.threshold, reset=cochlea.NEURON.reset_code, namespace={"given": given}
        )
        for name, value in {"alpha": alpha, "gain": 6 * (1 - alpha), "v_th": 1.0}.items():
            s.input(name, group, name, value)
        group.run_regularly("I = given(t, i)", when="start")
        group.run_regularly(cochlea.NEURON.integrate + cochlea.NEURON.fire, when="groups")
        z = brian2.StateMonitor(group, "z", record=True, when="end")
        s.run(brian2.Network(group, z), 0.3)
        np.testing.assert_array_equal(np.array(z.z).T > 0.5, cochlea.spikes(drive, 10e-3))


@pytest.mark.parametrize("sound", [np.zeros(100), np.array([]), np.array([1.0, np.nan]), np.ones((10, 2))])
def test_sounds_that_are_none(sound):
    with pytest.raises(UserError, match="a sound must be"):
        cochlea.hair_cells(sound, 8000, 8, 5e-3)


def test_spoken_digits_from_a_directory(tmp_path):
    rng = np.random.default_rng(3)
    for digit in (0, 7):
        for index in (0, 4, 5, 9):
            wave = (8000 * spoken_digits.tones(digit, rng)).astype(np.int16)
            wavfile.write(tmp_path / f"{digit}_anna_{index}.wav", 8000, wave)
    test = spoken_digits.generate(99, rng, split="test", data=tmp_path)
    np.testing.assert_array_equal(test.label, [0, 0, 7, 7])  # indices 0 to 4
    assert set(spoken_digits.generate(20, rng, data=tmp_path).label) == {0, 7}
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no train recordings"):
        spoken_digits.generate(1, rng, data=tmp_path / "empty")
    (tmp_path / "empty" / "3_anna_0.wav").write_bytes(b"no sound")
    with pytest.raises(UserError, match="not a readable wav"):
        spoken_digits.generate(1, rng, split="test", data=tmp_path / "empty")


def test_differences_of_a_drive():
    flat = np.zeros((30, 64))
    flat[10:20] = 0.5  # all channels alike: nothing stands out, all appear at step 10 and go at step 20
    (above, _), (below, _), (appears, _), (goes, _) = spoken_digits_changes.differences(flat)
    assert np.abs(above).max() < 1e-12 and np.abs(below).max() < 1e-12
    kept = np.exp(-10 / 40)  # a step of 10 ms against a past of 40 ms
    past = np.array([1 - kept**k for k in range(10)])  # of the drive of 0.5, step after step
    np.testing.assert_allclose(appears[10:20, 3], 1 - past)  # the largest is 1
    np.testing.assert_allclose(goes[20:29, 3], kept ** np.arange(9))
    assert not appears[:10].any() and not appears[20:].any() and not goes[:20].any()
    peak = np.zeros((5, 64))
    peak[:, 30] = 1.7
    (above, _), (below, _), *_ = spoken_digits_changes.differences(peak)
    assert above[0, 30] == pytest.approx(1.6) and not np.delete(above, 30, axis=1).any()  # less the mean of 17 channels
    assert not below.any()  # channels without a drive tell nothing
    peak += 0.1
    (_, _), (below, _), *_ = spoken_digits_changes.differences(peak)
    assert below[0, 22:30] == pytest.approx(0.1) and below[0, 21] == pytest.approx(0, abs=1e-12)


def test_a_keyword_is_half_of_what_is_learned_and_as_frequent_as_it_is_in_the_test(tmp_path):
    rng = np.random.default_rng(3)
    for digit in (0, 3, 7):
        for index in (0, 9):
            wavfile.write(tmp_path / f"{digit}_anna_{index}.wav", 8000, (8000 * spoken_digits.tones(digit, rng)).astype(np.int16))
    three = spoken_keyword.keyword(3)
    assert three.generate(9, rng, split="test", data=tmp_path).label.tolist() == [0, 1, 0]
    drawn = three.generate(60, rng, data=tmp_path)
    assert 18 < drawn.label.sum() < 42  # 60 of one half: 3 standard deviations are 11.6
    whole = spoken_digits_changes.generate(60, rng, data=tmp_path)
    said = whole.dense()[whole.label == 3][0]
    assert all((x == said).all() == (label == 1) for x, label in zip(drawn.dense(), drawn.label))
    for digit in (0, 7):
        (tmp_path / f"{digit}_anna_9.wav").unlink()
    spoken_digits.recordings.cache_clear()
    with pytest.raises(UserError, match="needs training recordings of the keyword 3 and of other digits"):
        three.generate(1, rng, data=tmp_path)


def test_shd_files(tmp_path):
    h5py = pytest.importorskip("h5py")
    ragged_float, ragged_int = h5py.vlen_dtype(np.float32), h5py.vlen_dtype(np.int32)
    with h5py.File(tmp_path / "shd.h5", "w") as file:
        times = file.create_dataset("spikes/times", (2,), ragged_float)
        units = file.create_dataset("spikes/units", (2,), ragged_int)
        times[0], units[0] = [0.005, 0.015, 2.0], [0, 699, 5]
        times[1], units[1] = [0.095], [12]
        file["labels"] = np.array([3, 19])
    samples = event_files.read_shd(tmp_path / "shd.h5", n_steps=10)
    np.testing.assert_array_equal(np.stack([samples.sample, samples.t, samples.i], 1), [[0, 0, 0], [0, 1, 139], [1, 9, 2]])
    np.testing.assert_array_equal(samples.label, [3, 19])
    (tmp_path / "other.h5").write_text("x")
    with pytest.raises(UserError, match="not a readable SHD or SSC file"):
        event_files.read_shd(tmp_path / "other.h5")


def test_event_camera_recordings():
    kind = [("x", np.int16), ("y", np.int16), ("t", np.int64), ("p", bool)]
    events = np.array([(0, 0, 500, 0), (3, 1, 2500, 1)], kind)
    samples = event_files.from_tonic([(events, 4)], n_steps=4, dt=1e-3, sensor=(4, 2, 2))
    np.testing.assert_array_equal(np.stack([samples.t, samples.i], 1), [[0, 0], [2, 8 + 4 + 3]])
    assert samples.label.tolist() == [4]
    with pytest.raises(UserError, match="need fields"):
        event_files.from_tonic([(np.zeros(2, [("a", int)]), 0)], n_steps=4, dt=1e-3, sensor=(4, 2, 2))


@pytest.mark.parametrize("digit", [-1, 10, 2.5, "seven", np.nan, None])
def test_a_keyword_is_a_digit(digit):
    with pytest.raises(UserError, match="the keyword was given as .*; give a digit, a whole number from 0 to 9"):
        spoken_keyword.keyword(digit)
