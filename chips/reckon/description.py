"""ReckOn: a spiking recurrent network processor of 256 units with on-chip e-prop learning (Frenkel and Indiveri 2022), bit for bit."""

import numpy as np

from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.reckon.fields import ALPHA, NEURON_WORD, REGISTERS, SOURCE, WEIGHT

RECKON = Chip(
    name="reckon",
    source=SOURCE,
    verified="bit-exact emulator, checked against traces of the open-source RTL",
    fields=(*REGISTERS, *NEURON_WORD, ALPHA, WEIGHT),
    roles={"weight": "weight", "v_threshold": "thr"},
    kinds=("lif", "if", "li"),
    resets=("subtract", "zero"),
    leak=LeakLaw("alpha", "exponential", code=lambda a: np.asarray(a, float) * 2**15, factor=lambda c: np.asarray(c, float) / 2**15),
    readout_leak=LeakLaw("KAPPA", "exponential", code=lambda a: np.asarray(a, float) * 2**7, factor=lambda c: np.asarray(c, float) / 2**7),
    limits={"inputs": 256, "neurons": 256, "outputs": 16, "delay_steps": 1},
    exponents=tuple(range(8)),
    units={"weight": 1.0, "v_threshold": 1.0},
    energy={"synaptic operation at 0.5 V": (5.3e-12, "published figure of the 28 nm chip")},
    mapping="brian2chip.chips.reckon.mapping",
)
