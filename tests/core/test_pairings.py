"""Experiments from a table: units in the names, one sentence for what is wrong, and the changes that a closed form gives."""

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.errors import UserError

STDP = {"A_plus": 0.777 / 60, "tau_plus_ms": 16.8}  # defaults of plasticity/stdp.py, from Bi & Poo 2001


def table(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text)
    return path


def test_pairs_against_the_closed_form_of_pair_stdp(tmp_path):
    protocol = bc.Protocol.from_csv(
        table(tmp_path, "label,dt_ms,rate_hz,pairs,dw,sem,n\none,10,1,1,0.01,0.002,8\nthree,25,1,3,0.01,0.002,9\n")
    )
    got = bc.run(protocol, "stdp")
    # Second pairs are 1 s away, at which the windows of 17 and 34 ms are 1e-13 of their start.
    expected = [n * STDP["A_plus"] * np.exp(-dt / STDP["tau_plus_ms"]) for n, dt in ((1, 10), (3, 25))]
    np.testing.assert_allclose(got["dw"], expected, rtol=1e-9)
    assert got["label"].tolist() == ["one", "three"] and got["data_n"].tolist() == [8, 9]
    score = np.mean(((np.array(expected) - 0.01) / 0.002) ** 2)
    assert got.attrs["run"]["scores"] == {"E": pytest.approx(score)} and got.attrs["run"]["protocol"] == "mine"
    assert bc.plot(got).get_title().startswith("stdp on mine: E = ")


def test_a_table_of_sjostroms_points_gives_what_the_protocol_gives(tmp_path):
    path = table(tmp_path, "dt_ms,rate_hz,pairs\n10,20,60\n-10,20,60\n10,40,60\n")
    ours, theirs = bc.run(str(path), "stdp"), bc.run("sjostrom_2001", "stdp")
    for _, row in ours.iterrows():
        (same,) = theirs[(theirs["dt_ms"] == row["dt_ms"]) & (theirs["rate_hz"] == row["rate_hz"])]["dw"]
        assert row["dw"] == pytest.approx(same, rel=1e-9)
    assert set(ours.attrs["run"]["scores"]) == {"mean change"}  # nothing was measured


def test_spike_lists_repeat_at_their_period(tmp_path):
    protocol = bc.Protocol.from_csv(table(tmp_path, "pre_ms,post_ms,trains,period_s\n0 10;20,-5,2,0.5\n0,,1,1\n"))
    first, silent = protocol.conditions({}).to_dict("records")
    pre, post = protocol.stimulate(first, {}, None)
    np.testing.assert_allclose(pre - pre[0], [0, 0.01, 0.02, 0.5, 0.51, 0.52])
    np.testing.assert_allclose(post - pre[0], [-0.005, 0.495])
    assert post[0] > 0 and protocol.dt == 1e-3
    assert [len(side) for side in protocol.stimulate(silent, {}, None)] == [1, 0]


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("dt_ms\n10\n", 1e-3),
        ("dt_ms\n2.5\n", 5e-4),
        ("dt_us\n-120\n", 1e-5),
        ("dt_ms,rate_hz,pairs\n10,100,2\n", 1e-3),
        ("dt_ms,rate_hz,pairs\n10,400,2\n", 5e-4),
        ("dt_ms,rate_hz,pairs\n10,30,2\n", 1e-4),  # a third of 100 ms lies on no grid: the presynaptic spike moves by at most half a step
    ],
)
def test_the_step_holds_the_times(tmp_path, text, step):
    assert bc.Protocol.from_csv(table(tmp_path, text)).dt == step


@pytest.mark.parametrize(("text", "dt_ms"), [("dt_s\n0.01\n", 10), ("dt_us\n-500\n", -0.5), ("dt_ms\n3\n", 3)])
def test_units_of_times(tmp_path, text, dt_ms):
    assert bc.Protocol.from_csv(table(tmp_path, text)).conditions({})["dt_ms"].tolist() == [pytest.approx(dt_ms)]


@pytest.mark.parametrize(
    ("columns", "cells", "dw", "sem"),
    [
        ("dw,sem", "0.5,0.1", 0.5, 0.1),
        ("dw_percent,sem", "50,10", 0.5, 0.1),
        ("ratio,sem", "1.5,0.1", 0.5, 0.1),
        ("ratio_percent", "80", -0.2, None),
    ],
)
def test_units_of_changes(tmp_path, columns, cells, dw, sem):
    (row,) = bc.Protocol.from_csv(table(tmp_path, f"dt_ms,{columns}\n10,{cells}\n")).conditions({}).to_dict("records")
    assert row["data_dw"] == pytest.approx(dw)
    assert np.isnan(row["data_sem"]) if sem is None else row["data_sem"] == pytest.approx(sem)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("dt_ms,dt_s\n1,2\n", "dt in two units, dt_ms and dt_s"),
        ("rate_hz\n3\n", "needs either dt_ms"),
        ("dt_ms,pre_ms,post_ms\n1,0,1\n", "needs either dt_ms"),
        ("dt_ms,pairs\n1,2\n", "add a column rate_hz"),
        ("dt_ms,trains\n1,2\n", "add a column period_s"),
        ("dt_ms,foo\n1,2\n", "'foo', which says nothing of a pairing"),
        ("dt_ms,dw,ratio\n1,2,3\n", "twice"),
        ("dt_ms,sem\n1,2\n", "sem"),
        ("pre_ms\n0 1\n", "one side only"),
        ("pre_ms,post_ms\n0 x,1\n", "condition 1: pre_ms holds 'x'"),
        ("dt_ms,rate_hz,pairs\n10,1,4\n10,0,4\n", "condition 2: rate_hz is 0"),
        ("dt_ms,rate_hz,pairs\n10,1,2.5\n", "line 2: pairs is '2.5'"),
        ("dt_ms,rate_hz,pairs\n10,1,0\n", "pairs is 0"),
        ("dt_ms,rate_hz,pairs\n10,1,1000000\n", "too many"),
        ("dt_ms,dw,sem\n10,.1,0\n", "sem is 0"),
        ("dt_ms,dw\n10,-3\n", "at least -1; per cent go into a column dw_percent"),
        ("dt_ms;dw\n10;0.3\n", "has semicolons between its columns; separate them by commas"),
        ("dt_ms,dw,sem,sem_percent\n10,0.3,0.1,10\n", "standard errors twice"),
        ("dt_ms,rate_hz,pairs,trains,period_s\n10,10,100,3,2\n", "longer period"),
        ("dt_ms,rate_hz,pairs,trains,period_s\n10,10,10,3,90000\n", "lasts longer"),
        ("dt_ms\n", "no row"),
        ("dt_ms\nnan\n", "'nan'"),
    ],
)
def test_wrong_tables_are_one_sentence(tmp_path, text, sentence):
    with pytest.raises(UserError) as raised:
        bc.Protocol.from_csv(table(tmp_path, text))
    assert sentence in str(raised.value) and "mine.csv" in str(raised.value) and "\n" not in str(raised.value)


def test_what_a_table_does_not_say_is_said(tmp_path, caplog):
    protocol = bc.Protocol.from_csv(table(tmp_path, "dt_ms,dw,sem_percent\n10,45,5\n"))
    assert "no column pairs: every condition is one pairing" in caplog.text and "a change dw of 45: a fraction, 4500 %" in caplog.text
    assert protocol.conditions({})["data_sem"].tolist() == [0.05]
    caplog.clear()
    bc.Protocol.from_csv(table(tmp_path, "dt_ms,rate_hz,pairs,dw_percent\n10,1,60,45\n"))
    assert not caplog.text
