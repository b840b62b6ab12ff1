"""Learning on the ReckOn model: epochs against the oracle, checkpoints, and the figures of the RTL on the chip's own data."""

import os
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import reckon_oracle
from reckon_random import complete

from brian2chip.chips.reckon import presets, text_files, training
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.errors import UserError

N_TICKS = 40


@pytest.fixture
def small_data(tmp_path, monkeypatch):
    """A directory in the testbench's formats with two samples each of 40 ticks; the decision counts in the last four."""
    monkeypatch.setattr(training, "RECALL", 4)
    rng = np.random.default_rng(3)
    for split in ("train", "test"):
        sample, t, i = np.nonzero(rng.random((2, N_TICKS, 40)) < 0.1)
        late = np.tile(np.arange(N_TICKS) >= N_TICKS - 4, 2).astype(int)
        samples = ChipSamples(np.full(2, N_TICKS), sample, t, i, np.zeros(2, int), np.array([1, 0]), 0 * late, late)
        text_files.write_samples(tmp_path / training.FILES[split], samples)
    for name, block in presets.initial_weights(40, 100, 2, rng).items():
        text_files.write_weights(tmp_path / training.FILES[name], np.clip(2 * block.astype(int), -128, 127))
    return tmp_path


def by_oracle(directory, epochs):
    """Return counts and CRC32 after each epoch."""
    setup = training.own_data(directory)
    c = setup.configuration
    blocks = setup.memory.winp[:40, :100], setup.memory.wrec[:100, :100], setup.memory.wout[:100, :2]
    chip = reckon_oracle.Oracle(complete(dict(c.registers)), c.thr, c.alpha, *blocks)
    found = []
    for _ in range(epochs):
        right = {}
        for split, samples in (("train", setup.train), ("test", setup.test)):
            first = len(chip.log["label"])
            for s in range(2):
                events = [set(samples.i[(samples.sample == s) & (samples.t == t)].tolist()) for t in range(N_TICKS)]
                ticks = slice(s * N_TICKS, (s + 1) * N_TICKS)
                levels = samples.target_valid[ticks], samples.infer_acc[ticks]
                chip.run_sample(N_TICKS, events, int(samples.eprop[s]), int(samples.label[s]), *levels)
            right[split] = int(np.sum(np.array(chip.log["label"][first:]) == samples.label))
        blocks = chip.blocks()
        used = (blocks["winp"][:, :100], blocks["wrec"][:, :100], blocks["wout"][:, :2])
        found.append([right["train"], right["test"], *(zlib.crc32(np.ascontiguousarray(b).tobytes()) for b in used)])
    return found


COLUMNS = ["train_right", "test_right", "crc32_winp", "crc32_wrec", "crc32_wout"]


def test_epochs_equal_the_oracle_and_resume_goes_on(small_data, tmp_path):
    lines, out = [], tmp_path / "out"
    whole = training.train("evidence_accumulation", data=small_data, epochs=2, progress=lines.append)
    assert whole.history[COLUMNS].values.tolist() == by_oracle(small_data, 2)
    assert len(lines) == 2 and "CRC32 winp" in lines[0] and "train labels" in lines[0]
    assert whole.history.crc32_winp[0] != whole.history.crc32_winp[1]
    training.train("evidence_accumulation", data=small_data, epochs=1, out=out)
    resumed = training.train("evidence_accumulation", data=small_data, epochs=2, out=out, resume=True)
    assert resumed.history[COLUMNS].equals(whole.history[COLUMNS]) and resumed.memory.lfsr == whole.memory.lfsr
    assert np.array_equal(text_files.read_weights(out / "winp.dat", (40, 100)), whole.memory.winp[:40, :100])
    assert (out / "history.csv").exists()
    with pytest.raises(UserError, match="belongs to seed 1"):
        training.train("evidence_accumulation", data=small_data, epochs=3, out=out, resume=True, seed=2)
    with pytest.raises(UserError, match="resume needs the folder"):
        training.train("evidence_accumulation", data=small_data, resume=True)


def test_generated_task_learns_at_the_chips_size(monkeypatch):
    """On generated samples: better than chance (25 of 50 expected, 32 is the 0.97 quantile) in the fourth epoch of training."""
    trained = training.train("evidence_accumulation", epochs=4, seed=1)
    assert trained.history.test_right.iloc[-1] > 32
    assert "40-100-2 after 4 epochs" in str(trained)


def test_a_task_larger_than_the_chip_is_refused():
    task = training.registry.get("protocol", "evidence_accumulation")
    with pytest.raises(UserError, match="has 300 inputs, ReckOn 256"):
        training.generated(replace(task, n_in=300), 1, None)


@pytest.mark.data
@pytest.mark.slow
def test_the_chips_own_data_gives_the_figures_of_the_rtl():
    """32 and 45 right in epoch 1, 46 and 49 in epoch 2: cycle-accurate simulation of the open-source RTL on its own files."""
    directory = os.environ.get("BRIAN2CHIP_RECKON_DATA")
    if not directory or not Path(directory).is_dir():
        pytest.skip("set BRIAN2CHIP_RECKON_DATA to the directory of ReckOn's cue-accumulation data")
    history = training.train("evidence_accumulation", data=directory, epochs=2).history
    assert history[["train_right", "test_right"]].values.tolist() == [[32, 45], [46, 49]]
