"""What users bring of their own: protocols, neurons, pathways, delays, third factors, weights as expressions; right, or one sentence."""

import numpy as np
import pandas as pd
import pytest
from brian2 import TimedArray, ms, mV, nS
from matplotlib.figure import Figure
from own import protocol, rule

import brian2chip as bc
from brian2chip.cli import main

TRACE = "w : 1\ndx/dt = -x/(20*ms) : 1 (event-driven)"
NEURON = bc.Model(
    name="clop",
    source="Brian2's example frompapers/Clopath_et_al_2010_no_homeostasis.py, low-passed voltage",
    equations="dv/dt = (-70*mV - v)/(10*ms) : volt\ndu/dt = (v - u)/(10*ms) : volt",
    threshold="v > -50*mV",
    reset="v = -70*mV",
    teacher=("v_post = -51*mV", "v_post = 0*mV"),
    parameters={"pulse": 1 * ms},
    initial={"v": -70 * mV, "u": -70 * mV},
)


def change(one, *given, **how):
    return bc.run(one, *given, device="numpy", **how)["dw"][0]


def test_a_protocol_of_ones_own_is_run_drawn_compared_and_read_from_a_file(tmp_path, capsys):
    table = bc.run(protocol(), "stdp", device="numpy")
    assert table["dw"][0] == pytest.approx(0.777 / 60 * np.exp(-10 / 16.8))  # Bi & Poo 2001: 10 ms after
    assert "own" in bc.plot(table, ax=Figure().subplots()).get_title()
    found = bc.compare(["stdp"], protocol(), device="numpy")
    assert found.table().loc["stdp", "own"] == table["dw"][0]
    assert found.write(tmp_path / "page").is_file()
    file = tmp_path / "mine.py"
    file.write_text(
        "import numpy as np, pandas as pd\nfrom brian2chip import Protocol\n"
        "P = Protocol(name='of_a_file', source='a test', conditions=lambda o: pd.DataFrame({'k': [0]}), plot=None,\n"
        "             score=lambda t: {'dw': t.dw[0]}, stimulate=lambda c, o, r: ([0.01], [0.02]))\n"
    )
    assert main(["run", str(file), "--device", "numpy", "--out", str(tmp_path / "out")]) == 0
    assert "of_a_file: dw = 0.00714" in capsys.readouterr().out and (tmp_path / "out" / "figure.png").is_file()


def test_a_rule_reads_the_neuron_that_post_gives():
    reads = {"on_pre": "w += int(v_post > -52*mV)", "post": NEURON}
    # The teacher holds v at -51 mV from 1 ms before a spike, and it decays to -70 mV with 10 ms.
    assert [change(protocol([t], [0.02]), rule(**reads)) for t in (0.0192, 0.018)] == [1.0, 0.0]
    with pytest.raises(bc.UserError, match="there is no model 'clop'"):
        change(protocol(), rule(post="clop"))
    with pytest.raises(bc.UserError, match="'v_post' is a variable of the neuron.*post="):
        change(protocol(), rule(on_pre="w += int(v_post > 0)"))


def test_spikes_that_a_neuron_cannot_make_are_said():
    slow = bc.Model(**{**vars(NEURON), "refractory": "5*ms"})
    with pytest.raises(bc.UserError, match="prescribes a postsynaptic spike at 22 ms, where neuron 'clop' of rule 'mine' did not fire"):
        change(protocol([0.01], [0.02, 0.022]), rule(post=slow))
    # One step after the start, and two steps apart: the second is made at once, without being held below threshold before.
    change(protocol([0.01], [1e-4, 3e-4]), rule(post=NEURON))
    with pytest.raises(bc.UserError, match="postsynaptic spike at 0 ms, which lies before 0.0001 s"):
        change(protocol([0.01], [0.0]), rule(post=NEURON))


@pytest.mark.parametrize(
    ("pathways", "expected"),
    [
        ({"a": "w -= 0.001", "b": "x += 1"}, 0.01 * np.exp(-0.5) - 0.001),
        (["x += 1"], 0.01 * np.exp(-0.5)),
        (["x += 1", "x *= 2"], 0.02 * np.exp(-0.5)),
    ],
)
def test_pathways_as_a_mapping_or_a_list(pathways, expected):
    two = rule(model=TRACE, on_pre=pathways, on_post="w += 0.01*x")
    assert change(protocol(), two) == pytest.approx(expected)
    found = bc.compare([two], [protocol()], device="numpy")
    assert found.account["rule"][0] == "mine" and found.scores["score"][0] == pytest.approx(expected)


def test_a_delay():
    delayed = rule(model=TRACE.replace("20*ms", "16.8*ms"), on_pre="x += 1", on_post="w += 0.01295*x", delay=5 * ms)
    assert change(protocol(), delayed) == pytest.approx(0.01295 * np.exp(-5 / 16.8))  # 10 ms less the 5 ms of the delay
    assert change(protocol([0.01], [0.012]), delayed) == 0  # it comes too late
    for delay, word in (
        (0.04 * ms, "give dt=0.02"),
        (5.02 * ms, "give dt=0.02"),
        (5 * mV, "one time"),
        (-1 * ms, "one time"),
        (5, "delay of rule"),
    ):
        with pytest.raises(bc.UserError, match=word):
            change(protocol(), rule(delay=delay))
    with pytest.raises(bc.UserError, match="delay=..."):
        change(protocol(), rule(initial={"w": 1.0, "delay": 5 * ms}))


def test_third_factors():
    dopamine = {"model": TRACE + "\nD : 1 (shared)", "on_pre": "x += 1", "on_post": "w += 0.1*D*x", "initial": {"w": 1.0, "D": 0.5}}
    assert change(protocol(), rule(**dopamine)) == pytest.approx(0.05 * np.exp(-0.5))
    assert change(protocol(), rule(**dopamine), parameters={"D": 0.25}) == pytest.approx(0.025 * np.exp(-0.5))
    with pytest.raises(bc.UserError, match="reads the third factor D, and protocol 'own' does not deliver it"):
        change(protocol(), rule(**dopamine | {"model": TRACE + "\nD : 1 (linked)", "initial": {}}))
    with pytest.raises(bc.UserError, match="D of rule 'mine' is shared by all synapses and was given 2 starts"):
        change(protocol(), rule(**dopamine | {"initial": {"w": 1.0, "D": [0.0, 1.0]}}))
    signal = {"on_pre": "w += D(t)", "parameters": {"D": TimedArray([0.5, 0.75], dt=10 * ms)}}
    assert change(protocol(), rule(**signal)) == 0.75


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"model": "g : 1", "on_pre": "g += 0.01", "initial": {"g": 0.0}, "weight": "exp(g)"}, np.exp(0.01) - 1),
        ({"model": "g : siemens", "on_pre": "g += 1*nS", "initial": {"g": 10 * nS}, "weight": "g/nS"}, 0.1),
        ({"model": "g : 1\nw = 2*g : 1", "on_pre": "g += 0.2", "initial": {"g": 1.0}}, 0.2),
        ({"model": "g : 1", "initial": {"g": 1.0}}, "'w' is no variable"),
        ({"weight": "w*v_post"}, "'v_post' is no variable"),
        ({"weight": "w + 1*mV"}, "units do not agree"),
        ({"weight": "w.real"}, "is no arithmetic"),
        ({"weight": "9**9**9**9"}, "has no value"),
        ({"weight": "rand()*w"}, "'rand'"),
    ],
)
def test_the_measured_weight_is_an_expression_or_refused_before_the_run(fields, expected):
    if isinstance(expected, str):
        with pytest.raises(bc.UserError, match=expected):
            change(protocol(), rule(**fields))
    else:
        assert change(protocol(), rule(**fields)) == pytest.approx(expected)


def test_a_weight_in_volts_goes_through_song_2000():
    volts = rule(model="w : volt", on_pre="w = clip(w - 0.005*mV, 0*mV, 1*mV)", initial={"w": 0.5 * mV})
    table = bc.run("song_2000", volts, device="numpy", inputs=20, duration_s=0.2, rate_hz=100)
    plain = bc.run(
        "song_2000", rule(on_pre="w = clip(w - 0.005, 0, 1)", initial={"w": 0.5}), device="numpy", inputs=20, duration_s=0.2, rate_hz=100
    )
    pd.testing.assert_series_equal(table["dw"], plain["dw"])
    with pytest.raises(bc.UserError, match="starts w at 0 to 1.6, but its code keeps it from 0 to 1"):
        bc.run("song_2000", rule(on_pre="w = clip(w, 0, 1)", initial={"w": 0.8}), device="numpy", inputs=20)


def test_a_file_finds_its_neighbours_and_each_its_own(tmp_path):
    for folder, value in (("one", 0.25), ("two", 0.75)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "constants.py").write_text(f"STEP = {value}\n")
        (tmp_path / folder / "rule.py").write_text(
            "from constants import STEP\nfrom brian2chip import Rule\n"
            "R = Rule(name='mine', source='a test', model='w : 1', on_pre='w += step', parameters={'step': STEP})\n"
        )
        assert change(protocol(), str(tmp_path / folder / "rule.py")) == value
    missing = tmp_path / "two" / "rule.py"
    missing.write_text("import nothing_here\n")
    with pytest.raises(bc.UserError, match="line 1.*no.* called nothing_here.py"):
        bc.rule(str(missing))


@pytest.mark.parametrize(
    ("before", "words"), [("STEP = 1\n", "'STEP' stands at the top of the file"), ("", "Constants are given to the rule")]
)
def test_constants_outside_the_rule_get_a_hint(tmp_path, before, words):
    file = tmp_path / "rule.py"
    file.write_text(f"{before}from brian2chip import Rule\nR = Rule(name='mine', source='a test', model='w : 1', on_pre='w += STEP')\n")
    with pytest.raises(bc.UserError, match=words) as error:
        change(protocol(), str(file))
    assert "parameters={'STEP'" in str(error.value) and "KeyError" not in str(error.value)


def test_several_at_once_where_one_is_taken():
    for given in (None, 3):
        with pytest.raises(bc.UserError, match="one protocol is needed"):
            bc.fit(given, "stdp")
    stdp = bc.rule("stdp")
    with pytest.raises(bc.UserError, match="two of the rules are called 'stdp'"):
        bc.compare([stdp, stdp.with_parameters(A_plus=0.02)], ["wang_2005"])
