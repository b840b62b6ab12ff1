"""A network learns by e-prop and goes onto ReckOn: its learning curve, and float and chip side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from brian2chip.analysis import learning_plots, render
from brian2chip.analysis.demo_page import Section
from brian2chip.analysis.page import SIZE
from brian2chip.core.registry import get
from brian2chip.learning.train import train
from brian2chip.translation.evaluate import Behaviour
from brian2chip.translation.translate import translate

TASK, CHIP = "evidence_accumulation_lif", "reckon"
BATCH, UPDATES, TRIALS, CALIBRATION = 16, 90, 48, 32


def section(seed: int) -> tuple[Section, dict[str, pd.DataFrame]]:
    """Return the section and its tables."""
    net = train(TASK, seed=seed, batch=BATCH, iterations=UPDATES)
    held_out = get("task", TASK).generate(TRIALS, np.random.default_rng([seed, 1]), split="test")
    typical = get("task", TASK).generate(CALIBRATION, np.random.default_rng([seed, 2]))
    translation = translate(net, CHIP, test=held_out, calibration=typical)
    behaviour = translation.behaviour
    right = {name: f"{100 * share:.0f} %" for name, share in behaviour.accuracy.items()}
    figure, (ax,) = render.panels(1, 1, (SIZE[0] + 0.6, SIZE[1]))
    learning_plots.learning_curve(net.history, ax=ax)
    section = Section(
        "Learning, and the same network on a chip",
        f"After {BATCH * UPDATES:,} trials of e-prop the network answers {right['float']} of {TRIALS} held-out trials; on ReckOn's whole "
        f"numbers {right['chip']}, with the same answer in {100 * behaviour.agreement:.0f} %.",
        "Seven cues left or right, a second of silence, then the decision for the more frequent side: 40 inputs, 100 LIF neurons, "
        f"2 outputs, trained from random weights, translated to the 8-bit weights of ReckOn with the range of membranes that {CALIBRATION} "
        "trials of training visit, and run on its bit-exact model. Below, what became of every parameter, and one held-out trial.",
        (
            render.small_multiples([("loss and error of the training over updates", figure), *_trial(behaviour, held_out)]),
            render.table(_kept(translation.table())),
        ),
    )
    return section, {"history": net.history, "translation": translation.table()}


def _trial(behaviour: Behaviour, samples) -> list:
    """Return pictures of the first trial: the hidden spikes, and the difference of the two outputs."""
    spikes, (ax,) = render.panels(1, 1, SIZE)
    floats, chip = (behaviour.runs[name] for name in ("float", "chip"))
    for (name, run), look in zip(
        (("float", floats), ("chip", chip)), ({"marker": "|", "color": "0.6", "ms": 4}, {"color": "C3", "ms": 1.5})
    ):
        sample, t, i = next(iter(run.spikes.values()))
        ax.plot(t[sample == 0], i[sample == 0], **{"marker": ".", **look}, linestyle="none", label=name, rasterized=True)
    ax.set(xlabel="time (ms)", ylabel="neuron", title="spikes: float grey, chip red")
    outputs, (ax,) = render.panels(1, 1, SIZE)
    for name, run, look in (("float", floats, {"color": "0.5", "lw": 2.5}), ("chip", chip, {"color": "C3", "lw": 1})):
        v = next(iter(run.readout.values()))[0]
        ax.plot(v[:, 1] - v[:, 0], label=name, **look)
    ax.axhline(0, color="0.8", lw=0.8)
    ax.set(xlabel="time (ms)", ylabel="right minus left", title=f"outputs; right is {'right' if samples.label[0] else 'left'}")
    ax.legend(frameon=False, fontsize="small")
    return [("hidden spikes of one held-out trial, float and chip", spikes), ("outputs of one held-out trial, float and chip", outputs)]


def _kept(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a translation's table that a reader needs first, their heads in words."""
    heads = {"parameter": "parameter", "place": "of", "field": "field of the chip", "unit": "unit", "values": "values"}
    heads |= {"requested_low": "lowest asked", "requested_high": "highest asked", "rms_error": "rms error"}
    return table[[name for name in heads if name in table]].rename(columns=heads)
