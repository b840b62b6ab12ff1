"""The recurrent network that a learning task wants: sizes and constants in SI units, checked when made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from brian2chip.core.expressions import UnknownName, value_of
from brian2chip.core.field_types import check_fields
from brian2chip.core.neuron_kinds import step_constants, step_factor
from brian2chip.errors import UserError, unknown

SURROGATES = ("piecewise_linear", "exponential", "fast_sigmoid", "arctan")
#: What a pseudo-derivative of the user's own may read: the membrane, its threshold now and at rest, and the two settings.
READS = ("v", "A", "v_th", "gamma", "width")


@dataclass(frozen=True)
class NetworkConfig:
    """A recurrent network of LIF and adaptive LIF neurons with a leaky readout, in discrete time (Bellec et al. 2020).

    Attributes
    ----------
    n_lif, n_alif : int
        The LIF neurons come first.
    tau_m, tau_out, tau_a : float
        Time constants of membrane, readout and threshold, s.
    v_th : float
        Threshold, in the unit of the weights.
    beta : float
        Rise of an adaptive neuron's threshold with each of its spikes.
    refractory : float
        Absolute refractory time after a spike, s; the membrane goes on integrating.
    gamma, width : float
        Height and width of the pseudo-derivative.
    surrogate : str
        Shape of the pseudo-derivative: one of :data:`SURROGATES`, or an expression of ``v``, ``A`` (the threshold with its adaptation),
        ``v_th``, ``gamma`` and ``width``, e.g. ``"gamma*exp(-((v - A)/width)**2)"``.
    scaled_input : bool
        Whether input is multiplied by one minus the membrane's decay in a step.
    std_in, std_rec, std_out : float
        Standard deviation of the initial weights, in units of one over the root of the fan-in.
    """

    n_lif: int
    n_alif: int = 0
    tau_m: float = 20e-3
    tau_out: float = 20e-3
    tau_a: float = 2.0
    v_th: float = 0.6
    beta: float = 0.0
    refractory: float = 0.0
    gamma: float = 0.5
    width: float = 0.6
    surrogate: str = "piecewise_linear"
    scaled_input: bool = False
    std_in: float = 1.0
    std_rec: float = 1.0
    std_out: float = 1.4

    def __post_init__(self):
        check_fields(self, "a network")
        if self.surrogate not in SURROGATES:
            object.__setattr__(self, "surrogate", _expression(self.surrogate))  # in one line, without comments
        if self.n_lif < 0 or self.n_alif < 0 or self.n_rec < 2:
            raise UserError(f"{self.n_lif} LIF and {self.n_alif} adaptive neurons were asked for; a recurrent network needs at least two.")
        for name in ("tau_m", "tau_out", "tau_a", "v_th", "width"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise UserError(f"{name} of the network is {getattr(self, name)}; it must be positive.")

    @property
    def n_rec(self) -> int:
        """Number of recurrent neurons."""
        return self.n_lif + self.n_alif

    def constants(self, dt: float) -> dict[str, float | np.ndarray]:
        """Return the constants of the equations for a step of dt seconds."""
        own = {"tau_m": self.tau_m, "tau_a": self.tau_a, "refractory": self.refractory, "v_threshold": self.v_th}
        c = step_constants({**own, "beta": np.r_[np.zeros(self.n_lif), np.full(self.n_alif, self.beta)]}, dt)
        c = {**c, "n_ref": float(c["n_ref"]), "gain": 1 - c["alpha"] if self.scaled_input else 1.0}
        return {**c, "kappa": step_factor(self.tau_out, dt), "gamma": self.gamma, "width": self.width}


def _expression(text: str) -> str:
    """Return a pseudo-derivative of the user's own as one line.

    Raises
    ------
    UserError
        For a name that is no shape, and for what is no expression or has no finite value somewhere around the threshold.
    """
    if text.isidentifier() and text not in READS:
        raise unknown("pseudo-derivative", text, SURROGATES)
    around = {**dict.fromkeys(READS, 1.0), "v": np.linspace(-3, 5, 33)}
    try:
        with np.errstate(all="ignore"):
            value = np.asarray(value_of(text, around.__getitem__, dict))
    except UnknownName as error:
        raise UserError(f"{error} A pseudo-derivative reads {', '.join(READS)}.") from None
    if value.dtype.kind not in "biuf" or not np.all(np.isfinite(value)):
        raise UserError(f"the pseudo-derivative {text!r:.80} is not finite for every membrane around its threshold; write one that is.")
    tree = ast.parse(text.strip(), mode="eval")
    if truth := next(_truths(tree.body), None):
        raise UserError(
            f"{truth!r:.60} in the pseudo-derivative is a truth value, with which Brian2 does not calculate; write int({truth})."
        )
    return ast.unparse(tree)


def _truths(node: ast.expr, number: bool = True) -> Iterator[str]:
    """Yield the comparisons of an expression that stand where a number must; int() makes one of them."""
    logical = isinstance(node, ast.BoolOp) or isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    if number and (logical or isinstance(node, ast.Compare)):
        yield ast.unparse(node)
    whole = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int"
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _truths(child, not (logical or whole))
