"""What a spiking network is made of: populations of neurons, and projections from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Population:
    """Neurons of one kind.

    Attributes
    ----------
    name : str
    kind : str
        ``"input"``, ``"if"``, ``"lif"``, ``"alif"``, ``"lif_exact"`` (crosses its threshold between the steps) or ``"li"`` (leaky
        readout without spikes).
    size : int
    parameters : mapping of str to number, str or array [size]
        Those of :data:`brian2chip.core.neuron_kinds.KINDS`, as plain SI numbers: ``tau_m``, ``tau_a``, ``tau_syn``, ``tau_rise``,
        ``refractory``, ``tau_ref`` in s; ``v_threshold``, ``v_reset``, ``beta``, ``bias`` and ``v_leak``, towards which the membrane
        decays, in the unit of the weights; ``gain``; ``reset`` is ``"subtract"`` (the default), ``"subtract_at_once"`` or ``"zero"``; a
        neuron ``fires`` where its membrane is ``">="`` (the default) or ``">"`` its threshold.
    """

    name: str
    kind: str
    size: int
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Projection:
    """All connections from one population to another.

    Attributes
    ----------
    source, target : str
        Names of populations.
    weight : float array [source size, target size]
        Zero where there is no connection.
    delay_steps : int
        Steps from the spike to its effect; 0 is the same step.
    """

    source: str
    target: str
    weight: np.ndarray
    delay_steps: int = 0
