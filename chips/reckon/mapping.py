"""Place a recurrent network on ReckOn: one shift a weight matrix, one membrane scale, fixed-point leaks shared by pairs of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from brian2chip.chips import codec
from brian2chip.chips.chip import Chip, LeakLaw, Placement, Visited
from brian2chip.chips.quantised import QuantisedParameter, quantised, quantised_by_law
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import N_PAIRS
from brian2chip.chips.reckon.placed_network import PlacedNetwork
from brian2chip.chips.reckon.unit_assignment import joined, notes, pairs, parts, shared
from brian2chip.chips.scaling import choose
from brian2chip.core.spiking_network import Population, SpikingNetwork, step_factor

#: Share of the state's range that is kept free above what calibration visited.
HEADROOM = 1.25
#: A floored leak is off by up to half a code a step; above this part of the threshold leaks are rounded stochastically.
TOLERATED_BIAS = 0.01

#: Populations that the rows and the columns of a weight memory hold, by the memory's name in the registers.
Ends = Mapping[str, tuple[list[Population], list[Population]]]
#: Value of a code of the membrane that a weight memory reaches, and the left shift of its weights.
Steps = Mapping[str, tuple[float, int]]


def place(network: SpikingNetwork, chip: Chip, visited: Visited, rng: np.random.Generator) -> Placement:
    """Return a network that no constraint refuses as codes of the chip's fields."""
    inputs, hidden, (readout,) = parts(network)
    threshold = np.concatenate([np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,)) for p in hidden])
    factor = np.concatenate([step_factor(p, network.dt) for p in hidden])
    order = pairs(factor, threshold)
    ends = {"WINP": (inputs, hidden), "WREC": (hidden, hidden), "WOUT": (hidden, [readout])}
    steps = _steps(network, chip, ends, visited, threshold, factor)
    scale, out_scale = steps["WINP"][0], steps["WOUT"][0]

    codes, weights = _weights(network, chip, ends, steps, rng)
    neurons, alpha, thr = _neurons(hidden, chip, factor, threshold, order, scale, network.dt)
    kappa = _leak(readout, chip, chip.readout_leak, *[step_factor(readout, network.dt)] * 2, network.dt)
    floored = np.where(factor < 1, 0.5 / np.maximum(1 - factor, 2.0**-15), 0.0)
    stochastic = bool(np.any(floored * scale > TOLERATED_BIAS * threshold))

    codes = _even({"WINP": codes["WINP"][:, order], "WREC": codes["WREC"][np.ix_(order, order)], "WOUT": codes["WOUT"][order]})
    registers = {
        "RST_MODE": int(hidden[0].parameters.get("reset", "subtract") == "zero"),
        "DO_EPROP": 0,
        "EN_STOCH_ROUND": int(stochastic),
        "KAPPA": int(kappa.code[0]),
        "NUM_INP_NEUR": len(codes["WINP"]) - 1,
        "NUM_REC_NEUR": len(codes["WREC"]) - 1,
        "NUM_OUT_NEUR": codes["WOUT"].shape[1] - 1,
        **{f"FP_LOC_{name}": shift for name, (_, shift) in steps.items()},
    }
    first = np.cumsum([0] + [p.size for p in hidden]).tolist()
    readout_factor = chip.readout_leak.factor(codec.realise(chip.field(chip.readout_leak.field), kappa.code[0]))
    placed = PlacedNetwork(
        Configuration.of(registers, *_of_pairs(chip, thr[order], alpha[order])),
        **{name.lower(): block.astype(np.int8) for name, block in codes.items()},
        order=order,
        hidden={p.name: (a, b) for p, a, b in zip(hidden, first, first[1:])},
        readout=readout.name,
        scale=float(scale),
        # The chip leaks after it integrates, so it shows the readout of the network times one leak.
        readout_scale=float(out_scale / readout_factor),
    )
    return Placement((*weights, *neurons, kappa), placed, tuple(notes(network, hidden, order, factor, threshold, stochastic)))


def _steps(network: SpikingNetwork, chip: Chip, ends: Ends, visited: Visited, threshold: np.ndarray, factor: np.ndarray) -> Steps:
    """Return for every weight matrix the value of a code of the membrane it reaches, and its shift."""
    blocks = {name: joined(network, *of) for name, of in ends.items()}
    hidden, (readout,) = ends["WOUT"]
    state_max = chip.field("u0").maximum
    v_max = max(_largest(visited[p.name]) for p in hidden)
    leaky = factor[factor < 1]
    # Of stochastic rounding, in codes; 1/6 is its mean variance.
    noise = float(np.sqrt(1 / (6 * (1 - leaky.max() ** 2)))) if len(leaky) else 0.0
    both = [blocks["WINP"], blocks["WREC"]]
    scale, (inp, rec) = choose(both, threshold, chip, v_max=v_max, state_max=state_max, leak_error=noise)
    out_max = _largest(visited[readout.name]) if readout.name in visited else float(np.abs(blocks["WOUT"]).sum(axis=0).max())
    out_scale, (out,) = choose([blocks["WOUT"]], None, chip, v_max=out_max, state_max=state_max)
    return {"WINP": (scale, inp), "WREC": (scale, rec), "WOUT": (out_scale, out)}


def _largest(visited: Mapping[str, np.ndarray]) -> float:
    return HEADROOM * float(np.max(np.abs([visited[k] for k in ("v_min", "v_max")])))


def _weights(
    network: SpikingNetwork, chip: Chip, ends: Ends, steps: Steps, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], list[QuantisedParameter]]:
    """Return the codes of every matrix [pre, post], in the order of the network, and the parameters of its projections."""
    codes, found = {}, []
    connected = {(c.source, c.target) for c in network.projections}
    for name, (sources, targets) in ends.items():
        row, column = (np.cumsum([0] + [p.size for p in side]) for side in (sources, targets))
        codes[name] = np.zeros((row[-1], column[-1]), np.int64)
        base, shift = steps[name]
        for a, p in enumerate(sources):
            for b, q in enumerate(targets):
                if (p.name, q.name) not in connected:
                    continue
                weight, where = network.weight(p.name, q.name), f"{p.name} -> {q.name}"
                one = quantised("weight", where, chip.role("weight"), weight, base * 2.0**shift, rng=rng)
                codes[name][row[a] : row[a + 1], column[b] : column[b + 1]] = one.code
                found.append(one)
    return codes, found


def _neurons(
    hidden: list[Population], chip: Chip, factor: np.ndarray, threshold: np.ndarray, order: np.ndarray, scale: float, dt: float
) -> tuple[list[QuantisedParameter], np.ndarray, np.ndarray]:
    """Return the parameters of thresholds and leaks, and the codes of all neurons: leak, threshold."""
    found, alpha, thr = [], [], []
    shared_factor, shared_threshold = shared(factor, order), shared(threshold, order)
    first = 0
    for p in hidden:
        own = slice(first, first := first + p.size)
        one = quantised("v_threshold", p.name, chip.role("v_threshold"), shared_threshold[own], scale)
        leak = _leak(p, chip, chip.leak, factor[own], shared_factor[own], dt)
        thr.append(one.code)
        alpha.append(leak.code)
        found += [replace(one, requested=threshold[own]), leak]
    return found, np.concatenate(alpha), np.concatenate(thr)


def _leak(p: Population, chip: Chip, law: LeakLaw, asked: np.ndarray, shared: np.ndarray, dt: float) -> QuantisedParameter:
    """Return the parameter of a leak: as a time constant, or as a factor per step for neurons without leak."""
    field = chip.field(law.field)
    if p.kind == "if":
        return quantised_by_law("factor", p.name, field, asked, law.value(shared), law.factor, unit="1/step")
    with np.errstate(divide="ignore"):
        tau = -dt / np.log(asked)
    return quantised_by_law("tau_m", p.name, field, tau, law.value(shared), lambda value: _tau(law.factor(value), dt), unit="s")


def _tau(factor: np.ndarray, dt: float) -> np.ndarray:
    """Return the time constant of a factor; a factor of 1 or more never decays, which is written as 1e9 s."""
    return np.where(factor < 1, -dt / np.log(np.minimum(factor, 1 - 1e-12)), 1e9)


def _even(codes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the weights with one empty input and unit more where there is an odd number: the chip would lose the last one."""
    inputs, units = (len(codes[name]) % 2 for name in ("WINP", "WREC"))
    extra = {"WINP": (inputs, units), "WREC": (units, units), "WOUT": (units, 0)}
    return {name: np.pad(block, [(0, n) for n in extra[name]]) for name, block in codes.items()}


def _of_pairs(chip: Chip, threshold: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return thresholds and leaks of all pairs from the codes of the units in their order; unused pairs never fire."""
    leak = chip.field(chip.leak.field)
    pair_threshold, pair_alpha = np.full(N_PAIRS, chip.role("v_threshold").maximum), np.full(N_PAIRS, leak.minimum)
    n = len(threshold[::2])
    pair_threshold[:n], pair_alpha[:n] = threshold[::2], alpha[::2]
    return pair_threshold, pair_alpha
