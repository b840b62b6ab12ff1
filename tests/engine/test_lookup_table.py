"""Tables: what lies outside reads as zero, and neither values nor shape are compiled in, on every device."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup

from brian2chip.engine import session
from brian2chip.engine.functions.lookup_table import Table

N = 5


def reader(s, values):
    """A group whose neuron i reads row t, column i - 1 of the table, and adds up what it saw."""
    names = {"levels": s.table("levels", values)}
    group = NeuronGroup(N, "seen : integer\nsum : integer", namespace=names, name="reader")
    group.run_regularly("seen = levels(t_in_timesteps, i - 1)\nsum = sum + seen", name="read")
    return group


def by_hand(values, steps):
    """What the reader sees in its last step and in all: the table between a column and a row of zeros."""
    padded = np.zeros((steps, N), int)
    part = np.asarray(values)[:steps, : N - 1]
    padded[: part.shape[0], 1 : 1 + part.shape[1]] = part
    return padded[-1].tolist(), padded.sum(axis=0).tolist()


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone", pytest.param("cython", marks=pytest.mark.slow)])
def test_rows_and_columns_outside_are_zero_and_the_shape_may_change(device):
    narrow = np.array([[1, -2], [3, 4], [5, 127]], np.int8)  # fewer columns than neurons ask for
    wide = np.arange(1, 15, dtype=np.int8).reshape(2, 7)  # more columns, and fewer rows than steps
    with session.session(device, dt=1.0) as s:
        group = reader(s, narrow)
        s.run(Network(group), 3.0)
        assert [group.seen[:].tolist(), group.sum[:].tolist()] == list(by_hand(narrow, 3))
        s.execute({"levels": wide}, durations=[4.0])
        assert [group.seen[:].tolist(), group.sum[:].tolist()] == list(by_hand(wide, 4))


@pytest.mark.parametrize(("row", "column"), [(-1, 0), (0, -1), (2, 0), (0, 3)])
def test_one_step_beyond_each_edge_is_zero(row, column):
    table = Table("t", np.full((2, 3), 7))
    assert table.function.pyfunc(row, column) == 0
    assert table.function.pyfunc(np.clip(row, 0, 1), np.clip(column, 0, 2)) == 7


def test_a_table_without_rows_is_all_zero():
    assert Table("t", np.zeros((0, 3), np.int16)).function.pyfunc(np.arange(4), 0).tolist() == [0, 0, 0, 0]


def test_new_values_keep_the_type_of_the_first(tmp_path):
    """The compiled program reads that type: a file of another would be misread."""
    table = Table("t", np.ones((1, 2), np.int16))
    table.set([[3, 4], [5, -6]])
    table.write(tmp_path)
    assert np.fromfile(tmp_path / "t.shape", np.int64).tolist() == [2, 2]
    assert np.fromfile(tmp_path / "t", np.int16).tolist() == [3, 4, 5, -6]
