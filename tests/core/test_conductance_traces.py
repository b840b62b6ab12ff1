"""A conductance trace of the user's: columns with their units, times that rise from zero."""

import numpy as np
import pytest

from brian2chip.core.conductance_traces import read_conductance_trace
from brian2chip.errors import UserError


def trace(folder, text):
    (folder / "trace.csv").write_text(text)
    return read_conductance_trace(folder / "trace.csv")


def test_units_of_the_columns(tmp_path):
    found = trace(tmp_path, "time_ms,conductance_uS\n0,1\n2,3\n")
    np.testing.assert_allclose(found.times, [0, 2e-3])
    np.testing.assert_allclose(found.conductance, [1e-6, 3e-6])


@pytest.mark.parametrize("times", [(-1, 2), (0, 0), (3, 2)])  # before zero, twice, falling
def test_times_rise_from_zero(tmp_path, times):
    with pytest.raises(UserError, match="must rise from 0 on"):
        trace(tmp_path, "time_ms,conductance_uS\n" + "".join(f"{t},1\n" for t in times))


@pytest.mark.parametrize(
    "head, needs",
    [("time_ms,time_s,conductance_uS", "conductance_uS"), ("time_ms,conductance_uS,gate_V,gate_mV", "conductance_uS"), ("time_ms", "")],
)
def test_each_quantity_has_one_column(tmp_path, head, needs):
    width = len(head.split(","))
    with pytest.raises(UserError, match=f"time_ms.*{needs}"):
        trace(tmp_path, f"{head}\n" + 2 * (",".join("1" * width) + "\n"))
