"""Xylo: LIF neurons with a synaptic current, 8-bit weights, 16-bit states and decays by bit shift; three chips, bit for bit as xylosim."""

import numpy as np

from brian2chip.chips.chip import Backend, Chip, LeakLaw
from brian2chip.chips.cuba_family.placed import PlacedNetwork
from brian2chip.chips.xylo.configuration import Configuration
from brian2chip.chips.xylo.constraints import limits_of
from brian2chip.chips.xylo.fields import AUDIO2, AUDIO3, FIELDS, IMU, SOURCE
from brian2chip.chips.xylo.files import read
from brian2chip.chips.xylo.mapping import emulate, place, write
from brian2chip.chips.xylo.replay import REPLAY


def shift_law(field: str) -> LeakLaw:
    """Return the decay by a bit shift: ``1 - 2^-dash`` is left."""
    return LeakLaw(
        field,
        "shift",
        value=lambda factor: -np.log2(np.maximum(1 - np.asarray(factor, float), 2.0**-15)),
        factor=lambda value: 1 - 2.0 ** -np.asarray(value, float),
    )


COMMON = dict(
    source=SOURCE,
    verified="step by step equal to xylosim 0.1.3; one synaptic current a neuron, no aliases",
    fields=FIELDS,
    roles={"weight": "weight", "weight_exponent": "weight_shift", "v_threshold": "threshold", "bias": "bias"},
    kinds=("cuba",),
    resets=("subtract_at_once", "subtract"),
    leak=shift_law("dash_mem"),
    current_leak=shift_law("dash_syn"),
    backend=Backend(PlacedNetwork[Configuration], 1, place, emulate, write, read, REPLAY),
)

XYLO_AUDIO2 = Chip(name="xylo_audio2", constraints=limits_of(AUDIO2), **COMMON)
"""Xylo-Audio 2: 1,000 hidden and 8 output neurons, 8-bit weights, 16-bit states and decays by bit shift; bit for bit as xylosim."""
XYLO_IMU = Chip(name="xylo_imu", constraints=limits_of(IMU), **COMMON)
"""Xylo-IMU: 496 hidden and 16 output neurons, 8-bit weights, 16-bit states and decays by bit shift; bit for bit as xylosim."""
XYLO_AUDIO3 = Chip(name="xylo_audio3", constraints=limits_of(AUDIO3), **COMMON)
"""Xylo-Audio 3: 992 hidden and 32 output neurons, 8-bit weights, 16-bit states and decays by bit shift; bit for bit as xylosim."""
