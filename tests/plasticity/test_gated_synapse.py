"""The gated synapse against its closed form, against another integrator, in a network; and its fit to traces of known parameters."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, StateMonitor, ms, nA, second, uS, volt
from scipy.integrate import solve_ivp

import brian2chip as bc
from brian2chip.core.conductance_traces import ConductanceTrace, read_conductance_trace
from brian2chip.core.signal import Signal
from brian2chip.plasticity.gated_synapse import GATED_SYNAPSE, conductance_of, state_at, state_of
from brian2chip.plasticity.gated_synapse_fit import fit_gated_synapse

# Values of this test: set at full and at a quarter of the drive, exactly at both thresholds, reset, and decay between.
GATE = Signal([0.01, 0.03, 0.05, 0.08, 0.1, 0.12, 0.15] * second, [2.5, 0, 1.25, 1.0, -1.5, 0, -1.0] * volt)
P = {"t_set": 0.013, "t_reset": 0.02, "tau_decay": 0.11, "V_set": 1.0, "V_reset": 1.0, "V_drive": 1.0}
P |= {"G_min": 2e-7, "G_max": 5e-6, "curvature": 1.7}
CHANGED = {"t_set": 13 * ms, "t_reset": 20 * ms, "tau_decay": 110 * ms, "G_min": 0.2 * uS, "G_max": 5 * uS, "curvature": 1.7}


def test_the_equations_are_the_closed_form_to_1e_6():
    with bc.session("numpy", dt=1e-3) as s:
        source, target = NeuronGroup(1, "v : volt"), NeuronGroup(1, "u : 1")
        S = bc.rule("gated_synapse").synapses(source, target, third_factors={"V_gate": GATE}, x=0.1, **CHANGED)
        S.connect()
        monitor = StateMonitor(S, ["x", "G"], record=True)
        s.run(Network(source, target, S, monitor), 0.2)
        times, x, G = np.asarray(monitor.t), np.asarray(monitor.x[0]), np.asarray(monitor.G[0])
    expected = state_at(times, GATE, P, 0.1)
    assert x.max() > 0.6 and np.abs(np.diff(x)).max() > 0.03
    np.testing.assert_allclose(x, expected, atol=1e-6)
    np.testing.assert_allclose(G, conductance_of(expected, P), rtol=1e-6)


def test_the_closed_form_is_what_another_integrator_finds():
    """The right-hand side written out anew, each piece of the gate by itself, with scipy's Runge-Kutta at 1e-11."""

    def slope(v):
        up = min(max((v - 1.0) / 1.0, 0), 1) / 0.013
        down = min(max((-v - 1.0) / 1.0, 0), 1) / 0.02
        return lambda t, x: up * (1 - x) - down * x - x / 0.11

    x, now = 0.1, 0.0
    for end, v in zip([*GATE.times, 0.2], [0.0, *GATE.values]):
        x = solve_ivp(slope(v), (now, end), [x], rtol=1e-11, atol=1e-13).y[0, -1]
        now = end
        assert state_at(np.array([end - 1e-15]), GATE, P, 0.1)[0] == pytest.approx(x, abs=1e-9)


def test_without_a_gate_the_state_decays_and_sets_of_parameters_are_rows():
    times = np.array([0.0, 0.11, 0.22])
    np.testing.assert_allclose(state_at(times, None, P, 1.0), np.exp([0, -1, -2]), rtol=1e-12)
    rows = state_at(times, GATE, {**P, "tau_decay": np.array([[0.11], [0.3]])}, 0.1)
    np.testing.assert_allclose(rows[0], state_at(times, GATE, P, 0.1), rtol=1e-12)
    np.testing.assert_allclose(rows[1], state_at(times, GATE, {**P, "tau_decay": 0.3}, 0.1), rtol=1e-12)


def test_a_conductance_and_its_state_belong_together_and_one_out_of_range_is_refused():
    assert conductance_of(state_of(3e-6, P), P) == pytest.approx(3e-6, rel=1e-12)
    assert (state_of([2e-7, 5e-6], P) == [0, 1]).all()
    for wrong in (5.1e-6, 1.9e-7, np.nan):
        with pytest.raises(bc.UserError, match=r"a conductance of .* uS was given, but the device's range is 0.2 to 5 uS"):
            state_of(wrong, P)


def test_a_spike_reads_the_conductance_in_a_network():
    """Two spikes, before and after the gate has set the synapse: each changes the voltage by G times 1 mV/uS."""
    with bc.session("numpy", dt=1e-3) as s:
        source, target = SpikeGeneratorGroup(1, [0, 0], [1, 50] * ms), NeuronGroup(1, "v : volt")
        gate = Signal.pulses([10] * ms, 2 * volt, 20 * ms)
        S = bc.rule("gated_synapse").synapses(source, target, third_factors={"V_gate": gate}, transmit="v_post += G*mV/uS")
        S.connect()
        monitor = StateMonitor(target, "v", record=True)
        s.run(Network(source, target, S, monitor), 0.06)
        v = np.asarray(monitor.v[0]) * 1e3
    p = {name: float(np.asarray(value)) for name, value in GATED_SYNAPSE.parameters.items()}
    first, second_ = (conductance_of(state_at(np.array([t]), gate, p, 0.0), p)[0] * 1e6 for t in (0.001, 0.05))
    assert first == pytest.approx(0.1) and second_ > 8
    assert v[10] == pytest.approx(first, rel=0.02) and v[-1] == pytest.approx(first + second_, rel=0.02)


def noisy(tmp_path, seed, noise_uS=0.05):
    """Write a trace of a set pulse and its decay, with gaussian noise, and return its path."""
    times = np.arange(0, 0.6, 2e-3)
    gate = np.where((times >= 0.05) & (times < 0.1), 3.0, 0.0)
    changes = Signal([0, 0.05, 0.1] * second, [0, 3, 0] * volt)
    G = 1e6 * conductance_of(state_at(times, changes, P, 0.0), P) + noise_uS * np.random.default_rng(seed).standard_normal(times.size)
    path = tmp_path / f"trace_{seed}.csv"
    path.write_text("time_ms,conductance_uS,gate_V\n" + "".join(f"{1e3 * t:.6g},{g:.9g},{v:g}\n" for t, g, v in zip(times, G, gate)))
    return path


def test_a_fit_recovers_the_parameters_of_a_noisy_trace_within_their_intervals(tmp_path):
    """Of 40 intervals at 95 % (10 seeds, 4 parameters) at most 6 may miss: 7 or more have a probability of 0.3 % (binomial)."""
    truth, missed = np.array([P[name] for name in ("t_set", "tau_decay", "G_min", "G_max")]), 0
    for seed in range(10):
        rule, fit = fit_gated_synapse(noisy(tmp_path, seed), parameters={"curvature": 1.7})
        missed += int(np.sum((truth < fit.low) | (truth > fit.high)))
        np.testing.assert_allclose(fit.values, truth, rtol=0.1)
        assert float(rule.parameters["t_set"]) == fit.values[0]
    assert missed <= 6


def test_without_noise_the_fit_is_exact_and_the_start_may_be_fitted(tmp_path):
    times = np.linspace(0, 0.3, 200)
    gate = Signal.pulses([0.05] * second, 3 * volt, 50 * ms)
    trace = ConductanceTrace(times, conductance_of(state_at(times, gate, P, 0.3), P))
    held = {"curvature": 1.7, "G_min": 0.2 * uS, "G_max": 5 * uS}
    _, fit = fit_gated_synapse(trace, gate=gate, free=["t_set", "tau_decay", "x"], parameters=held)
    np.testing.assert_allclose(fit.values, [0.013, 0.11, 0.3], rtol=1e-5)


def test_a_trace_is_read_with_its_units(tmp_path):
    path = tmp_path / "trace.csv"
    path.write_text("# measured\nconductance_nS,time_us\n100,0\n200,10\n")
    trace = read_conductance_trace(path)
    np.testing.assert_allclose(trace.times, [0, 1e-5])
    np.testing.assert_allclose(trace.conductance, [1e-7, 2e-7])
    assert trace.gate is None
    path.write_text("time_ms,conductance_uS,gate_mV\n0,1,0\n1,1,0\n2,1,1500\n3,1,0\n")
    gate = read_conductance_trace(path).gate
    np.testing.assert_allclose(gate.times, [0, 2e-3, 3e-3])
    np.testing.assert_allclose(gate.values, [0, 1.5, 0])


@pytest.mark.parametrize(
    "text,sentence",
    [
        ("time_ms,G\n0,1\n1,1\n", "has the columns time_ms, G; a conductance trace file has time_ms, conductance_uS"),
        ("t,conductance_uS\n0,1\n1,1\n", "a conductance trace file has time_ms, conductance_uS"),
        ("time_ms,time_s,conductance_uS\n0,0,1\n", "a conductance trace file has time_ms, conductance_uS"),
        ("time_ms,conductance_uS\n0,1\n", "has 1 rows; a conductance trace needs at least two"),
        ("time_ms,conductance_uS\n1,1\n1,1\n", "must rise from 0 on"),
        ("time_ms,conductance_uS\n0,1\n1,much\n", "line 3: conductance_uS is 'much'"),
    ],
)
def test_a_wrong_trace_is_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "trace.csv"
    path.write_text(text)
    with pytest.raises(bc.UserError, match=sentence):
        fit_gated_synapse(path)


def test_wrong_requests_for_a_fit(tmp_path):
    path, gate = noisy(tmp_path, 0), Signal([0] * second, [1] * volt)
    for change, sentence in (
        ({"gate": gate}, "given twice"),
        ({"free": ["tau"]}, "no parameter of 'gated_synapse' called 'tau'"),
        ({"free": []}, "were given as none; name at least one"),
        ({"free": ["t_set"], "parameters": {"G_max": 2 * uS}}, "device's range is 0.1 to 2 uS"),
        ({"parameters": {"x": 1.5}}, "the state x was given as 1.5"),
        ({"parameters": {"G_max": 2 * nA}}, "it needs the unit"),
    ):
        with pytest.raises(bc.UserError, match=sentence):
            fit_gated_synapse(path, **change)
    bare = ConductanceTrace(np.array([0, 0.1]), np.array([1e-6, 1e-6]))
    with pytest.raises(bc.UserError, match="neither in the trace"):
        fit_gated_synapse(bare)
    with pytest.raises(bc.UserError, match="must be a Signal in volts"):
        fit_gated_synapse(bare, gate=Signal([0] * second, [1] * ms))
