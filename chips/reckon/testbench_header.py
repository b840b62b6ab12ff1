"""The header of the open-source testbench, ``tbench.h``, with the constants of one network: registers, thresholds, leaks, sizes, ticks."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.field import Field
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import ALPHA_LOW, N_PAIRS, REGISTERS, THR

#: Half periods in ns: SCK is five times slower than the clock.
CLK_HALF_PERIOD, SCK_HALF_PERIOD = 10, 50
#: Registers that the testbench sets itself.
OWN = ("EN_CONF", "GET_TAR_REQ_OUT")


def header(configuration: Configuration, samples: ChipSamples | None) -> list[str]:
    """Return the lines of ``tbench.h``.

    The names up to the first blank line but one are those that the testbench includes; those after it stand for the numbers that its
    text holds for its own task.
    """
    registers = [(f"SPI_{f.name}", _value(f, configuration[f.name])) for f in REGISTERS if f.name not in OWN]
    clocks = [("CLK_HALF_PERIOD", CLK_HALF_PERIOD), ("SCK_HALF_PERIOD", SCK_HALF_PERIOD), ("EPOCHS", 1)]
    return [
        "// Constants of this network for the testbench of ReckOn; README.txt says how it is played.",
        *(f"`define {name} {value}" for name, value in [*clocks, *registers]),
        "",
        "// What the text of the testbench holds as numbers. Pair w of units: NEUR_THR[16*w +: 16], NEUR_ALPHA[12*w +: 12].",
        *(f"`define {name} {value}" for name, value in [*_sizes(configuration), *_neurons(configuration), *_ticks(samples)]),
    ]


def _value(f: Field, value: int) -> str:
    bits = f"{f.bits}'h{value & (1 << f.bits) - 1:x}"
    return f"$signed({bits})" if f.signed else bits


def _sizes(configuration: Configuration) -> list[tuple[str, int]]:
    """Return units in use, and words of 32 bits in a row of weights."""
    hidden, outputs = configuration.n_hidden, configuration.n_outputs
    sizes = [("NUM_INP", configuration.n_inputs), ("NUM_REC", hidden), ("NUM_OUT", outputs)]
    return [*sizes, ("WORDS_REC", -(-hidden // 4)), ("WORDS_OUT", -(-outputs // 4)), ("NUM_PAIRS", N_PAIRS)]


def _neurons(configuration: Configuration) -> list[tuple[str, str]]:
    """Return thresholds and low bits of the leaks of all pairs as one number each, pair 0 in the lowest bits."""
    found = []
    for name, f, codes in (("NEUR_THR", THR, configuration.thr), ("NEUR_ALPHA", ALPHA_LOW, configuration.alpha)):
        mask = (1 << f.bits) - 1
        whole = sum((int(code) & mask) << f.bits * w for w, code in enumerate(codes))
        found.append((name, f"{f.bits * N_PAIRS}'h{whole:0{f.bits * N_PAIRS // 4}x}"))
    return found


def _ticks(samples: ChipSamples | None) -> list[tuple[str, int]]:
    """Return samples, ticks of a sample and the tick at which winners begin to count, where they are the same for all samples."""
    if samples is None:
        return []
    found = [("NUM_SAMPLES", len(samples.n_ticks))]
    if len(np.unique(samples.n_ticks)) == 1:
        ticks = int(samples.n_ticks[0])
        found += [("NUM_TICKS", ticks), ("LAST_TICK", ticks - 1)]
        levels = samples.infer_acc.reshape(-1, ticks)
        if np.all(levels == levels[0]) and levels[0].any():
            found.append(("INFER_TICK", int(levels[0].argmax())))
    return found
