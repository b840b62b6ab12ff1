"""Clopath et al. 2010: presynaptic spikes at 25 Hz while the postsynaptic voltage is held at a level; curve without data."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
from brian2.units import volt

from brian2chip.core.equations import DIFFERENTIAL_EQUATION
from brian2chip.core.later import brian2
from brian2chip.core.protocol import Protocol
from brian2chip.core.resolve import model
from brian2chip.core.starts import variables
from brian2chip.core.units import Quantity, have_same_dimensions
from brian2chip.core.user_rules import explained
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.protocols.efficacy import efficacy, starts, state_names
from brian2chip.protocols.kept_apart import kept_apart
from brian2chip.protocols.network_objects import neurons, plastic_synapses, spike_source

SETTLE = 0.2  # s at the level before the first spike, 20 time constants of the filters


def conditions(options):
    """Return the levels (mV); what the paper compares them with could not be verified, so there are no data points."""
    levels = options["lowest_mv"] + options["step_mv"] * np.arange(options["levels"])
    return pd.DataFrame({"level_mv": levels, "data_dw": np.nan, "data_sem": np.nan})


def simulate(rule, conditions, options, settings):
    """Return the weight before and after the train at each level."""
    held = clamped(rule)
    n, dt, state = len(conditions), settings["dt"], starts(rule)
    times = SETTLE + np.arange(int(options["spikes"])) / options["rate_hz"]
    neuron, ours = kept_apart(held, rule)
    i = np.tile(np.arange(n), len(state))
    start = {name: np.repeat([each[name] for each in state], n) for name in rule.initial}
    with (
        session(settings["device"], work=12 * times[-1] / dt, dt=dt, seed=settings["seed"], progress=settings["progress"]) as s,
        explained(rule),
    ):
        pre = spike_source(n, np.tile(np.arange(n), len(times)), np.repeat(times, n), dt, "pre")
        post = neurons(s, neuron, n)
        s.input("post.v", post, "v", conditions["level_mv"].to_numpy() * 1e-3)
        plastic = plastic_synapses(s, ours, pre, post, i, i, start)
        s.result(plastic, *state_names(rule))
        s.queue(brian2.Network(pre, post, plastic), float(times[-1] + 1 / options["rate_hz"]))
        s.execute({}, [float(times[-1] + 1 / options["rate_hz"])])
        after = {name: np.broadcast_to(s.read(f"plastic.{name}"), i.shape) for name in state_names(rule)}
        settings["info"].update(device=s.device, timings=s.timings)
    before = {name: np.zeros(i.shape) for name in state_names(rule)} | start
    w_start, w_end = (np.broadcast_to(efficacy(rule, each), i.shape).reshape(-1, n).mean(axis=0) for each in (before, after))
    return conditions.assign(w_start=w_start, w_end=w_end, dw=(w_end - w_start) / w_start)


def clamped(rule):
    """Return the rule's neuron with a voltage that is given and stays, which never fires.

    Raises
    ------
    UserError
        For a rule without a neuron, and a neuron without a voltage ``v`` in volts.
    """
    neuron = None if rule.post is None else model(rule.post)
    known = {} if neuron is None else variables(neuron.equations)
    if "v" not in known or known["v"].type != DIFFERENTIAL_EQUATION or not have_same_dimensions(Quantity(1.0, dim=known["v"].dim), volt):
        reads = f"neuron {neuron.name!r} has no voltage v in volts" if neuron else "it has no neuron whose voltage could be held"
        raise UserError(
            f"clopath_2010_clamp holds the voltage that a rule reads, and of rule {rule.name!r} {reads}; give post= such a Model, or "
            "another protocol."
        )
    held = re.sub(r"\bdv\s*/\s*dt\s*=[^:]*:", "v :", neuron.equations)
    start = {name: value for name, value in neuron.initial.items() if name != "v"}
    return replace(neuron, equations=re.sub(r"(\bv : \w+) \(.*\)", r"\1", held), threshold="False", initial=start, teacher=None, drive=None)


def scores(table):
    """Return the level (mV) at which depression turns to potentiation, and that above which something changes; NaN where none does."""
    level, dw = table["level_mv"].to_numpy(), table["dw"].to_numpy()
    turns = np.flatnonzero((dw[:-1] < 0) & (dw[1:] >= 0))
    k = turns[0] if turns.size else None
    turn = np.nan if k is None else level[k] - dw[k] * (level[k + 1] - level[k]) / (dw[k + 1] - dw[k])
    changed = np.flatnonzero(np.abs(dw) > 1e-6 * np.abs(dw).max()) if dw.any() else np.array([], int)
    return {"turn_mv": float(turn), "first_mv": float(level[changed[0]]) if changed.size else np.nan}


def plot(table, ax=None):
    """Draw the change against the level."""
    if ax is None:
        from matplotlib import pyplot as plt  # not needed to run

        ax = plt.gca()
    ax.axhline(0, color="0.8", lw=0.8)
    ax.plot(table["level_mv"], 100 * table["dw"], color="tab:blue")
    ax.set(xlabel="voltage held (mV)", ylabel="change (%)")
    return ax


CLOPATH_2010_CLAMP = Protocol(
    name="clopath_2010_clamp",
    source="Clopath, Busing, Vasilaki & Gerstner 2010, Nat Neurosci 13:344, figure 1h, as Larisch 2019 (ReScience) describes it",
    conditions=conditions,
    simulate=simulate,
    score=scores,
    plot=plot,
    measured="relative change of the weight (1)",
    # LTP of a spike, A_LTP (u - theta_plus)(u - theta_minus), equals LTD, A_LTD (u - theta_minus), at theta_plus + A_LTD/A_LTP.
    expected={"clopath": (-45.3 + 14 / 8, 0.3)},
    options={"lowest_mv": -80.0, "step_mv": 2.0, "levels": 41, "rate_hz": 25.0, "spikes": 25},
    option_help={
        "lowest_mv": "lowest level, -80 or above",
        "step_mv": "distance of levels",
        "levels": "number of levels",
        "rate_hz": "presynaptic rate",
        "spikes": "presynaptic spikes (their number is ours)",
    },
    dt=1e-4,
)
