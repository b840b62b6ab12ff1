"""ReckOn against the independent oracle on configurations, weights and samples that nobody chose."""

import json

import numpy as np
import pytest
import reckon_oracle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reckon_random import complete, random_trace

from brian2chip.chips.reckon import replay as replay_module
from brian2chip.chips.reckon.emulator import Emulator


@pytest.fixture(scope="module")
def chip():
    with Emulator(record=True) as chip:
        yield chip


def assert_equal(trace, result):
    registers = complete({k.removeprefix("SPI_"): v for k, v in json.loads(str(trace["config_json"])).items()})
    oracle = reckon_oracle.run({**trace, "config_json": json.dumps(registers)})
    for name, expected in reckon_oracle.outputs(oracle, trace["mem_idx"]).items():
        assert np.array_equal(result[name], expected), name
    assert json.loads(str(result["lfsr_final_json"])) == {k: r.content() for k, r in oracle.lfsr.items()}
    return oracle


sizes = {"n_inp": st.integers(1, 24), "n_rec": st.integers(2, 36), "n_out": st.integers(1, 16), "n_ticks": st.integers(2, 9)}


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), **sizes)
def test_any_configuration_is_exact(chip, seed, **size):
    trace = random_trace(seed, **size)
    assert_equal(trace, replay_module.replay_on(chip, trace))


@pytest.mark.parametrize("mode", range(8))
@pytest.mark.parametrize("do_eprop", (1, 2, 3, 7))
def test_every_regularisation_mode_with_partial_learning(chip, mode, do_eprop):
    trace = random_trace(100 * mode + do_eprop, 20, 18, 3, 8, REGUL_MODE=mode, REGUL_W=3, REGUL_F0=0, FORCE_TRACES=1)
    trace["sample_do_eprop"][:] = do_eprop
    assert_equal(trace, replay_module.replay_on(chip, trace))


def test_the_random_networks_are_busy(chip):
    """The comparison above is worth nothing in silence: there are spikes, and weights of each memory change, in most of the cases."""
    changed, spikes = [], []
    for seed in range(12):
        trace = random_trace(seed, 12, 20, 4, 9)
        result = replay_module.replay_on(chip, trace)
        spikes.append(np.unpackbits(result["exp_spikes"]).sum())
        before = {"winp": trace["winp_init"], "wrec": trace["wrec_init"], "wout": trace["wout_init"]}
        changed.append([np.any(result[f"{name}_final"][:, : block.shape[1]] != block) for name, block in before.items()])
    assert np.mean(np.array(spikes) > 50) > 0.7
    assert np.all(np.mean(changed, axis=0) > 0.4)
