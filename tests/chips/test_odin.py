"""ODIN: recorded traces of the RTL, random comparison with the independent oracle, mutants, wrong input."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import odin_oracle as oracle
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from brian2chip.chips.odin import events as ev
from brian2chip.chips.odin import learning
from brian2chip.chips.odin import neuron as model
from brian2chip.chips.odin.configuration import Configuration, bytes_of
from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin.replay import OUTPUTS, outputs
from brian2chip.chips.odin.replay import given as inputs_of
from brian2chip.errors import UserError

GOLDEN = Path(__file__).parents[1] / "golden" / "odin"
TRACES = sorted(path.stem for path in GOLDEN.glob("*.npz"))
#: What the oracle and the emulator both return; the rest are traces of single neurons.
COMPARED = (
    "out_addr",
    "out_stim_index",
    "out_cycle",
    "stim_start_cycle",
    "total_cycles",
    "neur_final",
    "syn_final",
    "vup_final",
    "vdn_final",
)


@pytest.fixture(scope="module")
def chip():
    with emulator() as opened:
        yield opened


def load(name):
    return dict(np.load(GOLDEN / f"{name}.npz"))


def run(chip, trace):
    return outputs(chip, *inputs_of(trace))


@pytest.mark.parametrize("name", TRACES)
def test_recorded_trace_is_exact(chip, name):
    trace = load(name)
    got = run(chip, trace)
    expected = [key for key in OUTPUTS if key in trace]
    assert len(expected) >= len(COMPARED)
    for key in expected:
        valid = trace["trace_valid"] > 0 if key.startswith("trace_") else ...
        np.testing.assert_array_equal(got[key][valid], trace[key][valid], err_msg=key)


SMALL = [name for name in TRACES if "toy" not in name and "stress" not in name]


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in SMALL else pytest.mark.slow) for n in TRACES])
def test_oracle_reproduces_recorded_trace(name):
    trace = load(name)
    got = oracle.replay(trace)
    for key in COMPARED:
        np.testing.assert_array_equal(got[key], trace[key], err_msg=key)


def random_trace(rng, n_events=40, **registers):
    """A random chip: both models with random words (some all random bits), random synapses, flags and events of every kind."""
    words = rng.integers(0, 256, (256, 16)).astype(np.uint8)
    words[:, 0] = words[:, 0] & 254 | (rng.random(256) < rng.random())
    lif = words[:, 0] & 1 == 1
    quiet = Configuration.blank().with_neurons(
        np.arange(256), lif=1, thr=rng.integers(1, 60, 256), leak_str=rng.integers(0, 20, 256), leak_en=1, ca_en=1,
        thetamem=rng.integers(0, 40, 256), theta1=rng.integers(0, 3, 256), theta2=rng.integers(1, 8, 256), theta3=rng.integers(1, 8, 256),
        ca_leak=rng.integers(0, 5, 256),
    )  # fmt: skip
    tame = lif & (rng.random(256) < 0.8)
    words[tame] = bytes_of(quiet.words)[tame]
    chosen = rng.random(7)
    kinds = rng.choice(7, n_events, p=chosen / chosen.sum())
    a, b, w = rng.integers(0, 256, n_events), rng.integers(0, 256, n_events), rng.integers(1, 8, n_events)
    address = np.choose(
        kinds,
        [ev.spike(a), ev.virtual(a, w, rng.integers(0, 2, n_events)), ev.time_reference(a), np.full(n_events, ev.time_reference()),
         ev.bistability(a), ev.synapse(a, b), rng.integers(0, 1 << 17, n_events).astype(np.uint32)],
    )  # fmt: skip
    address[address & 0x1007F == 0] |= 0x80  # all rows take 16,384 cycles of the oracle: single rows are enough here
    bits = {f: int(rng.random() < 0.5) for f in ("update_unmapped_syn", "propagate_unmapped_syn", "sdsp_on_syn_stim", "open_loop")}
    trace = {
        **bits, "burst_timeref": 0, "aer_src_ctrl_nneur": int(rng.random() < 0.3), "out_aer_monitor_en": int(rng.random() < 0.3),
        "monitor_neur_addr": rng.integers(0, 256), "monitor_syn_addr": rng.integers(0, 256), "syn_sign": rng.random(256) < 0.5,
        "neur_init": words,
        "syn_init": rng.integers(0, 16, (256, 256)), "vup_init": rng.random(256) < 0.2, "vdn_init": rng.random(256) < 0.2,
        "stim_addr": address, "stim_wait_idle": rng.random(n_events) < rng.random(), "trace_neurons": rng.choice(256, 3, replace=False),
    }  # fmt: skip
    trace.update(registers)
    return {key: np.asarray(value).astype(np.uint8) if np.asarray(value).dtype == bool else value for key, value in trace.items()}


def assert_like_oracle(chip, trace):
    try:
        expected = oracle.replay(trace, limit=150_000)
    except (OverflowError, TimeoutError):  # a burst FIFO overrun, a network that never rests: refused, and tested below
        assume(False)
    assume(not expected["torn"])
    got = run(chip, trace)
    for key in COMPARED:
        np.testing.assert_array_equal(got[key], expected[key], err_msg=key)
    k = trace["trace_neurons"]
    for event, words, up, down in expected["trace"]:
        if event >= 0:
            np.testing.assert_array_equal(got["trace_words"][event], [list(words[n].to_bytes(16, "little")) for n in k])
            np.testing.assert_array_equal(got["trace_vup"][event], np.array(up)[k])
            np.testing.assert_array_equal(got["trace_vdn"][event], np.array(down)[k])


PROPERTY = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@PROPERTY
@given(seed=st.integers(0, 2**32 - 1))
def test_random_chip_is_like_the_oracle(chip, seed):
    assert_like_oracle(chip, random_trace(np.random.default_rng(seed)))


@pytest.mark.parametrize("unmapped", [0, 1])
@pytest.mark.parametrize("monitor", [0, 1])
def test_bistability_of_all_rows_is_like_the_oracle(chip, unmapped, monitor):
    flags = {"open_loop": 1, "update_unmapped_syn": unmapped, "out_aer_monitor_en": monitor}
    trace = random_trace(np.random.default_rng(2 * unmapped + monitor), **flags)
    trace["stim_addr"][[3, 7]] = ev.bistability()
    assert_like_oracle(chip, trace)


@PROPERTY
@given(seed=st.integers(0, 2**32 - 1), timeref=st.integers(520, 2000))
def test_random_bursts_are_like_the_oracle(chip, seed, timeref):
    """Closed loop with bursts: sources that change in the middle of a sweep are part of it."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 20))
    trace = random_trace(rng, n_events=n, open_loop=0, burst_timeref=timeref, out_aer_monitor_en=0)
    izh = Configuration.blank().with_neurons(
        np.arange(256), lif=0, thr=1, spk_ref=rng.integers(0, 3, 256),
        isi_ref=rng.integers(0, 8, 256), rfr=rng.integers(0, 4, 256), ca_en=1,
        theta1=0, theta2=7, theta3=7, thetamem=2, fi_sel=0, burst_incr=rng.integers(0, 2, 256),
        leak_en=1, leak_str=rng.integers(0, 16, 256),
    )  # fmt: skip
    trace["neur_init"] = bytes_of(izh.words)
    trace["syn_init"] = (rng.random((256, 256)) < 0.005) * rng.integers(8, 16, (256, 256))
    driven = rng.random(n) < 0.7
    trace["stim_addr"] = np.where(driven, ev.virtual(rng.integers(0, 12, n) * 17, 7), trace["stim_addr"])
    assert_like_oracle(chip, trace)


# --- mutants of every comparison and of the signs of the event code, each of which the oracle must notice ---------------------------


def evaluate(code, state):
    """Run event code on arrays."""
    names = dict(state)
    exec(code, {"__builtins__": {}, "int": lambda x: np.asarray(x).astype(np.int64)}, names)
    return names


def random_states(layout, lif, n=6000, seed=0):
    """Random words whose fields are often near each other, so that edges are met; and one access each."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        node = {}
        for name, (_, width) in layout.items():
            node[name] = int(rng.choice([0, 1, 2, 3, 7, (1 << width) - 1, rng.integers(0, 1 << width)])) % (1 << width)
        if lif:
            node["thr"] = int(rng.choice([node["thr"], node["V"], node["V"] + 3])) % 256
            node["thetamem"] = int(rng.choice([node["thetamem"], node["V"]]))
            node["V"] = int(rng.choice([node["V"], 254, 255, 252, 1]))
        node["cacnt"] = int(rng.choice([node["cacnt"], (node["ca_leak"] - 1) % 32]))
        node.update(word=lif, lif=lif, disable=0)
        rows.append((node, int(rng.random() < 0.4), int(rng.integers(0, 8)), int(rng.integers(0, 2)), int(rng.integers(0, 2))))
    return rows


def reference(rows, lif):
    """The oracle's registers after the access."""
    out = []
    for node, tref, w, inh, end in rows:
        after = dict(node)
        spike, spk, isi, up, down = oracle.lif(after, tref, w, inh) if lif else oracle.izh(after, tref, w, inh, end)
        out.append({**after, "fired": int(spike), "up": up, "down": down})
    return out


def neuron_case(lif):
    layout = oracle.LIF if lif else oracle.IZH
    rows = random_states(layout, lif)
    state = {name: np.array([r[0][name] for r in rows]) for name in layout}
    state["tref"] = np.array([r[1] for r in rows])
    state["drive"] = np.array([r[2] * (1 - 2 * r[3]) * (1 - r[1]) for r in rows])
    state["burst_end"] = np.array([r[4] for r in rows])
    registers = (*(model.LIF_STATE if lif else model.IZHIKEVICH_STATE), "fired", "up", "down")
    expected = reference(rows, lif)
    return (model.LIF if lif else model.IZHIKEVICH), state, {r: np.array([e[r] for e in expected]) for r in registers}


def agrees(code, state, expected):
    got = evaluate(code, state)
    return all(np.array_equal(np.broadcast_to(got[f"{name}_next"], values.shape), values) for name, values in expected.items())


FLIPS = {">=": ">", "<=": "<", ">": ">=", "<": "<=", "==": "!=", "!=": "=="}
#: Mutants that cannot be told apart: at equality the changed term is zero, or the other half of the product excludes it.
EQUIVALENT = {
    "V_in * int(V_in > 0)", "(V_in - 255) * int(V_in > 255)", "(Ca + ca_inc - 7) * int(Ca + ca_inc > 7)",
    "carry * int(drive > 0)", "carry * int(drive < 0)",
}  # fmt: skip


def mutants(code):
    for match in re.finditer(r">=|<=|==|!=|>|<", code):
        around = code[max(0, code.rfind("\n", 0, match.start())) : code.find("\n", match.end())]
        if not any(text in around for text in EQUIVALENT):
            yield around.strip(), code[: match.start()] + FLIPS[match.group()] + code[match.end() :]


@pytest.mark.parametrize("lif", [1, 0], ids=["lif", "izhikevich"])
def test_every_flipped_comparison_of_the_neuron_is_noticed(lif):
    code, state, expected = neuron_case(lif)
    assert agrees(code, state, expected)
    survivors = [line for line, mutant in mutants(code) if agrees(mutant, state, expected)]
    assert survivors == []


def test_every_flipped_comparison_of_sdsp_is_noticed():
    w, up, down = (x.ravel() for x in np.meshgrid(range(8), (0, 1), (0, 1)))
    state = {"w": w, "up_post": up, "down_post": down}
    expected = np.array([oracle.sdsp(8 | int(a), int(u), int(d), 0) & 7 for a, u, d in zip(w, up, down)])
    drift = np.where(w >= 4, np.minimum(7, w + 1), np.maximum(0, w - 1))
    for text, target in ((learning.STEP, expected), (learning.DRIFT, drift)):
        code = f"new = w + {text}\n"
        assert np.array_equal(evaluate(code, state)["new"], target)
        assert [line for line, mutant in mutants(code) if np.array_equal(evaluate(mutant, state)["new"], target)] == []
    swapped = learning.STEP.replace("up_post", "X").replace("down_post", "up_post").replace("X", "down_post")
    assert not np.array_equal(evaluate(f"new = w + {swapped}\n", state)["new"], expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name", "old", "new", "trace"),
    [
        ("network", "ROW", "plastic = int(word >= learn_from)", "plastic = int(word > learn_from)", "mapping_upd1_prop0_sdspsyn0"),
        ("network", "DRIFT_OF_ALL", "w = x_post - 8 * int(x_post >= 8)", "w = x_post", "sdsp_crossbar_poisson"),
        ("network", "LIF", "V_in >= thr", "V_in > thr", "lif_saturation_edges"),
        ("network", "FIFO_PUSH", "n_spikes_post < 32", "n_spikes_post <= 32", "closed_loop_fifo_overflow"),
        ("controller", "DECIDE", "shown * (1 - visible", "shown * (0 * visible + 1", "closed_loop_recurrent_b2b"),
    ],
)
def test_compiled_mutant_fails_the_recorded_trace(monkeypatch, module, name, old, new, trace):
    import importlib

    place = importlib.import_module(f"brian2chip.chips.odin.{module}")
    assert old in getattr(place, name)
    monkeypatch.setattr(place, name, getattr(place, name).replace(old, new))
    recorded = load(trace)
    with emulator() as mutant:
        got = run(mutant, recorded)
    assert any(not np.array_equal(got[key], recorded[key]) for key in COMPARED)


# --- wrong input, and what the chip does silently ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"syn_init": None}, "lacks syn_init"),
        ({"stim_wait_idle": None}, "lacks stim_wait_idle"),
        ({"syn_init": np.zeros((256, 255), int)}, r"shape \(256, 256\)"),
        ({"syn_init": np.full((256, 256), 16)}, "between 0 and 15"),
        ({"neur_init": np.zeros((256, 16))}, "must be integers"),
        ({"burst_timeref": 1 << 20}, "integers from 0 to 1048575"),
        ({"stim_addr": np.array([1 << 17])}, "one length|17 bits"),
        ({"trace_neurons": np.array([256])}, "from 0 to 255"),
    ],
)
def test_wrong_trace_is_refused_before_running(change, words):
    trace = load("izh_A_tonic_spiking")
    trace.update(change)
    with pytest.raises(UserError, match=words):
        inputs_of({key: value for key, value in trace.items() if value is not None})


def test_wrong_events_and_fields_are_refused():
    with pytest.raises(UserError, match="17 bits"):
        ev.checked([3, 1 << 17])
    with pytest.raises(UserError, match="decoded as a spike event"):
        ev.virtual(3, 0)
    with pytest.raises(UserError, match="0 to 7"):
        ev.virtual(3, 8)
    with pytest.raises(UserError, match="no ODIN configuration register 'open_lop'"):
        Configuration.blank(open_lop=1)
    with pytest.raises(UserError, match="thr of the chip was given as 300"):
        Configuration.blank().with_neurons([0], lif=1, thr=300)


def test_fifo_overflow_is_said(chip, caplog):
    run(chip, load("closed_loop_fifo_overflow"))
    assert "lost 139 spikes" in caplog.text


def test_self_sustained_activity_is_refused(chip):
    """Neuron 0 excites itself at every sweep."""
    synapses = np.zeros((256, 256), np.uint8)
    synapses[0, 0] = 15
    loop = replace(Configuration.blank(open_loop=0).with_neurons([0], lif=1, thr=1), synapses=synapses)
    with pytest.raises(UserError, match="keeps itself active"):
        chip.run(loop, ev.checked([ev.spike(0)]), limit=1000)


def test_overrun_of_a_burst_fifo_is_refused(chip):
    burst = Configuration.blank(open_loop=0, burst_timeref=2000).with_neurons(np.arange(6), lif=0, thr=0, spk_ref=1, isi_ref=0, rfr=1)
    with pytest.raises(UserError, match="four defined places"):
        chip.run(burst, ev.checked(ev.time_reference(np.arange(6)), np.zeros(6, int)))
