"""Where independent jobs run: in this process, in others of this machine, or on the workers of a Dask scheduler."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass

from brian2chip.errors import UserError


@dataclass(frozen=True)
class Workers:
    """Where jobs run.

    Attributes
    ----------
    count : int or None
        Worker processes on this machine; one means this process. None takes one a core, and these alone when the jobs take long.
    scheduler : str or None
        The address of a Dask scheduler whose workers compute instead, e.g. ``"tcp://cluster:8786"``.
    """

    count: int | None = None
    scheduler: str | None = None

    @property
    def cores(self) -> int:
        """How many worker processes of this machine there are, if any."""
        return self.count or os.cpu_count() or 1

    def __post_init__(self):
        if self.count is not None and (not isinstance(self.count, int) or isinstance(self.count, bool) or self.count < 1):
            raise UserError(f"the number of worker processes was given as {self.count!r:.40}; give a whole number of at least 1.")
        if self.scheduler is not None and self.count is not None:
            raise UserError(
                "a scheduler and a number of workers were both given; a scheduler has its own workers, so leave the number out."
            )
        if self.scheduler is not None and importlib.util.find_spec("distributed") is None:
            raise UserError("a scheduler is reached through the package distributed; install it with pip install 'brian2chip[sweep]'.")
