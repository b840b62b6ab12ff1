"""The backend of ODIN and of tinyODIN from what sets one apart from the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from brian2chip.chips.chip import Backend, Replay
from brian2chip.chips.odin_family import costs, mapping
from brian2chip.chips.odin_family.interface import Interface
from brian2chip.chips.odin_family.placed import PlacedNetwork


def backend(interface: Interface, configuration: Any, read: Callable, replay: Replay, **learning: Callable) -> Backend:
    """Return the backend of a chip; ``learning`` are its ``train`` or ``fine_tune``."""
    return Backend(
        PlacedNetwork[configuration],
        version=1,
        place=partial(mapping.place, interface),
        emulate=partial(mapping.emulate, interface),
        write=partial(mapping.write, interface),
        read=read,
        replay=replay,
        images=partial(costs.images, interface),
        costs=partial(costs.costs, interface),
        **learning,
    )
