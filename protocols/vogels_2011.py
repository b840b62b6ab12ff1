"""Vogels et al. 2011: inhibition that learns balances excitation of any strength, so that neurons come to fire at one rate."""

from dataclasses import replace

import numpy as np
import pandas as pd
from brian2.units import mV

from brian2chip.core.later import brian2
from brian2chip.core.protocol import Protocol
from brian2chip.core.resolve import model as resolve_model
from brian2chip.core.units import ms
from brian2chip.core.user_rules import explained
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.protocols.efficacy import efficacy, starting_weight, starts, state_names
from brian2chip.protocols.network_objects import NAMESPACE, neurons, plastic_synapses, si, spike_source
from brian2chip.protocols.spike_trains import MOST_SPIKES, poisson

#: The neuron of Brian2's example: 200 pF, 10 nS, and what else it says; it has no background current here.
NEURON = {
    "tau_m": 20 * ms,
    "tau_e": 5 * ms,
    "tau_i": 10 * ms,
    "E_L": -60 * mV,
    "E_i": -80 * mV,
    "v_threshold": -50 * mV,
    "v_reset": -60 * mV,
    "t_ref": 5 * ms,
}
#: The mean excitatory conductance, in leak conductances, at which the neuron rests at its threshold without inhibition.
AT_THRESHOLD = 0.2
#: Parts of the time in which rates are measured: the first hundredth, the last half.
FIRST, LAST = 0.01, 0.5


def conditions(options):
    """Return one row a neuron: how much excitation it gets, in that which holds it at its threshold; no published data points."""
    factors = np.linspace(options["least"], options["most"], int(options["neurons"]))
    return pd.DataFrame({"excitation": factors, "data_dw": np.nan, "data_sem": np.nan})


def target(rule):
    """Return the rate (Hz) at which the rule's chance pairs balance its weakening, NaN for a rule of other parameters."""
    p = {name: si(value) for name, value in rule.parameters.items()}
    return p["alpha"] / (2 * p["tau"]) if {"alpha", "tau", "eta"} <= p.keys() else np.nan


def simulate(rule, conditions, options, settings):
    """Return one row a neuron: its rate at first and in the end, and the mean inhibitory weight at both, in units of the start."""
    if rule.post is not None:
        raise UserError(
            f"rule {rule.name!r} learns with a neuron of its own, and vogels_2011 inhibits the paper's; give it a rule of spikes alone."
        )
    rng, seconds, dt = np.random.default_rng(settings["seed"]), options["duration_s"], settings["dt"]
    n, inputs, inhibitory = len(conditions), int(options["inputs"]), int(options["inputs"]) // 5
    excitatory = inputs - inhibitory
    if inputs < 5 or inputs * options["rate_hz"] * seconds > MOST_SPIKES:
        raise UserError(
            f"vogels_2011 was asked for {inputs} inputs at {options['rate_hz']:g} Hz; give at least 5, a fifth of which inhibit, and at "
            f"most {MOST_SPIKES:g} spikes."
        )
    trains = [poisson(options["rate_hz"], seconds, rng, dt) for _ in range(inputs)]
    which = np.repeat(np.arange(inputs), [len(t) for t in trains])
    model = replace(resolve_model("lif_conductance").with_parameters(**NEURON), initial={"v": NEURON["E_L"]})
    unit, states = starting_weight(rule).mean(), starts(rule)
    learns = replace(rule, parameters={**rule.parameters, "g_unit": options["g_start"] / unit})
    state = {name: np.array([one[name] for one in states])[np.arange(inhibitory * n) % len(states)] for name in rule.initial}
    source, sink = np.repeat(np.arange(excitatory, inputs), n), np.tile(np.arange(n), inhibitory)
    with (
        session(settings["device"], work=6 * seconds / dt, dt=dt, seed=settings["seed"], progress=settings["progress"]) as s,
        explained(rule),
    ):
        pre, post = spike_source(inputs, which, np.concatenate(trains), dt, "pre"), neurons(s, model, n)
        excite = brian2.Synapses(pre, post, "g : 1", on_pre="g_e_post += g", name="excitatory", namespace=NAMESPACE)
        excite.connect(i=np.repeat(np.arange(excitatory), n), j=np.tile(np.arange(n), excitatory))
        one = AT_THRESHOLD / (excitatory * options["rate_hz"] * si(NEURON["tau_e"]))
        s.input("g", excite, "g", one * np.tile(conditions["excitation"].to_numpy(), excitatory))
        plastic = plastic_synapses(s, learns, pre, post, source, sink, state, {"drive": f"g_i_post += g_unit*({rule.weight})"})
        spikes = brian2.SpikeMonitor(post)
        s.run(brian2.Network(pre, post, excite, plastic, spikes), seconds)
        after = plastic.get_states(state_names(rule), units=False)
        fired, times = np.array(spikes.i), np.array(spikes.t_)
        settings["info"].update(device=s.device, timings=s.timings)
    begin = {name: np.zeros(inhibitory * n) for name in state_names(rule)} | state
    w_start, w_end = (
        np.broadcast_to(efficacy(rule, one), inhibitory * n).reshape(inhibitory, n).mean(axis=0) / si(unit) for one in (begin, after)
    )
    early, late = fired[times < FIRST * seconds], fired[times >= (1 - LAST) * seconds]
    return conditions.assign(
        w_start=w_start,
        w_end=w_end,
        dw=(w_end - w_start) / w_start,
        rate_first_hz=np.bincount(early, minlength=n) / (FIRST * seconds),
        rate_hz=np.bincount(late, minlength=n) / (LAST * seconds),
        target_hz=target(rule),
    )


def scores(table):
    """Return the root mean square distance of rates from the target (Hz; from their mean for a rule without one), and mean rates."""
    aim = table["target_hz"].fillna(table["rate_hz"].mean())
    return {
        "rate_rms_hz": float(np.sqrt(np.mean((table["rate_hz"] - aim) ** 2))),
        "mean_rate_hz": float(table["rate_hz"].mean()),
        "mean_rate_first_hz": float(table["rate_first_hz"].mean()),
    }


def plot(table, ax=None):
    """Draw the rates of the neurons at first and in the end against their excitation, and the rate at which the rule aims."""
    if ax is None:
        from matplotlib import pyplot as plt  # not needed to run

        ax = plt.gca()
    ax.plot(table["excitation"], table["rate_first_hz"], "o-", ms=3, color="0.6", label="at first")
    ax.plot(table["excitation"], table["rate_hz"], "o-", ms=3, color="tab:blue", label="in the end")
    if np.isfinite(table["target_hz"].iloc[0]):
        ax.axhline(table["target_hz"].iloc[0], color="tab:red", lw=0.8, label="target")
    ax.set(xlabel="excitation (that of the threshold)", ylabel="rate (Hz)", yscale="symlog", ylim=(0, None))
    ax.legend(fontsize="small")
    return ax


VOGELS_2011 = Protocol(
    name="vogels_2011",
    source="Vogels et al. 2011, Science 334:1569; neuron of Brian2's example frompapers/Vogels_et_al_2011.py, inputs of our choice",
    conditions=conditions,
    simulate=simulate,
    score=scores,
    plot=plot,
    measured="relative change of the mean inhibitory weight (1)",
    # Seeds 1 and 2 give 0.29 and 0.33: all neurons end a tenth above the target, whatever their excitation. Not a published figure.
    expected={"vogels_sprekeler": (0.3, 0.2)},
    options={"neurons": 8, "inputs": 1000, "rate_hz": 10.0, "least": 2.0, "most": 8.0, "g_start": 0.05, "duration_s": 300.0},
    option_help={
        "neurons": "neurons, each with an excitation of its own",
        "inputs": "Poisson inputs, a fifth of them inhibitory",
        "rate_hz": "rate of each",
        "least": "weakest excitation, in that which holds the neuron at its threshold",
        "most": "strongest excitation",
        "g_start": "inhibitory conductance of the starting weight, in leak conductances",
        "duration_s": "seconds",
    },
    dt=1e-4,
    atlas=False,
)
