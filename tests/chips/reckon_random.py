"""Random ReckOn networks, configurations and samples in the form of the recorded traces; small, and busy enough that every part acts."""

import json

import numpy as np
import reckon_oracle

from brian2chip.chips.reckon.fields import BY_NAME
from brian2chip.chips.reckon.shift_registers import SHIFT_REGISTERS, register
from brian2chip.engine.functions.lfsr import stream_bits

WIDTH = {"winp": 32, "wrec": 32, "wout": 28}


def random_trace(seed: int, n_inp: int, n_rec: int, n_out: int, n_ticks: int, **fixed) -> dict:
    """Return the inputs of a trace; ``fixed`` sets registers (without the prefix SPI_) to chosen values."""
    rng = np.random.default_rng(seed)
    integer = lambda low, high: int(rng.integers(low, high + 1))  # noqa: E731
    columns = 16 * ((n_rec - 1 >> 4) + 1)
    seeds = {"SEED_INP": 25, "SEED_REC": 25, "SEED_OUT": 22, "SEED_NOISE_NEUR": 17, "SEED_STRND_ONEUR": 15}
    registers = {
        "NUM_INP_NEUR": n_inp - 1,
        "NUM_REC_NEUR": n_rec - 1,
        "NUM_OUT_NEUR": n_out - 1,
        **{name: integer(1, (1 << bits) - 1) for name, bits in seeds.items()},
        **{f"SEED_STRND_{name}": integer(1, 32767) | integer(1, 32767) << 15 for name in ("NEUR", "TINP", "TREC", "TOUT")},
        **{f"FP_LOC_{name}": integer(0, 7) for name in ("TINP", "TREC", "TOUT")},
        **{f"FP_LOC_{name}": integer(2, 7) for name in ("WINP", "WREC", "WOUT")},
        **{name: integer(0, 1) for name in ("RST_MODE", "EN_STOCH_ROUND", "REGRESSION", "SINGLE_LABEL", "NO_OUT_ACT")},
        **{name: integer(0, 1) for name in ("NOISE_EN", "FORCE_TRACES", "SEND_PER_TIMESTEP", "SEND_LABEL_ONLY")},
        "NOISE_STR": integer(3, 15),
        "LEARN_SIG_SCALE": integer(4, 15),
        "REGUL_MODE": integer(0, 7),
        "REGUL_W": integer(0, 3),
        "REGUL_F0": integer(0, 20),
        "REGUL_K_MUL": integer(0, 5),
        **{f"REGUL_K_{kind}_{side}": integer(0, 31 if side == "P" else 8) for kind in ("INP", "REC") for side in "PR"},
        "KAPPA": int(rng.choice([integer(90, 127), 128, integer(0, 255)])),
        **{f"H_{k}": integer(0, 31) for k in range(5)},
        **{f"THR_H_{k}": value & 0xFFFF for k, value in enumerate(np.sort(rng.integers(-600, 1500, 4)).tolist())},
        **{f"LR_P_{kind}": integer(4, 25) for kind in ("WINP", "WREC", "WOUT")},
        **{f"LR_R_{kind}": integer(0, 4) for kind in ("WINP", "WREC", "WOUT")},
        **fixed,
    }
    leak = rng.choice([integer(0x7E00, 0x7FFF), 0x8000, integer(0x7000, 0x8FFF)], size=128)
    ends = [n_ticks, n_ticks]
    total = sum(ends)
    events = {(s, t, i) for s in (0, 1) for t in range(n_ticks) for i in np.flatnonzero(rng.random(n_inp) < 0.25)}
    e = np.array(sorted(events), int).reshape(-1, 3)
    weights = lambda rows, size: np.clip(rng.normal(0, 35, (rows, size)), -128, 127).astype(np.int8)  # noqa: E731
    winp, wrec = np.zeros((n_inp, columns), np.int8), np.zeros((n_rec, columns), np.int8)
    winp[:, :n_rec], wrec[:, :n_rec] = weights(n_inp, n_rec), weights(n_rec, n_rec)
    return {
        "config_json": np.array(json.dumps({"SPI_" + name: value for name, value in registers.items()})),
        "thr": rng.integers(-20 if rng.random() < 0.1 else 50, 900, 128).astype(np.int16),
        "alpha": leak.astype(np.uint16),
        "winp_init": winp,
        "wrec_init": wrec,
        "wout_init": weights(n_rec, n_out),
        "sample_T": np.array(ends),
        "sample_do_eprop": np.array([int(rng.choice([7, 7, integer(0, 7)])) for _ in ends]),
        "sample_label": rng.integers(0, n_out, 2),
        "ev_sample": e[:, 0],
        "ev_t": e[:, 1],
        "ev_i": e[:, 2],
        "target_valid": (rng.random(total) < 0.6).astype(int),
        "infer_acc": (rng.random(total) < 0.7).astype(int),
        "target": rng.integers(-4000, 4000, (total, n_out)) if registers["REGRESSION"] else rng.integers(0, n_out, (total, 1)),
        "mem_idx": np.arange(max(n_inp, n_rec)),
    }


def complete(registers: dict) -> dict:
    """Return the registers that the oracle reads with reset values for what is not named."""
    return {name: f.default for name, f in BY_NAME.items()} | registers


def oracle_outputs(trace, **how):
    registers = complete({k.removeprefix("SPI_"): v for k, v in json.loads(str(trace["config_json"])).items()})
    oracle = reckon_oracle.run({**trace, "config_json": json.dumps(registers)}, **how)
    return reckon_oracle.outputs(oracle, trace["mem_idx"])


def same(result, expected):
    return all(np.array_equal(result[name], value) for name, value in expected.items())


def equality(memory):
    """Return a trace in which one update has a size equal to the number of the shift register, and where the weight is.

    One input event (or one spike of unit 0) gives the trace a = 8 (2 for the output weights); the error is the regression target itself
    since the output membranes stay 0; so the size is a*target << LR_P, and a seed is looked for whose first number is that.
    """
    trinomial, _ = SHIFT_REGISTERS[memory]
    a, column = {"winp": (8, 0), "wrec": (8, 1), "wout": (2, 0)}[memory]
    place = np.arange(1 << 21)
    number = stream_bits(trinomial, 1, place, WIDTH[memory])
    lr_p, n, target = next(
        (p, int(hit[0]), int(number[hit[0]] // (a << p)))
        for p in range(14)
        if (hit := np.flatnonzero((number > 0) & (number % (a << p) == 0) & (number // (a << p) < 32768))).size
    )
    first = n - WIDTH[memory] * column - (trinomial.length - trinomial.near)
    seed = register(memory, int(stream_bits(trinomial, 1, first, trinomial.length)))
    kind = {"winp": "INP", "wrec": "REC", "wout": "OUT"}[memory]
    registers = {
        **{"NUM_INP_NEUR": 1, "NUM_REC_NEUR": 1, "NUM_OUT_NEUR": 1, "KAPPA": 128, "REGRESSION": 1, "NO_OUT_ACT": 1, "FP_LOC_WINP": 7},
        **{f"SEED_{kind}": seed, "LEARN_SIG_SCALE": 12, "H_4": 1, f"LR_P_{memory.upper()}": lr_p},
        **{f"THR_H_{k}": 0x8000 for k in range(4)},
    }
    wout = np.zeros((2, 2), np.int8)
    wout[column, 0] = int(memory != "wout")
    tick = 1 if memory == "winp" else 2
    n_ticks = tick + 2
    spikes = memory != "winp"
    trace = {
        "config_json": json.dumps({"SPI_" + name: value for name, value in registers.items()}),
        "thr": np.full(128, 1000, np.int16),
        "alpha": np.full(128, 0x8000, np.uint16),
        "winp_init": np.array([[10 * spikes, 0], [0, 0]], np.int8),
        "wrec_init": np.zeros((2, 2), np.int8),
        "wout_init": wout,
        "sample_T": np.array([n_ticks]),
        "sample_do_eprop": np.array([{"winp": 1, "wrec": 2, "wout": 4}[memory]]),
        "sample_label": np.array([0]),
        **{"ev_sample": np.array([0]), "ev_t": np.array([0]), "ev_i": np.array([0])},
        "target_valid": (np.arange(n_ticks) == tick).astype(int),
        "infer_acc": np.zeros(n_ticks, int),
        "target": np.full((n_ticks, 2), target) * [1, 0],
        "mem_idx": np.arange(2),
    }
    return trace, (0, column)
