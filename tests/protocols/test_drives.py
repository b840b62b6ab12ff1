"""How a protocol makes a neuron fire: a pulse of current, a step of its voltage, a spike that happens; part of the model or chosen."""

from dataclasses import replace

import pytest
from brian2 import Hz, ms, mV, nA
from own import protocol, rule

import brian2chip as bc
from brian2chip.core.drives import FORMS, parse_drive

PRE, POST = [0.11, 0.25], [0.12, 0.24]


def changes(post, drive, pre=PRE, times=POST, one="stdp", **how):
    return bc.run(protocol(pre, times), one, post=post, drive=drive, device="numpy", **how)["dw"][0]


@pytest.mark.parametrize(
    ("post", "drive"),
    [
        ("adex", "voltage_step(-40mV, 2ms)"),
        pytest.param("lif", "voltage_step(20mV, 2ms)", marks=pytest.mark.slow),
        pytest.param("izhikevich", bc.VoltageStep(0.0, 2 * ms), marks=pytest.mark.slow),
        ("lif", "current_pulse(2nA, 3ms)"),
        ("brader", "prescribed"),
    ],
)
def test_the_spikes_come_where_they_are_asked_for(post, drive):
    stdp = bc.get("rule", "stdp")
    expected = stdp.oracle(PRE, POST, {name: float(value) for name, value in stdp.parameters.items()}, {"w": 1.0})["w"] - 1
    assert changes(post, drive) == pytest.approx(expected, rel=1e-9)


def test_a_rule_sees_the_voltage_at_which_a_neuron_is_held():
    """Held at -40 mV from 2 ms before its spike, an AdEx neuron is at rest before, and reset after."""
    reads = rule(on_pre="w += (v_post + 70.6*mV)/mV")
    at = {t: changes("adex", bc.VoltageStep(-40 * mV, 2 * ms), [t], [0.05], reads) for t in (0.0479, 0.048, 0.0499, 0.0501)}
    assert at[0.0479] == pytest.approx(0, abs=0.01) and at[0.048] == at[0.0499] == pytest.approx(30.6, rel=1e-12)
    assert at[0.0501] == pytest.approx(0, abs=0.5)  # reset to -70.6 mV a step ago


def test_the_drive_of_the_run_comes_before_that_of_the_protocol_and_that_before_the_models():
    reads = rule(on_pre="w += int(v_post > -41*mV)")
    held, mild = bc.VoltageStep(-40 * mV, 2 * ms), bc.VoltageStep(-45 * mV, 2 * ms)
    own = replace(bc.model("adex"), drive=held)
    found = [
        bc.run(protocol([0.049], [0.05], drive=theirs), replace(reads, post=own), drive=hers, device="numpy")["dw"][0]
        for theirs, hers in ((None, None), (mild, None), (mild, held))
    ]
    assert found == [1, 0, 1]


def test_parameter_sets_and_comparisons_drive_the_neuron_as_a_run_does():
    """Reads 1 where the neuron is held at -40 mV, as the protocol's drive says, and 0 where it is not."""
    reads = rule(on_pre="w += A*int(v_post > -41*mV)", parameters={"A": 1.0}, post="adex")
    once = protocol([0.049], [0.05], drive=bc.VoltageStep(-40 * mV, 2 * ms))
    assert bc.run(once, reads, device="numpy")["dw"][0] == 1
    sets = bc.run_sets(once, reads, {"A": [1.0, 2.0]}, conditions=True, device="numpy")
    assert list(sets["dw"]) == [1, 2]
    alike = [reads, replace(reads, name="twice", parameters={"A": 2.0})]
    compared = bc.compare(alike, [once], device="numpy", processes=1)
    assert [compared.tables[once.name, each.name]["dw"][0] for each in alike] == [1, 2]


def test_a_pulse_that_misses_says_by_how_much(caplog):
    """After its own spike AdEx is adapted, and the second pulse makes it fire later."""
    changes("adex", "current_pulse(1.5nA, 10ms)", [0.2], [0.12, 0.15])
    assert "the spikes that neuron 'adex' makes under its current pulses miss the prescribed times by up to" in caplog.text


@pytest.mark.parametrize(
    ("post", "drive", "times", "sentence"),
    [
        ("adex", "current_pulse(0.1nA, 3ms)", POST, "does not make neuron 'adex' fire, v reaches -6"),
        ("lif", "current_pulse(2nA, 30ms)", POST, "at rest, fire 1?[0-9] times where one spike is wanted"),
        ("adex", "current_pulse(1.5nA, 10ms)", [0.12, 0.125, 0.13], "misses by|asks for 3 postsynaptic spikes"),
        ("brader", "current_pulse(1nA, 3ms)", POST, "given for I of model 'brader'; it needs the unit Hz"),
        ("adex", bc.CurrentPulse(1 * nA, 3 * ms, variable="J"), POST, "model 'adex' has no variable 'J' that a current pulse could change"),
        ("adex", bc.VoltageStep(1 * nA, 3 * ms), POST, "a voltage step of 1. nA was given for v .*needs the unit V"),
        ("adex", "current_clamp(1nA)", POST, "no way to make a neuron fire called 'current_clamp'"),
        ("adex", "current_pulse(1nA)", POST, r"write current_pulse\(2nA, 3ms\)"),
        (None, "prescribed", POST, "has no neuron to drive; give post="),
        ("eprop", "current_pulse(1nA, 3ms)", POST, "whose spikes a protocol cannot prescribe"),
    ],
)
def test_what_cannot_be_driven_so_is_one_sentence(post, drive, times, sentence):
    with pytest.raises(bc.UserError, match=sentence) as raised:
        changes(post, drive, times=times)
    assert "\n" not in str(raised.value)


def test_drives_are_read_and_checked():
    assert parse_drive("voltage_step(-20mV, 2ms, u)") == bc.VoltageStep(-20 * mV, 2 * ms, "u")
    assert parse_drive(" prescribed ") == bc.PrescribedSpike()
    for make in (lambda: bc.CurrentPulse("1nA", 3 * ms), lambda: bc.CurrentPulse(1 * nA, 3), lambda: bc.VoltageStep(0 * mV, -1 * Hz)):
        with pytest.raises(bc.UserError, match="was given as"):
            make()


@pytest.mark.parametrize("amount", [None, "2*nA", True, [1.0, 2.0], float("nan"), float("inf"), object()])
def test_an_amount_that_is_no_number_is_one_sentence(amount):
    with pytest.raises(bc.UserError, match="give one number with its unit"):
        bc.CurrentPulse(amount, 2 * ms)


@pytest.mark.parametrize("text", ["prescribed(2*nA)", "prescribed(2*nA, 3*ms)", *(name for name in FORMS if name != "prescribed")])
def test_a_drive_needs_its_numbers_and_a_prescribed_spike_has_none(text):
    with pytest.raises(bc.UserError, match="the drive was given as"):
        parse_drive(text)
