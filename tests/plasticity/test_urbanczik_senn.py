"""Dendritic prediction of somatic spiking: NEST's configuration without spikes, closed forms by quadrature, account and mutants."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from brian2 import Network, SpikeGeneratorGroup, SpikeMonitor, StateMonitor, amp, ms, nS, pA, seed, volt
from scipy.integrate import cumulative_simpson

import brian2chip as bc
from brian2chip.analysis.locality import account
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.models.urbanczik_senn import URBANCZIK_SENN
from brian2chip.plasticity.urbanczik_senn import URBANCZIK_SENN_RULE as RULE

SILENT = replace(URBANCZIK_SENN, threshold="False", refractory=False)


def weights(pre, post, dt, at, neuron=SILENT, rule=RULE):
    """Return the weight (pA) at times in ms; presynaptic currents begin at ``pre``, somatic spikes happen at ``post``."""
    with session("numpy", dt=dt * 1e-3):
        forced = replace(neuron, threshold="t_forced == t_in_timesteps", equations=neuron.equations + "\nt_forced : 1", refractory=False)
        cell = forced.neurons(1, name="soma")
        cell.t_forced = -1
        source = SpikeGeneratorGroup(1, np.zeros(len(pre), int), pre * ms)
        plastic = rule.synapses(
            source, cell, transmit="I_w_post += w", name="plastic"
        )  # before the soma in the alphabet: reads it as it was
        plastic.connect()
        monitor = StateMonitor(plastic, "w", record=True)
        net = Network(cell, source, plastic, monitor)
        now = 0.0
        for t in sorted(post):
            net.run((t - now) * ms)
            cell.t_forced = round(t / dt)
            now = t
        net.run((max(at) + 2 * dt - now) * ms)
        return np.asarray(monitor.w[0])[np.rint(np.asarray(at) / dt).astype(int)] / 1e-12


def by_quadrature(pre, post, at, step=1e-3):
    """Return the same from the paper's equations by Simpson's rule, in NEST's units; the dendrite feels the first weight alone."""
    t = np.arange(0, max(at) + step, step)
    psp = sum(np.where(t >= s, np.exp(-(t - s) / 10) - np.exp(-(t - s) / 3), 0) for s in pre) * 30 / 7
    V_w = -70 + 100 * psp / 300  # 100 pA into 300 pF
    V_star = (30 * -70 + 600 * V_w) / 630
    phi = 0.15 / (1 + 0.5 * np.exp((-55 - V_star) / 3))
    h = 15 / 3 / (1 + np.exp((V_star + 55) / 3) / 0.5)
    PI = 15 * h * psp
    smooth = cumulative_simpson(-phi * PI * np.exp(t / 100), x=t, initial=0) * np.exp(-t / 100) / 100
    for s in post:
        smooth += np.where(t >= s, np.interp(s, t, PI) * np.exp(-(t - s) / 100) / 100, 0)
    w = 100 + 0.75 * cumulative_simpson(smooth, x=t, initial=0)
    return np.interp(at, t, w)


REFERENCE = pd.read_csv(Path(__file__).parents[1] / "references" / "urbanczik_nospike.csv", comment="#")


@pytest.mark.parametrize("dt, column, tolerance", [(0.1, "weight_dt0.1", 0.006), (0.02, "weight_dt0.001", 0.0012)])
def test_nests_configuration_without_a_somatic_spike(dt, column, tolerance):
    at = REFERENCE["t_ms"].to_numpy()
    got = weights([1.2], [], dt, at)
    np.testing.assert_allclose(got, REFERENCE[column], atol=tolerance)
    assert REFERENCE[column].iloc[-1] < 98  # what is learned is 350 times the tolerance


def test_the_quadrature_meets_the_reference_too():
    at = REFERENCE["t_ms"].to_numpy()
    np.testing.assert_allclose(by_quadrature([1.2], [], at), REFERENCE["weight_dt0.001"], atol=2e-4)


def test_somatic_spikes_against_the_closed_form():
    at, post = np.array([10.0, 15.0, 40.0, 80.0]), [8.0, 20.0]
    got, expected = weights([1.2], post, 0.02, at), by_quadrature([1.2], post, at)
    np.testing.assert_allclose(got, expected, atol=0.03)  # of changes up to 63; a spike a step late moves them by 0.02
    silent = by_quadrature([1.2], [], at)
    assert np.abs(expected - silent).min() > 0.1  # each of the two spikes is seen


def test_soma_and_dendrite_come_to_rest_where_currents_balance():
    """By hand: with the dendrite at V_w and g_in = 0 the soma tends to V* of the dendrite, and a conductance g_ex pulls it towards E_ex."""
    with session("numpy", dt=1e-4):
        held = replace(SILENT, equations=SILENT.equations.replace("dI_w/dt = -I_w/tau_s : amp", "I_w : amp")).neurons(2, tau_ex=1e9 * ms)
        held.g_ex, held.V_w, held.I_w = [0, 50] * nS, -60e-3 * volt, 30e-9 * 10e-3 * amp
        Network(held).run(50 * ms)
        np.testing.assert_allclose(held.V_w_, -60e-3, rtol=1e-9)
        np.testing.assert_allclose(held.v_[0], held.V_star_[0], rtol=1e-9)
        np.testing.assert_allclose(held.v_[1], (30 * -70e-3 + 600 * -60e-3 + 50 * 0) / 680, rtol=1e-7)
        np.testing.assert_allclose(held.phi_[0], 150 / (1 + 0.5 * np.exp((-55 - 1e3 * held.V_star_[0]) / 3)), rtol=1e-9)


def test_the_soma_fires_at_the_rate_phi():
    with session("numpy", dt=1e-4):
        cell = replace(URBANCZIK_SENN, refractory=False).neurons(400, E_L=-50e-3 * volt)
        cell.v, cell.V_w = -50e-3 * volt, -50e-3 * volt
        seed(5)
        spikes = SpikeMonitor(cell)
        Network(cell, spikes).run(200 * ms)
        expected = 150 / (1 + 0.5 * np.exp(-5 / 3)) * 0.2 * 400  # per second, by hand
        assert abs(spikes.num_spikes - expected) < 4 * np.sqrt(expected)


def test_mutants_turn_red():
    at = REFERENCE["t_ms"].to_numpy()[-1:]
    expected = REFERENCE["weight_dt0.1"].iloc[-1]
    for wrong in (
        replace(RULE, model=RULE.model.replace("(-phi_star_post*PI - Delta)", "(phi_star_post*PI - Delta)")),
        replace(RULE, model=RULE.model.replace("x_fall - x_rise", "x_fall")),
        RULE.with_parameters(tau_Delta=101 * ms),
        RULE.with_parameters(tau_rise=3.05 * ms),
    ):
        assert abs(weights([1.2], [], 0.1, at, rule=wrong)[0] - expected) > 0.012
    late = weights([1.4], [], 0.1, at)[0]  # a delay of 0.2 ms
    assert abs(late - expected) > 0.004


def test_protocols_say_why_they_do_not_apply():
    with pytest.raises(UserError, match="whose spikes a protocol cannot prescribe"):
        bc.run("bi_poo_1998", "urbanczik_senn", device="numpy")


def test_the_account_says_what_is_on_paper():
    """By hand: weight and low-passed prediction error belong to the synapse, the filtered presynaptic trains once to their neuron.

    The update reads the dendrite's prediction alone, which is no third factor, at every step and at somatic spikes.
    """
    a = account(RULE, n_neurons=10)
    assert a.per_synapse == ("w", "Delta") and a.per_post == ()
    assert a.per_pre == ("x_fall_last", "x_rise_last", "t_last")
    assert a.reads_pre == () and a.reads_post == ("h_star", "phi_star")
    assert a.third_factors == () and a.local_in_space and not a.local_in_time
    assert a.updates_at == ("clock",) and set(a.clock_driven) == {"w", "Delta"}
    assert a.neuron_memory == ()  # the dendrite drives the soma
    assert a.memory_growth == "O(N^2)" and a.clock_work_growth == "O(N^2)"
    assert a.bytes_float64 == 8 * (2 * 100 + 3 * 10)


def test_weights_stay_within_their_bounds():
    got = weights([1.2], [], 0.1, np.array([60.0]), rule=RULE.with_parameters(w_min=99.5 * pA))
    assert got[0] == pytest.approx(99.5, abs=1e-9)
