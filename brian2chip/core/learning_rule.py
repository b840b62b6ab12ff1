"""How a network learns, as data: what every synapse computes, when it does, and when the weights change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from brian2chip.core import html
from brian2chip.core.equations import equations
from brian2chip.core.field_types import check_fields
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.parameters import check_defaults, with_parameters
from brian2chip.core.rule import Rule
from brian2chip.core.units import ms
from brian2chip.errors import UserError, unknown

#: How a rule of each schedule names the period of its code in the locality account, with a usual value; a network has its own.
PERIODS = {"step": ("dt", 1 * ms), "block": ("block", 50 * ms)}
UPDATES = ("step", "batch")


@dataclass(frozen=True)
class NeuronExtension:
    """What a rule needs of every neuron beyond the network's own equations.

    Attributes
    ----------
    equations : str
        Variables, as Brian2's ``NeuronGroup`` takes them.
    start : mapping of str to number
        Their values at the start of every sample and every block.
    before, after : str
        Code run at the end of every step, before and after the code of the synapses.
    """

    equations: str
    start: Mapping[str, float]
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class LearningRule:
    """How the synapses of a network learn a task from the errors of its readout.

    The equations and code may read the weight ``w``; of the presynaptic neuron ``zbar_pre``; of the postsynaptic neuron ``psi_post``,
    the learning signal ``L_post`` and the constants of ``models/eprop.py``; and, where the code changes the weights, the learning rate
    ``rate``.

    Attributes
    ----------
    name, source : str
        The registry name and the citation (author year, equation or table).
    model : str
        Variables of the synapse beside its weight, as Brian2's ``Synapses`` takes them.
    code : str
        What every synapse runs, see ``runs_each``.
    state : tuple of str
        Variables of ``model`` that are set to zero at the start of every sample.
    runs_each : {"step", "block"}
        Whether ``code`` runs at every time step, or once in a block of steps and at the end of the sample.
    block : callable or None
        ``block(network, dt) -> int``: steps of a block for a :class:`~brian2chip.core.network_config.NetworkConfig`.
    updates_each : {"step", "batch"}
        When weights change: at every step, by ``code`` itself; or once a batch, by the optimiser, from ``gradient``.
    gradient : str or None
        The variable of ``model`` that holds the gradient of the loss at the end of a sample; None where ``code`` changes the weights.
    at_sample_end : str
        Code that every synapse runs at the end of a sample, when its firing rates are known.
    on_pre : str
        What a presynaptic spike does.
    post : str
        Name of the neuron model whose variables the rule reads.
    extension : NeuronExtension or None
        What the rule adds to that neuron.
    adaptive_neurons : bool
        Whether its gradient holds for neurons with an adaptive threshold.
    rounds : bool
        Whether ``code`` keeps the weights on a grid of n bits by itself; only where it changes them.
    parameters : mapping of str to Quantity or number
        Constants of the equations with their defaults.
    bounds : mapping of str to (low, high)
        Allowed closed interval of a parameter, ``None`` for open ends.
    convention : str
        Sign and timing convention, in words.
    devices : tuple of str
        Where it runs.
    file : str or None
        The file that defines it, where that is a user's own.

    Raises
    ------
    UserError
        When a field is of another type, or the fields contradict one another or name a variable that the model does not have.
    """

    name: str
    source: str
    model: str
    code: str
    state: tuple[str, ...] = ()
    runs_each: str = "step"
    block: Callable[[NetworkConfig, float], int] | None = None
    updates_each: str = "batch"
    gradient: str | None = None
    at_sample_end: str = ""
    on_pre: str = "I_post += w"
    post: str = "eprop"
    extension: NeuronExtension | None = None
    adaptive_neurons: bool = True
    rounds: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, tuple] = field(default_factory=dict)
    convention: str = ""
    devices: tuple[str, ...] = ("numpy", "cython", "cpp_standalone", "cuda")
    file: str | None = None

    with_parameters = with_parameters
    _repr_html_ = html.definition

    def __post_init__(self):
        check_fields(self)
        check_defaults(self)
        if self.runs_each not in PERIODS:
            raise unknown(f"schedule runs_each of learning rule {self.name!r} called", self.runs_each, PERIODS)
        if self.updates_each not in UPDATES:
            raise unknown(f"schedule updates_each of learning rule {self.name!r} called", self.updates_each, UPDATES)
        _check_schedule(self)
        _check_variables(self)

    @property
    def online(self) -> bool:
        """Whether the rule changes the weights itself, at every step."""
        return self.updates_each == "step"

    def as_rule(self) -> Rule:
        """Return the synapse as a plasticity rule, which the locality and cost account takes; ``at_sample_end`` is left out."""
        period, usual = PERIODS[self.runs_each]
        return Rule(
            name=self.name,
            source=self.source,
            model="w : 1\n" + ("rate : 1 (shared, constant)\n" if self.online else "") + self.model,
            on_pre=self.on_pre,
            regular=((self.code, period),),
            parameters={**self.parameters, period: usual},
            bounds=self.bounds,
            convention=self.convention,
            post=self.post,
            devices=self.devices,
            file=self.file,
        )


def _check_schedule(rule: LearningRule) -> None:
    if (rule.runs_each == "block") != (rule.block is not None):
        says = "does not say how long a block is" if rule.block is None else "has a block although it runs at every step"
        raise UserError(f"learning rule {rule.name!r} {says}; give block=... together with runs_each='block', or neither.")
    if rule.online and rule.runs_each != "step":
        raise UserError(f"learning rule {rule.name!r} changes weights at every step but runs once a block; set runs_each='step'.")
    if rule.online and (rule.gradient is not None or rule.at_sample_end):
        raise UserError(f"learning rule {rule.name!r} changes weights at every step, so nothing takes its gradient or its code at the "
                        "end of a sample; leave gradient and at_sample_end out, or set updates_each='batch'.")  # fmt: skip
    if not rule.online and rule.gradient is None:
        raise UserError(f"learning rule {rule.name!r} leaves the weights to the optimiser; name the variable that holds the gradient, "
                        "or set updates_each='step'.")  # fmt: skip
    if rule.rounds and not rule.online:
        raise UserError(f"learning rule {rule.name!r} cannot round weights that the optimiser changes; set rounds=False: those of n bits "
                        "are rounded after every batch.")  # fmt: skip


def _check_variables(rule: LearningRule) -> None:
    try:
        names = set(equations(rule.model))
    except Exception as error:  # Brian2 raises whatever its parser does
        raise UserError(f"the model of learning rule {rule.name!r} cannot be read: {' '.join(str(error).split())}") from error
    for name in ("w", "slot", "rate"):
        if name in names:
            raise UserError(f"learning rule {rule.name!r} names {name!r} in its model, which every synapse has already; leave it out.")
    for name in (*rule.state, *([rule.gradient] if rule.gradient else [])):
        if name not in names:
            raise unknown(f"variable in the model of learning rule {rule.name!r} called", name, names)
