"""The balance of excitation and inhibition: every weight against an independent simulation, rates against the target, other rules."""

import numpy as np
import pytest
from brian2 import nS

import brian2chip as bc
from brian2chip.core import registry
from brian2chip.protocols import vogels_2011
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.spike_trains import poisson


def numpy_network(factors, inputs, rate, seconds, seed, g_start):
    """Return mean inhibitory weights of neurons and their spikes, stepped through at 0.1 ms.

    Written from Vogels et al. 2011 with the constants of Brian2's example (200 pF, 10 nS, -60, -50 and -80 mV, 5 and 10 ms, refractory for
    5 ms); the membrane is solved exactly for a held conductance. Excitation is in that which rests at the threshold: g*(0 + 50) = 10 mV.
    """
    dt, n, inhibitory = 1e-4, len(factors), inputs // 5
    rng, steps = np.random.default_rng(seed), round(seconds / dt)
    spikes = np.zeros((steps + 1, inputs), bool)
    for k in range(inputs):
        spikes[np.rint(poisson(rate, seconds, rng, dt) / dt).astype(int), k] = True
    excite, inhibit = spikes[:, : inputs - inhibitory].sum(axis=1), spikes[:, inputs - inhibitory :]
    one = np.asarray(factors) * 0.2 / ((inputs - inhibitory) * rate * 5e-3)
    w, x, y = np.ones((inhibitory, n)), np.zeros(inhibitory), np.zeros(n)
    v, g_e, g_i, last, fired = np.full(n, -60e-3), np.zeros(n), np.zeros(n), np.full(n, -1000), [[] for _ in range(n)]
    for step in range(steps):
        free = step - last >= 50
        g = 1 + g_e + g_i
        rest = (-60e-3 + g_i * -80e-3) / g
        v = np.where(free, rest + (v - rest) * np.exp(-dt * g / 20e-3), v)
        g_e, g_i, x, y = g_e * np.exp(-dt / 5e-3), g_i * np.exp(-dt / 10e-3), x * np.exp(-dt / 20e-3), y * np.exp(-dt / 20e-3)
        now = (v > -50e-3) & free
        g_e = g_e + one * excite[step]
        pre = inhibit[step]
        g_i = g_i + g_start * w[pre].sum(axis=0)  # before the weights change
        w[pre] = np.clip(w[pre] + 0.01 * (y - 0.12), 0, 100)
        x = x + pre
        if now.any():
            w[:, now] = np.clip(w[:, now] + 0.01 * x[:, None], 0, 100)
            y, last, v = y + now, np.where(now, step, last), np.where(now, -60e-3, v)
            for k in np.flatnonzero(now):
                fired[k].append(step * dt)
    return w.mean(axis=0), fired


def test_weights_and_spikes_agree_with_an_independent_simulation():
    options = {"neurons": 3, "inputs": 100, "rate_hz": 20.0, "least": 2.0, "most": 6.0, "g_start": 0.1, "duration_s": 2.0}
    table = bc.run("vogels_2011", "vogels_sprekeler", device="numpy", seed=4, **options)
    w, fired = numpy_network([2.0, 4.0, 6.0], 100, 20.0, 2.0, 4, 0.1)
    np.testing.assert_allclose(table["w_end"], w, rtol=1e-9)
    assert min(map(len, fired)) > 10 and np.ptp(w) > 0.1
    np.testing.assert_allclose(table["rate_hz"], [np.sum(np.array(times) >= 1.0) / 1.0 for times in fired])
    np.testing.assert_allclose(table["rate_first_hz"], [np.sum(np.array(times) < 0.02) / 0.02 for times in fired])


def test_neurons_of_any_excitation_come_to_fire_at_the_target():
    """3 Hz for 150 s are 450 spikes; a Poisson train of as many would scatter by 0.14 Hz."""
    table = bc.run("vogels_2011", "vogels_sprekeler", device="cpp_standalone", seed=2011)
    np.testing.assert_allclose(table["target_hz"], 3.0)
    assert table["rate_first_hz"].max() > 30 > 10 * table["rate_first_hz"].min()  # from almost silent to far above it
    assert np.abs(table["rate_hz"] - 3).max() < 4 * 0.14
    assert (np.diff(table["w_end"]) > 0).all() and table["dw"].iloc[0] < 0 < table["dw"].iloc[-1]
    verified, tolerance = vogels_2011.VOGELS_2011.expected["vogels_sprekeler"]
    assert table.attrs["run"]["scores"]["rate_rms_hz"] == pytest.approx(verified, abs=tolerance)


def test_other_rules_and_wrong_ones():
    short = {"device": "numpy", "neurons": 2, "inputs": 20, "duration_s": 0.2}
    table = bc.run("vogels_2011", "stdp", **short)
    assert np.isnan(table["target_hz"]).all() and np.isfinite(table.attrs["run"]["scores"]["rate_rms_hz"])
    with pytest.raises(bc.UserError, match="rule 'sdsp' learns with a neuron of its own, and vogels_2011 inhibits the paper's"):
        bc.run("vogels_2011", "sdsp", **short)
    with pytest.raises(bc.UserError, match="give at least 5, a fifth of which inhibit"):
        bc.run("vogels_2011", "stdp", **short | {"inputs": 4})


def test_the_oracle_has_the_constants_of_the_neuron_and_the_rule():
    p = {name: si(value) for name, value in vogels_2011.NEURON.items()}
    assert [p[k] for k in ("tau_m", "tau_e", "tau_i", "E_L", "E_i", "v_threshold", "v_reset", "t_ref")] == pytest.approx(
        [200e-12 / 10e-9, 5e-3, 10e-3, -60e-3, -80e-3, -50e-3, -60e-3, 5e-3]
    )
    assert vogels_2011.AT_THRESHOLD == pytest.approx(10 / 50) and vogels_2011.target(
        registry.get("rule", "vogels_sprekeler")
    ) == pytest.approx(3)


def test_a_weight_with_a_unit():
    """A rule whose weight is a conductance: 1 nS counts as 1."""
    rule = bc.Rule(name="mine", source="a test", model="w : siemens", on_pre="w += 0.1*nS", initial={"w": 1 * nS})
    table = bc.run("vogels_2011", rule, device="numpy", neurons=2, inputs=20, duration_s=0.2)
    assert (table["w_start"] == 1).all() and table["w_end"].iloc[0] == pytest.approx(1 + 0.1 * 10 * 0.2, rel=0.5)
