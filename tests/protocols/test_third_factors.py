"""Third factors in protocols: a constant, a signal of the rule's, one that the protocol delivers to each condition, or a sentence."""

import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, TimedArray, ms
from own import protocol, rule

import brian2chip as bc
from brian2chip.cli import main

TRACE = "w : 1\ndx/dt = -x/(20*ms) : 1 (event-driven)\n"
#: One pair 10 ms apart, spikes at 10 and 20 ms, changes the weight by 0.1 D exp(-10/20).
READS = rule(model=TRACE + "D : 1 (shared)", on_pre="x += 1", on_post="w += 0.1*D*x")
UNIT = 0.1 * np.exp(-0.5)


def change(one, *given, **how):
    return bc.run(one, *given, device="numpy", **how)["dw"].to_numpy()


def test_a_change_is_there_from_the_beginning_of_its_step():
    before, at, after = (bc.Signal([0, t] * ms, [1.0, 3.0]) for t in (19.9, 20, 20.1))
    found = [change(protocol(), READS, parameters={"D": signal})[0] for signal in (before, at, after)]
    np.testing.assert_allclose(found, [3 * UNIT, 3 * UNIT, UNIT], rtol=1e-12)


def test_before_its_first_change_a_signal_is_what_the_rule_starts_with():
    late = {"D": bc.Signal([30] * ms, [5.0])}
    assert change(protocol(), READS, parameters=late) == 0
    assert change(protocol(), READS.with_parameters(D=0.5), parameters=late) == pytest.approx(UNIT / 2)


def test_a_timed_array_of_the_rule_and_the_forms_of_declaring():
    rises = TimedArray([1.0, 2.0, 4.0], dt=10 * ms)  # 4 from 20 ms on
    called = rule(model=TRACE, on_pre="x += 1", on_post="w += 0.1*D(t)*x", parameters={"D": rises})
    declared = rule(model=TRACE + "D : 1", on_pre="x += 1", on_post="w += 0.1*D*x", third_factors={"D": rises})
    linked = rule(model=TRACE + "D : 1 (linked)", on_pre="x += 1", on_post="w += 0.1*D*x")
    np.testing.assert_allclose([change(protocol(), one)[0] for one in (called, declared)], 4 * UNIT)
    assert change(protocol(), linked, parameters={"D": rises})[0] == pytest.approx(4 * UNIT)


def test_a_protocol_delivers_to_each_condition_its_own():
    def reward(condition, options, rng):
        return {"D": bc.Signal.pulses([condition["at"]], condition["height"], 5 * ms)} if condition["height"] else {}

    table = pd.DataFrame({"at": [0.018, 0.021, 0.018, 0.0], "height": [1.0, 1.0, 2.0, 0.0]})
    delivers = protocol(conditions=lambda options: table, signals=reward)
    np.testing.assert_allclose(change(delivers, READS), [UNIT, 0, 2 * UNIT, 0], atol=1e-15)
    assert change(delivers, READS, parameters={"D": bc.Signal([0], [1.0])}) == pytest.approx([UNIT] * 4)  # hers comes first
    assert bc.run(delivers, "stdp", device="numpy")["dw"][0] != 0  # a rule without a third factor of that name is not concerned


@pytest.mark.parametrize(
    ("one", "given", "sentence"),
    [
        (READS, {}, "reads the third factor D, and protocol 'own' does not deliver it; give it, parameters="),
        (READS, {"D": bc.Signal([0.05] * ms, [1.0])}, "changes at 0.05 ms, which lies off the grid of dt = 0.1 ms; dt = 0.05 ms holds"),
        (READS, {"D": bc.Signal([0], [1.0] * Hz)}, "third factor D.*needs the unit 1"),
        (READS, {"E": bc.Signal([0], [1.0])}, "third factor called.*E"),
        (rule(third_factors=("E",)), {}, "third factor called.*'E'"),
    ],
)
def test_what_is_not_given_or_cannot_be(one, given, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        change(protocol(), one, parameters=given)


def test_other_wrong_signals():
    with pytest.raises(bc.UserError, match="gave .* as signals; return a mapping of names to Signal"):
        change(protocol(signals=lambda condition, options, rng: {"D": 1.0}), READS)
    with pytest.raises(bc.UserError, match="third factor D of rule 'mine' was given as 3; give a Signal"):
        rule(third_factors={"D": 3})
    with pytest.raises(bc.UserError, match="after the end at 0.1 s"):
        longer = protocol(options={"duration_s": 0.1}, option_help={"duration_s": "seconds"})
        change(longer, READS, parameters={"D": bc.Signal([0.2], [1.0])})
    with pytest.raises(bc.UserError, match="'song_2000' is a network of its own and takes no signal for the third factor D"):
        change("song_2000", READS, parameters={"D": bc.Signal([0], [1.0])}, inputs=5, duration_s=0.1)


def test_a_signal_from_a_file_on_the_command_line(tmp_path, capsys):
    (tmp_path / "rule.py").write_text(
        "from brian2chip import Rule\nR = Rule(name='reads', source='a test', model='w : 1\\nD : 1 (shared)', on_pre='w += D')\n"
    )
    (tmp_path / "protocol.py").write_text(
        "import pandas as pd\nfrom brian2chip import Protocol\nP = Protocol(name='one', source='a test', conditions=lambda o: "
        "pd.DataFrame({'k': [0]}), score=lambda t: {'dw': t.dw[0]}, stimulate=lambda c, o, r: ([0.01], []))\n"
    )
    (tmp_path / "da.csv").write_text("time_ms,value\n0,0.25\n10.1,7\n")
    command = ["run", str(tmp_path / "protocol.py"), "--rule", str(tmp_path / "rule.py"), "--device", "numpy"]
    assert main([*command, "--signal", f"D={tmp_path / 'da.csv'}"]) == 0
    assert "dw = 0.25" in capsys.readouterr().out
