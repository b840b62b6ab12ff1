"""What ODIN and tinyODIN share: addresses, a linear leak at time references, and the order of events on the input link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.scaling import QuantisedParameter, choose, item, law_item
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork, step_factor

ADDRESSES = 256
#: A leak code may be this far off, relatively, before time references are sent less often to resolve it.
LEAK_TOLERANCE = 0.1


def refuse(network: SpikingNetwork, chip_name: str) -> list[str]:
    """Return a sentence for everything about the shape of the network that a crossbar of spiking neurons lacks."""
    kinds = {p.kind for p in network.populations if p.kind in ("if", "lif")}
    found = []
    if len(kinds) > 1:
        found.append(f"the network mixes leaky and non-leaky neurons, {chip_name} sends one time reference to all; use one kind.")
    if not any(p.kind == "input" for p in network.populations):
        found.append(f"the network has no input population, {chip_name} runs on input spikes; add one.")
    return found


@dataclass(frozen=True)
class Layout:
    """Where the populations sit.

    Attributes
    ----------
    address : dict of population to (first, last + 1)
        Inputs and neurons share one address space; a network without recurrence reuses it, as its own spikes are not fed back.
    open_loop : bool
    """

    address: dict[str, tuple[int, int]]
    open_loop: bool


def layout(network: SpikingNetwork) -> Layout:
    """Return the addresses of inputs and neurons."""
    inputs = [p for p in network.populations if p.kind == "input"]
    neurons = [p for p in network.populations if p.kind != "input"]
    feeds = any(c.source in {p.name for p in neurons} for c in network.projections)
    address, first = {}, 0
    for p in inputs:
        address[p.name], first = (first, first + p.size), first + p.size
    first = first if feeds else 0
    for p in neurons:
        address[p.name], first = (first, first + p.size), first + p.size
    return Layout(address, not feeds)


def weights_and_thresholds(network: SpikingNetwork, chip: Chip, where: Layout, rounding, rng):
    """Return items, the signed weight codes [256, 256], threshold codes [256] and the membrane scale of each population."""
    weight, threshold = np.zeros((ADDRESSES, ADDRESSES), np.int64), np.full(ADDRESSES, chip.role("v_threshold").maximum, np.int64)
    items: list[QuantisedParameter] = []
    scales = {}
    for p in (p for p in network.populations if p.kind != "input"):
        into = [c for c in network.projections if c.target == p.name]
        asked = np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))
        scales[p.name] = choose([c.weight for c in into], asked, chip)[0] if into else float(asked.max() / threshold[0])
        to = slice(*where.address[p.name])
        for c in into:
            name, f = f"{c.source} -> {c.target}", chip.role("weight")
            one = item("weight", name, f, c.weight, scales[p.name], rounding=rounding, rng=rng, magnitude=chip.sign == "pre")
            weight[slice(*where.address[c.source]), to] = one.code
            items.append(one)
        one = item("v_threshold", p.name, chip.role("v_threshold"), asked, scales[p.name], rounding="nearest")
        threshold[to] = one.code
        items.append(one)
    return items, weight, threshold, scales


def leaks(network: SpikingNetwork, chip: Chip, where: Layout, scales, ranges):
    """Return items, leak codes [256] and the number of steps between time references.

    An exponential leak takes ``(1 - factor) v`` a step; the constant that is nearest to it in least squares over the visited
    membranes is ``(1 - factor)`` times their mean. Time references come once every ``period`` steps, so that the code resolves it.
    Neurons without leak get the largest code, which only acts between samples, where it brings every membrane to 0.
    """
    f = chip.field(chip.leak.field)
    codes, items, lost = np.full(ADDRESSES, f.maximum, np.int64), [], {}
    leaky = [p for p in network.populations if p.kind == "lif"]
    if not leaky:
        return items, codes, 0
    for p in leaky:
        lost[p.name] = (1 - step_factor(p, network.dt)) * np.maximum(ranges[p.name]["v_mean"], 1e-12) / scales[p.name]
    everything = np.concatenate(list(lost.values()))
    period = _period(everything, f.maximum)
    for p in leaky:
        mean = np.maximum(ranges[p.name]["v_mean"], 1e-12) / scales[p.name]
        asked = np.broadcast_to(np.asarray(p.parameters["tau_m"], float), (p.size,))
        one = law_item(
            "tau_m",
            p.name,
            f,
            asked,
            lost[p.name] * period,
            lambda c, m=mean: _tau(c / period / m, network.dt),
            unit="s",
            rounding="nearest",
        )
        codes[slice(*where.address[p.name])] = one.code
        items.append(one)
    return items, codes, period


def _period(lost: np.ndarray, maximum: int) -> int:
    """Return the fewest steps between time references at which every leak code is within tolerance, else the best of 64."""
    best, least = 1, np.inf
    for period in range(1, 65):
        exact = lost * period
        code = np.clip(np.rint(exact), 0, maximum)
        worst = float(np.max(np.abs(code / exact - 1)))
        if worst <= LEAK_TOLERANCE:
            return period
        if worst < least:
            best, least = period, worst
    return best


def _tau(lost: np.ndarray, dt: float) -> np.ndarray:
    """Return the time constant whose leak, at the mean membrane, is this fraction a step; 1e9 s for none."""
    return np.where(lost > 0, -dt / np.log1p(-np.clip(lost, 1e-12, 1 - 1e-12)), 1e9)


def notes(network: SpikingNetwork, chip: Chip, ranges, period: int) -> list[str]:
    """Return what a crossbar chip does differently from the step-by-step network."""
    found = [f"{chip.name} takes the spikes of a step one after the other and tests the threshold after each."]
    for c in network.projections:
        if network.population(c.source).kind != "input" and c.delay_steps > 0:
            found.append(f"spikes {c.source!r} -> {c.target!r} act at once on {chip.name}, not {c.delay_steps} step(s) later.")
    if period > 1:
        found.append(f"the leak acts once in {period} steps, so that its code resolves it.")
    if chip.field(chip.roles["v"]).minimum == 0:
        inhibited = {c.target for c in network.projections if np.any(np.asarray(c.weight) < 0)}
        for p in network.populations:
            if p.name in inhibited and np.any(ranges[p.name]["v_min"] < -0.1 * np.asarray(p.parameters["v_threshold"], float)):
                found.append(f"the membrane of {p.name!r} goes below 0 in the network; on {chip.name} it stops there.")
    return found


def events(samples: Samples, config: Mapping[str, Any]):
    """Return the input events in order as (input address, or -1 for a time reference; sample; step, or -1 between samples).

    In a step the time reference, when it is due, comes first, then the input spikes in ascending order.
    """
    period, resets, n, steps = config["period"], config["reset_references"], len(samples), samples.n_steps
    sample, t, i = (np.asarray(a, np.int64) for a in (samples.sample, samples.t, samples.i))
    if "input_origin" in config:  # an input of both signs is two addresses
        copies = [np.flatnonzero(np.asarray(config["input_origin"]) == k) for k in range(samples.n_in)]
        times = np.array([len(c) for c in copies])[i]
        sample, t = np.repeat(sample, times), np.repeat(t, times)
        i = np.concatenate([copies[k] for k in i]) if len(i) else i
    due = np.arange(period, steps, period) if period else np.zeros(0, np.int64)
    sample = np.concatenate([sample, np.repeat(np.arange(n), len(due)), np.repeat(np.arange(n), resets)])
    t = np.concatenate([t, np.tile(due, n), np.full(n * resets, steps)])
    address = np.concatenate([i, np.full(n * (len(due) + resets), -1)])
    order = np.lexsort((address, t, sample))
    return address[order], sample[order], np.where(t == steps, -1, t)[order]


def decoded(out: Mapping[str, Any], sample: np.ndarray, t: np.ndarray, config: Mapping[str, Any], samples: Samples) -> NetworkRun:
    """Return the spikes of the output link by population, sample and step, and the clock cycles of every sample."""
    address, stimulus = np.asarray(out["out_addr"], np.int64), np.asarray(out["out_stim_index"], np.int64)
    s, step = sample[stimulus], t[stimulus]
    spikes = {}
    for name, (a, b) in config["neurons"].items():
        own = (address >= a) & (address < b) & (step >= 0)
        order = np.lexsort((address[own], step[own], s[own]))
        spikes[name] = (s[own][order], step[own][order], address[own][order] - a)
    first = np.searchsorted(sample, np.arange(len(samples)))
    start = np.append(np.asarray(out["stim_start_cycle"], np.int64)[first], int(out["total_cycles"]))
    return NetworkRun(spikes, {}, {}, len(samples), samples.n_steps, cycles=np.diff(start))


def described(network: SpikingNetwork, where: Layout, period: int, leak_codes: np.ndarray, largest: int) -> dict[str, Any]:
    """Return the part of the configuration that emulation needs beside the chip's memories."""
    neurons = {p.name: list(where.address[p.name]) for p in network.populations if p.kind != "input"}
    used = np.concatenate([leak_codes[a:b] for a, b in neurons.values()])
    weakest = int(max(used.min(), 1))
    return {"neurons": neurons, "period": int(period), "reset_references": int(-(-largest // weakest)), "open_loop": int(where.open_loop)}
