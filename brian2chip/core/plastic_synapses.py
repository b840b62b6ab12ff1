"""Brian2's synapses that start with a rule's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from brian2 import Synapses


class PlasticSynapses(Synapses):
    """Brian2's ``Synapses``, which start with the rule's values when they are connected.

    Each call of :meth:`connect` sets all synapses to their start again, so connect first and set values of your own afterwards.
    """

    def __init__(self, *args: Any, values: list[tuple[str, Any]], delays: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_attribute("_values")
        self._values = [*values, *((f"{name}.delay", text) for name, text in delays.items())]

    def connect(self, *args: Any, **kwargs: Any) -> None:
        """Connect as Brian2 does, and set parameters and starting values."""
        super().connect(*args, **{**kwargs, "level": kwargs.get("level", 0) + 1})
        for name, value in self._values:
            pathway, _, variable = name.rpartition(".")
            setattr(getattr(self, pathway) if pathway else self, variable, value)
