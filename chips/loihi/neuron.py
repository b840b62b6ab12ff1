"""Loihi's compartment as integer code, and what a stored weight stands for."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.cuba_family.network import SteppedNeuron

#: Widths with the sign: of what arrives in a step, of the synaptic current, and of the membrane.
ARRIVED, CURRENT, MEMBRANE = 22, 24, 24

#: What arrives and the current wrap round, the membrane stops at its bounds. What is left after a decay is rounded toward zero; the code
#: of the current's decay counts one more. During refractoriness the membrane stays at 0 and the current goes on.
STEP = f"""
beyond = beyond + int(wrap(arrived, {ARRIVED}) != arrived)
arrived = wrap(arrived, {ARRIVED})
u = towards_zero(u*(4095 - decay_u), 12) + arrived
beyond = beyond + int(wrap(u, {CURRENT}) != u)
u = wrap(u, {CURRENT})
v = towards_zero(v*(4096 - decay_v), 12) + u + shl(bias_mantissa, bias_exponent)
beyond = beyond + int(bounded(v, {MEMBRANE}) != v)
v = bounded(v, {MEMBRANE})*int(wait == 0)
fired = running*int(v > 64*vth)
v = v*(1 - fired)
wait = fired*(n_ref - 1) + (1 - fired)*(wait - int(wait > 0))
arrived = 0
"""
COMPARTMENT = SteppedNeuron(
    states={"u": np.int64, "v": np.int64, "arrived": np.int64, "wait": np.int32},
    constants=("decay_u", "decay_v", "vth", "bias_mantissa", "bias_exponent", "n_ref"),
    step=STEP,
    arrive="arrived_post += w",
)


def weight_value(mantissa, exponent: int = 0, mixed: bool = True) -> np.ndarray:
    """Return what synapses add to the current, a multiple of 64: the mantissa times ``2^(6 + exponent)``, rounded down to 64.

    Parameters
    ----------
    mantissa : int array
        -256..255; with both signs in a group of synapses (``mixed``) the lowest bit is lost, toward zero.
    exponent : int
        -8..7.
    mixed : bool
    """
    mantissa = np.asarray(mantissa, np.int64)
    kept = np.sign(mantissa) * (np.abs(mantissa) >> int(mixed) << int(mixed))
    return (kept << (8 + exponent)) >> 8 << 6
