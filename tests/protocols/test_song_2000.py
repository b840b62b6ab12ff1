"""The competition network against an independent NumPy simulation, its bimodal weights, and other rules in it."""

from dataclasses import replace

import numpy as np
import pytest

from brian2chip.core import registry
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError
from brian2chip.protocols import run, song_2000
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.spike_trains import poisson


def numpy_network(n, rate, seconds, seed, g_max):
    """Return final weights (in [0, 1]) and spikes of conductance LIF and additive STDP, stepped through at 0.1 ms.

    Written from Song, Miller & Abbott 2000, with the constants of Brian2's example; the membrane is solved exactly for a held conductance.
    """
    dt, tau_m, tau_e, tau = 1e-4, 10e-3, 5e-3, 20e-3
    A_plus, A_minus = 0.01, 0.0105
    rng = np.random.default_rng(seed)
    spikes = np.zeros((round(seconds / dt) + 1, n), bool)
    for k in range(n):
        spikes[np.rint(poisson(rate, seconds, rng, dt) / dt).astype(int), k] = True
    rng.permutation(n)
    w = rng.uniform(0, 2, n) / 2
    v, g, fired = -74e-3, 0.0, []
    x, y = np.zeros(n), 0.0
    for step in range(round(seconds / dt)):
        v_inf = -74e-3 / (1 + g)  # E_e = 0, E_L = -74 mV
        v = v_inf + (v - v_inf) * np.exp(-dt * (1 + g) / tau_m)
        g *= np.exp(-dt / tau_e)
        x *= np.exp(-dt / tau)
        y *= np.exp(-dt / tau)
        pre = spikes[step]
        g += g_max * np.sum(w[pre])  # before the weights change
        w[pre] = np.clip(w[pre] - A_minus * y, 0, 1)
        x[pre] += 1
        if v > -54e-3:
            fired.append(step)
            v = -60e-3
            w = np.clip(w + A_plus * x, 0, 1)
            y += 1
    return w, fired


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_every_weight_agrees_with_an_independent_simulation(device):
    options = {"inputs": 100, "rate_hz": 20.0, "g_max": 0.08, "duration_s": 3.0}
    table = run.run("song_2000", "stdp:song_2000", device=device, seed=3, **options)
    w, fired = numpy_network(100, 20.0, 3.0, 3, 0.08)
    assert len(fired) > 30
    assert np.abs(table["w_end"] - table["w_start"]).max() > 0.1
    np.testing.assert_allclose(table["w_end"], w, rtol=1e-9, atol=1e-12)
    assert table["output_rate_hz"].iloc[0] == pytest.approx(sum(f > 27000 for f in fired) / 0.3)


def test_weights_become_bimodal_and_do_not_when_the_rule_is_multiplicative():
    table = run.run("song_2000", "stdp:song_2000", device="cpp_standalone", seed=1)
    score = table.attrs["run"]["scores"]
    expected, tolerance = song_2000.SONG_2000.expected["stdp:song_2000"]
    assert score["bimodality"] == pytest.approx(expected, abs=tolerance)
    assert song_2000.bimodality(table["w_start"]) == pytest.approx(5 / 9, abs=0.02)
    # U-shaped: the outer fifths hold most inputs (40 % when uniform), the middle fifth fewer than its share
    assert score["share_low"] > 0.3 and score["share_high"] > 0.25
    assert table["w_end"].between(0.4, 0.6).mean() < 0.15
    soft = run.run("song_2000", "stdp:song_2000", parameters={"mu": 1.0}, device="cpp_standalone", seed=1)
    assert soft.attrs["run"]["scores"]["bimodality"] < 0.5
    assert soft["w_end"].between(0.2, 0.8).mean() > 0.9


def test_bimodality_coefficient():
    assert song_2000.bimodality([0, 0, 1, 1]) == pytest.approx(1)  # two points
    assert song_2000.bimodality(np.linspace(0, 1, 100001)) == pytest.approx(5 / 9, rel=1e-4)  # uniform: kurtosis 9/5
    assert song_2000.bimodality(np.random.default_rng(1).normal(size=200000)) == pytest.approx(1 / 3, rel=0.02)  # kurtosis 3
    assert np.isnan(song_2000.bimodality([0.3, 0.3]))


def test_other_rules_compete_too():
    short = {"duration_s": 0.5, "device": "numpy"}
    sdsp = run.run("song_2000", "sdsp", **short)
    assert sdsp["w_start"].mean() == 0.5 and set(sdsp["w_end"]) <= {0.0, 1.0}
    mine = Rule(name="mine", source="test", model="w : 1", on_pre="w = clip(w - 0.01, 0, 1)", initial={"w": 0.5})
    table = run.run("song_2000", mine, rate_hz=20.0, **short)
    assert table["dw"].mean() == pytest.approx(-0.01 * 20 * 0.5, rel=0.1)  # 1 % of the range at each presynaptic spike


def test_a_neuron_that_cannot_be_driven_is_refused(monkeypatch):
    rule = replace(registry.get("rule", "sdsp"), name="mine", post="silent")
    silent = Model(name="silent", source="test", equations="v : 1", threshold="v > 1", reset="v = 0")
    monkeypatch.setattr(song_2000, "resolve_model", lambda name: silent)
    with pytest.raises(UserError, match="excitatory"):
        song_2000.simulate(
            rule, song_2000.conditions({"inputs": 3}), {"duration_s": 0.1, "rate_hz": 10.0, "g_max": 0.01}, {"seed": 1, "dt": 1e-4}
        )


def test_the_oracle_has_the_constants_of_the_model_and_the_preset():
    # The constants in the oracle above are those of the model and the preset.
    lif, rule = registry.get("model", "lif_conductance").parameters, registry.get("rule", "stdp:song_2000").parameters
    assert [si(lif[k]) for k in ("E_L", "E_e", "v_threshold", "v_reset", "tau_m", "tau_e")] == [-74e-3, 0.0, -54e-3, -60e-3, 10e-3, 5e-3]
    assert rule["A_plus"] / rule["w_max"] == 0.01 and rule["A_minus"] / rule["A_plus"] == pytest.approx(1.05)
