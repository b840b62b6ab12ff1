"""The LIF neuron that is exact within its steps: spike times in closed form, rates of the table, and a NumPy simulation."""

import brian2
import numpy as np
import pytest

from brian2chip.core import registry
from brian2chip.core.neuron_kinds import check_parameters, step_constants
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.conversion.published import table
from brian2chip.models.discrete import DiscreteNeuron, neuron_of

DT = 1e-3


def spikes_of(drive, constants, device="numpy"):
    """Return bool [neurons, steps] for the input of every step, [neurons, steps], to the model's code."""
    model = registry.get("model", "lif_exact")
    n, steps = np.shape(drive)
    with session(device, dt=DT) as s:
        values = s.table("drive", np.ascontiguousarray(np.transpose(drive)))
        group = brian2.NeuronGroup(n, model.equations, threshold=model.threshold, reset=model.reset, namespace=constants)
        group.run_regularly("I = drive(t_in_timesteps, i)\n" + model.regular[0][0], when="start")
        monitor = brian2.SpikeMonitor(group)
        s.run(brian2.Network(group, monitor), steps * DT, {"drive": values})
        found = np.zeros((n, steps), bool)
        found[np.array(monitor.i), np.rint(np.array(monitor.t) / DT).astype(int)] = True
    return found


@pytest.mark.parametrize("device", ["numpy", pytest.param("cpp_standalone", marks=pytest.mark.slow)])
def test_spikes_fall_into_the_steps_of_their_times_in_closed_form(device):
    """Constant input: the first crossing is at tau log(J/(J - 1)), each later one a refractory period and as long again after it."""
    tau, t_ref, steps = 0.02, 0.0027, 2000
    J = np.array([1.0005, 1.1, 1.7, 3.0, 12.0, 60.0])
    first = tau * np.log(J / (J - 1))
    found = spikes_of(
        np.repeat(J[:, None], steps, 1), {"alpha": np.exp(-DT / tau), "v_th": 1.0, "v_reset": 0.0, "t_ref": t_ref / DT}, device
    )
    for k in range(len(J)):
        times = first[k] + np.arange(10_000) * (first[k] + t_ref)
        np.testing.assert_array_equal(np.flatnonzero(found[k]), np.floor(times[times < steps * DT] / DT).astype(int))


def test_rates_are_those_of_the_table_of_the_hard_lif():
    of = table("rates").query("sigma == 0 and tau_ref_s == 0.002")
    seconds = 5
    found = spikes_of(
        np.repeat(of.J.to_numpy()[:, None], int(seconds / DT), 1), {"alpha": np.exp(-DT / 0.02), "v_th": 1.0, "v_reset": 0.0, "t_ref": 2.0}
    )
    np.testing.assert_allclose(found.sum(1) / seconds, of.rate_hz, atol=1.5 / seconds)  # a spike at each end


def by_events(J, tau, t_ref, dt=1.0):
    """The neuron by its events, in continuous time: input that is constant in each step, a floor at 0, the crossing by its closed form."""
    v, t, silent_until, fired = 0.0, 0.0, 0.0, np.zeros(len(J), bool)
    for k, j in enumerate(J):
        t, end = k * dt, (k + 1) * dt
        begin = max(t, silent_until)
        if begin >= end:
            continue
        to_threshold = tau * np.log((j - v) / (j - 1)) if j > 1 else np.inf
        if begin + to_threshold < end:
            fired[k], silent_until, v = True, begin + to_threshold + t_ref, 0.0
        else:
            v = max(0.0, j + (v - j) * np.exp(-(end - begin) / tau))
    return fired


def test_changing_input_gives_the_spikes_of_a_simulation_by_events():
    rng = np.random.default_rng(4)
    J = rng.normal(1.3, 4.0, (12, 600))  # often below 0, where the membrane is floored
    tau, t_ref = 11.3, 2.4
    found = spikes_of(J, {"alpha": np.exp(-1 / tau), "v_th": 1.0, "v_reset": 0.0, "t_ref": t_ref})
    expected = np.array([by_events(j, tau, t_ref) for j in J])
    assert expected.sum() > 300 and np.min(J) < 0
    np.testing.assert_array_equal(found, expected)


def test_an_alpha_synapse_is_two_filters_and_a_bias_does_not_pass_it():
    neuron = neuron_of("lif_exact", {"tau_syn": 1, "tau_rise": 1, "bias": 1, "gain": 1})
    assert neuron.integrate.splitlines()[:3] == [
        "rise = alpha_rise*rise + gain*I",
        "current = alpha_syn*current + rise",
        "J = current + bias",
    ]
    constants = step_constants({"tau_ref": 0.0025, "tau_rise": 0.005}, 1e-3)
    assert constants["t_ref"] == pytest.approx(2.5) and constants["alpha_rise"] == pytest.approx(np.exp(-0.2))


def test_what_the_kind_cannot_have_is_one_sentence():
    whole = {"tau_m": 0.02, "tau_ref": 0.002, "v_threshold": 1.0}
    for given, sentence in (
        ({"tau_m": 0.02, "v_threshold": 1.0}, "lacks tau_ref"),
        ({**whole, "tau_rise": 0.01}, "tau_rise without tau_syn"),
        ({**whole, "tau_ref": -1e-3}, "a duration must not be negative"),
        ({**whole, "refractory": 1e-3}, "called 'refractory'"),
    ):
        with pytest.raises(UserError, match=sentence):
            check_parameters("hidden", "lif_exact", given)
    with pytest.raises(UserError, match="must be filtered too"):
        DiscreteNeuron(rising=True)
    with pytest.raises(UserError, match="the exact neuron leaks"):
        DiscreteNeuron(exact=True)
