"""A protocol of one condition or a few, and a rule of one line, as a user writes them."""

import numpy as np
import pandas as pd

from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule


def protocol(pre=(0.01,), post=(0.02,), name="own", **more):
    """Return a protocol of one condition that scores the change of the weight; times in seconds."""
    fields = {
        "source": "a test",
        "conditions": lambda options: pd.DataFrame({"k": [0]}),
        "score": lambda table: {"dw": table["dw"][0]},
        "plot": None,
        "stimulate": lambda condition, options, rng: (np.array(pre, float), np.array(post, float)),
    }
    return Protocol(name=name, **(fields | more))


def pairings(dt_ms, **columns):
    """Return a protocol with three pairings at each time difference, and columns of data."""
    return protocol(
        conditions=lambda options: pd.DataFrame({"dt_ms": dt_ms} | columns),
        stimulate=lambda condition, options, rng: (np.array([0.1, 0.3, 0.5]), np.array([0.1, 0.3, 0.5]) + condition["dt_ms"] * 1e-3),
        score=lambda table: {"mean": table["dw"].mean()},
        dt=1e-3,
    )


def rule(**fields):
    """Return a rule that adds 0.1 to a weight of 1 at each presynaptic spike, with some fields changed."""
    return Rule(**({"name": "mine", "source": "a test", "model": "w : 1", "on_pre": "w += 0.1"} | fields))
