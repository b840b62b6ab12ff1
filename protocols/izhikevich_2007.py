"""Izhikevich 2007: one synapse of a network is rewarded seconds after its two neurons fired in turn; does it become the strongest?"""

import numpy as np
import pandas as pd
from brian2.units import ms

from brian2chip.core.later import brian2, internals
from brian2chip.core.protocol import Protocol
from brian2chip.core.third_factors import factors
from brian2chip.core.units import second
from brian2chip.core.user_rules import explained
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.protocols import distal_reward
from brian2chip.protocols.efficacy import efficacy, starting_weight, starts, state_names

#: Share of the other synapses that are weaker, from which on the rewarded one is among the strongest.
STRONGEST = 0.99


def conditions(options):
    """Return the times at which weights are read; no published data points."""
    n = round(options["duration_s"] / options["every_s"])
    if not n or abs(n * options["every_s"] - options["duration_s"]) > 1e-9 * options["duration_s"]:
        raise UserError(
            f"izhikevich_2007 lasts {options['duration_s']:g} s and was asked to read the weights every {options['every_s']:g} s; "
            "give a whole part of its duration, every_s=..."
        )
    return pd.DataFrame({"time_s": options["every_s"] * np.arange(1, n + 1), "data_dw": np.nan, "data_sem": np.nan})


def starting(rule, n, rng):
    """Return the initial state of n synapses; the rewarded one, the first, begins at zero where the weight is made of one variable."""
    states = starts(rule)
    which = rng.permutation(np.arange(n) % len(states))
    start = {name: np.array([state[name] for state in states])[which] for name in rule.initial}
    measured = [name for name in start if name in weighed(rule)]
    if len(measured) == 1 and len(states) == 1:
        start[measured[0]][0] = 0.0
    return start


def weighed(rule):
    """Return the stored variables that the weight is made of."""
    from brian2chip.analysis.statements import names, substituted  # they import Brian2

    return sorted(substituted(names(rule.weight), brian2.Equations(rule.model)) & set(state_names(rule)))


def check(rule):
    """Return whether the rule reads dopamine; refuse rules that this network is not for.

    Raises
    ------
    UserError
        For a rule that learns with a neuron of its own, or reads dopamine in another unit.
    """
    if rule.post is not None:
        raise UserError(
            f"rule {rule.name!r} learns with a neuron of its own, and the neurons of izhikevich_2007 are the paper's; give it a rule that "
            "reads spikes and dopamine alone."
        )
    found = factors(rule).get("dopamine")
    if found is not None and not found.dim.is_dimensionless:
        raise UserError(
            f"rule {rule.name!r} reads dopamine in a unit, and izhikevich_2007 delivers a number (of uM); declare dopamine : 1."
        )
    return found is not None


def simulate(rule, conditions, options, settings):
    """Return one row a reading: the rewarded synapse and the mean of all, in units of the start, what share is weaker, and rewards."""
    reads = check(rule)
    dt, seconds, rng = settings["dt"], options["duration_s"], np.random.default_rng(settings["seed"])
    of = distal_reward.wiring(int(options["neurons"]), rng)
    n = len(of.plastic[0])
    start, unit = starting(rule, n, rng), starting_weight(rule).mean()
    with (
        session(settings["device"], work=seconds / dt * n / 100, dt=dt, seed=settings["seed"], progress=settings["progress"]) as s,
        explained(rule),
        internals.order_is_meant(),  # each waiting reward is set by a synapse of its own
    ):
        group, membrane, rule = distal_reward.population(of, rule, options["noise"])
        tissue, rewards, link = distal_reward.rewarding(group, of, options)
        delay, tissue_or_none = options["delay_ms"] * ms, tissue if reads else None
        plastic, others = distal_reward.learning(s, rule, group, membrane, of, start, unit, delay, tissue_or_none)
        names = [name for name in weighed(rule) if not (reads and name == "dopamine")]
        readings = brian2.StateMonitor(plastic, names, record=True, dt=options["every_s"] * second, name="readings")
        spikes = brian2.SpikeMonitor(group, record=False, name="spikes")
        s.run(brian2.Network(group, tissue, rewards, *link, plastic, others, readings, spikes), seconds)
        last = plastic.get_states(names, units=False)
        state = {name: np.r_[getattr(readings, f"{name}_").T[: len(conditions)], last[name][None]] for name in names}
        given, fired = np.array(rewards.t_), int(spikes.num_spikes)
        settings["info"].update(device=s.device, timings=s.timings)
    weights = np.broadcast_to(efficacy(rule, state), (len(conditions) + 1, n)) / float(np.asarray(unit))
    return conditions.assign(
        w_start=weights[0, 0],
        w_end=weights[1:, 0],
        dw=weights[1:, 0] - weights[0, 0],
        mean_weight=weights[1:].mean(axis=1),
        largest_weight=weights[1:].max(axis=1),
        share_weaker=(weights[1:, 1:] < weights[1:, :1]).mean(axis=1),
        rewards=[int(np.sum(given <= time)) for time in conditions["time_s"]],
        rate_hz=fired / of.neurons / seconds,
    )


def scores(table):
    """Return the share of synapses weaker than the rewarded one in the end and at most, and when it was first among the strongest.

    ``strongest_after_s`` is NaN where it never was.
    """
    share = table["share_weaker"]
    return {
        "share_weaker": float(share.iloc[-1]),
        "share_weaker_at_most": float(share.max()),
        "strongest_after_s": float(table["time_s"][share >= STRONGEST].min()),
        "rewards": float(table["rewards"].iloc[-1]),
        "rate_hz": float(table["rate_hz"].iloc[-1]),
    }


def plot(table, ax=None):
    """Draw the rewarded synapse beside the mean of all and the strongest."""
    if ax is None:
        from matplotlib import pyplot as plt  # not needed to run

        ax = plt.gca()
    minutes = table["time_s"] / 60
    ax.plot(minutes, table["w_end"], color="tab:red", label="rewarded synapse")
    ax.plot(minutes, table["largest_weight"], color="0.7", label="strongest of all")
    ax.plot(minutes, table["mean_weight"], color="tab:blue", label="mean of all")
    ax.set(xlabel="time (min)", ylabel="weight (mean at the start)", ylim=(0, None))
    ax.legend(fontsize="small")
    return ax


IZHIKEVICH_2007 = Protocol(
    name="izhikevich_2007",
    source="Izhikevich 2007, Cereb Cortex 17:2443, figure 1, with the constants of the author's program daspnet.m",
    conditions=conditions,
    simulate=simulate,
    score=scores,
    plot=plot,
    measured="change of the rewarded weight, in units of the mean at the start (1)",
    options={
        "neurons": 1000,
        "duration_s": 3600.0,
        "every_s": 60.0,
        "delay_ms": 1.0,
        "noise": 13.0,
        "within_ms": 20.0,
        "reward": 0.5,
        "tonic": 0.002,
        "tau_d_ms": 200.0,
    },
    option_help={
        "neurons": "four fifths of them excitatory, each with a tenth of all as targets",
        "duration_s": "seconds",
        "every_s": "how often the weights are read",
        "delay_ms": "axonal delay of all synapses",
        "noise": "range of the random current, which is new every ms",
        "within_ms": "a pair of spikes closer than this is rewarded",
        "reward": "dopamine of a reward (uM)",
        "tonic": "dopamine without rewards (uM)",
        "tau_d_ms": "time constant of dopamine",
    },
    # Half a step of the author's program, which takes two half steps for the membrane.
    dt=5e-4,
    atlas=False,
)
