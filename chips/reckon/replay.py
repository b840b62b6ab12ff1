"""Replay a recorded ReckOn trace: from its inputs alone to everything that was recorded."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import numpy as np

from brian2chip.chips.chip import Replay, Trace
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.clock_cycles import tick_cycles
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.fields import N_HIDDEN
from brian2chip.chips.reckon.memory import Memory
from brian2chip.core.checked_arrays import whole_numbers
from brian2chip.core.json_files import parse_json
from brian2chip.errors import UserError

OUTPUTS = (
    *("exp_spikes", "exp_u", "exp_vout", "exp_trace_inp", "exp_trace_rec", "exp_trace_out", "exp_outbytes", "exp_outbytes_n", "exp_label"),
    *("winp_final", "wrec_final", "wout_final", "weights_crc32", "lfsr_final_json", "tick_cycles"),
)
INPUTS = (
    *("config_json", "thr", "alpha", "winp_init", "wrec_init", "wout_init", "sample_T", "sample_do_eprop", "sample_label"),
    *("ev_sample", "ev_t", "ev_i", "target_valid", "infer_acc"),
)


def given(trace: Trace) -> tuple[Configuration, Memory, ChipSamples]:
    """Return configuration, memory and samples from the inputs of a trace.

    Raises
    ------
    UserError
        When an input is missing or wrong.
    """
    missing = [name for name in INPUTS if name not in trace]
    if missing:
        raise UserError(f"the ReckOn trace lacks {', '.join(missing)}; it needs {', '.join(INPUTS)}.")
    registers = parse_json(str(trace["config_json"]), "config_json of the ReckOn trace", {"type": "object"})
    configuration = Configuration.of(registers, trace["thr"], trace["alpha"])
    memory = Memory.of(configuration, trace["winp_init"], trace["wrec_init"], trace["wout_init"])
    samples = ChipSamples(
        n_ticks=trace["sample_T"],
        sample=trace["ev_sample"],
        t=trace["ev_t"],
        i=trace["ev_i"],
        eprop=trace["sample_do_eprop"],
        label=trace["sample_label"],
        target_valid=trace["target_valid"],
        infer_acc=trace["infer_acc"],
        target=trace["target"] if "target" in trace else None,
    ).checked(configuration)
    return configuration, memory, samples


def used(configuration: Configuration, memory: Memory) -> dict[str, np.ndarray]:
    """Return the weights of the units in use, the hidden units in whole blocks of 16."""
    inputs, hidden, columns = configuration.n_inputs, configuration.n_hidden, configuration.n_columns
    return {"winp": memory.winp[:inputs, :columns], "wrec": memory.wrec[:hidden, :columns], "wout": memory.wout[:hidden]}


def crc32(weights: np.ndarray) -> int:
    """Return the CRC32 of int8 weights in C order."""
    return zlib.crc32(np.ascontiguousarray(weights, np.int8).tobytes())


def sent_bytes(configuration: Configuration, steps: Mapping[str, np.ndarray]) -> bytes:
    """Return the bytes that one sample puts on the output bus, from its steps: the winner, or the output membranes, low byte first."""
    sending = slice(1, None) if configuration["SEND_PER_TIMESTEP"] else slice(-1, None)
    outputs = configuration.n_outputs
    if configuration["SEND_LABEL_ONLY"]:
        return steps["wins"][sending, :outputs].argmax(axis=1).astype(np.uint8).tobytes()
    return steps["v"][sending, :outputs].astype("<i2").tobytes()


def replay(trace: Trace, device: str = "cpp_standalone") -> dict[str, np.ndarray]:
    """Return everything in :data:`OUTPUTS` as the chip would have produced it.

    Parameters
    ----------
    trace : mapping
        :data:`INPUTS`, ``target`` where the chip asks for targets, ``mem_idx`` (hidden units to be recorded, all in use by default).
    device : {"cpp_standalone", "cython", "numpy"}
    """
    with open_replay(device) as run:
        return run(trace)


@contextmanager
def open_replay(device: str = "cpp_standalone") -> Iterator[Callable[[Trace], dict[str, np.ndarray]]]:
    """Yield the replay of a trace as a function; one compiled program serves all its calls."""
    with Emulator(record=True, device=device) as chip:
        yield partial(replay_on, chip)


def replay_on(chip: Emulator, trace: Trace) -> dict[str, np.ndarray]:
    """Return the replay of a trace on an open emulator that records."""
    configuration, memory, samples = given(trace)
    units = np.arange(configuration.n_rows)
    if "mem_idx" in trace:
        units = whole_numbers(trace["mem_idx"], "mem_idx", "the ReckOn trace", low=0, high=N_HIDDEN - 1, shape=(None,))
    found: dict[str, list] = {name: [] for name in OUTPUTS}
    for s in range(samples.n_ticks.size):
        one = samples.alone(s)
        result = chip.run(configuration, memory, one)
        memory, steps = result.memory, result.steps
        sent = sent_bytes(configuration, steps)
        found["exp_spikes"].append(np.packbits(steps["z"][1:].astype(np.uint8), axis=1, bitorder="little"))
        found["exp_u"].append(steps["u"][1:, units].astype(np.int16))
        found["exp_vout"].append(steps["v"][1:, : configuration.n_outputs].astype(np.int16))
        for name in ("inp", "rec", "out"):
            found[f"exp_trace_{name}"].append(steps[f"trace_{name}"][1:, units].astype(np.uint16))
        found["exp_outbytes"].append(np.frombuffer(sent, np.uint8))
        found["exp_outbytes_n"].append(len(sent))
        found["exp_label"].append(int(result.label[0]) if configuration["SEND_LABEL_ONLY"] else -1)
        found["weights_crc32"].append([crc32(block) for block in used(configuration, memory).values()])
        found["tick_cycles"].append(tick_cycles(configuration, one, result))
    single = {"exp_outbytes_n": np.int32, "exp_label": np.int16, "weights_crc32": np.uint32}
    out = {name: np.array(values, single[name]) if name in single else np.concatenate(values) for name, values in found.items() if values}
    out.update({f"{name}_final": block for name, block in used(configuration, memory).items()})
    out["lfsr_final_json"] = np.array(json.dumps(memory.lfsr))
    return {name: out[name] for name in OUTPUTS}


def describe(name: str, index: tuple[int, ...], expected: np.ndarray, got: np.ndarray, trace: Trace) -> str | None:
    """Return the chip's words for a difference that is none (registers in another order, unchecked ticks) or for its place."""
    if name == "lfsr_final_json":
        stated = parse_json(str(expected), "lfsr_final_json of the ReckOn trace")
        return "exact" if stated == json.loads(str(got)) else f"expected {expected!s:.200}, got {got}"
    if name == "tick_cycles" and "tick_cycles_valid" in trace and got.shape == expected.shape:
        wrong = np.flatnonzero((expected != got) & (np.asarray(trace["tick_cycles_valid"]) == 1))
        return f"first difference at tick {wrong[0]}: expected {expected[wrong[0]]}, got {got[wrong[0]]}" if wrong.size else "exact"
    return None


REPLAY = Replay(OUTPUTS, open_replay, describe)
