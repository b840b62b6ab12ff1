"""Xylo: 8-bit weights, 16-bit states and a leak by bit shift; three chips, described and quantised."""

import numpy as np

from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.field import MEMBRANE, Field
from brian2chip.chips.limits import inputs, neurons, outputs


def shift_leak(v, dash) -> np.ndarray:
    """Return the state after one step: ``v - (v >> dash)``, and one towards zero where that shift is empty (linear decay of small v)."""
    v, dash = np.asarray(v, np.int64), np.asarray(dash)
    step = np.sign(v) * (np.abs(v) >> dash)
    return v - np.where(step == 0, np.sign(v), step)


FIELDS = (
    Field("weight", 8, signed=True, shared="synapse", unit=MEMBRANE, meaning="synaptic weight"),
    Field("threshold", 16, high=32767, shared="neuron", unit=MEMBRANE, meaning="firing threshold"),
    Field("dash", 8, high=15, shared="neuron", unit="log2(steps)", meaning="leak shift, log2(tau/dt)"),
)
LEAK = LeakLaw(
    "dash",
    "shift",
    value=lambda factor: -np.log2(np.maximum(1 - np.asarray(factor, float), 2.0**-15)),
    factor=lambda value: 1 - 2.0 ** -np.asarray(value, float),
)
SOURCE = "SynSense Xylo; ranges as in rockpool's mapper"
VERIFIED = "ranges and leak law verified against rockpool's mapper; no emulator here"
COMMON = dict(
    source=SOURCE,
    verified=VERIFIED,
    fields=FIELDS,
    roles={"weight": "weight", "v_threshold": "threshold"},
    kinds=("lif",),
    resets=("subtract",),
    leak=LEAK,
)

XYLO_AUDIO2 = Chip(name="xylo_audio2", constraints=(inputs(16), neurons(1008), outputs(8)), **COMMON)
XYLO_IMU = Chip(name="xylo_imu", constraints=(neurons(512), outputs(16)), **COMMON)
XYLO_AUDIO3 = Chip(name="xylo_audio3", constraints=(neurons(1024), outputs(32)), **COMMON)
