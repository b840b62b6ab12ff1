"""Learning on the ReckOn model: epochs against the oracle, checkpoints, and the figures of the RTL on the chip's own data."""

import os
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import reckon_oracle
from reckon_random import complete

from brian2chip.chips.reckon import float_baseline, presets, task_setup, testbench_files, training
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.memory import Memory
from brian2chip.cli import main
from brian2chip.core import registry
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, shape_of, state_of
from brian2chip.learning.train import as_network, initial_weights
from brian2chip.translation.translate import translate

N_TICKS = 40


@pytest.fixture
def small_data(tmp_path, monkeypatch):
    """A directory in the testbench's formats with two samples each of 40 ticks; the decision counts in the last four."""
    monkeypatch.setattr(task_setup, "RECALL", 4)
    rng = np.random.default_rng(3)
    for split in ("train", "test"):
        sample, t, i = np.nonzero(rng.random((2, N_TICKS, 40)) < 0.1)
        late = np.tile(np.arange(N_TICKS) >= N_TICKS - 4, 2).astype(int)
        samples = ChipSamples(np.full(2, N_TICKS), sample, t, i, np.zeros(2, int), np.array([1, 0]), 0 * late, late)
        testbench_files.write_samples(tmp_path / task_setup.FILES[split], samples)
    for name, block in presets.initial_weights(40, 100, 2, rng).items():
        testbench_files.write_weights(tmp_path / task_setup.FILES[name], np.clip(2 * block.astype(int), -128, 127))
    return tmp_path


def by_oracle(directory, epochs):
    """Return counts and CRC32 after each epoch."""
    setup = task_setup.own_data(directory)
    c = setup.configuration
    blocks = setup.memory.winp[:40, :100], setup.memory.wrec[:100, :100], setup.memory.wout[:100, :2]
    chip = reckon_oracle.Oracle(complete(dict(c.registers)), c.thr, c.alpha, *blocks)
    found = []
    for _ in range(epochs):
        right = {}
        for split, samples in (("train", setup.train(1)), ("test", setup.test)):
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


def test_epochs_equal_the_oracle_and_resume_goes_on(small_data, tmp_path, caplog):
    fractions, out = [], tmp_path / "out"
    with caplog.at_level("INFO", "brian2chip"):
        whole = training.train("evidence_accumulation", data=small_data, epochs=2, progress=fractions.append)
    lines = [record.getMessage() for record in caplog.records if record.name == training.__name__]
    assert fractions == [0.5, 1.0]
    assert whole.history[COLUMNS].values.tolist() == by_oracle(small_data, 2)
    assert len(lines) == 2 and "CRC32 winp" in lines[0] and "train labels" in lines[0]
    assert whole.history.crc32_winp[0] != whole.history.crc32_winp[1]
    training.train("evidence_accumulation", data=small_data, epochs=1, out=out)
    resumed = training.train("evidence_accumulation", data=small_data, epochs=2, out=out, resume=True)
    assert resumed.history[COLUMNS].equals(whole.history[COLUMNS]) and resumed.memory.lfsr == whole.memory.lfsr
    assert np.array_equal(testbench_files.read_weights(out / "winp.dat", (40, 100)), whole.memory.winp[:40, :100])
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


def test_float_network_beside_the_chip_is_the_same_network():
    """Before learning both fire the same spikes and agree on the readout; with this seed no membrane is just at its threshold."""
    c = presets.configuration().with_registers(EN_STOCH_ROUND=0)
    rng = np.random.default_rng(0)
    memory = Memory.of(c, **presets.initial_weights(40, 100, 2, rng))
    t, i = np.nonzero(rng.random((12, 40)) < 0.3)
    ticks, late = 15, (np.arange(15) == 12).astype(int)
    given = ChipSamples(np.array([ticks]), 0 * t, t, i, np.array([0]), np.array([1]), 0 * late, late)
    with Emulator(record=True) as chip:
        steps = chip.run(c, memory, given).steps
    samples = float_baseline.real_samples(given, 40)
    network = float_baseline.real_network(c, 1e-3)
    real = replace(registry.get("task", "evidence_accumulation"), n_steps=ticks, mask=samples.mask, network=network)
    training_ = replace(real.training, rule="eprop", broadcast="symmetric", batch=1)
    shape = shape_of(real, real.network, training_, samples=1)
    with session("numpy", dt=1e-3) as s:
        constants = constants_of(real, real.network, training_, shape, learn=False)
        outcome = Program(s, shape).run(samples, state_of(float_baseline.real_weights(c, memory)), constants, samples_per_update=1)
    assert steps["z"].sum() > 100
    assert outcome.count[0].astype(int).tolist() == steps["z"][:, :100].sum(axis=0).tolist()
    kappa = c["KAPPA"] / 2**7  # the readout of step t is that of tick t + 2, which has leaked once more, in units of a logit
    assert float_baseline.LOGIT * kappa * outcome.score[0] == pytest.approx(steps["v"][14, :2], abs=16)


def test_float_beside_the_chip_resumes_with_the_same_numbers(small_data, tmp_path):
    task, setup, stamp = registry.get("task", "evidence_accumulation"), task_setup.own_data(small_data), {"task": "this test"}
    whole = float_baseline.train(task, setup, 3, stamp=stamp)
    float_baseline.train(task, setup, 1, stamp=stamp, out=tmp_path)
    resumed = float_baseline.train(task, setup, 3, stamp=stamp, out=tmp_path, resume=True)
    answers = [[(row["train_labels"], row["test_labels"]) for row in rows] for rows in (whole, resumed)]
    assert answers[0] == answers[1] and [row["epoch"] for row in resumed] == [1, 2, 3]
    learned = [np.load(tmp_path / "float_checkpoint.npz")[f"state.{name}.w"] for name in ("w_in", "w_out")]
    start = float_baseline.real_weights(setup.configuration, setup.memory)
    assert not np.allclose(learned[0], start["w_in"].ravel()) and not np.allclose(learned[1], start["w_out"].ravel())


def test_command_trains_float_beside_the_chip(small_data, tmp_path, capsys):
    command = ["train", "evidence_accumulation", "--chip", "reckon", "--data", str(small_data), "--out", str(tmp_path), "--quiet"]
    assert main([*command, "--iterations", "1", "--with-float"]) == 0
    history = pd.read_csv(tmp_path / "history.csv")
    assert history.learner.tolist() == ["reckon", "float e-prop"] and history.n_test.tolist() == [2, 2]
    assert (tmp_path / "beside.png").exists()
    assert "float e-prop: " in capsys.readouterr().out


def test_float_beside_without_a_chip_is_refused(capsys):
    assert main(["train", "evidence_accumulation", "--with-float"]) == 2
    assert "give --chip reckon too" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["spoken_digits", "--data", "nowhere"], "'nowhere' holds no"),
        (["spoken_digits", "--data", "nowhere", "--rate", "0.1"], "--rate is for training in floating point"),
        (["pattern_generation"], "training on ReckOn takes classification tasks"),
        (["evidence_accumulation", "--iterations", "0"], "0 epochs were asked for"),
        (["spoken_digit"], "did you mean 'spoken_digits'"),
    ],
)
def test_wrong_input_to_a_training_on_the_chip_is_one_sentence(given, sentence, capsys):
    assert main(["train", *given, "--chip", "reckon"]) == 2
    said = capsys.readouterr().err
    assert sentence in said and "Traceback" not in said


def test_presets_halve_the_learning_rates_and_other_tasks_take_their_own_leaks():
    preset = replace(presets.CUES, halve_after=2)
    c = presets.configuration(preset=preset)
    assert [preset.at(c, epoch)["LR_P_WOUT"] for epoch in (1, 2, 3, 5, 40)] == [14, 14, 13, 12, 0]
    assert presets.CUES.at(c, 40)["LR_P_WINP"] == 8
    task = registry.get("task", "evidence_accumulation_lif")  # a membrane of 2 s and a readout of 20 ms, in steps of 1 ms
    leaks = presets.of(task).alpha, presets.of(task).registers["KAPPA"]
    assert leaks == (round(2**15 * np.exp(-1 / 2000)), round(128 * np.exp(-1 / 20)))


def test_the_chip_learns_in_every_so_many_ticks_of_the_mask():
    mask = np.arange(10) >= 3
    samples = Samples.from_dense(np.ones((2, 10, 3), bool), mask, label=np.array([1, 0]))
    given = task_setup.on_chip(samples, 7, learn_every=4)
    assert given.target_valid.tolist() == 2 * [0, 0, 0, 0, 1, 0, 0, 0, 1, 0] and given.infer_acc.tolist() == 2 * mask.astype(int).tolist()
    assert task_setup.on_chip(samples, 7).target_valid.tolist() == 2 * mask.astype(int).tolist()
    assert not task_setup.on_chip(samples, 0, learn_every=4).target_valid.any()


@pytest.mark.slow
def test_the_direction_of_edges_is_learned(monkeypatch):
    """After one epoch of 300 samples (benchmarks/reckon_learning.py takes 4,500): better than 40 of 100, where chance is 12.5."""
    short = replace(presets.EDGES, n_train=300, n_test=100)
    monkeypatch.setitem(presets.PRESETS, "moving_edges", short)
    assert training.train("moving_edges", epochs=1, seed=5).history.test_right.iloc[-1] > 40


def test_lif_tasks_fit_the_chip():
    """Sizes and leaks of the tasks made for ReckOn are within its fields: nothing is refused, no time constant is cut."""
    for name in ("evidence_accumulation_lif", "spoken_digits_lif"):
        task = registry.get("task", name)
        translation = translate(as_network(task, initial_weights(task, 1), 1), "reckon").checked()
        leaks = [one for one in translation.parameters if one.parameter == "tau_m"]
        assert len(leaks) == 2 and not any(one.clipped.any() for one in leaks), name
        assert max(np.abs(one.relative_error).max() for one in leaks) < 0.05, name
    fast = replace(task, network=replace(task.network, tau_m=40e-3))  # 0.78 a step, the field begins at 0.875
    parameters = translate(as_network(fast, initial_weights(fast, 1), 1), "reckon").parameters
    assert any(one.clipped.any() for one in parameters if one.parameter == "tau_m")


def test_a_task_larger_than_the_chip_is_refused():
    task = registry.get("task", "evidence_accumulation")
    with pytest.raises(UserError, match="has 300 inputs, ReckOn 256"):
        task_setup.generated(replace(task, n_in=300), 1, None)


@pytest.mark.data
@pytest.mark.slow
def test_the_chips_own_data_gives_the_figures_of_the_rtl():
    """32 and 45 right in epoch 1, 46 and 49 in epoch 2: cycle-accurate simulation of the open-source RTL on its own files."""
    directory = os.environ.get("BRIAN2CHIP_RECKON_DATA")
    if not directory or not Path(directory).is_dir():
        pytest.skip("set BRIAN2CHIP_RECKON_DATA to the directory of ReckOn's cue-accumulation data")
    history = training.train("evidence_accumulation", data=directory, epochs=2).history
    assert history[["train_right", "test_right"]].values.tolist() == [[32, 45], [46, 49]]


def arrays(name="mine"):
    return Task.from_arrays(np.random.default_rng(0).random((20, 12, 6)) < 0.3, np.arange(20) % 2, dt=1e-3, name=name)


def test_size_and_leaks_of_a_user_s_task(caplog):
    task = task_setup.with_settings(arrays(), 30, {"tau_m": 0.1, "tau_out": 0.05}, None)
    setup = task_setup.setup_of(task, 1, None)
    assert (setup.configuration.n_inputs, setup.configuration.n_hidden, setup.configuration.n_outputs) == (6, 30, 2)
    assert setup.configuration.alpha[0] == round(2**15 * np.exp(-1 / 100))  # alpha of ReckOn counts in 2^-15
    assert setup.configuration.registers["KAPPA"] == round(128 * np.exp(-1 / 50))  # kappa in 2^-7
    assert not caplog.text and len(setup.test.label) == 4  # what is held out, each once
    odd = replace(arrays(), network=replace(arrays().network, n_lif=31))
    assert task_setup.setup_of(odd, 1, None).configuration.n_hidden == 32
    assert "31 recurrent neurons; ReckOn learns it with 32 hidden units" in caplog.text


@pytest.mark.parametrize(
    ("name", "hidden", "network", "data", "words"),
    [
        ("mine", 31, {}, None, "an even number of hidden units, up to 256"),
        ("mine", 258, {}, None, "an even number of hidden units, up to 256"),
        ("mine", None, {"v_th": 0.5}, None, "'v_th' is no setting of learning on ReckOn"),
        ("spoken_digits", None, {"tau_m": 0.1}, None, "has leaks of its own on ReckOn; leave tau_m out"),
        ("evidence_accumulation", 50, {}, "folder", "weights of 100 hidden units; leave hidden out"),
    ],
)
def test_settings_that_reckon_does_not_take(name, hidden, network, data, words):
    with pytest.raises(UserError, match=words):
        task_setup.with_settings(arrays(name), hidden, network, data)
