"""A ReckOn folder written between two samples: what it programs, and what is read of it, goes on exactly as the emulator."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reckon_random import random_trace

from brian2chip.chips.reckon import files, spi_program
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.memory import NEURON_STATE, WEIGHTS, Memory
from brian2chip.chips.reckon.replay import given as inputs_of
from brian2chip.chips.reckon.shift_registers import seeded
from brian2chip.errors import UserError

STEPS = ("z", *NEURON_STATE, "v", "wins")


@pytest.fixture(scope="module")
def chip():
    with Emulator(record=True) as chip:
        yield chip


def assert_same(a, b):
    for name in (*WEIGHTS, "lfsr"):
        assert np.all(getattr(a.memory, name) == getattr(b.memory, name)) and len(getattr(a.memory, name)) > 0, name
    for name in STEPS:
        assert np.array_equal(a.steps[name], b.steps[name]), name
    assert np.array_equal(a.wins, b.wins) and np.array_equal(a.v, b.v) and np.array_equal(a.visits, b.visits)


def programmed_states(rng, configuration):
    """Return neuron states of units that take part, as a host may program them."""
    n = int(rng.integers(1, configuration.n_hidden + 1))
    return {"u": rng.integers(-2000, 2000, n), "trace_inp": rng.integers(0, 4096, n), "trace_out": rng.integers(0, 1024, n)}


def moments(chip, seed, sizes):
    """Return configuration, samples, and the memory before each of them and after all."""
    trace = random_trace(seed, **sizes, EN_STOCH_ROUND=1)
    trace["thr"] = np.abs(trace["thr"]) + 1
    configuration, memory, samples = inputs_of(trace)
    rng = np.random.default_rng(seed)
    if rng.random() < 0.5:
        weights = (getattr(memory, name) for name in WEIGHTS)
        memory = Memory.of(configuration, *weights, neurons=programmed_states(rng, configuration))
    first = chip.run(configuration, memory, samples.alone(0)).memory
    return configuration, samples, [memory, first, chip.run(configuration, first, samples.alone(1)).memory]


def without_last_word(configuration, memory):
    """Return the memory without what the last word in use holds of an earlier sample (see programmed.py)."""
    last = max(configuration[f"NUM_{name}_NEUR"] for name in ("INP", "REC", "OUT")) >> 1
    gone = (np.arange(256) >> 1 == last) & (memory.dirty == 0)
    return replace(memory, **{name: np.where(gone, 0, getattr(memory, name)) for name in NEURON_STATE})


even = st.integers(1, 10).map(lambda n: 2 * n)
sizes = st.fixed_dictionaries({"n_inp": even, "n_rec": even, "n_out": st.integers(1, 16), "n_ticks": st.integers(3, 9)}).filter(
    lambda n: max(n["n_inp"], n["n_rec"], n["n_out"]) % 2 == 0  # an odd highest unit is refused
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), sizes=sizes)
def test_a_folder_of_any_moment_goes_on_as_the_emulator(chip, tmp_path_factory, seed, sizes):
    configuration, samples, memories = moments(chip, seed, sizes)
    for memory, s in zip(memories, (0, 1, 0)):
        if configuration["REGUL_MODE"] >= 6:
            memory = without_last_word(configuration, memory)
        folder = files.write(tmp_path_factory.mktemp("chip") / "out", configuration, memory)
        expected = chip.run(configuration, memory, samples.alone(s))
        assert_same(chip.run(*files.read(folder), samples.alone(s)), expected)
        by_program = spi_program.read_program(folder / files.PROGRAM)
        assert by_program[1].lfsr == memory.lfsr
        assert_same(chip.run(*by_program, samples.alone(s)), expected)


def test_the_moments_learn_and_leave_states_that_do_not_count(chip):
    """The comparison above is worth nothing where nothing happens."""
    for seed in (4, 7):
        configuration, _, (before, between, after) = moments(chip, seed, {"n_inp": 12, "n_rec": 16, "n_out": 4, "n_ticks": 9})
        assert np.any(before.winp != between.winp) and np.any(between.wout != after.wout)
        assert between.lfsr != before.lfsr and np.any(between.u) and not np.any(between.dirty)
        assert seeded(configuration.registers) == before.lfsr


def test_the_files_hold_the_registers_of_now(chip, tmp_path):
    """SPEC section 10: SEED_STRND_NEUR has half 0 in bits 14 to 0 and half 1 in bits 29 to 15; section 11: a write makes a state count."""
    configuration, _, (_, between, _) = moments(chip, 4, {"n_inp": 12, "n_rec": 16, "n_out": 4, "n_ticks": 9})
    folder = files.write(tmp_path / "out", configuration, between)
    seed = json.loads((folder / "reckon.json").read_text())["registers"]["SEED_STRND_NEUR"]
    assert seed == between.lfsr["neur0"] | between.lfsr["neur1"] << 15
    lines = (folder / "spi_program.txt").read_text().splitlines()
    assert f"{1 << 16 | 88:08x} {seed:08x}" in lines
    assert all(int(word[-4:], 16) == 0 for word in (folder / "neurons.hex").read_text().split())  # u of the even units


def test_a_membrane_that_would_come_back_is_refused(tmp_path):
    """SPEC section 3: an event of an input beyond the hidden units makes a state count and leaves the u that the memory holds."""
    configuration, memory, _ = inputs_of(random_trace(0, 20, 4, 2, 4))
    stale = replace(memory, u=np.where(np.arange(256) == 10, 7, 0))
    with pytest.raises(UserError, match="unit 10 of ReckOn has a membrane left"):
        files.write(tmp_path / "out", replace(configuration, thr=np.full(128, 500)), stale)
    assert not (tmp_path / "out").exists()


def test_what_the_last_word_left_matters_in_a_first_tick_without_events_alone(chip, tmp_path):
    """SPEC section 5, A: without TARGET_VALID the pass looks at the word RO>>1 as it was before the STEP, whether or not it counts."""
    configuration, samples, (_, _, memory) = moments(chip, 65535, {"n_inp": 2, "n_rec": 2, "n_out": 1, "n_ticks": 3})
    read = files.read(files.write(tmp_path / "out", configuration, memory))
    assert configuration["REGUL_MODE"] == 7 and not np.any(samples.alone(0).t == 0)
    left, zero = chip.run(configuration, memory, samples.alone(0)), chip.run(*read, samples.alone(0))
    assert left.memory.lfsr["winp"] != zero.memory.lfsr["winp"]
    assert_same(chip.run(configuration, without_last_word(configuration, memory), samples.alone(0)), zero)


def test_a_folder_of_before_says_that_it_programs_something_else(chip, tmp_path):
    configuration, _, (before, between, _) = moments(chip, 4, {"n_inp": 12, "n_rec": 16, "n_out": 4, "n_ticks": 9})
    folder = files.write(tmp_path / "out", configuration, before)
    document = json.loads((folder / "reckon.json").read_text())
    (folder / "reckon.json").write_text(json.dumps(document | {"shift_registers": dict(before.lfsr)}))
    assert files.read(folder)[1].lfsr == before.lfsr
    (folder / "reckon.json").write_text(json.dumps(document | {"shift_registers": dict(between.lfsr)}))
    with pytest.raises(UserError, match="written after learning by an earlier version"):
        files.read(folder)
