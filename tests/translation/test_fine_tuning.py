"""Learning on the emulated chip after translation."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from translation_networks import integrators, recurrent

from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.fine_tuning import fine_tune
from brian2chip.translation.translate import translate


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
    after, before = learned.configuration.memory, translation.configuration.memory
    assert not np.array_equal(after.wout, before.wout) and np.array_equal(after.winp, before.winp)


def digits_on_odin():
    """Return scikit-learn's digits (Alpaydin & Kaynak 1998), a spike for each of the 20 brightest pixels, and a classifier on ODIN."""
    data = load_digits()
    order = np.argsort(-data.data, axis=1, kind="stable")[:, :20]
    x = np.zeros((len(order), 20, 64), bool)
    x[np.arange(len(order))[:, None], np.arange(20), order] = True
    parts = [Samples.from_dense(x[part], np.ones(20, bool), label=data.target[part]) for part in (slice(0, 1200), slice(1200, None))]
    fit = LogisticRegression(max_iter=200, C=0.02, fit_intercept=False).fit(x[:1200].any(axis=1), data.target[:1200])
    weight = (fit.coef_ - fit.coef_.min(axis=0)).T  # softmax does not see a constant added to all weights of a pixel
    out = Population("out", "if", 10, {"v_threshold": weight.max(), "reset": "zero"})
    net = SpikingNetwork((Population("input", "input", 64), out), (Projection("input", "out", weight),), 1e-3)
    return translate(net, "odin"), *parts


def right(translation, samples):
    """Return the share of samples that bring the target's membrane the most."""
    weight = translation.configuration.chip.synapses[:64, :10].astype(int) & 7
    return np.mean((samples.dense().sum(axis=1) @ weight).argmax(axis=1) == samples.label)


@pytest.mark.slow  # a minute of lessons on the emulated chip
def test_sdsp_on_odin_repairs_damaged_synapses():
    translation, train, test = digits_on_odin()
    placed = translation.configuration
    synapses = placed.chip.synapses.copy()
    synapses[:64, :10][np.random.default_rng(0).random((64, 10)) < 0.3] = 0
    broken = replace(translation, configuration=replace(placed, chip=replace(placed.chip, synapses=synapses)))
    tuned, history = fine_tune(broken, train)
    before, after = right(broken, test), right(tuned, test)
    assert after > before + 0.08, (before, after)
    weight = tuned.configuration.chip.synapses
    assert history.lessons[0] == len(train) and history.changed[0] == np.count_nonzero((weight ^ synapses) & 7)
    assert np.array_equal(weight >> 3, (weight & 7 > 0).astype(np.uint8)) and not weight[64:].any() and not weight[:, 10:].any()
    assert np.array_equal(placed.chip.words, tuned.configuration.chip.words)


def test_the_lesson_moves_weights_the_right_way():
    """One image that is taught again and again: its target's weights rise, the others that reach too far fall, the rest stay."""
    translation, train, _ = digits_on_odin()
    one = replace(train, sample=train.sample[train.sample == 0], t=train.t[train.sample == 0], i=train.i[train.sample == 0],
                  n_samples=1, label=np.array([7]))  # fmt: skip
    again = Samples.join([one] * 12)
    tuned, _ = fine_tune(translation, again, margin=8)
    before, after = (t.configuration.chip.synapses[:64, :10].astype(int) & 7 for t in (translation, tuned))
    pixels = np.unique(one.i)
    change = after - before
    assert change[pixels, 7].sum() > 0 and np.all(change[:, 7] >= 0)
    assert np.all(np.delete(change, 7, axis=1) <= 0) and np.delete(change, 7, axis=1).sum() < 0
    assert not np.delete(change, pixels, axis=0).any()


def test_lessons_on_wrong_answers_alone_do_an_intact_network_no_harm():
    translation, train, test = digits_on_odin()
    wrong = int(round(len(train) * (1 - right(translation, train))))
    tuned, history = fine_tune(translation, train, block=len(train))
    assert history.lessons[0] == wrong  # one block: every sample that is answered wrong is taught, once
    assert right(tuned, train) >= right(translation, train)
    tuned, history = fine_tune(translation, train, block=100, passes=2)
    assert wrong / 2 < history.lessons[0] < 2 * wrong + 1 and history.changed[0] > 0
    assert right(tuned, train) > right(translation, train)
    # Lessons on every sample do harm, and nothing undoes it.
    harmed, history = fine_tune(translation, train, margin=50)
    assert history.changed[0] > 0 and right(harmed, train) < right(translation, train)


@pytest.mark.parametrize("wrong", [{"block": 0}, {"block": 1.0}, {"passes": 0}, {"passes": True}])
def test_blocks_and_passes_are_whole_numbers(wrong):
    translation, train, _ = digits_on_odin()
    with pytest.raises(UserError, match=f"{next(iter(wrong))} of fine-tuning was given as"):
        fine_tune(translation, train, **wrong)


def test_fine_tuning_is_for_its_chip_and_its_kind_of_network():
    net, samples = integrators()
    for chip in ("tinyodin", "loihi"):
        with pytest.raises(UserError, match=f"{chip} does not learn by itself"):
            fine_tune(translate(net, chip), samples)
    signs = np.repeat(np.where(np.arange(20) < 3, -1.0, 1.0)[:, None], 4, axis=1)
    signed = replace(net, projections=(replace(net.projections[0], weight=signs),))
    with pytest.raises(UserError, match="inhibits"):
        fine_tune(translate(signed, "odin"), samples)
    with pytest.raises(UserError, match="labels up to 9; there are 4 outputs"):
        fine_tune(translate(net, "odin"), replace(samples, label=np.array([0, 1, 9])))
