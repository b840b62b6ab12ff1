"""ReckOn's published setting for cue accumulation, and a start for other classification tasks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from brian2chip.chips.reckon.configuration import Configuration

#: Registers of the cue-accumulation task in the testbench of the open-source RTL: 40 inputs, 100 hidden units, 2 outputs.
CUE_ACCUMULATION = {
    **{"NUM_INP_NEUR": 39, "NUM_REC_NEUR": 99, "NUM_OUT_NEUR": 1, "EN_CONF": 0, "GET_TAR_REQ_OUT": 0, "DO_EPROP": 0},
    **{"FP_LOC_WINP": 3, "FP_LOC_WREC": 3, "FP_LOC_WOUT": 3, "FP_LOC_TINP": 3, "FP_LOC_TREC": 4, "FP_LOC_TOUT": 6},
    **{"LEARN_SIG_SCALE": 5, "REGUL_MODE": 2, "REGUL_W": 3, "EN_STOCH_ROUND": 1, "KAPPA": 121},
    **{"THR_H_0": 205, "THR_H_1": 205, "THR_H_2": 205, "THR_H_3": 205, "H_4": 1},
    **{"LR_P_WINP": 8, "LR_P_WREC": 8, "LR_P_WOUT": 14, "REGUL_F0": 160, "REGUL_K_INP_P": 10, "REGUL_K_REC_P": 10},
    **{"SEED_INP": 0xF0F0, "SEED_REC": 0xF1F1, "SEED_OUT": 0xF2F2, "SEED_NOISE_NEUR": 0xFF0},
    **{"SEED_STRND_NEUR": 0x3F3FF3F3, "SEED_STRND_ONEUR": 0x74F4, "SEED_STRND_TINP": 0x3F5FF5F5},
    **{"SEED_STRND_TREC": 0x3F6FF6F6, "SEED_STRND_TOUT": 0x3F7FF7F7},
}
THRESHOLD, ALPHA = 614, 0x7FEF
#: Standard deviations of the initial input, recurrent and output weights that ship with the testbench, in codes.
INITIAL_SPREAD = {"winp": 14.2, "wrec": 1.83, "wout": 9.4}


def configuration(n_inputs: int = 40, n_hidden: int = 100, n_outputs: int = 2, *, alpha: int = ALPHA, kappa: int = 121) -> Configuration:
    """Return the cue-accumulation setting for a network of another size or with other leaks."""
    sizes = {"NUM_INP_NEUR": n_inputs - 1, "NUM_REC_NEUR": n_hidden - 1, "NUM_OUT_NEUR": n_outputs - 1}
    return Configuration.of({**CUE_ACCUMULATION, **sizes, "KAPPA": kappa}, THRESHOLD, alpha)


def initial_weights(n_inputs: int, n_hidden: int, n_outputs: int, rng: np.random.Generator) -> Mapping[str, np.ndarray]:
    """Return normally distributed weights of the shipped spread, no hidden unit connected to itself."""
    shapes = {"winp": (n_inputs, n_hidden), "wrec": (n_hidden, n_hidden), "wout": (n_hidden, n_outputs)}
    weights = {name: np.rint(rng.normal(0, INITIAL_SPREAD[name], shape)).clip(-128, 127).astype(np.int8) for name, shape in shapes.items()}
    np.fill_diagonal(weights["wrec"], 0)
    return weights
