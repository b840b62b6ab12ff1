"""Neurons in discrete time, each composed of the lines it needs: integrate-and-fire, LIF, adaptive LIF, leaky integrator.

A step, in this order: what arrived since the last step is integrated and the threshold adapts (``integrate``), the membrane is compared
with the threshold outside refractoriness (``fire``), and the membrane is reset. ``z`` is 1 in the step of a spike. Synapses deliver by
``on_pre``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brian2chip.core.neuron_kinds import COMPARISONS, RESETS
from brian2chip.errors import UserError, unknown

#: Brian2's reset statement. Subtraction that acts after the leak of the next step is a term of the membrane's equation instead.
RESET_CODE = {"subtract": "", "subtract_at_once": "v -= v_th", "zero": "v = v_reset"}

#: A step of the neuron that is exact within it: ``awake`` steps of time outside refractoriness, of which ``r`` steps are left.
EXACT = (
    "I = 0",
    "awake = clip(1 - r, 0, inf)",
    "v = clip(J + (v - J)*exp(awake*log(alpha)), v_reset, inf)",
    "r = clip(r - 1, 0, inf)",
)
#: Whether it crossed its threshold, and how long ago: ``log((J - v_th)/(J - v))`` time constants.
EXACT_FIRE = (
    "z = int(v > v_th)",
    "since = clip(-log1p(z*(v - v_th)/(abs(J - v) + 1 - z))/log(alpha), 0, awake)",
    "r += z*(t_ref - since)",
)


@dataclass(frozen=True)
class DiscreteNeuron:
    """A neuron in discrete time; its fields say which lines its equations and its step have.

    Attributes
    ----------
    leak : bool
        Whether the membrane keeps only the fraction alpha in each step.
    spikes : bool
        Whether the neuron has a threshold; without one it is a readout, whose membrane is read.
    adaptive : bool
        Whether every spike raises the threshold by beta, which decays by the factor rho.
    refractory : bool
        Whether a spike is followed by n_ref - 1 steps without spikes, in which the membrane keeps integrating.
    reset : {"subtract", "subtract_at_once", "zero"}
        What a spike does to the membrane: see :data:`brian2chip.core.neuron_kinds.RESETS`.
    fires : {">", ">="}
        How the membrane is compared with the threshold.
    gain : bool
        Whether input is multiplied by a constant.
    bias : bool
        Whether a constant is added at every step.
    filtered : bool
        Whether input passes through a synaptic current, which decays by the factor alpha_syn.
    rising : bool
        Whether the synaptic current rises, by the factor alpha_rise, before it decays: with equal factors an alpha synapse.
    rests : bool
        Whether the membrane decays towards v_leak instead of 0; it still starts at 0.
    exact : bool
        Whether the membrane follows the exact solution for input that is constant in a step, floored at v_reset: the neuron crosses its
        threshold, and its t_ref steps of refractoriness begin and end, between the steps; it fires at most once per step. A bias acts on
        the membrane, not through the synaptic current.
    collected : bool
        Whether synapses add to I, which is integrated as a whole, or directly to the membrane, after ``integrate``.

    Raises
    ------
    UserError
        For an unknown reset or comparison, or a synaptic current without input.
    """

    leak: bool = True
    spikes: bool = True
    adaptive: bool = False
    refractory: bool = False
    reset: str = "subtract"
    fires: str = ">="
    gain: bool = True
    bias: bool = False
    filtered: bool = False
    rising: bool = False
    rests: bool = False
    exact: bool = False
    collected: bool = True

    def __post_init__(self):
        if self.reset not in RESETS:
            raise unknown("reset of a neuron called", self.reset, RESETS)
        if self.fires not in COMPARISONS:
            raise unknown("comparison with the threshold called", self.fires, COMPARISONS)
        if self.rising and not self.filtered:
            raise UserError("a synaptic current that rises must also decay; a neuron that is rising must be filtered too.")
        if self.rests and not (self.leak and self.collected):
            raise UserError("a neuron decays towards v_leak if it leaks and takes its input from I.")
        if self.exact and (self.adaptive or not (self.leak and self.spikes and self.reset == "zero" and self.collected)):
            raise UserError("the exact neuron leaks, spikes, is reset to v_reset, does not adapt, and takes its input from I.")
        if self.filtered and not self.collected:
            raise UserError("a synaptic current takes its input from I; a neuron that is filtered must be collected too.")

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the state variables: membrane, input, spike, adaptation, threshold, refractoriness, current."""
        wanted = {"v": True, "I": self.collected, "z": self.spikes, "b": self.adaptive, "A": self.adaptive}
        wanted |= {"r": self.refractory or self.exact, "current": self.filtered, "rise": self.rising}
        return tuple(name for name, there in wanted.items() if there)

    @property
    def constants(self) -> tuple[str, ...]:
        """Names of the constants."""
        wanted = {"alpha": self.leak, "rho": self.adaptive, "alpha_syn": self.filtered, "gain": self.gain, "bias": self.bias}
        wanted |= {"alpha_rise": self.rising, "t_ref": self.exact, "v_leak": self.rests}
        wanted |= {"v_th": self.spikes, "beta": self.adaptive, "n_ref": self.refractory, "v_reset": self.spikes and self.reset == "zero"}
        return tuple(name for name, there in wanted.items() if there)

    @property
    def equations(self) -> str:
        """The state variables as Brian2 declares them."""
        return _lines(f"{name} : 1" for name in self.states)

    def declared(self, *, each: tuple[str, ...] = ()) -> str:
        """Return the declarations of the constants, of which those in ``each`` differ between the neurons of a group."""
        return _lines(f"{name} : 1 ({'constant' if name in each else 'shared, constant'})" for name in self.constants)

    @property
    def integrate(self) -> str:
        """The first part of a step: input, membrane, threshold."""
        given = ["gain*I" if self.gain else "I"] if self.collected else []
        biased = ["bias"] if self.bias else []
        if self.exact:
            return _lines([*self._current(given), f"J = {' + '.join([*(['current'] if self.filtered else given), *biased])}", *EXACT])
        drive = [*given, *biased]
        current = self._current(drive)
        kept = ("v_leak + alpha*(v - v_leak)" if self.rests else "alpha*v") if self.leak else "v"
        drop = " - v_th*z" if self.spikes and self.reset == "subtract" else ""
        membrane = f"v = {' + '.join([kept, *(['current'] if self.filtered else drive)])}{drop}"
        emptied = ["I = 0"] if self.collected else []
        adaptation = ["b = rho*b + z", "A = v_th + beta*b"] if self.adaptive else []
        return _lines([*current, membrane, *emptied, *adaptation])

    def _current(self, drive: list[str]) -> list[str]:
        """Return the lines of the synaptic current, where there is one."""
        rise = [f"rise = {' + '.join(['alpha_rise*rise', *drive])}"] if self.rising else []
        fed = ["rise"] if self.rising else drive
        return [*rise, f"current = {' + '.join(['alpha_syn*current', *fed])}"] if self.filtered else []

    @property
    def on_pre(self) -> str:
        """What a spike does that arrives through a synapse of weight w."""
        return "I_post += w" if self.collected else "v_post += gain_post*w" if self.gain else "v_post += w"

    @property
    def fire(self) -> str:
        """The second part of a step: spike detection and refractoriness; empty for a readout."""
        if not self.spikes:
            return ""
        if self.exact:
            return _lines(EXACT_FIRE)
        spike = f"z = int(v {self.fires} {'A' if self.adaptive else 'v_th'})"
        if not self.refractory:
            return _lines([spike])
        return _lines([spike + "*int(r <= 0)", "r = clip(r + n_ref*z - 1, 0, n_ref)"])

    @property
    def threshold(self) -> str:
        """Brian2's threshold: whether the step found a spike; empty for a readout."""
        return "z > 0.5" if self.spikes else ""

    @property
    def reset_code(self) -> str:
        """What Brian2 does to a neuron that has fired."""
        return RESET_CODE[self.reset] if self.spikes else ""


def _lines(lines) -> str:
    return "".join(f"{line}\n" for line in lines)


def neuron_of(kind: str, parameters: Mapping[str, Any]) -> DiscreteNeuron:
    """Return the neuron of a population, with the lines that its parameters require.

    Parameters
    ----------
    kind : str
        One of :data:`brian2chip.core.neuron_kinds.KINDS` other than ``"input"``.
    parameters : mapping
        Of the population; :func:`brian2chip.core.neuron_kinds.step_constants` gives the values of the constants.
    """
    return DiscreteNeuron(
        leak=kind != "if",
        spikes=kind != "li",
        adaptive=kind == "alif",
        refractory="refractory" in parameters,
        reset="zero" if kind == "lif_exact" else parameters.get("reset", "subtract"),
        fires=parameters.get("fires", ">="),
        exact=kind == "lif_exact",
        rising="tau_rise" in parameters,
        gain="gain" in parameters,
        bias="bias" in parameters,
        filtered="tau_syn" in parameters,
        rests="v_leak" in parameters,
    )
