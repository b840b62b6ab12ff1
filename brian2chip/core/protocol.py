"""A published experiment: conditions, stimuli, what is measured, data and score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from brian2chip.core.field_types import check_fields
from brian2chip.errors import UserError


@dataclass(frozen=True)
class Stimulus:
    """Spike times that a protocol gives to a set of independent synapses, one per condition and replica.

    Attributes
    ----------
    pre_i, pre_t : arrays
        Condition index and time (s) of every presynaptic spike.
    post_i, post_t : arrays
        The same for prescribed postsynaptic spikes.
    duration : float
        Seconds.
    """

    pre_i: np.ndarray
    pre_t: np.ndarray
    post_i: np.ndarray
    post_t: np.ndarray
    duration: float


@dataclass(frozen=True)
class Protocol:
    """A published experiment: a table of conditions, a stimulus for each, what is measured, the data, and the score.

    Attributes
    ----------
    name, source : str
        The registry name and the citation.
    conditions : callable
        ``conditions(options) -> DataFrame``, one row a condition. Published data stand in the columns ``data_dw`` and
        ``data_sem`` (NaN where there are none), in the unit of the measurement; ``data_used`` (bool), where it is there, says
        which of them scores and fits use.
    stimulate : callable
        ``stimulate(condition, options, rng) -> (pre, post)``: spike times in seconds, pure NumPy, ``condition`` a row as a dict.
    reduce : callable
        ``reduce(conditions, synapses, options) -> DataFrame``: from one row a synapse (columns ``condition``, ``replica``,
        ``start``, ``w_start``, ``w_end``) to one row a condition; the default is the relative change ``dw``.
    score : callable
        ``score(table) -> dict``; the first entry is the score.
    plot : callable or None
        ``plot(table, ax) -> ax``; None draws the change of each condition.
    measured : str
        What ``dw`` is, with its unit.
    expected : mapping of rule name to (score, tolerance)
        Published or verified scores.
    options : mapping
        Options with their defaults, e.g. the number of pairings.
    option_help : mapping
        One line each.
    dt : float
        Seconds; the grid on which all spike times lie.
    replicas : int
        Independent synapses a condition (Poisson protocols); ``options["replicas"]`` overrides it.
    simulate : callable or None
        ``simulate(rule, conditions, options, settings) -> DataFrame`` for experiments that are a network and not a set of
        independent synapses; it replaces ``stimulate`` and ``reduce``. ``settings`` holds device, seed, dt and progress.
    """

    name: str
    source: str
    conditions: Callable
    score: Callable
    plot: Callable | None
    stimulate: Callable | None = None
    reduce: Callable | None = None
    measured: str = "relative change of the weight (1)"
    expected: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    option_help: Mapping[str, str] = field(default_factory=dict)
    dt: float = 1e-4
    replicas: int = 1
    simulate: Callable | None = None

    def __post_init__(self):
        check_fields(self)
        if not (np.isfinite(self.dt) and self.dt > 0) or self.replicas < 1:
            raise UserError(f"protocol {self.name!r} has dt {self.dt} s and {self.replicas} replicas; both must be positive.")
