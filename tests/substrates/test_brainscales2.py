"""BrainScaleS-2: codes of six bits and a sign, factors of synapses and neurons, the converter, training as a stage of robustness."""

import numpy as np
import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.resolve import substrate
from brian2chip.errors import UserError
from brian2chip.substrates.brainscales2 import codes, converter_of

SCALE, LARGEST = 66.39, 63  # ts_05-yin_yang.rst of hxtorch (FACTS_DEVICES.md section 2)
IDEAL = substrate("brainscales2:no_mismatch")


def test_weights_are_whole_codes_that_saturate():
    one_row = ChipInstance(IDEAL.with_parameters(rows=1))
    w = np.array([0.0, 0.5 / SCALE, 0.6 / SCALE, -0.6 / SCALE, 0.5, 0.94, 0.96, -7.0])
    expected = np.array([0, 0, 1, -1, 33, 62, 63, -63]) / SCALE  # 33.195, 62.4 and 63.7 codes; halves to even
    np.testing.assert_allclose(one_row.weights("a", w), expected, rtol=1e-12)
    np.testing.assert_array_equal(codes([4.0, 9.0, -9.0], SCALE, 5), [266, 5 * LARGEST, -5 * LARGEST])
    np.testing.assert_allclose(ChipInstance(IDEAL).weights("a", [4.0, 9.0]), np.array([266, 315]) / SCALE, rtol=1e-12)


def test_a_weight_takes_the_next_synapse_when_one_is_full():
    """A weight of two full synapses varies by the spread over the root of two; a smaller one is on one synapse."""
    chip = ChipInstance(IDEAL.with_parameters(spread_weight=0.1))
    n = 20000
    for code, spread in ((40, 0.1), (126, 0.1 / np.sqrt(2)), (315, 0.1 / np.sqrt(5))):
        factor = chip.weights("a", np.full(n, code / SCALE)) * SCALE / code
        assert abs(factor.mean() - 1) < 4 * spread / np.sqrt(n)
        assert abs(factor.std() - spread) < 4 * spread / np.sqrt(2 * n)


def test_factors_stay_with_the_chip_and_differ_between_arrays():
    chips = [ChipInstance(substrate("brainscales2"), k) for k in range(2)]
    w = np.full((3, 4), 0.3)
    np.testing.assert_array_equal(chips[0].weights("input->rec", w), chips[0].weights("input->rec", w, write=7, read=2))
    np.testing.assert_allclose(chips[0].weights("input->rec", 2 * w), chips[0].weights("input->rec", w) * 40 / 20)
    for other in (chips[1].weights("input->rec", w), chips[0].weights("rec->out", w)):
        assert not np.isclose(other, chips[0].weights("input->rec", w)).any()


def test_time_constants_and_thresholds_have_their_own_spreads():
    chip, n = ChipInstance(IDEAL.with_parameters(spread_tau=0.2, spread_threshold=0.05)), 20000
    for name, spread in (("tau_m", 0.2), ("tau_syn", 0.2), ("v_threshold", 0.05)):
        found = chip.parameter("rec", name, np.full(n, 6.0))
        assert abs(found.mean() / 6 - 1) < 4 * spread / np.sqrt(n)
        assert abs(found.std() / 6 - spread) < 4 * spread / np.sqrt(2 * n)
    np.testing.assert_array_equal(chip.parameter("rec", "gain", np.full(3, 0.3)), 0.3)
    assert not np.isclose(chip.parameter("rec", "tau_m", np.ones(9)), chip.parameter("rec", "tau_syn", np.ones(9))).any()


def test_converter_has_eight_bits_around_the_resting_membrane():
    read = converter_of(IDEAL).read  # steps of 0.0147, rest at code 80 of 255, threshold 1 near code 150 (calibration targets)
    np.testing.assert_allclose(read(np.array([0.007, 0.008, -0.008, 99.0, -99.0])) / 0.0147, [0, 1, -1, 175, -80], rtol=1e-12)
    assert abs(80 + read(1.0) / 0.0147 - 150) <= 2
    assert len(np.unique(read(np.linspace(-5, 5, 10001)))) == 256


@pytest.mark.parametrize("name, value", [("spread_tau", -0.1), ("spread_weight", 1.2), ("rows", 0), ("converter_rest", 300)])
def test_values_out_of_range_are_refused(name, value):
    with pytest.raises(UserError, match=name):
        substrate("brainscales2").with_parameters(**{name: value})


def test_numbers_that_must_be_whole_are_not_cut():
    with pytest.raises(UserError, match="rows of substrate 'brainscales2' was given as 2.5; give a whole number"):
        ChipInstance(IDEAL.with_parameters(rows=2.5)).weights("a", np.ones(3))
    with pytest.raises(UserError, match="converter_rest .* 80.5"):
        converter_of(IDEAL.with_parameters(converter_rest=80.5))


@pytest.mark.slow
def test_training_in_the_loop_is_a_stage_of_robustness():
    from brian2chip.learning.in_the_loop.train import loop_network
    from brian2chip.tasks.yin_yang_spikes import YIN_YANG_SPIKES, published

    net, train, test = loop_network(YIN_YANG_SPIKES, 1, hidden=20), published("train"), published("validation")
    few, test = train.take(np.arange(150)), test.take(np.arange(100))
    table = bc.robustness(net, "brainscales2", chips=1, test=test, training=few)
    assert list(table.stage) == ["transfer", "in the loop"]
    assert table.accuracy.iloc[1] > table.accuracy.iloc[0]
    both = bc.robustness(net, "brainscales2", chips=2, test=test, training=few)
    pd.testing.assert_frame_equal(both[both.chip == 0].reset_index(drop=True), table)
    trained = both[both.stage == "in the loop"].accuracy
    assert trained.nunique() == 2 or trained.min() > both[both.stage == "transfer"].accuracy.max()
