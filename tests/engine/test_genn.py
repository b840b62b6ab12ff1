"""The genn device: refusals before building everywhere; where GENN_PATH is set, rules against their oracles on GeNN's CPU backend."""

import importlib.util
import os
from dataclasses import replace

import brian2
import numpy as np
import pytest
from brian2 import Network, NeuronGroup, Synapses, second

from brian2chip.core import registry
from brian2chip.core.rule import Rule
from brian2chip.engine import genn, session
from brian2chip.errors import UserError
from brian2chip.protocols import run
from brian2chip.protocols.network_objects import si, spike_source
from brian2chip.protocols.paired_synapses import prepared
from brian2chip.protocols.spike_trains import poisson

needs_genn = pytest.mark.skipif(
    not os.environ.get("GENN_PATH") or importlib.util.find_spec("brian2genn") is None,
    reason="needs brian2genn (pip install 'brian2chip[genn]') and GENN_PATH, the folder of GeNN 4.9",
)

SIMPLE = Rule(name="mine", source="test", model="w : 1", on_pre="w = w + 1")


@pytest.mark.parametrize(
    "rule, protocol, feature",
    [
        ("sdsp", "bi_poo_1998", "more than one variable of the neuron"),
        ("stdp", "song_2000", "two presynaptic pathways"),
        (replace(SIMPLE, regular=(("w = 0.9*w", "tau"),), parameters={"tau": 1 * second}), "bi_poo_1998", "period"),
        (replace(SIMPLE, on_pre="v_post = w"), "bi_poo_1998", "other than \\+="),
        (replace(SIMPLE, on_pre="v_post *= w"), "bi_poo_1998", "other than \\+="),
        (replace(SIMPLE, on_pre="v_post += w\ng_post += w"), "bi_poo_1998", "two neuron variables"),
        (replace(SIMPLE, model="w : 1\nhalf = w/2 : 1"), "bi_poo_1998", "subexpressions"),
        (replace(SIMPLE, on_pre="w += rand()"), "bi_poo_1998", "random numbers"),
    ],
)
def test_what_brian2genn_cannot_express_is_refused_by_name(rule, protocol, feature, monkeypatch):
    monkeypatch.setattr(session, "session", lambda *a, **k: pytest.fail("it was built"))
    with pytest.raises(UserError, match=feature) as refusal:
        run.run(protocol, rule, device="genn")
    assert "cpp_standalone" in str(refusal.value)


@pytest.mark.parametrize("name", ["stdp", "stdp:nearest", "stdp:multiplicative", "triplet"])
def test_spike_timing_rules_are_not_refused(name):
    assert genn.missing_feature(registry.get("rule", name), registry.get("protocol", "bi_poo_1998")) is None


def test_a_comparison_or_a_derivative_is_no_assignment_or_subexpression():
    assert genn.missing_feature(replace(SIMPLE, model="dw/dt = -w/second : 1 (clock-driven)", on_pre="w += int(v_post == 1)")) is None
    assert genn.missing_feature(replace(SIMPLE, on_pre="v_post += w")) is None


def test_missing_pieces_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"brian2chip\[genn\]"):
        genn.check_installed()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.delenv("GENN_PATH", raising=False)
    with pytest.raises(UserError, match="GENN_PATH"):
        genn.check_installed()
    monkeypatch.setenv("GENN_PATH", str(tmp_path))
    with pytest.raises(UserError, match="GeNN 4"):
        genn.check_installed()
    (tmp_path / "version.txt").write_text("5.1.0")
    with pytest.raises(UserError, match="GeNN 4"):
        genn.check_installed()
    (tmp_path / "version.txt").write_text("4.9.0")
    monkeypatch.setattr(importlib, "import_module", lambda name: 1 / 0)
    with pytest.raises(UserError, match="ZeroDivisionError"):
        genn.check_installed()


@needs_genn
@pytest.mark.genn
@pytest.mark.parametrize(
    "name", ["stdp", "stdp:nearest", "stdp:multiplicative", "triplet:hippocampus_all_full", "triplet:visual_cortex_nearest_full"]
)
def test_rules_agree_with_their_oracles(name):
    rule = registry.get("rule", name)
    rng = np.random.default_rng(4)
    stimuli = [(poisson(30, 2.0, rng), poisson(30, 2.0, rng)) for _ in range(20)]
    with prepared(rule, stimuli, duration=2.1, dt=1e-4, device="genn") as (evaluate, session):
        assert session.device == "genn"
        table = evaluate()
        with pytest.raises(UserError, match="second time"):
            evaluate()
    p = {key: si(value) for key, value in rule.parameters.items()}
    # Single precision in brian2genn's clip would show as 1e-7 here.
    expected = [rule.oracle(*stimuli[k], p, {"w": 1.0})["w"] for k in table["stimulus"]]
    np.testing.assert_allclose(table["w_end"], expected, rtol=1e-9)
    assert np.ptp(expected) > 0.01


def network(device, schedule=None):
    """Return v, the count of spikes and w of neurons driven through plastic synapses that also excite."""
    rng = np.random.default_rng(2)
    trains = [poisson(40, 0.5, rng) for _ in range(30)]
    with session.session(device, dt=1e-4) as s:
        pre = spike_source(30, np.repeat(np.arange(30), [len(t) for t in trains]), np.concatenate(trains), 1e-4, "pre")
        post = NeuronGroup(
            3, "dv/dt = -v/(20*ms) : 1\nn : 1", threshold="v > 1", reset="v = 0; n += 1", method="exact", name="post", namespace={}
        )
        plastic = Synapses(
            pre,
            post,
            "w : 1\ndx/dt = -x/(20*ms) : 1 (event-driven)\ndy/dt = -y/(20*ms) : 1 (event-driven)",
            on_pre="v_post += w\nx += 1\nw = clip(w - 0.01*y, 0, 1)",
            on_post="y += 1\nw = clip(w + 0.01*x, 0, 1)",
            name="plastic",
            namespace={},
        )
        plastic.connect(i=np.repeat(np.arange(30), 3), j=np.tile(np.arange(3), 30))
        s.input("w", plastic, "w", 0.1 + 0.1 * np.tile(np.arange(3), 30))
        net = Network(pre, post, plastic)
        if schedule:
            net.schedule = schedule
        s.run(net, 0.55)
        order = np.lexsort((np.array(plastic.j), np.array(plastic.i)))
        return np.array(post.v), np.array(post.n), np.array(plastic.w)[order]


@needs_genn
@pytest.mark.genn
def test_a_network_equals_brian2_with_resets_before_synapses():
    v, n, w = network("genn")
    assert n.min() > 3
    v_same, n_same, w_same = network("numpy", genn.SCHEDULE)
    np.testing.assert_array_equal(n, n_same)
    np.testing.assert_allclose(w, w_same, rtol=1e-9)
    v_other, n_other, w_other = network("numpy")
    assert not np.allclose(w, w_other, rtol=1e-9)  # in Brian2's own order a spike that arrives with a reset is lost


@needs_genn
@pytest.mark.genn
def test_a_protocol_scores_as_on_numpy_and_brian2_is_given_back():
    short = {"pairs": 5, "rate_hz": 4.0, "points": 11, "seed": 1}
    device, prefs = brian2.get_device(), dict(brian2.prefs.prefs)
    on_genn = run.run("bi_poo_1998", "stdp", device="genn", **short)
    assert brian2.get_device() is device and dict(brian2.prefs.prefs) == prefs | {
        k: v for k, v in brian2.prefs.prefs.items() if "genn" in k
    }
    on_numpy = run.run("bi_poo_1998", "stdp", device="numpy", **short)
    np.testing.assert_allclose(on_genn["dw"], on_numpy["dw"], rtol=1e-7, atol=1e-12)  # of a change of 1e-3: 1e-9 of the weight
    assert on_genn.attrs["run"]["device"] == "genn"
