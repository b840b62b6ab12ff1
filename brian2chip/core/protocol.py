"""A published experiment: conditions, stimuli, what is measured, data and score."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core import html, pairings
from brian2chip.core.drives import CurrentPulse, PrescribedSpike, VoltageStep
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
    score : callable or None
        ``score(table) -> dict``; the first entry is the score. None takes the error E where the data have standard errors, and the
        root mean square residual where they have none.
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
    signals : callable or None
        ``signals(condition, options, rng) -> {name: Signal}``: what it delivers with a condition, such as a reward, to rules that have a
        third factor of that name. The run lasts until 0.1 s after the last spike or change.
    drive : CurrentPulse, VoltageStep, PrescribedSpike or None
        How it makes a neuron (``post=`` of the rule) fire; the neuron's own way by default.
    tissue : str
        Where its data were measured, e.g. ``"visual cortex"``: the atlas notes beside a score that a rule's values are of another.
    atlas : bool
        Whether the atlas has it where nobody names protocols; False for one that takes minutes with a usual rule.
    """

    name: str
    source: str
    conditions: Callable
    score: Callable | None = None
    plot: Callable | None = None
    stimulate: Callable | None = None
    reduce: Callable | None = None
    measured: str = "relative change of the weight (1)"
    expected: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    option_help: Mapping[str, str] = field(default_factory=dict)
    dt: float = 1e-4
    replicas: int = 1
    simulate: Callable | None = None
    signals: Callable | None = None
    drive: CurrentPulse | VoltageStep | PrescribedSpike | None = None
    tissue: str = ""
    atlas: bool = True

    _repr_html_ = html.definition

    @staticmethod
    def from_csv(path: str | os.PathLike) -> Protocol:
        """Return an experiment from a table whose columns name their units, one row a condition.

        Parameters
        ----------
        path : path
            Columns are ``dt_ms`` (post minus pre), ``rate_hz`` and ``pairs`` of a train, or the spikes themselves, ``pre_ms`` and
            ``post_ms`` (``0 10 20``); ``trains`` and ``period_s`` repeat them. What was measured stands in ``dw`` (relative change) or
            ``ratio`` (after to before), ``sem`` (in the unit of the change) and ``n``; ``label`` says what a row is. Without ``pairs``
            a row is one pairing. Other units: ``dt_s``, ``dt_us``, ``rate_khz``, ``period_ms``, ``period_min``, ``pre_s``, ``post_s``,
            ``dw_percent``, ``ratio_percent``, ``sem_percent``. Presynaptic spikes of a rate lie on the nearest steps, postsynaptic ones
            ``dt_ms`` from them.

        Raises
        ------
        UserError
            For a file that cannot be read, columns that are missing, unknown or of two units, and values that no experiment can have.
        """
        table = pairings.read(path)
        dt = pairings.step(table)
        return Protocol(
            name=Path(path).stem,
            source=f"the table {Path(path).name}",
            conditions=partial(pairings.conditions, table),
            stimulate=partial(pairings.stimulate, dt),
            dt=dt,
        )

    def __post_init__(self):
        check_fields(self)
        if not (np.isfinite(self.dt) and self.dt > 0) or self.replicas < 1:
            raise UserError(f"protocol {self.name!r} has dt {self.dt} s and {self.replicas} replicas; both must be positive.")
