"""What ReckOn's compiled program reads when it starts: levels and events of every tick, registers, and the content of the memories."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import N_HIDDEN, N_OUTPUT
from brian2chip.chips.reckon.memory import NEURON_STATE, Memory
from brian2chip.chips.reckon.shift_registers import output_window
from brian2chip.chips.reckon.tick import TICK_COLUMNS

#: Registers that the equations know by their own names.
HIDDEN_REGISTERS = (
    *("RST_MODE", "FORCE_TRACES", "NOISE_EN", "NOISE_STR", "REGUL_MODE", "EN_STOCH_ROUND", "KAPPA", "LEARN_SIG_SCALE", "REGUL_F0"),
    *(f"FP_LOC_{name}" for name in ("WINP", "WREC", "WOUT", "TINP", "TREC", "TOUT")),
    *("REGUL_K_INP_P", "REGUL_K_INP_R", "REGUL_K_REC_P", "REGUL_K_REC_R", "REGUL_K_MUL"),
    *(f"THR_H_{k}" for k in range(4)),
    *(f"H_{k}" for k in range(5)),
    *(f"LR_{side}_{name}" for side in "PR" for name in ("WINP", "WREC", "WOUT")),
)
OUTPUT_REGISTERS = ("REGRESSION", "NO_OUT_ACT", "SEND_PER_TIMESTEP", "REGUL_MODE", "EN_STOCH_ROUND", "KAPPA")


def tick_table(samples: ChipSamples, configuration: Configuration) -> np.ndarray:
    """Return the levels at the chip's pins in each tick, the columns of :data:`tick.TICK_COLUMNS` and then the targets."""
    ends = np.cumsum(samples.n_ticks)
    starts = ends - samples.n_ticks
    eprop = np.repeat(samples.eprop, samples.n_ticks)
    table = np.zeros((ends[-1], len(TICK_COLUMNS) + N_OUTPUT), np.int16)
    table[starts, 0] = 1
    table[ends - 1, 1] = 1
    table[:, 2] = samples.target_valid
    table[:, 3] = samples.infer_acc
    table[:, 4:7] = (eprop[:, None] >> np.arange(3)) & 1
    table[:, 7] = np.repeat(samples.label, samples.n_ticks)
    table[starts[1:], 8] = 1  # a programmed neuron memory is alive in the first sample of a run
    if samples.target is not None and configuration["REGRESSION"]:
        table[:, 9 : 9 + samples.target.shape[1]] = samples.target
    elif samples.target is not None and not configuration["SINGLE_LABEL"]:
        table[:, 7] = samples.target[:, 0] & 15
    return table


def event_table(samples: ChipSamples, configuration: Configuration) -> np.ndarray:
    """Return which inputs had an event before each tick, [ticks, inputs]; events collected twice count once."""
    starts = np.cumsum(samples.n_ticks) - samples.n_ticks
    table = np.zeros((int(samples.n_ticks.sum()), N_HIDDEN), np.uint8)
    table[starts[samples.sample] + samples.t, samples.i] = 1
    return np.ascontiguousarray(table[:, : configuration.n_rows])


def program_inputs(configuration: Configuration, memory: Memory) -> dict[str, dict[str, np.ndarray | int]]:
    """Return the values of the program's inputs, group by group."""
    c = configuration
    ni, nr, no = c["NUM_INP_NEUR"], c["NUM_REC_NEUR"], c["NUM_OUT_NEUR"]
    stepped = c.n_stepped // 2  # words; the last unit of an odd number is lost
    rounded = c.alpha != 0x8000
    starts = {name: output_window(name, content) for name, content in memory.lfsr.items()}
    sizes = {"NI": ni, "NR": nr, "NO": no, "NN": max(ni, nr), "RO": max(ni, nr, no)}
    halves = np.arange(N_HIDDEN) % 2
    hidden = {
        **sizes,
        **{name: c[name] for name in HIDDEN_REGISTERS},
        **{name: getattr(memory, name) for name in (*NEURON_STATE, "dirty")},
        **{f"window_{name}": starts[name] for name in ("winp", "wrec", "wout", "noise")},
        **{f"window_{name}": np.where(halves, starts[name + "1"], starts[name + "0"]) for name in ("neur", "tinp", "trec", "tout")},
        "REGUL_W_INP": c["REGUL_W"] & 1,
        "REGUL_W_REC": c["REGUL_W"] >> 1,
        "thr": np.repeat(c.thr, 2),
        "alpha": np.repeat(c.alpha, 2),
        "step_rank": np.repeat(np.cumsum(rounded) - rounded, 2),
        "N_STEPPED": stepped,
        "N_ROUNDED": int(rounded[:stepped].sum()),
        "N_TOUCHED": 2 * ((nr >> 1) + 1),
        "N_COLUMNS": c.n_columns,
    }
    output = {
        **sizes,
        **{name: c[name] for name in OUTPUT_REGISTERS},
        "N_OUT_STEPPED": min(16, c.n_stepped),
        "window_oneur": starts["oneur"],
    }
    crossbar = {f"w_{name}": getattr(memory, f"w{name}")[: c.n_rows, : c.n_columns].ravel() for name in ("inp", "rec")}
    return {"hidden": hidden, "output": output, "crossbar": crossbar, "readout": {"w_out": memory.wout[: c.n_rows, : c.n_outputs].ravel()}}
