"""Bits, and learning on the emulated chip after translation."""

from dataclasses import replace

import numpy as np
import pytest
from translation_networks import integrators, recurrent

from brian2chip.chips.behaviour import decisions
from brian2chip.chips.repair import bits_table, fine_tune, with_bits
from brian2chip.chips.translate import translate
from brian2chip.errors import UserError
from brian2chip.learning import Samples


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_weights_of_so_many_bits(bits):
    net = recurrent()[0]
    for before, after in zip(net.projections, with_bits(net, bits).projections):
        assert len(np.unique(np.abs(after.weight))) <= 2 ** (bits - 1) + 1
        assert np.sqrt(np.mean((before.weight - after.weight) ** 2)) < before.weight.std() * 2.5 / 2**bits


def test_bits_are_checked_and_tabled():
    net, samples = recurrent()
    with pytest.raises(UserError, match="at least 2"):
        with_bits(net, 1)
    table = bits_table(net, samples, [8, 2])
    assert table.bits.tolist() == [0, 8, 2] and table.rounded.between(0, 1).all()


def two_classes(n, rng):
    """Return samples in which the first or the last four of eight channels are busier."""
    label = rng.integers(0, 2, n)
    rate = np.where(np.arange(8)[None] // 4 == label[:, None], 0.3, 0.05)
    x = rng.random((n, 60, 8)) < rate[:, None, :]
    mask = np.arange(60) >= 40
    return Samples.from_dense(x, mask, label=label)


def test_fine_tuning_on_the_chip_learns_what_the_readout_did_not_know():
    rng = np.random.default_rng(1)
    net, _ = recurrent()
    wrong = np.zeros_like(net.projections[2].weight)
    wrong[:, 1] = 0.3  # always the same answer
    net = replace(net, projections=(*net.projections[:2], replace(net.projections[2], weight=wrong)))
    train, test = two_classes(60, rng), two_classes(60, rng)
    translation = translate(net, "reckon", calibration=train)
    learned, history = fine_tune(translation, train, epochs=3)
    before, after = (np.mean(decisions(net, t.emulate(test), test.mask) == test.label) for t in (translation, learned))
    assert before < 0.65 and after > 0.85 and history.right.iloc[-1] > history.right.iloc[0]
    assert not np.array_equal(learned.config["wout"], translation.config["wout"])
    assert np.array_equal(learned.config["winp"], translation.config["winp"])


def test_fine_tuning_is_for_reckon():
    with pytest.raises(UserError, match="reckon, not odin"):
        fine_tune(translate(integrators()[0], "odin"), integrators()[1])
