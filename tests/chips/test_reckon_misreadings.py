"""Deliberate misreadings of ReckOn's specification: each must change a result, those that no recorded trace shows included."""

import numpy as np
import pytest
from reckon_random import equality, oracle_outputs, random_trace, same

from brian2chip.chips.reckon import replay as replay_module
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.memory import Memory


@pytest.fixture(scope="module")
def chip():
    with Emulator(record=True) as chip:
        yield chip


@pytest.mark.parametrize("memory", ["winp", "wrec", "wout"])
def test_equality_with_the_random_number_fires(chip, memory):
    trace, where = equality(memory)
    before = trace[f"{memory}_init"][where]
    result = replay_module.replay_on(chip, trace)
    assert result[f"{memory}_final"][where] == before + 1
    assert same(result, oracle_outputs(trace))
    assert oracle_outputs(trace, mistake="fires above")[f"{memory}_final"][where] == before


def test_learning_signal_uses_the_output_weights_before_their_update(chip):
    settings = {"LR_P_WOUT": 25, "LR_P_WINP": 22, "LR_P_WREC": 22, "REGUL_MODE": 0, "H_0": 3, "H_1": 5, "H_2": 2, "H_3": 7, "H_4": 9}
    sizes = {"n_inp": 8, "n_rec": 12, "n_out": 3, "n_ticks": 9}
    positions = {"FP_LOC_TOUT": 0, "FP_LOC_TINP": 0, "FP_LOC_TREC": 0, "FP_LOC_WOUT": 2, "LEARN_SIG_SCALE": 12}
    trace = random_trace(1, **sizes, **settings, **positions, REGRESSION=0, FORCE_TRACES=1)
    trace["sample_do_eprop"][:] = 7
    right = oracle_outputs(trace)
    assert not same(oracle_outputs(trace, mistake="late signal"), right)
    assert same(replay_module.replay_on(chip, trace), right)


def test_programmed_neuron_states_are_alive_in_the_first_sample(chip):
    trace = random_trace(5, 6, 10, 2, 6)
    rng = np.random.default_rng(5)
    neurons = {
        "u": rng.integers(-3000, 3000, 10),
        "trace_inp": rng.integers(0, 4096, 10),
        "trace_rec": rng.integers(0, 4096, 10),
        "trace_out": rng.integers(0, 1024, 10),
    }
    states = {"u": neurons["u"], "ti": neurons["trace_inp"], "tr": neurons["trace_rec"], "to": neurons["trace_out"]}
    right, ignored = oracle_outputs(trace, neurons=states), oracle_outputs(trace)
    configuration, plain, samples = replay_module.given(trace)
    blocks = (trace[f"{name}_init"] for name in ("winp", "wrec", "wout"))
    result = chip.run(configuration, Memory.of(configuration, *blocks, neurons=neurons), samples)
    steps = np.delete(np.arange(samples.n_ticks.sum()), [0, samples.n_ticks[0]])
    assert np.array_equal(result.steps["u"][steps][:, trace["mem_idx"]], right["exp_u"])
    assert np.array_equal(replay_module.used(configuration, result.memory)["winp"], right["winp_final"])
    assert not np.array_equal(right["exp_u"], ignored["exp_u"])
