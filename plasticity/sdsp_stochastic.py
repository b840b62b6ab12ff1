"""Stochastic SDSP: binary synapses that flip, where ODIN's SDSP would step, with programmed probabilities drawn from a shift register."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.registry import get
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError


class Taps(NamedTuple):
    """y[k] = y[k - tap] XOR y[k - width], and the shifts from one draw to the next."""

    tap: int
    shifts: int


#: By width n. Each runs through all 2^n - 1 states, by single shifts and by draws. With as many shifts a draw as there are bits a small
#: draw would be followed by another far too often, as three bits of a register are always related; these numbers of shifts make the
#: leading bits of two, three and four successive draws independent as far as n bits allow (tests count).
REGISTERS = {9: Taps(4, 34), 10: Taps(3, 16), 11: Taps(2, 14), 15: Taps(1, 37), 17: Taps(3, 23), 23: Taps(5, 30)}
#: Width of the register of the rule and of our MorphIC: our choice, the chip's own is not known.
WIDTH = 17


class Probability(NamedTuple):
    """A probability as realised by a register of ``width`` bits: ``k`` of its 2^width - 1 states."""

    asked: float
    k: int
    width: int

    @property
    def realised(self) -> float:
        """``k/(2^width - 1)``."""
        return self.k / (2**self.width - 1)

    def __str__(self) -> str:
        return f"{self.asked:g} asked, {self.realised:.9g} = {self.k}/{2**self.width - 1} realised"


def probability(asked: float, width: int = WIDTH) -> Probability:
    """Return a probability as realised by a shift register; 0 and 1 are exact.

    Raises
    ------
    UserError
        Outside 0 to 1, below half a state of the register but not 0, or for a width without taps.
    """
    states = 2 ** checked_width(width) - 1
    try:
        p = float(asked)
    except (TypeError, ValueError):
        p = np.nan
    if isinstance(asked, bool) or not 0 <= p <= 1:
        raise UserError(f"a probability was given as {asked!r:.60}; give a number from 0 to 1.")
    k = int(np.floor(p * states + 0.5))
    if p > 0 and k == 0:
        raise UserError(
            f"the probability {p:g} is below what a shift register of {width} bits resolves, 1/{states} = {1 / states:.3g}; "
            "give a larger one, 0, or a wider register."
        )
    return Probability(p, k, width)


def checked_width(width: int) -> int:
    """Return the width of a register; raise ``UserError`` for one without taps here."""
    if not is_whole(width) or width not in REGISTERS:
        raise UserError(f"a shift register of {width!r:.40} bits was asked for; widths are {', '.join(map(str, REGISTERS))}.")
    return int(width)


def event_by_event(pre, post, p, initial, width=WIDTH):
    """Return w and s after the last event, for a neuron that fires ``post`` under its teacher; all in SI.

    ODIN's conditions from its documentation, the register as a list of bits.
    """
    q = {name: float(np.asarray(value)) for name, value in get("model", "odin_lif").parameters.items()}
    bits = [int(initial["s"]) >> (width - 1 - b) & 1 for b in range(width)]  # the oldest first
    V, Ca, count, w = 0, 0, 0, int(initial["w"])
    end = max([*pre, *post], default=0.0) + 1e-9
    events = [(k * q["tref"], 0) for k in range(int(end / q["tref"]) + 1)]
    events += [(t, 1) for t in pre] + [(t - q["pulse"], 2) for t in post if t > q["pulse"]] + [(t, 3) for t in post]
    for _, kind in sorted((round(t, 9), kind) for t, kind in events):
        if kind == 0:
            V = max(0, V - q["leak_str"])
            count = (count + 1) % q["ca_leak"]
            Ca = Ca if count else max(0, Ca - 1)
        elif kind == 1:
            for _ in range(REGISTERS[width].shifts):
                bits = [*bits[1:], bits[width - REGISTERS[width].tap] ^ bits[0]]
            share = int("".join(map(str, bits)), 2) - 0.5
            if V >= p["theta_m"] and p["theta_1"] <= Ca < p["theta_3"]:
                w = 1 if share <= p["p_up"] * (2**width - 1) else w
            elif V < p["theta_m"] and p["theta_1"] <= Ca < p["theta_2"]:
                w = 0 if share <= p["p_down"] * (2**width - 1) else w
        elif kind == 2:
            V = q["v_pulse"]
        else:
            V, Ca = 0, min(7, Ca + 1)
    return {"w": w, "s": int("".join(map(str, bits)), 2)}


def draw(width: int = WIDTH) -> str:
    """Return the code by which the register s (the newest bit is bit 0) shifts to the next draw, from 1 to 2^width - 1."""
    tap, shifts = REGISTERS[checked_width(width)]
    near, far = 2 ** (tap - 1), 2 ** (width - 1)
    return "\n".join([f"s = 2*s % {2 * far} + (s//{near} + s//{far}) % 2"] * shifts)


def _varying(width: int) -> dict:
    """Return what of the rule depends on the width of its register."""
    states = 2 ** checked_width(width) - 1
    code = f"""
UP = int(V_post >= theta_m)*int(Ca_post >= theta_1)*int(Ca_post < theta_3)
DOWN = int(V_post < theta_m)*int(Ca_post >= theta_1)*int(Ca_post < theta_2)
{draw(width)}
rises = UP*int(s <= {states}*p_up + 0.5)
falls = DOWN*int(s <= {states}*p_down + 0.5)
w = w + rises*(1 - w) - falls*w
"""
    windows = {"theta_m": (0, 255), "theta_1": (0, 7), "theta_2": (0, 7), "theta_3": (0, 7)}
    return {
        "on_pre": code,
        "bounds": {"p_up": (1 / states, 1), "p_down": (1 / states, 1), **windows},
        "initial": {"w": [0, 1], "s": f"floor(uniform(1, {states + 1}))"},
        "convention": "At a presynaptic spike, by the membrane and calcium that the neuron's last update left; one draw a spike and "
        f"synapse, which realises p as the nearest k/{states}.",
        "oracle": partial(event_by_event, width=width),
    }


SDSP_STOCHASTIC = Rule(
    name="sdsp_stochastic",
    source="after MorphIC (Frenkel, Legat, Bol 2019, IEEE TBioCAS 13:999; abstract and secondary sources); conditions of ODIN's SDSP",
    model="""
        w : integer  # the binary synapse
        s : integer  # the shift register
    """,
    # The probabilities are ours; on the chip they are programmed.
    parameters={"p_up": 0.1, "p_down": 0.1, "theta_m": 128, "theta_1": 1, "theta_2": 3, "theta_3": 7},
    post="odin_lif",
    devices=("numpy", "cython", "cpp_standalone"),
    **_varying(WIDTH),
)


def with_width(width: int) -> Rule:
    """Return the rule with a shift register of another width."""
    return replace(SDSP_STOCHASTIC, **_varying(width))
