"""Values of some time ago in the equations of neurons: exact, for each neuron and line, in every run anew."""

import brian2
import numpy as np
import pytest
from brian2 import ms

from brian2chip.engine.functions.delayed import delayed
from brian2chip.engine.session import session

EQUATIONS = """
dx/dt = slope : 1
slope : Hz
x_ago = delayed(1, x, i, N, t_in_timesteps, steps) : 1 (constant over dt)
y_ago = delayed(2, 2*x, i, N, t_in_timesteps, 2*steps) : 1 (constant over dt)
steps : integer (shared)
"""


def ramps(device, steps, start=0.0):
    """Return x and the two delayed values [neurons, steps], of three neurons that rise at 1, 2 and 3 a millisecond."""
    with session(device, dt=1e-3) as s:
        group = brian2.NeuronGroup(3, EQUATIONS, method="euler", namespace={"delayed": delayed()}, name="ramps")
        s.input("slope", group, "slope", np.array([1.0, 2.0, 3.0]) * 1e3)
        s.input("x", group, "x", np.full(3, start))
        s.input("steps", group, "steps", steps)
        monitor = brian2.StateMonitor(group, ["x", "x_ago", "y_ago"], record=True, name="seen")
        for name in ("x", "x_ago", "y_ago"):
            s.result(monitor, name)
        s.run(brian2.Network(group, monitor), 0.02)
        return [np.asarray(s.read(f"seen.{name}")).reshape(-1, 3).T for name in ("x", "x_ago", "y_ago")]


@pytest.mark.parametrize("device", ["numpy", pytest.param("cython", marks=pytest.mark.slow), "cpp_standalone"])
def test_each_neuron_sees_itself_so_many_steps_ago(device):
    for steps in (0, 1, 4):
        x, x_ago, y_ago = ramps(device, steps)
        later = np.arange(x.shape[1])
        # by hand: a value of its beginning before there is an older one
        for got, factor, back in ((x_ago, 1, steps), (y_ago, 2, 2 * steps)):
            expected = factor * np.array([1.0, 2.0, 3.0])[:, None] * np.where(later >= back, later - back, later)
            np.testing.assert_allclose(got, expected, atol=1e-9)
    assert ramps(device, 4, start=5.0)[1].min() == pytest.approx(5.0)  # nothing is left of the run before


def voltage(unit):
    """Return a neuron whose voltage is the time, and what it was two steps ago, declared with a unit."""
    lines = f"v = t/second*volt : volt\nold = delayed(1, v, i, N, t_in_timesteps, 2) : {unit} (constant over dt)"
    return brian2.NeuronGroup(1, lines, namespace={"delayed": delayed()})


def test_the_value_keeps_its_unit():
    with session("numpy", dt=1e-3):
        group = voltage("volt")
        monitor = brian2.StateMonitor(group, "old", record=True)
        brian2.Network(group, monitor).run(6 * ms)
        np.testing.assert_allclose(monitor.old[0] / brian2.mV, [0, 1, 0, 1, 2, 3], atol=1e-9)
        with pytest.raises(brian2.core.base.BrianObjectException):
            brian2.Network(voltage("amp")).run(1 * ms)
