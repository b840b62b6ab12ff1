"""Rate units that relax to an equilibrium, of equilibrium propagation: one step towards it, free or nudged to the target.

``s`` is the state, ``y`` its rate as other units see it, ``drive`` what comes from the layers below and above, and ``nudge`` the strength
with which the target draws the output, 0 for other units and in the free phase.
"""

from __future__ import annotations

#: The rate of a state (or of a drive) x, and its derivative.
ACTIVATIONS = {
    "sigmoid": ("1/(1 + exp(-4*({x} - 0.5)))", "4*exp(-4*({x} - 0.5))/(1 + exp(-4*({x} - 0.5)))**2"),
    "hard_sigmoid": ("clip({x}, 0, 1)", "int({x} >= 0)*int({x} <= 1)"),
    "tanh": ("tanh({x})", "(1 - tanh({x})**2)"),
}


def rate(dynamics: str, activation: str) -> str:
    """Return the code of a unit's rate; in discrete time the state is the rate."""
    return f"y = {ACTIVATIONS[activation][0].format(x='s')}" if dynamics == "energy" else "y = s"


def code(dynamics: str, activation: str) -> str:
    """Return the code of one step of a unit.

    Parameters
    ----------
    dynamics : {"prototypical", "inside", "energy"}
        Discrete time with the nudge outside the activation (Ernoult et al. 2019) or within it (Laborieux et al. 2021), or the gradient of
        an energy in steps of ``step`` (Scellier & Bengio 2017).
    activation : str
        One of :data:`ACTIVATIONS`.
    """
    of, slope = ACTIVATIONS[activation]
    step = {
        "prototypical": f"s = {of.format(x='drive')} + nudge*(target - s)",
        "inside": f"s = {of.format(x='(drive + nudge*(target - s))')}",
        "energy": f"s = clip(s + step*(-s + {slope.format(x='s')}*drive + nudge*(target - s)), 0, 1)",
    }[dynamics]
    return f"{step}\n{rate(dynamics, activation)}"
