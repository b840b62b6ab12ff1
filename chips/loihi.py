"""Loihi 1: exponents, mantissas and truncating decays; describe and quantise, no emulator."""

import numpy as np

from brian2chip.chips.chip import Chip, LeakLaw
from brian2chip.chips.field import MEMBRANE, STEPS, Field
from brian2chip.chips.limits import inputs, neurons

SOURCE = "Davies et al. 2018, IEEE Micro 38:82; ranges as in nengo-loihi and brian2_loihi"


def decayed(x, decay, offset: int = 0) -> np.ndarray:
    """Return a state after one step of Loihi's decay: towards zero by ``ceil(|x| (decay + offset) / 4096)``.

    Parameters
    ----------
    x, decay : int arrays
        State (up to 23 bits and a sign) and decay code 0..4096.
    offset : int
        Added to the code: 1 for the synaptic current, 0 for the membrane.
    """
    x = np.asarray(x, np.int64)
    return x - np.sign(x) * (-((-np.abs(x) * (np.asarray(decay, np.int64) + offset)) // 4096))


def weight_value(mantissa, exponent: int = 0, mixed: bool = True, bits: int = 8) -> np.ndarray:
    """Return the effective synaptic weight, a multiple of 64: mantissa cut to its bits, times ``2^(6 + exponent)``, floored to 64.

    Parameters
    ----------
    mantissa : int array
        -256..255; in mixed sign mode one more low bit is lost.
    exponent : int
        -8..7.
    mixed : bool
    bits : int
        Width of the mantissa.
    """
    mantissa = np.asarray(mantissa, np.int64)
    cut = 8 - bits + int(mixed)
    kept = np.sign(mantissa) * ((np.abs(mantissa) >> cut) << cut)
    scaled = kept * 2.0 ** (6 + exponent)
    return (np.sign(scaled) * (np.floor(np.abs(scaled) / 64) * 64)).astype(np.int64)


LOIHI = Chip(
    name="loihi",
    source=SOURCE,
    verified="ranges and decay arithmetic verified against nengo-loihi and brian2_loihi; no emulator here",
    fields=(
        Field(
            "weight",
            8,
            signed=True,
            shared="synapse",
            scale=128.0,
            unit=MEMBRANE,
            meaning="mantissa in mixed sign mode: even steps of 64, times 2^exponent",
        ),
        Field("weight_exponent", 4, signed=True, meaning="power of two of a group of synapses"),
        Field("vth", 17, shared="neuron", scale=64.0, unit=MEMBRANE, meaning="threshold mantissa; fires when v > 64 vth"),
        Field("decay_v", 13, shared="neuron", high=4096, scale=1 / 4096, unit="1/step", meaning="membrane lost per step"),
        Field(
            "decay_u",
            13,
            shared="neuron",
            high=4096,
            default=4096,
            scale=1 / 4096,
            unit="1/step",
            meaning="current lost per step; 4096 keeps none",
        ),
        Field("bias_mantissa", 13, signed=True, low=-4095, shared="neuron", meaning="constant input"),
        Field("bias_exponent", 3, shared="neuron", meaning="power of two of the bias"),
        Field("refractory", 7, low=1, high=64, default=1, shared="neuron", unit=STEPS, meaning="steps from spike to next input"),
        Field("delay", 6, high=62, shared="synapse", unit=STEPS, meaning="synaptic delay"),
    ),
    roles={"weight": "weight", "weight_exponent": "weight_exponent", "v_threshold": "vth", "refractory": "refractory", "delay": "delay"},
    kinds=("lif", "if", "li"),
    resets=("zero",),
    leak=LeakLaw("decay_v", "exponential", value=lambda factor: 1 - factor, factor=lambda value: 1 - value),
    constraints=(inputs(4096), neurons(128 * 1024)),
)
