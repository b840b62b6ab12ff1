"""Mutations of ReckOn's own equations: every comparison and rounding that is changed makes a result differ from the oracle."""

import json

import numpy as np
import pytest
from reckon_random import equality, oracle_outputs, random_trace, same

from brian2chip.chips.reckon import learning, neuron, output_unit, propagation, weight_updates
from brian2chip.chips.reckon import replay as replay_module
from brian2chip.chips.reckon.shift_registers import SHIFT_REGISTERS, register
from brian2chip.engine.functions.lfsr import stream_bits


def edited(memory, arrays=None, **registers):
    """Return the two-unit trace of :func:`equality` with other registers and arrays."""
    trace, _ = equality(memory)
    config = json.loads(str(trace["config_json"])) | {"SPI_" + name: value for name, value in registers.items()}
    return {**trace, "config_json": json.dumps(config), **(arrays or {})}


def busy(**registers):
    still = {"RST_MODE": 0, "EN_STOCH_ROUND": 0, "NOISE_EN": 0, "REGRESSION": 0, "REGUL_MODE": 0, "SINGLE_LABEL": 1, "FORCE_TRACES": 1}
    return random_trace(17, 7, 4, 2, 6, **still | registers, FP_LOC_WINP=4, FP_LOC_WREC=4)


def rounding():
    """A membrane of 1280 whose fraction after the leak is the first number of the rounding register."""
    fraction = 1280 * 0x7FEF & 0x7FFF
    place = np.arange(32767)
    n = int(np.flatnonzero(stream_bits(SHIFT_REGISTERS["neur0"].trinomial, 1, place, 15) == fraction)[0])
    seed = register("neur0", int(stream_bits(SHIFT_REGISTERS["neur0"].trinomial, 1, n - 14, 15)))
    arrays = {"alpha": np.full(128, 0x7FEF, np.uint16), "thr": np.full(128, 5000, np.int16)}
    return edited("wrec", arrays, EN_STOCH_ROUND=1, SEED_STRND_NEUR=seed | 1 << 15)


def large_update():
    """An input trace of 320, an error of 32767 and a derivative of 15: bit 31 of K is set by a positive number."""
    n = 42
    times = {"ev_sample": np.zeros(40, int), "ev_t": np.arange(40), "ev_i": np.zeros(40, int), "sample_T": np.array([n])}
    levels = {"target_valid": (np.arange(n) == 40).astype(int), "infer_acc": np.zeros(n, int), "target": np.full((n, 2), 32767) * [1, 0]}
    return edited("winp", {**times, **levels}, H_4=15, LR_P_WINP=0, LR_R_WINP=31)


ODD_OUTPUT = {"wout_init": np.array([[1, 0], [0, 0]], np.int8), "target": np.full((4, 2), 1024)}
CLASSES = {"target": np.zeros((3, 2), int)}
SELF = {"wout_init": np.array([[1, 0], [0, 0]], np.int8)}

#: What is changed, from what, to what, and the trace in which it must show.
MUTATIONS = [
    (neuron, "STEP", "u*dirty >= thr", "u*dirty > thr", lambda: edited("wrec", {"thr": np.full(128, 1280, np.int16)})),
    (neuron, "STEP", "bits(product, 15) >= r), 16)", "bits(product, 15) > r), 16)", rounding),
    (neuron, "STEP", "(1 - RST_MODE)*wrap(leaked - thr, 16)", "(1 - RST_MODE)*wrap(leaked + thr, 16)", busy),
    (output_unit, "STEP", "16*v + 15 - i", "16*v + 14", lambda: edited("winp", {"infer_acc": np.ones(3, int), **CLASSES}, REGRESSION=0)),
    (propagation, "DELIVER", "z_pre*shl(w_rec, FP_LOC_WREC_post) + x_pre", "x_pre*shl(w_rec, FP_LOC_WREC_post) + z_pre", busy),
    (propagation, "DELIVER", "w >= 0 and n < 0", "w > 0 and n < 0", lambda: edited("winp", NOISE_EN=1)),
    (propagation, "TRACES", "int(i > NR)", "int(i > NN)", busy),
    (learning, "READ", "u_read < THR_H_1", "u_read <= THR_H_1", lambda: edited("winp", THR_H_1=0, THR_H_2=0, THR_H_3=0)),
    (learning, "ERROR", "asr(v + 2048, 1)", "asr(v + 2049, 1)", lambda: edited("wout", ODD_OUTPUT, NO_OUT_ACT=0, LR_P_WOUT=27)),
    (
        learning, "SIGNALS", "asr(shl(S, LEARN_SIG_SCALE), 12)", "asr(shl(S, LEARN_SIG_SCALE) + 2048, 12)",
        lambda: edited("winp", {"target": np.full((3, 2), 2048) * [1, 0]}, LEARN_SIG_SCALE=0, LR_P_WINP=29),
    ),
    (weight_updates, "LEARN_INP", "size >= r", "size > r", lambda: edited("winp")),
    (weight_updates, "LEARN_REC", "size >= r", "size > r", lambda: edited("wrec")),
    (weight_updates, "FEEDBACK", "size >= r", "size > r", lambda: edited("wout")),
    (weight_updates, "LEARN_INP", "bits(asr(K, 31), 1) == 1", "K < 0", large_update),
    (weight_updates, "LEARN_REC", "*(1 - fire*int(i == j))", "", lambda: edited("wrec", SELF, LR_P_WREC=29)),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name", "old", "new", "trace"), MUTATIONS, ids=[f"{m[1]}: {m[2]} -> {m[3]}" for m in MUTATIONS])
def test_a_changed_comparison_is_seen(monkeypatch, module, name, old, new, trace):
    code, trace = getattr(module, name), trace()
    right = oracle_outputs(trace)
    if isinstance(code, str):
        assert old in code
        monkeypatch.setattr(module, name, code.replace(old, new))
    else:
        assert old in code.code
        changed = code._replace(code=code.code.replace(old, new))
        monkeypatch.setattr(module, "PHASES", tuple(changed if phase is code else phase for phase in module.PHASES))
    assert not same(replay_module.replay(trace, device="numpy"), right)


@pytest.mark.parametrize("trace", (rounding, large_update), ids=lambda trace: trace.__name__)
def test_unchanged_equations_agree_on_these_traces(trace):
    assert same(replay_module.replay(trace(), device="numpy"), oracle_outputs(trace()))
