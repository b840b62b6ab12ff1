"""Networks that learn: from a task and a configuration to a trained network."""

from brian2chip.core.samples import Samples
from brian2chip.core.task import Task

__all__ = ["Samples", "Task"]
