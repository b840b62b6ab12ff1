"""
Twenty behaviours on ODIN
=========================

The twenty behaviours of Izhikevich (2004) on the emulated chip: membranes, input and spikes.
"""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from brian2chip.chips.odin import events as ev
from brian2chip.chips.odin.behaviours import PARAMETERS, PATTERNS
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin.replay import outputs

CELL = 10
BURST_TIMEREF = 1500


def stimulus(pattern: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return input addresses and the interval of each: a carry is eight units of weight, an interval ends with a time reference."""
    addresses, interval = [], []
    for k, carries in enumerate(pattern):
        pair = [ev.virtual(CELL, w, int(carries < 0)) for w in (7, 1)]
        addresses += pair * abs(carries) + [ev.time_reference(CELL)]
        interval += [k] * (2 * abs(carries) + 1)
    return np.array(addresses), np.array(interval)


def behave(chip, name: str) -> dict[str, np.ndarray]:
    """Return what the chip does with one behaviour's parameters and stimulus."""
    codes = PARAMETERS[name]
    bursts = (
        {"open_loop": 0, "burst_timeref": BURST_TIMEREF, "aer_src_ctrl_nneur": 1, "monitor_neur_addr": 255} if "spk_ref" in codes else {}
    )
    configuration = Configuration.blank(**bursts).with_neurons([CELL], lif=0, **codes)
    return outputs(chip, configuration, ev.checked(stimulus(PATTERNS[name])[0]), np.array([CELL]))


def draw(ax, name: str, result: dict[str, np.ndarray]) -> None:
    """Draw membrane, input and spikes over the clock cycles of one behaviour."""
    cycles = result["stim_start_cycle"].astype(float) / 1000
    interval = stimulus(PATTERNS[name])[1]
    ax.step(cycles, result["trace_core"][:, 0], where="post", color="tab:blue", lw=1)
    ax.step(cycles, np.array(PATTERNS[name])[interval] / 4 - 11, where="post", color="tab:grey", lw=0.8)
    ax.vlines(result["out_cycle"] / 1000, 8, 11, color="tab:red", lw=1)
    ax.set(title=name.replace("_", " "), ylim=(-13, 12), yticks=[-8, 0, 7])
    ax.title.set_fontsize(8)
    ax.tick_params(labelsize=6)


def main() -> None:
    """Write the gallery."""
    figure, axes = plt.subplots(5, 4, figsize=(11, 10), constrained_layout=True)
    with emulator() as chip:
        for ax, name in zip(axes.flat, PARAMETERS):
            draw(ax, name, behave(chip, name))
    figure.supxlabel("thousand clock cycles")
    figure.supylabel("membrane code (blue), input (grey), output link (red)")
    plt.show()


if __name__ == "__main__":
    main()
