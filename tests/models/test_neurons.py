"""Every neuron model against a closed form or an independent NumPy integration."""

import re
from dataclasses import replace

import brian2
import numpy as np
import pytest
from brian2 import Hz, Network, SpikeMonitor, StateMonitor, ms, mV, nA
from scipy.integrate import solve_ivp

from brian2chip.core import registry
from brian2chip.engine.session import session
from brian2chip.protocols.network_objects import neurons, si

DEVICES = ("numpy", "cpp_standalone")


def simulate(model, duration, dt=1e-4, device="numpy", record=("v",), n=1, **inputs):
    """Return (traces after each step as {variable: [n, steps]}, spike times of each neuron)."""
    with session(device, dt=dt) as s:
        group = neurons(s, model, n)
        for name, value in inputs.items():
            s.input(name, group, name, value)
        states = StateMonitor(group, record, record=True, when="end")
        spikes = SpikeMonitor(group)
        s.run(Network(group, states, spikes), duration)
        trains = [np.array(spikes.t)[np.array(spikes.i) == k] for k in range(n)]
        return {name: np.array(getattr(states, name + "_")) for name in record}, trains


def parameters(model):
    return {name: si(value) for name, value in model.parameters.items()}


@pytest.mark.parametrize("device", DEVICES)
def test_lif_follows_the_exponential_solution_below_threshold(device):
    model = registry.get("model", "lif")
    p = parameters(model)
    current, i_syn = 0.1e-9, 0.05e-9
    traces, trains = simulate(model, 0.1, device=device, I=current, I_syn=i_syn)
    t = np.arange(1, 1001) * 1e-4
    tm, ts = p["tau_m"], p["tau_syn"]
    # dv/dt = (E_L - v + R (I + I0 exp(-t/ts)))/tm from v = E_L: the sum of a saturating and a difference of exponentials
    v = p["E_L"] + p["R_m"] * current * (1 - np.exp(-t / tm))
    v += p["R_m"] * i_syn * ts / (tm - ts) * (np.exp(-t / tm) - np.exp(-t / ts))
    assert len(trains[0]) == 0
    np.testing.assert_allclose(traces["v"][0], v, rtol=1e-12)


def test_lif_fires_at_the_closed_form_rate():
    model = registry.get("model", "lif")
    p = parameters(model)
    currents = np.array([0.19, 0.21, 0.25, 0.3, 0.5, 1.0]) * 1e-9
    dt = 1e-5
    _, trains = simulate(model, 0.5, dt=dt, n=len(currents), I=currents)
    for current, train in zip(currents, trains):
        drive = p["E_L"] + p["R_m"] * current
        if drive <= p["v_threshold"]:
            assert len(train) == 0
            continue
        interval = p["t_ref"] + p["tau_m"] * np.log((drive - p["v_reset"]) / (drive - p["v_threshold"]))
        np.testing.assert_allclose(np.diff(train), interval, atol=1.5 * dt)  # spikes fall on the grid


def test_lif_is_silent_for_its_refractory_period():
    model = registry.get("model", "lif")
    traces, trains = simulate(model, 0.02, I=100e-9)  # reaches threshold within a step
    np.testing.assert_allclose(np.diff(trains[0]), si(model.parameters["t_ref"]), atol=1.1e-4)
    assert np.sum(np.isclose(traces["v"], si(model.parameters["v_reset"]), rtol=1e-12)) >= 19 * (len(trains[0]) - 1)


@pytest.mark.parametrize("device", DEVICES)
def test_conductance_lif_relaxes_exactly_while_conductances_are_constant(device):
    # With conductances that do not decay: v_inf = (E_L + g_e E_e + g_i E_i)/(1 + g_e + g_i), tau = tau_m/(1 + g_e + g_i).
    model = registry.get("model", "lif_conductance").with_parameters(tau_e=1e12 * brian2.second, tau_i=1e12 * brian2.second, E_i=-80 * mV)
    p = parameters(model)
    g_e, g_i = 0.2, 0.4
    traces, _ = simulate(model, 0.05, device=device, g_e=g_e, g_i=g_i)
    t = np.arange(1, 501) * 1e-4
    v_inf = (p["E_L"] + g_e * p["E_e"] + g_i * p["E_i"]) / (1 + g_e + g_i)
    v = v_inf + (p["E_L"] - v_inf) * np.exp(-t * (1 + g_e + g_i) / p["tau_m"])
    np.testing.assert_allclose(traces["v"][0], v, rtol=1e-9)


def test_conductance_lif_agrees_with_an_adaptive_integrator():
    model = registry.get("model", "lif_conductance").with_parameters(v_threshold=0 * mV, E_i=-80 * mV)
    p = parameters(model)

    def derivative(t, y):
        v, g_e, g_i = y
        return [
            (p["E_L"] - v + g_e * (p["E_e"] - v) + g_i * (p["E_i"] - v)) / p["tau_m"],
            -g_e / p["tau_e"],
            -g_i / p["tau_i"],
        ]

    dt = 1e-5
    traces, _ = simulate(model, 0.03, dt=dt, record=("v", "g_e"), g_e=1.5, g_i=0.7)
    t = np.arange(1, 3001) * dt
    exact = solve_ivp(derivative, (0, 0.03), [p["E_L"], 1.5, 0.7], t_eval=t[:-1], rtol=1e-10, atol=1e-13).y
    np.testing.assert_allclose(traces["v"][0][:-1], exact[0], atol=2e-5)  # first order in dt; v moves by 30 mV
    np.testing.assert_allclose(traces["g_e"][0], 1.5 * np.exp(-t / p["tau_e"]), rtol=1e-9)


@pytest.mark.parametrize("device", DEVICES)
def test_alif_step_by_step(device):
    model = registry.get("model", "alif").with_parameters(beta=0.1)
    p = parameters(model)
    dt, steps, current = 1e-3, 300, 100.0
    traces, trains = simulate(model, steps * dt, dt=dt, device=device, record=("v", "a"), I=current)
    v = a = 0.0
    last, expected, spikes = -np.inf, {"v": [], "a": []}, []
    for n in range(steps):
        v = v * np.exp(-dt / p["tau_m"]) + p["tau_m"] * current * (1 - np.exp(-dt / p["tau_m"]))
        a *= np.exp(-dt / p["tau_a"])
        if v > p["v_threshold"] + p["beta"] * a and n - last >= 5:  # t_ref is 5 steps
            spikes.append(n * dt)
            last = n
            v -= p["v_threshold"]
            a += 1
        expected["v"].append(v)
        expected["a"].append(a)
    assert len(spikes) > 5 and np.diff(spikes)[-1] > np.diff(spikes)[0]  # it adapts
    np.testing.assert_allclose(trains[0], spikes, rtol=1e-12)
    for name in expected:
        np.testing.assert_allclose(traces[name][0], expected[name], rtol=1e-9)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("preset", ["RS", "IB", "CH", "FS", "LTS"])
def test_izhikevich_step_by_step(preset, device):
    model = registry.get("model", f"izhikevich:{preset}")
    p = parameters(model)
    steps, dt_ms, current = 2000, 0.1, 10.0
    traces, trains = simulate(model, steps * dt_ms * 1e-3, device=device, record=("v", "u"), I=current)
    # One step at a time from Brian2's own state: the upswing amplifies rounding, so two free-running copies part.
    v, u = np.r_[-65.0, traces["v"][0][:-1]], np.r_[-13.0, traces["u"][0][:-1]]
    v, u = v + dt_ms * (0.04 * v * v + 5 * v + 140 - u + current), u + dt_ms * p["a"] * (p["b"] * v - u)
    fired = v >= 30
    np.testing.assert_array_equal(np.rint(trains[0] / 1e-4), np.flatnonzero(fired))
    assert fired.sum() > 3
    np.testing.assert_allclose(traces["v"][0], np.where(fired, p["c"], v), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(traces["u"][0], np.where(fired, u + p["d"], u), rtol=1e-9, atol=1e-9)


def test_izhikevich_cell_types_fire_as_the_paper_draws_them():
    # Izhikevich 2003, Fig 2: RS slows down, IB begins with a burst, CH goes on bursting, FS is fastest and steady. I = 10.
    trains = {k: simulate(registry.get("model", f"izhikevich:{k}"), 0.5, I=10.0)[1][0] * 1e3 for k in ("RS", "IB", "CH", "FS")}
    gaps = {k: np.diff(t) for k, t in trains.items()}
    assert gaps["RS"][-1] > 1.5 * gaps["RS"][0]
    assert gaps["IB"][0] < 0.25 * gaps["IB"][-1]
    assert np.sum(gaps["CH"] < 5) > 5 and np.sum(gaps["CH"] > 15) > 3
    assert np.mean(gaps["FS"][5:]) < 0.5 * np.mean(gaps["RS"][5:]) and np.ptp(gaps["FS"][5:]) < 1


@pytest.mark.parametrize("device", DEVICES)
def test_adex_step_by_step(device):
    model = registry.get("model", "adex")
    p = parameters(model)
    steps, dt, current = 3000, 1e-4, 1e-9
    traces, trains = simulate(model, steps * dt, device=device, record=("v", "w"), I=current)
    v, w = p["E_L"], 0.0
    expected, spikes = {"v": [], "w": []}, []
    for n in range(steps):
        upswing = p["g_L"] * p["Delta_T"] * np.exp((v - p["V_T"]) / p["Delta_T"])
        dv = (-p["g_L"] * (v - p["E_L"]) + upswing - w + current) / p["C"]
        v, w = v + dt * dv, w + dt * (p["a"] * (v - p["E_L"]) - w) / p["tau_w"]
        if v > p["v_cut"]:
            spikes.append(n)
            v, w = p["v_reset"], w + p["b"]
        expected["v"].append(v)
        expected["w"].append(w)
    np.testing.assert_array_equal(np.rint(trains[0] / dt), spikes)
    assert len(spikes) > 5 and np.diff(spikes)[-1] > np.diff(spikes)[0]  # spike-frequency adaptation
    for name in expected:
        np.testing.assert_allclose(traces[name][0], expected[name], rtol=1e-9)


def test_where_the_adex_upswing_is_cut_moves_a_spike_by_a_step_at_most():
    model = registry.get("model", "adex")
    trains = [simulate(model.with_parameters(v_cut=cut * mV), 0.3, I=1e-9)[1][0] for cut in (-10, 0, 20)]
    assert len(trains[0]) > 5
    for train in trains[1:]:
        np.testing.assert_allclose(np.diff(train), np.diff(trains[0]), atol=1.1e-4)


def test_linear_neuron_has_a_reflecting_barrier_and_exact_calcium():
    model = registry.get("model", "brader")
    p = parameters(model)
    traces, _ = simulate(model, 0.1, record=("v", "C"), v=0.5, C=5.0)
    t = np.arange(1, 1001) * 1e-4
    np.testing.assert_allclose(traces["v"][0], np.maximum(0.5 - p["leak"] * t, 0), atol=2e-3)  # one step of leak is 1e-3
    assert traces["v"].min() >= -1e-15
    np.testing.assert_allclose(traces["C"][0], 5.0 * np.exp(-t / p["tau_C"]), rtol=1e-12)


def test_linear_neuron_fires_at_a_rate_linear_in_its_drive():
    model = registry.get("model", "brader")
    drives = np.array([5.0, 10.0, 30.0, 60.0, 110.0])  # thresholds a second; the leak takes 10
    traces, trains = simulate(model, 1.0, n=5, record=("C",), I=drives)
    assert [len(t) for t in trains] == pytest.approx([0, 0, 20, 50, 100], abs=1)
    # mean calcium of a regular train is rate * tau_C * J_C
    assert traces["C"][4][-3000:].mean() == pytest.approx(100 * 0.06, rel=0.02)


def test_parameters_are_checked():
    from brian2chip.errors import UserError

    lif = registry.get("model", "lif")
    with pytest.raises(UserError, match="tau_m"):
        lif.with_parameters(taum=10 * ms)
    with pytest.raises(UserError, match="unit"):
        lif.with_parameters(tau_m=10 * mV)
    with pytest.raises(UserError, match="finite"):
        lif.with_parameters(tau_m=np.nan * ms)
    with pytest.raises(UserError, match="between"):
        registry.get("model", "brader").with_parameters(leak=-1 * Hz)
    with pytest.raises(UserError, match="RS"):
        registry.get("model", "izhikevich:RSS")
    assert registry.get("model", "adex").parameters["b"] == 0.0805 * nA  # Brette & Gerstner 2005


def frozen(model):
    """The same threshold and reset without dynamics."""
    return replace(model, equations=re.sub(r"d(\w+)/dt = [^:]*: (\w+).*", r"\1 : \2", model.equations), refractory=False, method="exact")


@pytest.mark.parametrize(
    "name, threshold, at_threshold",
    [
        ("lif", "v_threshold", False),
        ("lif_conductance", "v_threshold", False),
        ("alif", "v_threshold", False),
        ("izhikevich", 30.0, True),  # Izhikevich 2003, eq 3: if v >= 30
        ("adex", "v_cut", False),
        ("brader", "V_theta", False),
    ],
)
def test_exactly_at_threshold(name, threshold, at_threshold):
    model = registry.get("model", name)
    value = threshold if isinstance(threshold, float) else si(model.parameters[threshold])
    values = [np.nextafter(value, -np.inf), value, np.nextafter(value, np.inf)]
    fired = [len(train) for train in simulate(frozen(model), 1e-4, n=3, v=values)[1]]
    assert fired == [0, int(at_threshold), 1]
