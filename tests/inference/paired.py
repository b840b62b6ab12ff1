"""A rule of one trace in an experiment of three pairings, whose changes are known in closed form."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from brian2 import ms

sys.path.append(str(Path(__file__).parents[1] / "protocols"))
import own  # noqa: E402

DT_MS = [10.0, 20.0, 30.0]
RULE = own.rule(
    model="w : 1\ndx/dt = -x/tau : 1 (event-driven)", on_pre="x += 1", on_post="w += A*x", parameters={"A": 0.1, "tau": 20 * ms}
)
PRIOR = {"A": (0.0, 0.3), "tau": (5 * ms, 100 * ms, "log")}


def experiment(name="own", **more):
    """Return the experiment, with means that A = 0.1 and tau = 20 ms would give."""
    table = {"data_dw": changes(np.array([[0.1, 0.02]]))[0], "data_sem": [0.02, 0.02, 0.02]} | more
    return replace(own.pairings(DT_MS, **{k: v for k, v in table.items() if v is not None}), name=name)


def changes(values):
    """Return the relative changes [sets, 3] of a weight of 1 by sums over all pairs; ``values`` are A and tau (s), [sets, 2].

    Presynaptic spikes at 0.1, 0.3 and 0.5 s, each postsynaptic one dt later: A * sum over earlier presynaptic spikes of exp(-lag/tau).
    """
    dt = np.array(DT_MS) * 1e-3
    lags = np.concatenate([dt + 0.2 * later for post in range(3) for later in range(post + 1)]).reshape(6, 3)
    return values[:, :1] * np.exp(-lags[None] / values[:, 1][:, None, None]).sum(axis=1)
