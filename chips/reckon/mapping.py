"""Place a recurrent network on ReckOn: one shift a weight matrix, one membrane scale, fixed-point leaks shared by pairs of units."""

from __future__ import annotations

from typing import Any

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.reckon.fields import ALPHA, BY_NAME, N_PAIRS, THR, WEIGHT
from brian2chip.chips.reckon.mapped_run import chip_of, chip_samples, emulate, write_files
from brian2chip.chips.reckon.unit_assignment import joined, notes, pairs, parts, refuse, shared
from brian2chip.chips.scaling import QuantisedParameter, choose, item, law_item
from brian2chip.core.spiking_network import SpikingNetwork, step_factor

# What translation calls on a chip's mapping, and what fine-tuning needs.
__all__ = ["chip_of", "chip_samples", "emulate", "place", "refuse", "write_files"]

#: Share of the state's range that is kept free above what calibration visited.
HEADROOM = 1.25
STATE_MAX = 32767
#: A floored leak is off by up to half a code a step; above this part of the threshold leaks are rounded stochastically.
TOLERATED_BIAS = 0.01


def place(network: SpikingNetwork, chip: Chip, ranges, rounding: str, rng: np.random.Generator):
    """Return items, configuration and notes of a network that fits."""
    inputs, hidden, (readout,) = parts(network)
    threshold = np.concatenate([np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,)) for p in hidden])
    factor = np.concatenate([step_factor(p, network.dt) for p in hidden])
    order = pairs(chip.leak.code(factor), threshold)
    ends = {"WINP": (inputs, hidden), "WREC": (hidden, hidden), "WOUT": (hidden, [readout])}
    steps = _steps(network, chip, ends, ranges, threshold, factor)
    scale, out_scale = steps["WINP"][0], steps["WOUT"][0]

    codes, items = _weights(network, ends, steps, rounding, rng)
    neurons, alpha, thr = _neurons(hidden, chip, factor, threshold, order, scale, network.dt)
    kappa = step_factor(readout, network.dt)
    leak = _leak("tau_m", readout.name, BY_NAME["KAPPA"], kappa, kappa, chip.readout_leak, network.dt)
    floored = np.where(factor < 1, 0.5 / np.maximum(1 - factor, 2.0**-15), 0.0)
    stochastic = bool(np.any(floored * scale > TOLERATED_BIAS * threshold))
    reset = hidden[0].parameters.get("reset", "subtract")
    config = _config(codes, order, alpha, thr, steps, int(leak.code[0]), reset, stochastic)
    first = np.cumsum([0] + [p.size for p in hidden])
    config["hidden"] = {p.name: [int(a), int(b)] for p, a, b in zip(hidden, first, first[1:])}
    config["readout"] = readout.name
    # The chip leaks after it integrates, so it shows the readout of the network times one leak.
    config["scale"], config["readout_scale"] = float(scale), float(out_scale / chip.readout_leak.factor(leak.code[0]))
    return [*items, *neurons, leak], config, notes(network, hidden, order, factor, threshold, stochastic)


def _steps(network: SpikingNetwork, chip: Chip, ends, ranges, threshold: np.ndarray, factor: np.ndarray) -> dict[str, tuple[float, int]]:
    """Return for every weight matrix the value of a code of the membrane it reaches, and its shift."""
    blocks = {name: joined(network, *of) for name, of in ends.items()}
    hidden, (readout,) = ends["WOUT"]
    v_max = max(_largest(ranges[p.name]) for p in hidden)
    leaky = factor[factor < 1]
    # Of stochastic rounding, in codes; 1/6 is its mean variance.
    noise = float(np.sqrt(1 / (6 * (1 - leaky.max() ** 2)))) if len(leaky) else 0.0
    both = [blocks["WINP"], blocks["WREC"]]
    scale, (inp, rec) = choose(both, threshold, chip, v_max=v_max, state_max=STATE_MAX, leak_error=noise)
    out_max = _largest(ranges[readout.name]) if readout.name in ranges else float(np.abs(blocks["WOUT"]).sum(axis=0).max())
    out_scale, (out,) = choose([blocks["WOUT"]], None, chip, v_max=out_max, state_max=STATE_MAX)
    return {"WINP": (scale, inp), "WREC": (scale, rec), "WOUT": (out_scale, out)}


def _largest(visited) -> float:
    return HEADROOM * float(np.max(np.abs([visited[k] for k in ("v_min", "v_max")])))


def _weights(
    network: SpikingNetwork, ends, steps, rounding: str, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], list[QuantisedParameter]]:
    """Return the codes of every matrix [pre, post], in the order of the network, and the items of its projections."""
    codes, items = {}, []
    connected = {(c.source, c.target) for c in network.projections}
    for name, (sources, targets) in ends.items():
        row, column = (np.cumsum([0] + [p.size for p in side]) for side in (sources, targets))
        codes[name] = np.zeros((row[-1], column[-1]), np.int64)
        base, e = steps[name]
        for a, p in enumerate(sources):
            for b, q in enumerate(targets):
                if (p.name, q.name) not in connected:
                    continue
                weight, where = network.weight(p.name, q.name), f"{p.name} -> {q.name}"
                one = item("weight", where, WEIGHT, weight, base * 2.0**e, rounding=rounding, rng=rng)
                codes[name][row[a] : row[a + 1], column[b] : column[b + 1]] = one.code
                items.append(one)
    return codes, items


def _neurons(
    hidden, chip: Chip, factor, threshold, order, scale: float, dt: float
) -> tuple[list[QuantisedParameter], np.ndarray, np.ndarray]:
    """Return the items of thresholds and leaks, and the codes of all neurons: leak, threshold."""
    items, alpha, thr = [], [], []
    shared_factor, shared_threshold = shared(factor, order), shared(threshold, order)
    first = 0
    for p in hidden:
        own = slice(first, first := first + p.size)
        one = _threshold(p.name, threshold[own], shared_threshold[own], scale)
        leak = _leak("tau_m" if p.kind == "lif" else "factor", p.name, ALPHA, factor[own], shared_factor[own], chip.leak, dt)
        thr.append(one.code)
        alpha.append(leak.code)
        items += [one, leak]
    return items, np.concatenate(alpha), np.concatenate(thr)


def _threshold(place: str, asked: np.ndarray, shared: np.ndarray, scale: float) -> QuantisedParameter:
    one = item("v_threshold", place, THR, shared, scale, rounding="nearest")
    return QuantisedParameter(**{**one.__dict__, "requested": asked})


def _leak(parameter: str, place: str, field, asked: np.ndarray, shared: np.ndarray, law, dt: float) -> QuantisedParameter:
    """Return the item of a leak: as a time constant, or as a factor per step for neurons without leak."""
    if parameter == "factor":
        return law_item("factor", place, field, asked, law.code(shared), law.factor, unit="1/step", rounding="nearest")
    with np.errstate(divide="ignore"):
        return law_item(
            "tau_m", place, field, -dt / np.log(asked), law.code(shared), lambda c: _tau(law.factor(c), dt), unit="s", rounding="nearest"
        )


def _tau(factor: np.ndarray, dt: float) -> np.ndarray:
    """Return the time constant of a factor; a factor of 1 or more never decays, which is written as 1e9 s."""
    return np.where(factor < 1, -dt / np.log(np.minimum(factor, 1 - 1e-12)), 1e9)


def _config(codes, order, alpha, threshold, steps, kappa: int, reset: str, stochastic: bool) -> dict[str, Any]:
    """Return registers and memories; hidden unit k of the chip is neuron ``order[k]`` of the network."""
    size = len(order)
    units = size + size % 2  # the last of an odd number of units would be lost, so an empty one is added
    width = 16 * -(-units // 16)
    inputs = len(codes["WINP"]) + len(codes["WINP"]) % 2
    w_inp, w_rec = np.zeros((inputs, width), np.int8), np.zeros((units, width), np.int8)
    w_out = np.zeros((units, 16), np.int8)
    w_inp[: len(codes["WINP"]), :size] = codes["WINP"][:, order]
    w_rec[:size, :size] = codes["WREC"][np.ix_(order, order)]
    w_out[:size, : codes["WOUT"].shape[1]] = codes["WOUT"][order]
    pair_alpha, pair_threshold = np.full(N_PAIRS, 0x7000, np.uint16), np.full(N_PAIRS, THR.maximum, np.int16)
    firsts = np.arange(0, size, 2)
    pair_alpha[: len(firsts)], pair_threshold[: len(firsts)] = alpha[order][firsts], threshold[order][firsts]
    registers = {name: f.default for name, f in BY_NAME.items()}
    registers.update(
        RST_MODE=int(reset == "zero"), DO_EPROP=0, EN_STOCH_ROUND=int(stochastic), KAPPA=kappa,
        ALPHA_CONF=sum(1 << w for w in range(N_PAIRS) if pair_alpha[w] >= 0x8000),
        NUM_INP_NEUR=inputs - 1, NUM_REC_NEUR=units - 1, NUM_OUT_NEUR=codes["WOUT"].shape[1] - 1,
        **{f"FP_LOC_{name}": e for name, (_, e) in steps.items()},
    )  # fmt: skip
    return {"registers": registers, "winp": w_inp, "wrec": w_rec, "wout": w_out, "thr": pair_threshold, "alpha": pair_alpha, "order": order}
