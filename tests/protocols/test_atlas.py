"""The atlas: scores as single runs give them, a table by hand, rules that do not apply or fail, and a kill at any moment."""

import logging
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import own
import pytest
from brian2 import ms

import brian2chip as bc
from brian2chip.core import cache_contents, registry
from brian2chip.plasticity.stdp import STDP
from brian2chip.protocols import atlas_cells, side_by_side
from brian2chip.protocols.atlas import every_protocol, every_rule, tissue_of

ROOT = Path(__file__).parents[2]
REWARDED = str(ROOT / "tests" / "user_rules" / "izhikevich_2007.py")
# One pair changes 0.1*exp(-interval/10 ms).
PAIR = replace(STDP.with_parameters(A_plus=0.1, A_minus=0.1, tau_plus=10 * ms, tau_minus=10 * ms), name="pair", tissue="cerebellum")
BROKEN = replace(PAIR, name="broken", on_pre="w += nowhere")
# Three points for a rank, and two, which are too few.
THREE = "dt_ms,dw,sem\n10,0.05,0.01\n-10,-0.05,0.01\n20,0.0,0.02\n"
TWO = "dt_ms,dw,sem\n10,0.05,0.01\n-10,-0.02,0.01\n"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def tables(tmp_path):
    """Return two experiments as files."""
    (tmp_path / "three.csv").write_text(THREE)
    (tmp_path / "two.csv").write_text(TWO)
    return [str(tmp_path / "three.csv"), str(tmp_path / "two.csv")]


def make(rules, protocols, **how):
    return bc.atlas(rules, protocols, **({"device": "numpy", "processes": 1} | how))


def counted(monkeypatch):
    """Return a list that grows by the rules of each run."""
    ran, original = [], side_by_side.run_together
    count = lambda protocol, rules, *a: ran.extend((protocol.name, rule.name) for rule in rules) or original(protocol, rules, *a)  # noqa: E731
    monkeypatch.setattr(atlas_cells, "run_together", count)
    return ran


def test_every_cell_is_what_a_single_run_gives(tables, cache):
    found = make(["stdp", "stdp:nearest", REWARDED, BROKEN], tables)
    assert len(found.table) == 8
    for row in found.table[found.table["applies"] == "yes"].itertuples():
        name = f"{row.rule}:{row.preset}" if row.preset else row.rule
        alone = bc.run(next(path for path in tables if Path(path).stem == row.protocol), name, device="numpy")
        assert {row.score_name: row.score} == pytest.approx(alone.attrs["run"]["scores"], rel=1e-12)
        assert found.changes[row.protocol, name] == pytest.approx(list(alone["dw"]), rel=1e-12)
    by_rule = found.table.groupby("rule")
    assert by_rule["applies"].agg(set).to_dict() == {"stdp": {"yes"}, "own_reward_modulated": {"no"}, "broken": {"failed"}}
    assert by_rule.get_group("own_reward_modulated")["why"].str.contains("reads the third factor reward, and protocol").all()
    assert by_rule.get_group("broken")["why"].str.contains("Brian2 cannot run this rule").all()
    assert set(by_rule.get_group("stdp")["preset"]) == {"", "nearest"}


def test_a_table_by_hand(tables, cache):
    three, two = make([PAIR], tables).table.to_dict("records")
    e1, e2 = np.exp(-1), np.exp(-2)
    squares = ((0.1 * e1 - 0.05) / 0.01) ** 2, ((-0.1 * e1 + 0.05) / 0.01) ** 2, ((0.1 * e2) / 0.02) ** 2
    assert three["score_name"] == "E" and three["score"] == pytest.approx(sum(squares) / 3, rel=1e-9)
    # No change at all is 5, 5 and 0 standard errors away.
    assert three["change_explained"] == pytest.approx(1 - sum(squares) / 50, rel=1e-9)
    assert (three["points"], three["ranked"], three["unmoved"], three["replicas"]) == (3, True, False, 1)
    assert (two["points"], two["ranked"]) == (2, False)
    assert two["change_explained"] == pytest.approx(1 - (squares[0] + ((-0.1 * e1 + 0.02) / 0.01) ** 2) / 29, rel=1e-9)
    # Of STDP: traces and weight; the traces can be the neurons', the weights are in bounds that clip.
    assert (three["local_in_space"], three["local_in_time"]) == (True, False)
    assert three["memory_beyond_weight_growth"] == "O(N)" and three["updates_at"] == "pre post" and three["third_factors"] == ""
    still = make([PAIR.with_parameters(A_plus=0.0, A_minus=0.0)], tables).table
    assert still["unmoved"].all() and list(still["change_explained"]) == [0.0, 0.0]


def test_a_kill_loses_no_finished_cell(tables, cache, monkeypatch):
    script = (
        "import os, signal, brian2chip as bc\n"
        "stop = lambda done: done >= 0.5 and os.kill(os.getpid(), signal.SIGKILL)\n"
        f"bc.atlas(['stdp', 'triplet'], {tables!r}, device='numpy', processes=1, progress=stop)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert sum(entry.kind == "cells" for entry in cache_contents.entries()) == 2
    ran, fractions = counted(monkeypatch), []
    resumed = make(["stdp", "triplet"], tables, progress=fractions.append).table
    assert ran == [("three", "triplet"), ("two", "triplet")] and fractions == [0.5, 0.75, 1.0]
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(cache / "other"))
    fresh = make(["stdp", "triplet"], tables).table
    assert len(ran) == 6
    assert resumed.drop(columns="seconds").equals(fresh.drop(columns="seconds"))


def test_what_a_cell_depends_on_makes_another(tables, cache, monkeypatch):
    ran = counted(monkeypatch)
    three = tables[:1]
    make([PAIR], three)
    make([PAIR], three)
    assert len(ran) == 1
    make([PAIR.with_parameters(A_plus=0.2)], three)
    make([PAIR], three, seed=2)
    Path(three[0]).write_text(THREE.replace("0.05,0.01", "0.06,0.01"))  # the data
    make([PAIR], three)
    Path(three[0]).write_text(THREE.replace("20,", "30,"))  # the stimulus
    make([PAIR], three)
    assert len(ran) == 5
    Path(three[0]).write_text(THREE)
    make([PAIR], three)
    assert len(ran) == 5
    for path in (cache / "cells").iterdir():
        if not path.suffix:
            path.write_text(path.read_text().replace('"points": 3', '"points": 4'))
    assert make([PAIR], three).table["points"].tolist() == [3] and len(ran) == 6  # what was changed is not taken


def test_a_failed_cell_and_a_protocol_of_functions_are_tried_again(cache, monkeypatch, tables):
    ran = counted(monkeypatch)
    lively = own.pairings([10.0, -10.0], data_dw=[0.1, -0.1])
    for _ in range(2):
        assert make([BROKEN], tables[:1]).table["applies"].tolist() == ["failed"]
        assert make([PAIR], [lively]).table["applies"].tolist() == ["yes"]
    assert len(ran) == 4


def test_what_the_machine_lacks_is_a_failure_and_no_property_of_the_rule(tables, cache, monkeypatch):
    monkeypatch.setenv("CXX", "false")  # there, and compiles nothing
    row = make([PAIR], tables[:1], device="cpp_standalone").table.iloc[0]
    assert row["applies"] == "failed" and "compiler" in row["why"]
    assert not [entry for entry in cache_contents.entries() if entry.kind == "cells"]


def test_worker_processes_give_the_same(tables, cache, monkeypatch):
    one = make([PAIR, BROKEN], tables).table
    two = make([PAIR, BROKEN], tables, seed=1, processes=2).table
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(cache / "other"))
    other = make([PAIR, BROKEN], tables, processes=2).table
    for found in (two, other):
        assert found.drop(columns="seconds").equals(one.drop(columns="seconds"))


def test_a_rule_that_draws_runs_alone_with_replicas_and_says_how_many_it_takes(tables, cache, caplog):
    noisy = replace(PAIR, name="noisy", on_post="w = w + 0.3*(rand() - 0.5); y += 1")
    calm = replace(noisy, name="calm", parameters=noisy.with_parameters(A_minus=0.05).parameters)
    with caplog.at_level(logging.WARNING):
        found = make([noisy, calm], tables[:1]).table
    assert list(found["replicas"]) == [20, 20] and (found["score_sem"] > 0).all()
    assert found["advice"].str.contains("draws random numbers: E = .* from 20 replicas; an error of 5 % takes about").all()
    assert "draws random numbers" not in caplog.text  # the table says it
    for rule, score in zip([noisy, calm], found["score"]):  # beside another rule it would draw other numbers
        assert score == bc.run(tables[0], rule, device="numpy").attrs["run"]["scores"]["E"]


def test_a_cell_of_too_many_updates_is_not_run_unless_that_is_asked_for(tables, cache):
    ticking = replace(PAIR, name="ticking", model=STDP.model.replace("(event-driven)", "(clock-driven)", 1))
    # three.csv: three synapses, the last spike at 120 ms, steps of 1 ms: 360 updates.
    few = make([ticking, PAIR], tables[:1], most_updates=359).table
    assert list(few["applies"]) == ["not run", "yes"] and "3.6e+02 times, more than 359" in few["why"][0]
    assert "brian2chip run three --rule ticking" in few["why"][0]
    assert list(make([ticking], tables[:1], most_updates=361).table["applies"]) == ["yes"]


def test_a_delay_off_the_grid_of_the_protocol_takes_a_finer_step(tables, cache):
    late = replace(PAIR, name="late", delay=0.35 * ms)  # the steps of three.csv are 1 ms, and 0.05 ms holds both
    row, calm = make([late, PAIR], tables[:1]).table.to_dict("records")
    assert (row["applies"], row["dt_ms"], calm["dt_ms"]) == ("yes", pytest.approx(0.05), pytest.approx(1.0))
    assert row["score"] == bc.run(tables[0], late, device="numpy", dt=0.05 * ms).attrs["run"]["scores"]["E"]


def test_a_neuron_that_no_protocol_can_drive_is_one_sentence(tables, cache):
    row = make([replace(PAIR, name="learner", post="eprop")], tables[:1]).table.iloc[0]
    assert row["applies"] == "no" and "learns with neuron 'eprop', whose spikes a protocol cannot prescribe" in row["why"]


@pytest.mark.slow
def test_no_rule_fails_in_any_protocol():
    found = bc.atlas().table
    assert found[found["applies"] == "failed"].empty, found[found["applies"] == "failed"][["rule", "protocol", "why"]].to_string()


def test_values_of_another_tissue_are_noted_and_run(tables, cache):
    mine = replace(bc.Protocol.from_csv(tables[0]), tissue="cortex")
    table = make([PAIR, "stdp:song_2000"], [mine]).table
    assert list(table["tissue_note"]) == ["the rule's values are of cerebellum, the data of cortex", ""]
    assert list(table["applies"]) == ["yes", "yes"]
    same = replace(mine, tissue="cerebellum")
    assert list(make([PAIR], [same]).table["tissue_note"]) == [""]


def test_rules_and_protocols_say_their_tissue():
    said = {name: tissue_of(bc.rule(name)) for name in ("triplet", "triplet:visual_cortex_all_full", "stdp:nearest", "stdp:song_2000")}
    assert said == {
        "triplet": "hippocampus",
        "triplet:visual_cortex_all_full": "visual cortex",
        "stdp:nearest": "hippocampus",
        "stdp:song_2000": "",
    }
    assert {tissue_of(bc.rule(f"triplet:{preset}")) for preset in bc.rule("triplet").presets} == {"hippocampus", "visual cortex"}
    known = {protocol.tissue for protocol in every_protocol()} - {""}
    assert known >= {"hippocampus", "visual cortex", "somatosensory cortex"}
    assert {tissue_of(rule) for rule in every_rule()} - {""} <= known  # a word that no protocol uses would never agree


def test_a_tissue_of_a_preset_that_is_not_there_is_one_sentence():
    with pytest.raises(bc.UserError, match="for a tissue, called 'nearst'; did you mean 'nearest'"):
        replace(STDP, tissue={"": "hippocampus", "nearst": "hippocampus"})


def test_a_rule_that_cannot_be_read_has_a_row_and_a_page(tables, cache, tmp_path):
    found = make([replace(PAIR, name="unreadable", model="w ; 1"), PAIR], tables[:1])
    assert list(found.table["applies"]) == ["failed", "yes"] and found.table["needs"].isna().tolist() == [True, False]
    page = found.write(tmp_path / "out").read_text(encoding="utf-8")
    assert '<td class="words">unreadable</td><td>failed</td><td>–</td><td>– + –</td>' in page
    assert "<li>unreadable on three (failed): " in page


def test_everything_that_is_found_is_in_it():
    rules, presets = [rule.name for rule in every_rule()], bc.rule("triplet").presets
    assert set(rules) >= {"stdp", "sdsp", *(f"triplet:{preset}" for preset in presets)}
    assert {name.partition(":")[0] for name in rules} == set(bc.catalogue("rule"))
    assert {protocol.name for protocol in every_protocol()} >= {"bi_poo_1998", "sjostrom_2001", "wang_2005", "markram_1997"}


def test_a_protocol_that_takes_long_is_left_out_by_its_own_word(monkeypatch):
    two = {"short": own.protocol(name="short"), "long": own.protocol(name="long", atlas=False)}
    monkeypatch.setattr(registry, "working", lambda kind: two)
    assert [protocol.name for protocol in every_protocol()] == ["short"]


@pytest.mark.filterwarnings("ignore:overflow")
def test_changes_that_are_no_numbers_fail(tables, cache):
    endless = replace(PAIR, name="endless", on_post="w = w*w_max*w_max; y += 1").with_parameters(w_max=1e300)
    row = make([endless], tables[:1]).table.iloc[0]  # at -10 ms the presynaptic spike, which clips, is the last
    assert row["applies"] == "failed" and row["why"] == "the change is no finite number at 2 of 3 data points."


@pytest.mark.parametrize(
    ("rules", "protocols", "words"),
    [(["stpd"], None, "did you mean 'stdp'"), ([], None, "nothing to compare"), ([PAIR, PAIR], ["wang_2005"], "called 'pair'")],
)
def test_wrong_names_are_one_sentence_before_anything_runs(rules, protocols, words, monkeypatch):
    ran = counted(monkeypatch)
    with pytest.raises(bc.UserError, match=words):
        bc.atlas(rules, protocols)
    assert ran == []


@pytest.mark.parametrize("how", [{"processes": 0}, {"processes": -1}, {"most_updates": -1.0}, {"most_updates": float("nan")}])
def test_numbers_out_of_range_are_one_sentence(how):
    with pytest.raises(bc.UserError, match="of at least 1|give a number from 0 on"):
        bc.atlas(["stdp"], ["wang_2005"], **how)
