"""The losses of the first five updates as published, on the devices that run e-prop."""

import numpy as np
import pytest

from brian2chip.cli import main
from brian2chip.commands import _verify_eprop as verify
from brian2chip.commands._verify_eprop import losses

# NEST 3.8, testsuite test_eprop_bsshslm_2020_plasticity.py; the original TensorFlow code agrees to 1e-7.
PATTERN_GENERATION = [101.964356999041, 103.466731126205, 103.340607074771, 103.680244037686, 104.412775748752]
EVIDENCE_ACCUMULATION = {
    1: [0.741152550006, 0.740388187700, 0.665785233177, 0.663644193322, 0.729428962844],
    2: [0.702163370672, 0.735555303152, 0.740354864111, 0.683882815282, 0.707841122268],
}


def test_pattern_generation():
    np.testing.assert_allclose(losses("pattern_generation", 1, "cpp_standalone"), PATTERN_GENERATION, rtol=1e-6)


def test_evidence_accumulation():
    np.testing.assert_allclose(losses("evidence_accumulation", 2, "cpp_standalone"), EVIDENCE_ACCUMULATION[2], rtol=1e-6)


@pytest.mark.parametrize("off, code", [(0, 0), (0.9e-6, 0), (1.1e-6, 1)])
def test_the_command_compares_with_the_published_losses(monkeypatch, capsys, off, code):
    found = np.array(PATTERN_GENERATION)
    found[2] *= 1 + off
    monkeypatch.setattr(verify, "losses", lambda *given: found)
    assert main(["verify", "eprop", "--task", "pattern_generation"]) == code
    assert f"{found[2]:.12f}" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cython", "cpp_standalone"])
@pytest.mark.parametrize("rule", ["eprop", "eprop_events"])
@pytest.mark.parametrize("batch", [1, 2])
def test_every_device_rule_and_batch(device, rule, batch):
    assert np.allclose(losses("evidence_accumulation", batch, device, rule), EVIDENCE_ACCUMULATION[batch], rtol=1e-6)
    assert np.allclose(losses("pattern_generation", batch, device, rule), PATTERN_GENERATION, rtol=1e-6)


@pytest.mark.parametrize(
    "arguments", [["--task", "pattern_generaton"], ["--task", "evidence_accumulation", "--batch", "0"], ["--device", "cuda"]]
)
def test_wrong_input_is_one_sentence(arguments, capsys):
    assert main(["verify", "eprop", *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
