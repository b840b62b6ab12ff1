"""Clopath's rule: NEST's twelve literals, two oracles, closed forms at a held voltage, its options and its mutants."""

from dataclasses import replace
from pathlib import Path

import clopath_oracle
import numpy as np
import pandas as pd
import pytest
from brian2 import Network, SpikeGeneratorGroup, StateMonitor, ms, pA

import brian2chip as bc
from brian2chip.analysis.locality import account
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.models.adex_clopath import ADEX_CLOPATH
from brian2chip.plasticity.clopath import CLOPATH
from brian2chip.protocols import clopath_cases
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.paired_synapses import prepared

LITERALS = clopath_cases.cases()
AEIF, HH = (LITERALS[name].to_numpy() for name in ("adex_clopath", "hh_clopath"))
PARAMETERS = {name: si(value) for name, value in CLOPATH.parameters.items()}


def nests_way(oracle, k, tolerance, **changes):
    """Return the value of a case by the oracle, and the postsynaptic spikes."""
    row = LITERALS.loc[k]
    steps = round(max(row["pre_ms"][-1], row["post_ms"][-1]) / clopath_oracle.H) + 5
    w, spikes = oracle(list(row["pre_ms"]), list(row["post_ms"]), steps, tolerance, **changes)
    return clopath_cases.on_scale(w[-1]), spikes


# The literals are those of NEST's test_clopath_synapse.py, printed to 8 decimals; its own tolerance is 1e-7, relative.
@pytest.mark.parametrize("k", [2, 5])
def test_the_oracle_with_nests_integration_gives_nests_literals(k):
    assert nests_way(clopath_oracle.aeif, k, 1e-6)[0] == pytest.approx(AEIF[k], abs=1e-7)
    assert nests_way(clopath_oracle.hh, k, 1e-3)[0] == pytest.approx(HH[k], abs=1e-7)


@pytest.mark.slow
def test_the_oracle_gives_all_twelve_literals_and_says_how_much_the_solver_matters():
    for oracle, literals, given, finer, sensitivity in (
        (clopath_oracle.aeif, AEIF, 1e-6, 1e-10, 0.3),
        (clopath_oracle.hh, HH, 1e-3, 1e-8, 5e-4),
    ):
        np.testing.assert_allclose([nests_way(oracle, k, given)[0] for k in range(6)], literals, atol=1e-7)
        exact = np.array([nests_way(oracle, k, finer)[0] for k in range(6)])
        # Measured: the tolerance of NEST's solver moves its first six values by up to 0.25 and the second six by up to 0.0004.
        assert 0.5 * sensitivity < np.abs(exact - literals).max() < sensitivity


def test_the_first_six_literals_within_brian2s_integration():
    # 0.25 is what solvers differ by (slow test above); Runge-Kutta of fourth order at 0.1 ms is within 0.05.
    np.testing.assert_allclose(clopath_cases.ours("adex_clopath"), AEIF, atol=0.05)


def test_the_second_six_literals_within_brian2s_integration():
    np.testing.assert_allclose(clopath_cases.ours("hh_clopath", [2, 5]), HH[[2, 5]], atol=0.05)


def test_a_finer_neuron_on_numpy_is_refused():
    with pytest.raises(UserError, match="use cpp_standalone"):
        clopath_cases.ours("hh_clopath", [2], device="numpy")


@pytest.mark.slow
def test_the_second_six_literals_all():
    np.testing.assert_allclose(clopath_cases.ours("hh_clopath"), HH, atol=0.05)


def test_wrong_physics_shows():
    """From the oracle's author: b = 80.5 pA moves all six by more than 2, a delay of 5 ms two of them by more than 2.5."""
    moved = np.abs(clopath_cases.ours("adex_clopath", b=80.5 * pA) - AEIF)
    assert moved.min() > 2
    moved = np.abs(clopath_cases.ours("adex_clopath", [2, 5], delay=5 * ms) - AEIF[[2, 5]])
    assert moved.min() > 2.5
    # Without the delay, as the paper has it, no row is near: FACTS of the oracle's author, 214.1 and 242.5.
    np.testing.assert_allclose(clopath_cases.ours("adex_clopath", [2, 5], delay=0 * ms), [214.1, 242.5], atol=0.3)
    # Without the clamp the spike is not seen, so nothing is potentiated.
    assert clopath_cases.ours("adex_clopath", [5], t_clamp=0 * ms)[0] < 110


def test_state_of_the_neuron_in_nests_case_4():
    """Voltages, currents and filters against a trace of the first neuron in the case of pre-post pairs at 10 Hz, in NEST's integration."""
    path = Path(__file__).parents[1] / "references" / "nest_clopath_trace_case4.csv"
    trace = pd.read_csv(path, comment="#")
    with session("numpy", dt=1e-4):
        case = LITERALS.loc[3]
        neuron = ADEX_CLOPATH.neurons(1)
        sources = [SpikeGeneratorGroup(1, np.zeros(len(t), int), t * ms) for t in (case["pre_ms"], case["post_ms"])]
        rule = replace(CLOPATH, on_pre={"learn": CLOPATH.on_pre, "psp": "v_post += w*mV*(1 - spiking_post)"}, delay={"psp": 0.1 * ms})
        plastic = rule.synapses(sources[0], neuron)
        plastic.connect()
        teacher = bc.Rule(name="teacher", source="NEST's test", model="w : 1", on_pre="v_post += 80*mV*(1 - spiking_post)")
        teacher = teacher.synapses(sources[1], neuron)
        teacher.connect()
        names = ["v", "u", "w_ad", "z", "V_T", "u_plus", "u_minus"]
        monitor = StateMonitor(neuron, names, record=True)
        Network(neuron, *sources, plastic, teacher, monitor).run(255 * ms)
        at = np.rint(trace["t_ms"] / 0.1).astype(int)
        found = {name: np.asarray(getattr(monitor, name)[0]) for name in names}
    columns = {"u": "V_mV", "u_plus": "u_plus", "u_minus": "u_minus", "V_T": "V_T_mV"}
    # NEST sees the spike within its step and lets z and V_T decay for the rest of it: 0.17 mV and 1 pA.
    quiet = ~trace["t_ms"].isin([139.1, 239.1]).to_numpy()  # one step into the upswing, which solvers do not agree on
    for ours, theirs in columns.items():
        got = found[ours][at] * 1e3
        np.testing.assert_allclose(got[quiet], trace[theirs][quiet], atol=0.17 if ours == "V_T" else 0.06, err_msg=ours)
    np.testing.assert_allclose(found["z"][at] * 1e12, trace["z_pA"], atol=1.1)


def random_pairs(n=6, seconds=0.3, seed=3):
    rng = np.random.default_rng(seed)
    pre = [np.sort(rng.choice(np.arange(50, 2900), 12, replace=False)) * 1e-4 for _ in range(n)]
    post = [np.sort(rng.choice(np.arange(2, 110), 8, replace=False)) * 2.5e-3 + 1e-4 for _ in range(n)]
    post[0] = np.sort(np.r_[post[0][:4], pre[0][6]])  # equal times
    post[0] = post[0][np.r_[True, np.diff(post[0]) > 2.2e-3]]
    return list(zip(pre, post, strict=True))


@pytest.mark.parametrize("homeostasis", [0.0, 1.0])
@pytest.mark.parametrize("device", ["numpy", pytest.param("cython", marks=pytest.mark.slow), "cpp_standalone"])
def test_random_trains_agree_with_the_oracle(device, homeostasis):
    rule, stimuli = CLOPATH.with_parameters(homeostasis=homeostasis), random_pairs()
    with prepared(rule, stimuli, duration=0.3, dt=1e-4, device=device) as (evaluate, s):
        assert s.device == device
        got = evaluate()["w_end"].to_numpy()
    parameters = PARAMETERS | {"homeostasis": homeostasis}
    # the oracle goes on to the last spike, the network to its end: what is left is LTP after both, which the oracle sees to the end too
    expected = [CLOPATH.oracle(pre, np.r_[post], parameters, {"w": 0.5})["w"] for pre, post in stimuli]
    np.testing.assert_allclose(got, expected, rtol=1e-9)
    assert np.ptp(got) > 1e-3


def at_level(level, spikes=5, w=0.5, **changes):
    """Return the change at a voltage held at a level, in mV."""
    run = bc.run("clopath_2010_clamp", "clopath", device="numpy", parameters={"w": w, **changes}, lowest_mv=level, levels=1, spikes=spikes)
    return float(run["w_end"][0] - run["w_start"][0])


@pytest.mark.parametrize("level", [-75.0, -60.0, -44.0, -30.0])
def test_closed_form_at_a_held_voltage(level):
    """By hand: a spike at u depresses by A_LTD (u - th-)+ and potentiates by A_LTP (u - th+)+ (u - th-)+ times the integral of x_bar."""
    p, n, rate = PARAMETERS, 5, 25.0
    u = level * 1e-3
    low, high = max(u - p["theta_minus"], 0), max(u - p["theta_plus"], 0)
    # x_bar after spike k of n begins at 1/tau_x; its sum over the steps left, up to 1/rate after the last spike, is geometric
    q, steps = np.exp(-1e-4 / p["tau_x"]), np.rint((n - np.arange(n)) / rate / 1e-4) - 1
    integral = 1e-4 / p["tau_x"] * np.sum(q * (1 - q**steps) / (1 - q))
    expected = -n * p["A_LTD"] * low + p["A_LTP"] * high * low * integral
    assert at_level(level) == pytest.approx(expected, rel=1e-6, abs=1e-12)
    assert (expected == 0) == (level < -70.6)


def test_homeostasis_is_the_squared_mean_depolarisation():
    """By hand: held at u, u_bar_bar tends to (u - E_L)**2 with tau_bar_bar; LTD at t is A_LTD (u - th-) u_bar_bar(t)/u_ref**2."""
    p, u = PARAMETERS, -60e-3
    tau, E_L = (si(ADEX_CLOPATH.parameters[name]) for name in ("tau_bar_bar", "E_L"))
    times = 0.2 + np.arange(5) / 25
    shares = (u - E_L) ** 2 * (1 - np.exp(-times / tau)) / p["u_ref"] ** 2
    expected = -p["A_LTD"] * (u - p["theta_minus"]) * shares.sum()
    assert at_level(-60.0, homeostasis=1.0) == pytest.approx(expected, rel=2e-3)


def test_weights_stay_within_their_bounds():
    assert at_level(-30.0, spikes=10, w=0.5, w_max=0.51) == pytest.approx(0.01, abs=1e-12)
    assert at_level(-60.0, spikes=10, w=0.001) == pytest.approx(-0.001, abs=1e-12)


def test_the_account_says_what_is_on_paper():
    """By hand: the weight alone belongs to the synapse; the presynaptic train is kept once a neuron, as a value and its time.

    The filters of the neuron are there for the rule alone, and so are the copies that synapses read; every synapse looks at every step.
    """
    a = account(CLOPATH, n_neurons=10)
    assert a.per_synapse == ("w",) and a.per_pre == ("x_last", "t_last") and a.per_post == ()
    assert a.neuron_memory == ("u", "u_bar_bar", "u_bar_minus", "u_bar_plus", "u_minus", "u_plus", "u_square")
    assert a.reads_post == ("u", "u_bar_bar", "u_bar_minus", "u_bar_plus") and a.reads_pre == ()
    assert a.third_factors == () and a.local_in_space
    assert a.updates_at == ("clock", "pre") and a.traces == ("x_last", "t_last") and not a.local_in_time
    assert a.clock_driven == ("w",) and a.clock_work_growth == "O(N^2)" and a.memory_growth == "O(N)"
    # 100 weights, 10 pairs of a value and a time, 10 neurons with seven variables, 8 bytes each
    assert a.bytes_float64 == 8 * (100 + 2 * 10 + 7 * 10)
