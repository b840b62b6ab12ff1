"""Traces over time of what a rule and its neuron hold: against what is known of them by hand; tidy, written and drawn."""

import numpy as np
import pandas as pd
import pytest
from brian2 import ms
from own import protocol, rule

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.protocols import recording

TRACE = rule(model="w : 1\ndx/dt = -x/(20*ms) : 1 (event-driven)", on_pre="x += 1", on_post="w += 0.1*x")
TWO = {"conditions": lambda options: pd.DataFrame({"k": [0, 1]})}


def test_weight_and_an_event_driven_trace_by_hand():
    two = protocol(stimulate=lambda c, o, r: ([0.01], [0.02 + 0.01 * c["k"]]), **TWO)
    run = bc.run(two, TRACE, device="numpy", record=["w", "x"])
    plain = bc.run(two, TRACE, device="numpy")
    found = bc.traces(run)
    assert list(found.columns) == ["time_ms", "condition", "variable", "value"]
    for k, last in enumerate((20.0, 30.0)):
        one = found[found.condition == k].pivot(index="time_ms", columns="variable", values="value")
        t = one.index.to_numpy()
        assert np.diff(t) == pytest.approx(0.1)
        # A value is that at the beginning of its step, in which a spike acts later.
        x = np.where(t > 10, np.exp(-(t - 10 - 0.1) / 20), 0)
        np.testing.assert_allclose(one["x"], x, atol=1e-12)
        np.testing.assert_allclose(one["w"], 1 + np.where(t > last, 0.1 * np.exp(-(last - 10) / 20), 0), atol=1e-12)
    pd.testing.assert_series_equal(run["dw"], plain["dw"])


def test_her_neuron_with_a_name_that_the_rule_has_too():
    """AdEx calls its adaptation w, as the rule its weight; b, 80.5 pA, is what a spike adds to it."""
    run = bc.run(protocol([0.01], [0.02]), rule(), post="adex", drive="prescribed", record=["w", "w_post", "v"], device="numpy")
    value = bc.traces(run).set_index(["variable", "time_ms"])["value"]
    assert value["w"].iloc[[0, -1]].tolist() == [1, 1.1]
    assert value["w_post"][20.1] - value["w_post"][20.0] == pytest.approx(80.5e-12, rel=1e-3)
    assert value["v"][0.0] == -0.0706


def test_replicas_and_starts_have_columns_and_long_runs_a_longer_step():
    run = bc.run(protocol(**TWO), rule(initial={"w": [1.0, 2.0]}), record="w", replicas=3, record_dt=10 * ms, device="numpy")
    found = bc.traces(run)
    assert list(found.columns) == ["time_ms", "condition", "replica", "start", "variable", "value"]
    assert sorted(found["replica"].unique()) == [0, 1, 2]
    first = found[found.time_ms == 0]
    assert len(first) == 2 * 3 * 2 and (first.value == 1 + first.start).all()
    assert sorted(found.time_ms.unique())[:3] == [0, 10, 20]


def test_written_and_drawn_from_the_command_line(tmp_path, capsys):
    out = tmp_path / "out"
    (tmp_path / "rule.py").write_text(
        "from brian2chip import Rule\nR = Rule(name='r', source='a test', model='w : 1', on_pre='w += 0.1')\n"
    )
    (tmp_path / "pairs.csv").write_text("dt_ms,rate_hz,pairs,dw\n10,50,2,0.1\n-10,50,2,0.1\n")
    command = [
        "run",
        str(tmp_path / "pairs.csv"),
        "--rule",
        str(tmp_path / "rule.py"),
        "--post",
        "lif",
        "--drive",
        "voltage_step(-40mV,2ms)",
    ]
    assert main([*command, "--record", "w,v", "--record-dt", "1ms", "--device", "numpy", "--out", str(out)]) == 0
    written = pd.read_csv(out / "traces.csv")
    assert list(written.columns) == ["time_ms", "condition", "variable", "value"] and set(written.variable) == {"w", "v"}
    assert written.groupby(["condition", "variable"]).value.last()[0, "w"] == pytest.approx(1.2)
    assert (out / "traces.png").stat().st_size > 5000 and (out / "run.json").is_file()


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"record": "y"}, "no variable of rule 'mine' or of its neuron called 'y'"),
        ({"record": "v"}, "called 'v'"),
        ({"record": "w", "record_dt": 0.25 * ms}, "no whole number of steps"),
    ],
)
def test_what_cannot_be_recorded(how, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        bc.run(protocol(), rule(), device="numpy", **how)


def test_what_does_not_fit_into_memory():
    with pytest.raises(bc.UserError, match="4e.07 values would be recorded, 20000000 fit"):
        recording.step(recording.Recording(("w", "v"), 1e-4), 10000, 0.2, 1e-4)
    assert recording.step(recording.Recording(("w",)), 10000, 0.2, 1e-4) == pytest.approx(20e-4)  # 2e7 steps, a million values


def test_a_table_without_traces_and_a_network_of_its_own():
    with pytest.raises(bc.UserError, match="holds no traces"):
        bc.traces(pd.DataFrame())
    with pytest.raises(bc.UserError, match="records no traces; leave record out"):
        bc.run("song_2000", rule(), record="w", device="numpy", inputs=5, duration_s=0.1)
