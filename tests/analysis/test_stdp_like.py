"""The STDP-like curve against simulated spikes, against the equations of the neurons, and against noted values."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, StateMonitor, ms

from brian2chip.analysis import stdp_like
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.models import eqspike_units


def test_the_analytic_curve_is_that_of_simulated_pairs():
    """Pre spikes at a constant rate, post spikes whose rate rises or falls by the same slope, the change weighted by the true slope."""
    rng, pre, post, slope, reach = np.random.default_rng(1), 0.2, 0.2, 0.002, 40
    trials, time = 40_000, np.arange(-reach, reach + 1)
    rises = rng.choice([-slope, slope], trials)[:, None]
    spikes = rng.random((trials, len(time))) < post + rises * time  # the presynaptic spike is at 0
    found = pre * (spikes * rises).sum(0) / spikes.sum(0)
    expected = stdp_like.expected_change(time, pre, post, slope)
    error = pre * slope / np.sqrt(spikes.sum(0))
    assert np.mean(np.abs(found - expected) / error) < 1.0 and np.max(np.abs(found - expected) / error) < 5
    np.testing.assert_array_equal(expected, -expected[::-1])
    assert expected[-1] > 0 and expected[-1] == pytest.approx(pre * slope**2 * reach / post)


@pytest.mark.parametrize("tau_1, tau_2", [(10.0, 20.0), (10.0, 10.0), (5.0, 40.0)])
def test_the_difference_of_filters_is_what_the_equations_give(tau_1, tau_2):
    with session("numpy", dt=1e-3):
        group = NeuronGroup(1, "f1 : 1\nf2 : 1\nd : 1\npulse : 1", namespace={"tau_1": tau_1, "tau_2": tau_2, "rate": 0.5})
        group.run_regularly("pulse = int(timestep(t, dt) == 3)/rate", when="start", order=0)
        group.run_regularly(eqspike_units.FILTERS, when="start", order=1)
        record = StateMonitor(group, "d", record=True, when="end")
        Network(group, record).run(60 * ms)
        found = np.array(record.d[0])
    np.testing.assert_allclose(stdp_like.difference(np.arange(60) - 3, 0.5, tau_1, tau_2), found, rtol=0, atol=1e-15)


def test_pairs_of_spikes_give_the_noted_values():
    """At presynaptic spikes alone, one unit a spike: noted from a simulation with filters of 10 and 20 steps, to its last digit."""
    noted = {-2: 35e-4, -5: 20e-4, -10: 4e-4, -20: -6e-4}  # an independent toy simulation, given to one digit or two
    found = stdp_like.pair_change(np.array(list(noted)), 1.0, 10.0, 20.0, both=False)
    np.testing.assert_allclose(found, list(noted.values()), rtol=0, atol=1.0e-4)


def test_pairs_are_even_where_both_ends_learn_and_one_sided_where_one_does():
    lag = np.arange(-50, 51)
    both, one = (stdp_like.pair_change(lag, 0.5, 10.0, 20.0, each) for each in (True, False))
    np.testing.assert_array_equal(both, both[::-1])
    assert both[50 + 2] > 0 > both[50 + 25] and not one[lag > 0].any()


def test_the_figure_shows_three_curves_and_takes_axes():
    ax = stdp_like.curve(np.arange(-50, 51))
    assert len(ax.get_legend().get_texts()) == 3 and stdp_like.curve(np.arange(-9, 9), ax=ax) is ax


def test_rates_of_nothing_are_refused():
    with pytest.raises(UserError, match="must be above 0"):
        stdp_like.expected_change(np.arange(3), 0.0, 0.2, 0.1)
