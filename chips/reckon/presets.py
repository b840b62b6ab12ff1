"""Settings of ReckOn's learning for a task: the published one for cue accumulation, and others in its image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import ALPHA as ALPHA_FIELD
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig

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
LEARNING_RATES = ("LR_P_WINP", "LR_P_WREC", "LR_P_WOUT")


@dataclass(frozen=True)
class Preset:
    """How ReckOn learns a task.

    Attributes
    ----------
    registers : mapping of str to int
        All but the sizes.
    threshold, alpha : int
        Of all units.
    spread : mapping of str to float
        Standard deviations of the initial weights ``winp``, ``wrec`` and ``wout``, in codes.
    beside : Training
        Of float e-prop on the same samples, for comparison.
    n_train, n_test, epochs : int
        Samples of an epoch, samples of the test where it is drawn at random, and epochs.
    halve_after : int or None
        Epochs after which the host halves the learning rates (their left shifts become one less), again and again.
    learn_every : int
        The chip learns only in the ticks of the task's mask whose number is a multiple of this: the host says that the target is valid.
    """

    registers: Mapping[str, int]
    threshold: int
    alpha: int
    spread: Mapping[str, float]
    beside: TrainingConfig
    n_train: int = 50
    n_test: int = 50
    epochs: int = 10
    halve_after: int | None = None
    learn_every: int = 1

    def at(self, configuration: Configuration, epoch: int) -> Configuration:
        """Return the configuration with the learning rates of an epoch, counted from 1."""
        halved = 0 if self.halve_after is None else (epoch - 1) // self.halve_after
        return configuration.with_registers(**{name: max(configuration[name] - halved, 0) for name in LEARNING_RATES})


CUES = Preset(
    CUE_ACCUMULATION,
    THRESHOLD,
    ALPHA,
    INITIAL_SPREAD,
    TrainingConfig("eprop_events", "symmetric", rate=1e-3, rate_out=5e-3, batch=5, c_reg=300.0, f_target=10.0),
)
#: Smaller steps of the readout than for two classes; the surrogate derivative is a triangle around the threshold, as in float e-prop.
DIGITS = Preset(
    {
        **CUE_ACCUMULATION,
        **{"FP_LOC_WOUT": 2, "FP_LOC_TOUT": 5, "KAPPA": 116, "REGUL_F0": 40, "REGUL_K_INP_P": 7, "REGUL_K_REC_P": 7},
        **{"LR_P_WINP": 8, "LR_P_WREC": 8, "LR_P_WOUT": 8},
        **{"THR_H_0": 0, "THR_H_1": 205, "THR_H_2": 1228, "THR_H_3": 1228, "H_0": 0, "H_1": 1, "H_2": 2, "H_3": 1, "H_4": 0},
    },
    THRESHOLD,
    28918,  # 80 ms in steps of 10 ms
    {"winp": 4.5, "wrec": 4.0, "wout": 30.0},
    TrainingConfig("eprop_events", "symmetric", rate=1e-3, batch=10, c_reg=10.0, f_target=15.0, halve_after=200),
    n_train=500,
    epochs=10,
    halve_after=4,
)
#: Outputs that add up the whole sample, learned in few of its ticks; the regulariser keeps units from firing in all of them.
WHOLE_SAMPLES = {
    **DIGITS.registers,
    **{"FP_LOC_WOUT": 0, "FP_LOC_TOUT": 3, "KAPPA": 127, "REGUL_K_INP_P": 11, "REGUL_K_REC_P": 11},
    **{"LR_P_WINP": 11, "LR_P_WREC": 11, "LR_P_WOUT": 10},
}
CHANGES = replace(
    DIGITS,
    registers=WHOLE_SAMPLES,
    spread={"winp": 9.0, "wrec": 4.0, "wout": 20.0},
    n_train=2700,
    epochs=4,
    halve_after=1,
    learn_every=4,
)
KEYWORD = replace(CHANGES, n_train=1500, epochs=3)
EDGES = Preset(
    {**WHOLE_SAMPLES, "KAPPA": 125},
    THRESHOLD,
    30146,  # 60 ms in steps of 5 ms
    {"winp": 12.0, "wrec": 6.0, "wout": 20.0},
    TrainingConfig("eprop_events", "symmetric", rate=1e-3, batch=10, c_reg=10.0, f_target=15.0, halve_after=200),
    n_train=1500,
    n_test=500,
    epochs=3,
    halve_after=1,
    learn_every=10,
)
#: The task whose files ship with the open-source RTL.
CUES_TASK = "evidence_accumulation"
PRESETS = {
    CUES_TASK: CUES,
    "moving_edges": EDGES,
    "spoken_digits": DIGITS,
    "spoken_digits_lif": DIGITS,
    "spoken_digits_changes": CHANGES,
    "spoken_keyword": KEYWORD,
}


def of(task: Task) -> Preset:
    """Return the preset of a task; for one without, the setting of cue accumulation with leaks from the task's time constants."""
    if task.name in PRESETS:
        return PRESETS[task.name]
    alpha, kappa = (np.exp(-task.dt / tau) for tau in (task.network.tau_m, task.network.tau_out))
    alpha_code = int(np.clip(np.rint(2**15 * alpha), ALPHA_FIELD.minimum, 0x7FFF))
    return replace(CUES, alpha=alpha_code, registers={**CUE_ACCUMULATION, "KAPPA": int(np.rint(128 * kappa))})


def configuration(n_inputs: int = 40, n_hidden: int = 100, n_outputs: int = 2, preset: Preset = CUES) -> Configuration:
    """Return the configuration of a preset for a network of that size."""
    sizes = {"NUM_INP_NEUR": n_inputs - 1, "NUM_REC_NEUR": n_hidden - 1, "NUM_OUT_NEUR": n_outputs - 1}
    return Configuration.of({**preset.registers, **sizes}, preset.threshold, preset.alpha)


def initial_weights(
    n_inputs: int, n_hidden: int, n_outputs: int, rng: np.random.Generator, preset: Preset = CUES
) -> Mapping[str, np.ndarray]:
    """Return normally distributed weights of the preset's spread, no hidden unit connected to itself."""
    shapes = configuration(n_inputs, n_hidden, n_outputs, preset).weight_shapes
    weights = {name: np.rint(rng.normal(0, preset.spread[name], shape)).clip(-128, 127).astype(np.int8) for name, shape in shapes.items()}
    np.fill_diagonal(weights["wrec"], 0)
    return weights
