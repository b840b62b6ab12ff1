"""tinyODIN: recorded traces of the RTL, random comparison with the independent oracle, mutants, wrong input."""

from pathlib import Path

import numpy as np
import pytest
import tinyodin_oracle as oracle
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_odin import evaluate, mutants

from brian2chip.chips.tinyodin import neuron as model
from brian2chip.chips.tinyodin.emulator import emulator
from brian2chip.chips.tinyodin.replay import OUTPUTS, outputs
from brian2chip.chips.tinyodin.replay import given as inputs_of
from brian2chip.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden" / "tinyodin"
TRACES = sorted(path.stem for path in GOLDEN.glob("*.npz"))
COMPARED = OUTPUTS[:-1]


@pytest.fixture(scope="module")
def chip():
    with emulator() as opened:
        yield opened


def load(name):
    return dict(np.load(GOLDEN / f"{name}.npz"))


@pytest.mark.parametrize("name", TRACES)
def test_recorded_trace_is_exact(chip, name):
    trace = load(name)
    got = outputs(chip, *inputs_of(trace))
    for key in (key for key in OUTPUTS if key in trace):
        valid = trace["trace_valid"] > 0 if key.startswith("trace_") else ...
        np.testing.assert_array_equal(got[key][valid], trace[key][valid], err_msg=key)


@pytest.mark.parametrize("name", TRACES)
def test_oracle_reproduces_recorded_trace(name):
    trace = load(name)
    got = oracle.replay(trace)
    for key in COMPARED:
        np.testing.assert_array_equal(got[key], trace[key], err_msg=key)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_random_chip_is_like_the_oracle(chip, seed):
    rng = np.random.default_rng(seed)
    n = 80
    V, thr, leak, off = rng.integers(0, 4096, 256), rng.integers(0, 4096, 256), rng.integers(0, 128, 256), rng.random(256) < 0.2
    near = rng.random(256) < 0.7
    thr, V = np.where(near, rng.integers(1, 120, 256), thr), np.where(near, rng.integers(0, 60, 256), V)
    trace = {
        "open_loop": int(rng.random() < 0.4), "aer_src_ctrl_nneur": int(rng.random() < 0.4), "max_neur": int(rng.integers(0, 256)),
        "neur_init": (off.astype(np.int64) << 31 | leak << 24 | thr << 12 | V).astype(np.uint32),
        "syn_init": rng.integers(0, 16, (256, 256)) * (rng.random((256, 256)) < rng.random()),
        "stim_addr": rng.integers(0, 1024, n), "stim_wait_idle": (rng.random(n) < rng.random()).astype(np.uint8),
        "trace_neurons": rng.choice(256, 3, replace=False),
    }  # fmt: skip
    try:
        expected = oracle.replay(trace, limit=300_000)
    except TimeoutError:
        assume(False)
    got = outputs(chip, *inputs_of(trace))
    for key in COMPARED:
        np.testing.assert_array_equal(got[key], expected[key], err_msg=key)
    for event, V in expected["trace"]:
        if event >= 0:
            np.testing.assert_array_equal(got["trace_core"][event], np.array(V)[trace["trace_neurons"]])


#: At equality the changed term is zero.
EQUIVALENT = ("int(V_leak * V > 0)", "int(V_sum > 2047)", "int(V < 0)")


def test_every_flipped_comparison_of_the_neuron_is_noticed():
    rng = np.random.default_rng(0)
    n = 5000
    V = rng.choice([-2048, -2045, -3, -1, 0, 1, 3, 2046, 2047], n) + rng.integers(-1, 2, n)
    V = np.clip(V, -2048, 2047)
    state = {"V": V, "thr": np.clip(rng.choice([0, 1, 4095, 3], n) + V * rng.integers(0, 2, n), 0, 4095), "leak": rng.integers(0, 5, n)}
    state["tref"], state["drive"] = rng.integers(0, 2, n), rng.integers(-8, 8, n)
    expected = []
    for k in range(n):
        chip = oracle.TinyOdin.__new__(oracle.TinyOdin)
        chip.V, chip.thr, chip.leak, chip.off = [int(V[k])], [int(state["thr"][k])], [int(state["leak"][k])], [0]
        chip.cycle, chip.busy, chip.open, chip.src, chip.fifo = 0, 0, 0, 1, []
        chip.access(0, int(state["tref"][k]), int(state["drive"][k]))
        expected.append((chip.V[0], len(chip.fifo)))

    def agrees(code):
        got = evaluate(code, state)
        return np.array_equal(np.column_stack((got["V_next"], got["fired_next"])), expected)

    assert agrees(model.LIF)
    survivors = [line for line, mutant in mutants(model.LIF) if agrees(mutant)]
    assert [line for line in survivors if not any(text in line for text in EQUIVALENT)] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"max_neur": 256}, "integers from 0 to 255"),
        ({"syn_init": None}, "lacks syn_init"),
        ({"stim_addr": np.full(700, 1024)}, "10 bits"),
        ({"syn_init": np.full((256, 256), 16)}, "between 0 and 15"),
    ],
)
def test_wrong_trace_is_refused_before_running(change, words):
    trace = {**load("tiny_raw_0"), **change}
    with pytest.raises(UserError, match=words):
        inputs_of({key: value for key, value in trace.items() if value is not None})
