"""Brian2 strings on plain arrays: the same values as Brian2 gives."""

import numpy as np
from brian2 import Network, NeuronGroup

from brian2chip.engine.on_arrays import on_arrays
from brian2chip.engine.session import session

CODE = """
a = clip(x*2 - 1, 0, 0.5) + abs(x)
b = int(x > 0.25 and not (x > 0.75)) + int(x <= 0.25 or x >= 1)
a += exp(-x)
"""


def test_as_brian2_runs_it():
    x = np.array([-1.0, 0.25, 0.5, 0.75, 1.0, 2.0])
    found = on_arrays(CODE)({"x": x, "kept": 3})
    with session("numpy", dt=1e-3) as s:
        group = NeuronGroup(len(x), "x : 1\na : 1\nb : 1")
        s.input("x", group, "x", x)
        group.run_regularly(CODE)
        s.run(Network(group), 1e-3)
        np.testing.assert_array_equal(found["a"], group.a[:])
        np.testing.assert_array_equal(found["b"], group.b[:])
    np.testing.assert_array_equal(found["b"], [1, 1, 1, 1, 1, 1])
    assert found["kept"] == 3 and found["x"] is x


def test_variables_given_are_not_replaced():
    given = {"v": np.ones(2)}
    assert on_arrays("v = 2*v")(given)["v"].tolist() == [2, 2] and given["v"].tolist() == [1, 1]
