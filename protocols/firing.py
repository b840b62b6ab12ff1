"""Whether driven neurons fired where a protocol asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np

from brian2chip.core.drives import CurrentPulse
from brian2chip.core.model import Model
from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError
from brian2chip.protocols import trains

logger = logging.getLogger(__name__)


def check_fired(
    rule: Rule, spikes: tuple[np.ndarray, np.ndarray], stimuli: Sequence[tuple], n: int, dt: float, described: Callable[[int], str]
) -> float:
    """Return by how much a spike missed its prescribed time at most, in seconds; a neuron under a pulse fires by its own equations.

    Parameters
    ----------
    rule : Rule
    spikes : (indices, times)
        Of the neurons, times in seconds.
    stimuli : list of (pre, post)
        Of which the ``n`` first neurons take each in turn.
    described : callable
        Says in words what a stimulus, by its number, stands for.

    Raises
    ------
    UserError
        When a neuron did not fire where it was prescribed, refractory or not driven hard enough, or fired where it was not, under a pulse.
    """
    prescribed, neuron = trains.laid_out(stimuli, n, 0.0), model(rule.post)
    steps = lambda t: np.rint(np.asarray(t) / dt).astype(np.int64)  # noqa: E731
    made_i = np.asarray(spikes[0], np.int64)
    wanted, made = steps(prescribed.post_t), steps(spikes[1])
    made, made_i = made[made_i < n], made_i[made_i < n]
    if isinstance(neuron.drive, CurrentPulse):
        return dt * _missed_by(rule, neuron, (prescribed.post_i, wanted), (made_i, made), dt, lambda k: described(k % len(stimuli)))
    most = 1 + max(np.max(wanted, initial=0), np.max(made, initial=0))
    lost = ~np.isin(prescribed.post_i * most + wanted, made_i * most + made)
    if lost.any():
        k = int(np.argmax(lost))
        raise UserError(
            f"{described(int(prescribed.post_i[k]) % len(stimuli))} prescribes a postsynaptic spike at {1e3 * wanted[k] * dt:g} ms, where "
            f"neuron {neuron.name!r} of rule {rule.name!r} did not fire; space them wider than its refractory time and the step, "
            "or give its Model a stronger teacher."
        )
    return 0.0


def _missed_by(rule: Rule, neuron: Model, wanted: tuple, made: tuple, dt: float, described: Callable[[int], str]) -> int:
    """Return the largest distance in steps between a prescribed spike and the one that a pulse made."""
    worst, where = 0, 0
    for k in np.unique(np.r_[wanted[0], made[0]]):
        asked, got = np.sort(wanted[1][wanted[0] == k]), np.sort(made[1][made[0] == k])
        if len(asked) != len(got):
            raise UserError(
                f"{described(int(k))} asks for {len(asked)} postsynaptic spikes, and under the current pulses neuron {neuron.name!r} of "
                f"rule {rule.name!r} fired {len(got)} times; change the pulse's amplitude or duration, space the spikes wider, or let them "
                'happen (drive="prescribed").'
            )
        missed = int(np.max(np.abs(asked - got), initial=0))
        if len(asked) > 1 and missed > np.min(np.diff(asked)) // 2:
            at = asked[np.argmax(np.abs(asked - got))]
            raise UserError(
                f"{described(int(k))} asks for a postsynaptic spike at {1e3 * at * dt:g} ms, which neuron {neuron.name!r} under its "
                f"current pulse misses by {1e3 * missed * dt:g} ms; change the pulse's amplitude or duration, or space the spikes wider."
            )
        if missed > worst:
            worst, where = missed, int(k)
    if worst:
        logger.warning(
            "%s the spikes that neuron %r makes under its current pulses miss the prescribed times by up to %g ms; the change is that of "
            "the spikes as they came.",
            described(where),
            neuron.name,
            1e3 * worst * dt,
        )
    return worst
