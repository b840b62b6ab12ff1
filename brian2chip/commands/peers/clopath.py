"""NEST's clopath_synapse on its two neurons: the twelve cases of NEST's own test."""

from __future__ import annotations

from typing import Any

from brian2chip.commands.peers._peer import Peer, Values
from brian2chip.protocols import clopath_cases

NEURONS = {"adex_clopath": "aeif_psc_delta_clopath", "hh_clopath": "hh_psc_alpha_clopath"}


def _by_case(values: dict[str, Any]) -> Values:
    names = list(clopath_cases.cases()["case"])
    return {(f"{NEURONS[neuron]}, {name}", "last weight on the scale of the test"): value[k : k + 1]
            for neuron, value in values.items() for k, name in enumerate(names)}  # fmt: skip


def live(nest: Any) -> Values:
    """Return NEST's weights."""
    return _by_case({neuron: clopath_cases.nests(neuron, nest=nest) for neuron in NEURONS})


def ours() -> Values:
    """Return ours, by Brian2's integration."""
    return _by_case({neuron: clopath_cases.ours(neuron) for neuron in NEURONS})


PEERS = (
    Peer(
        "clopath_synapse",
        "clopath",
        "NEST's spikes reach the neuron one and the teacher's two steps after their generators, voltages are clamped after a spike and "
        "filtered voltages are delayed, as in the authors' code; NEST integrates with steps of its own, Brian2 with rk4, so 0.3 of the "
        "scale on which 100 is no change is allowed",
        live,
        ours,
        tolerance=0.3 / 100,
    ),
)
