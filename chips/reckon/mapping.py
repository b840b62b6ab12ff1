"""Place a recurrent network on ReckOn and run it there: pairs of units, one shift a weight matrix, fixed-point leaks.

A step of the network is a tick of the chip: input events of step t are sent before tick t, the spikes that they cause appear in the
STEP of tick t + 1, and the readout that sees these spikes in the STEP of tick t + 2; so a sample takes two ticks more than it has steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.float_run import Run, step_factor
from brian2chip.chips.reckon import chip_folder
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import ALPHA, BY_NAME, THR, WEIGHT
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.scales import Item, choose, item, law_item
from brian2chip.learning import Samples
from brian2chip.spiking_network import SpikingNetwork

PAIRS = 128
#: Share of the state's range that is kept free above what calibration visited.
HEADROOM = 1.25
STATE_MAX = 32767
#: A floored leak is off by up to half a code a step; above this part of the threshold leaks are rounded stochastically.
TOLERATED_BIAS = 0.01


def _parts(network: SpikingNetwork):
    inputs = [p for p in network.populations if p.kind == "input"]
    hidden = [p for p in network.populations if p.kind in ("lif", "if")]
    readouts = [p for p in network.populations if p.kind == "li"]
    return inputs, hidden, readouts


def refuse(network: SpikingNetwork) -> list[str]:
    """Return a sentence for everything about the shape of the network that ReckOn lacks."""
    inputs, hidden, readouts = _parts(network)
    found = []
    if len(readouts) != 1 or not hidden or not inputs:
        found.append(
            f"reckon holds inputs, spiking hidden units and one population of leaky readouts ('li'); the network has {len(inputs)} input, "
            f"{len(hidden)} spiking and {len(readouts)} readout populations; give it that shape."
        )
    allowed = {(p.name, q.name) for p in inputs + hidden for q in hidden} | {(p.name, q.name) for p in hidden for q in readouts}
    for c in network.projections:
        if (c.source, c.target) not in allowed:
            found.append(
                f"reckon has no synapses {c.source!r} -> {c.target!r}; connect inputs to hidden, hidden to hidden and hidden to readout."
            )
    if len({p.parameters.get("reset", "subtract") for p in hidden}) > 1:
        found.append("the hidden populations reset differently, reckon has one reset mode for all; train them with one.")
    if readouts and np.ptp(np.asarray(readouts[0].parameters["tau_m"], float)) > 0:
        found.append("the readouts have several time constants, reckon has one for all; train them with one.")
    return found


def _joined(network: SpikingNetwork, sources, targets) -> np.ndarray:
    return np.concatenate([np.concatenate([network.weight(p.name, q.name) for q in targets], axis=1) for p in sources])


def _pairs(alpha: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Return the order of the neurons in which pairs share leak and threshold wherever that is possible."""
    return (
        np.lexsort((np.arange(len(alpha)), threshold, alpha))
        if len(np.unique(np.stack([alpha, threshold]), axis=1).T) > 1
        else np.arange(len(alpha))
    )


def _shared(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return the mean of each pair at both of its neurons, in the order of the network."""
    ordered = values[order].astype(float)
    even = np.append(ordered, ordered[-1:]) if len(ordered) % 2 else ordered
    mean = np.repeat(even.reshape(-1, 2).mean(axis=1), 2)[: len(ordered)]
    out = np.empty(len(ordered))
    out[order] = mean
    return out


def place(network: SpikingNetwork, chip: Chip, ranges, rounding: str, rng: np.random.Generator):
    """Return items, configuration and notes of a network that fits."""
    inputs, hidden, (readout,) = _parts(network)
    size, dt = sum(p.size for p in hidden), network.dt
    threshold = np.concatenate([np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,)) for p in hidden])
    factor = np.concatenate([step_factor(p, dt) for p in hidden])
    order = _pairs(chip.leak.code(factor), threshold)
    blocks = {
        "WINP": _joined(network, inputs, hidden),
        "WREC": _joined(network, hidden, hidden),
        "WOUT": _joined(network, hidden, [readout]),
    }
    items: list[Item] = []

    v_max = HEADROOM * max(float(np.max(np.abs([ranges[p.name][k] for k in ("v_min", "v_max")]))) for p in hidden)
    leaky = factor[factor < 1]
    noise = (
        float(np.sqrt(1 / (6 * (1 - leaky.max() ** 2)))) if len(leaky) else 0.0
    )  # of stochastic rounding, in codes; 1/6 is its mean variance
    scale, shifts = choose([blocks["WINP"], blocks["WREC"]], threshold, chip, v_max=v_max, state_max=STATE_MAX, leak_error=noise)
    if readout.name in ranges:
        out_max = HEADROOM * float(np.max(np.abs([ranges[readout.name][k] for k in ("v_min", "v_max")])))
    else:
        out_max = float(np.abs(blocks["WOUT"]).sum(axis=0).max())
    out_scale, out_shift = choose([blocks["WOUT"]], None, chip, v_max=out_max, state_max=STATE_MAX)
    steps = dict(zip(("WINP", "WREC", "WOUT"), [(scale, e) for e in shifts] + [(out_scale, out_shift[0])]))

    codes = {name: np.zeros(block.shape, np.int64) for name, block in blocks.items()}
    for name, sources, targets in (("WINP", inputs, hidden), ("WREC", hidden, hidden), ("WOUT", hidden, [readout])):
        row = np.cumsum([0] + [p.size for p in sources])
        column = np.cumsum([0] + [p.size for p in targets])
        for a, p in enumerate(sources):
            for b, q in enumerate(targets):
                if not any((c.source, c.target) == (p.name, q.name) for c in network.projections):
                    continue
                base, e = steps[name]
                one = item(
                    "weight", f"{p.name} -> {q.name}", WEIGHT, network.weight(p.name, q.name), base * 2.0**e, rounding=rounding, rng=rng
                )
                codes[name][row[a] : row[a + 1], column[b] : column[b + 1]] = one.code
                items.append(one)
    first = np.cumsum([0] + [p.size for p in hidden])
    alpha_code, thr_code = np.zeros(size, np.int64), np.zeros(size, np.int64)
    shared_factor, shared_threshold = _shared(factor, order), _shared(threshold, order)
    for k, p in enumerate(hidden):
        own = slice(first[k], first[k + 1])
        one = _threshold(p.name, threshold[own], shared_threshold[own], scale)
        leak = _leak("tau_m" if p.kind == "lif" else "factor", p.name, ALPHA, factor[own], shared_factor[own], chip.leak, dt)
        thr_code[own], alpha_code[own] = one.code, leak.code
        items += [one, leak]
    kappa = step_factor(readout, dt)
    items.append(_leak("tau_m", readout.name, BY_NAME["KAPPA"], kappa, kappa, chip.readout_leak, dt))

    floored = np.where(factor < 1, 0.5 / np.maximum(1 - factor, 2.0**-15), 0.0)
    stochastic = bool(np.any(floored * scale > TOLERATED_BIAS * threshold))
    config = _config(
        codes, order, alpha_code, thr_code, steps, int(items[-1].code[0]), hidden[0].parameters.get("reset", "subtract"), stochastic
    )
    config["hidden"] = {p.name: [int(first[k]), int(first[k + 1])] for k, p in enumerate(hidden)}
    config["readout"] = readout.name
    # The chip leaks after it integrates, so it shows the readout of the network times one leak.
    config["scale"], config["readout_scale"] = float(scale), float(out_scale / chip.readout_leak.factor(items[-1].code[0]))
    return items, config, _notes(network, hidden, order, factor, threshold, stochastic)


def _threshold(place: str, asked: np.ndarray, shared: np.ndarray, scale: float) -> Item:
    one = item("v_threshold", place, THR, shared, scale, rounding="nearest")
    return Item(**{**one.__dict__, "requested": asked})


def _leak(parameter: str, place: str, field, asked: np.ndarray, shared: np.ndarray, law, dt: float) -> Item:
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
    pair_alpha, pair_threshold = np.full(PAIRS, 0x7000, np.uint16), np.full(PAIRS, THR.maximum, np.int16)
    firsts = np.arange(0, size, 2)
    pair_alpha[: len(firsts)], pair_threshold[: len(firsts)] = alpha[order][firsts], threshold[order][firsts]
    registers = {name: f.default for name, f in BY_NAME.items()}
    registers.update(
        RST_MODE=int(reset == "zero"), DO_EPROP=0, EN_STOCH_ROUND=int(stochastic), KAPPA=kappa,
        ALPHA_CONF=sum(1 << w for w in range(PAIRS) if pair_alpha[w] >= 0x8000),
        NUM_INP_NEUR=inputs - 1, NUM_REC_NEUR=units - 1, NUM_OUT_NEUR=codes["WOUT"].shape[1] - 1,
        **{f"FP_LOC_{name}": e for name, (_, e) in steps.items()},
    )  # fmt: skip
    return {"registers": registers, "winp": w_inp, "wrec": w_rec, "wout": w_out, "thr": pair_threshold, "alpha": pair_alpha, "order": order}


def _notes(network, hidden, order, factor, threshold, stochastic: bool) -> list[str]:
    notes = []
    names = [p.name for p in hidden]
    for c in network.projections:
        if c.target in names and c.source in names and c.delay_steps == 0:
            notes.append(f"spikes {c.source!r} -> {c.target!r} arrive one step later on reckon than in the network.")
        if c.target in names and c.source not in names and c.delay_steps == 1:
            notes.append(f"spikes {c.source!r} -> {c.target!r} arrive one step earlier on reckon than in the network.")
    n = np.count_nonzero((np.abs(_shared(factor, order) - factor) > 0) | (np.abs(_shared(threshold, order) - threshold) > 0))
    if n:
        notes.append(f"{n} neurons share leak and threshold with another one of their pair, at the mean of both.")
    if stochastic:
        notes.append("leaks are rounded stochastically, because rounding down would pull slow membranes from their value.")
    return notes


#: Samples that the emulator records at once; their states step by step are held in memory.
RECORDED = 16


def chip_of(config: Mapping[str, Any]) -> tuple[Configuration, Memory]:
    """Return the chip's configuration and memories."""
    chip = Configuration.of(config["registers"], np.asarray(config["thr"]), np.asarray(config["alpha"]))
    return chip, Memory.of(chip, *(np.asarray(config[name]) for name in ("winp", "wrec", "wout")))


def write_files(config: Mapping[str, Any], folder: Path) -> None:
    """Write the files that program the chip: SPI program, memory images, weights for the testbench."""
    chip_folder.write(folder, *chip_of(config))


def emulate(config: Mapping[str, Any], samples: Samples) -> Run:
    """Run samples on the emulated chip."""
    from brian2chip.chips.reckon.cycles import tick_cycles
    from brian2chip.chips.reckon.emulator import Emulator  # Brian2 is not needed to translate

    chip, memory = chip_of(config)
    order, units = np.asarray(config["order"]), len(config["order"])
    z, v, label, cycles = [], [], [], []
    with Emulator(record=True) as emulator:
        for first in range(0, len(samples), RECORDED):
            given = chip_samples(samples, first, min(RECORDED, len(samples) - first))
            result = emulator.run(chip, memory, given)
            memory = result.memory
            shape = (len(given.n_ticks), samples.n_steps + 2, -1)
            back = np.zeros((shape[0], samples.n_steps, units), bool)
            back[..., order] = result.steps["z"].reshape(shape)[:, 1:-1, :units]
            z.append(back)
            v.append(result.steps["v"].reshape(shape)[:, 2:, : chip.n_outputs] * config["readout_scale"])
            label.append(result.label)
            cycles.append(tick_cycles(chip, given, result).reshape(shape[:2]).sum(axis=1))
    z = np.concatenate(z)
    spikes = {name: np.nonzero(z[..., a:b]) for name, (a, b) in config["hidden"].items()}
    label, cycles = np.concatenate(label), np.concatenate(cycles).astype(np.int64)
    return Run(spikes, {config["readout"]: np.concatenate(v)}, {}, len(samples), samples.n_steps, label=label, cycles=cycles)


def chip_samples(samples: Samples, first: int, count: int) -> ChipSamples:
    """Return some samples as the host gives them to the chip; winners count where the readout has seen the masked steps."""
    ticks = samples.n_steps + 2
    low, high = np.searchsorted(samples.sample, [first, first + count])
    accumulate = np.concatenate([[0, 0], np.asarray(samples.mask, np.int64)])
    none = np.zeros(count, np.int64)
    return ChipSamples(
        np.full(count, ticks), samples.sample[low:high] - first, samples.t[low:high], samples.i[low:high], none, none,
        np.zeros(count * ticks, np.int64), np.tile(accumulate, count),
    )  # fmt: skip
